"""Decisions agree with Cedar's, an evaluator of another make, on the same policies in its own language."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from cedarpy import is_authorized
from hypothesis import given, settings
from hypothesis import strategies as st

from quintet.auth.permissions import GLOBAL, Assignment, Override, Role, Scope, Subject, decide

PERMISSIONS = ("content:read", "content:write", "crm:read")
ORGANIZATIONS = ("o1", "o2")
BRANDS = {"b1": "o1", "b2": "o1", "b3": "o2"}
LATEST = 6

scopes = st.sampled_from(
    [GLOBAL, *(Scope("organization", o) for o in ORGANIZATIONS), *(Scope("brand", b) for b in BRANDS)]
)
ends = st.none() | st.integers(0, LATEST)
roles = st.lists(
    st.builds(Role, st.sampled_from("xyz"), st.integers(1, 9), st.frozensets(st.sampled_from(PERMISSIONS))),
    unique_by=lambda role: role.name,
)
subjects = st.builds(
    Subject,
    st.lists(st.builds(Assignment, st.sampled_from("xyz"), scopes, ends), max_size=4),
    st.lists(
        st.builds(Override, st.uuids().map(str), st.sampled_from(PERMISSIONS), st.booleans(), scopes, ends),
        max_size=6,
    ),
    st.sampled_from(["", "", "", "inactive"]),
)
places = st.sampled_from(
    [(), *((Scope("organization", o),) for o in ORGANIZATIONS)]
    + [(Scope("brand", b), Scope("organization", o)) for b, o in BRANDS.items()]
)


@settings(max_examples=150)
@given(roles, subjects, st.sampled_from(PERMISSIONS), places, st.integers(0, LATEST))
def test_every_decision_is_cedars(
    held: list[Role], subject: Subject, permission: str, where: tuple[Scope, ...], at: int
) -> None:
    ours = decide(subject, {role.name: role for role in held}, permission, where, at=at)
    request = {
        "principal": 'User::"u"',
        "action": f'Action::"{permission}"',
        "resource": 'Row::"r"',
        "context": {"now": at},
    }
    theirs = is_authorized(request, policies(subject, held), entities(subject, where))
    assert not theirs.diagnostics.errors
    assert ours.allowed == theirs.allowed


def policies(subject: Subject, held: list[Role]) -> str:
    """Cedar knows no nearness: each rule says itself which nearer one takes its place. That a denial goes before an
    allowance of the same nearness is Cedar's own rule."""
    found = ["forbid (principal, action, resource) when { principal.barred };"]
    for override in subject.overrides:
        nearer = [o for o in subject.overrides if o.permission == override.permission and _depth(o) > _depth(override)]
        found.append(_policy("permit" if override.allowed else "forbid", override.permission, override, nearer))
    for assignment in subject.assignments:
        for role in held:
            for permission in role.permissions if role.name == assignment.role else ():
                overriding = [o for o in subject.overrides if o.permission == permission]
                found.append(_policy("permit", permission, assignment, overriding))
    return "\n".join(found)


def entities(subject: Subject, where: tuple[Scope, ...]) -> list[dict[str, Any]]:
    """The user, and a row below its brand, below its organization."""
    chain = [{"type": "Row", "id": "r"}, *({"type": "Scope", "id": str(scope)} for scope in where)]
    rows: list[dict[str, Any]] = [{"uid": uid, "attrs": {}, "parents": [above]} for uid, above in pairwise(chain)]
    last: dict[str, Any] = {"uid": chain[-1], "attrs": {}, "parents": []}
    user: dict[str, Any] = {
        "uid": {"type": "User", "id": "u"},
        "attrs": {"barred": bool(subject.barred)},
        "parents": [],
    }
    return [*rows, last, user]


def _policy(effect: str, permission: str, rule: Assignment | Override, unless: list[Override]) -> str:
    exceptions = " || ".join(f"({_holds(o)})" for o in unless) or "false"
    head = f'{effect} (principal, action == Action::"{permission}", resource)'
    return f"{head} when {{ {_holds(rule)} }} unless {{ {exceptions} }};"


def _holds(rule: Assignment | Override) -> str:
    there = "true" if rule.scope == GLOBAL else f'resource in Scope::"{rule.scope}"'
    then = "true" if rule.expires_at is None else f"context.now < {rule.expires_at}"
    return f"{there} && {then}"


def _depth(override: Override) -> int:
    return ("global", "organization", "brand").index(override.scope.type)
