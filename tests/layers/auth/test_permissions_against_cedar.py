"""Decisions agree with Cedar's, an evaluator of another make, on the same policies in its own language."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any

from cedarpy import PolicySet, is_authorized
from hypothesis import given, settings
from hypothesis import strategies as st

from quintet.auth.permissions import GLOBAL, Assignment, Override, Role, Scope, Subject, decide

PERMISSIONS = ("content:read", "content:write")
BRANDS = {"b1": "o1", "b2": "o2"}
PLACES: list[tuple[Scope, ...]] = [
    (),
    (Scope("organization", "o1"),),
    *((Scope("brand", brand), Scope("organization", o)) for brand, o in BRANDS.items()),
]
MIDDAY = 12

scopes = st.sampled_from([GLOBAL, Scope("organization", "o1"), Scope("brand", "b1"), Scope("brand", "b2")])
ends = st.sampled_from([None, None, MIDDAY, MIDDAY + 1])
roles = st.lists(
    st.builds(Role, st.sampled_from("xy"), st.integers(1, 9), st.frozensets(st.sampled_from(PERMISSIONS))),
    unique_by=lambda role: role.name,
    min_size=1,
)
subjects = st.builds(
    Subject,
    st.lists(st.builds(Assignment, st.sampled_from("xy"), scopes, ends), max_size=3),
    st.lists(
        st.builds(Override, st.uuids().map(str), st.sampled_from(PERMISSIONS), st.booleans(), scopes, ends),
        max_size=6,
    ),
    st.sampled_from(["", "", "", "inactive"]),
)


@settings(max_examples=200)
@given(roles, subjects)
def test_every_decision_is_cedars(held: list[Role], subject: Subject) -> None:
    rules = PolicySet.from_str(policies(subject, held))
    for permission, where in product(PERMISSIONS, PLACES):
        ours = decide(subject, {role.name: role for role in held}, permission, where, at=MIDDAY)
        request = {
            "principal": 'User::"u"',
            "action": f'Action::"{permission}"',
            "resource": 'Row::"r"',
            "context": {"now": MIDDAY},
        }
        theirs = is_authorized(request, rules, entities(subject, where))
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
