"""Who may do what, where, and why: one pure evaluator behind checks, lists and explanations alike.

A subject holds roles and overrides, each in a scope and possibly until a time. A question names a permission and the
scopes of what it touches, the most specific first: `(brand 7, organization 3)`; everything lies in the global scope.
The order of the rules: what bars the subject, the most specific override, a role that grants, and else no.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple


class Scope(NamedTuple):
    """Where a grant holds: everywhere, or within one thing of a type, such as an organization."""

    type: str = "global"
    id: str = ""

    def __str__(self) -> str:
        return f"{self.type} {self.id}" if self.id else self.type


GLOBAL = Scope()


@dataclass(frozen=True, slots=True)
class Role:
    """A named set of permissions; `level` orders roles, the highest is the one that explanations name."""

    name: str
    level: int
    permissions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role that a subject holds in a scope, until `expires_at` (epoch seconds) when that is given."""

    role: str
    scope: Scope = GLOBAL
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """One permission allowed or denied to one subject in a scope, whatever its roles say."""

    id: str
    permission: str
    allowed: bool
    scope: Scope = GLOBAL
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a decision is made from. `barred` says why the subject may do nothing at all, empty when it may."""

    assignments: Sequence[Assignment] = ()
    overrides: Sequence[Override] = ()
    barred: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether it is allowed, and the rule that decided: its kind, its id (of an override) or name (of a role)."""

    allowed: bool
    rule: Literal["barred", "override", "role", "default"]
    id: str
    reason: str
    """For people: `allow: role brand_admin grants campaign:write`."""


def decide(
    subject: Subject, roles: Mapping[str, Role], permission: str, where: Sequence[Scope] = (), *, at: int
) -> Decision:
    """Whether the subject has `permission` in the scopes `where` (the most specific first) at `at` (epoch seconds)."""
    if subject.barred:
        return _decision(False, "barred", "", subject.barred)
    nearness = {scope: place for place, scope in enumerate((*where, GLOBAL))}
    override = _nearest(subject.overrides, permission, nearness, at)
    if override is not None:
        return _decision(override.allowed, "override", override.id, f"override {override.id} ({override.scope})")
    held = _held(subject.assignments, roles, nearness, at)
    for role in held:
        if permission in role.permissions:
            return _decision(True, "role", role.name, f"role {role.name} grants {permission}")
    if not held:
        return _decision(False, "default", "", f"no role grants {permission}")
    return _decision(False, "default", held[0].name, f"role {held[0].name} does not grant {permission}")


def allowed(
    subject: Subject,
    roles: Mapping[str, Role],
    permissions: Iterable[str],
    where: Sequence[Scope] = (),
    *,
    at: int,
) -> frozenset[str]:
    """Those of `permissions` that `decide` allows: a list never says other than the check."""
    return frozenset(each for each in permissions if decide(subject, roles, each, where, at=at).allowed)


def highest(subject: Subject, roles: Mapping[str, Role], where: Sequence[Scope] = (), *, at: int) -> Role | None:
    """The role of the highest level that the subject holds there and then, None when it holds none."""
    nearness = {scope: place for place, scope in enumerate((*where, GLOBAL))}
    held = _held(subject.assignments, roles, nearness, at)
    return held[0] if held else None


def _nearest(overrides: Sequence[Override], permission: str, nearness: Mapping[Scope, int], at: int) -> Override | None:
    """The override that decides: the nearest scope's; of two in one scope the denying one, so order means nothing."""
    found = [o for o in overrides if o.permission == permission and o.scope in nearness and _holds(o.expires_at, at)]
    return min(found, key=lambda o: (nearness[o.scope], o.allowed, o.id), default=None)


def _held(
    assignments: Sequence[Assignment], roles: Mapping[str, Role], nearness: Mapping[Scope, int], at: int
) -> list[Role]:
    names = {a.role for a in assignments if a.scope in nearness and _holds(a.expires_at, at)}
    return sorted((roles[name] for name in names if name in roles), key=lambda role: (-role.level, role.name))


def _holds(expires_at: int | None, at: int) -> bool:
    return expires_at is None or at < expires_at


def _decision(allowed: bool, rule: Literal["barred", "override", "role", "default"], id: str, why: str) -> Decision:
    return Decision(allowed, rule, id, f"{'allow' if allowed else 'deny'}: {why}")
