"""The permission engine: its order of rules, and that lists, checks and explanations never disagree."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from quintet.auth.permissions import (
    GLOBAL,
    Assignment,
    Decision,
    Override,
    Role,
    Scope,
    Subject,
    allowed,
    decide,
    highest,
)

ORG, OTHER, BRAND = Scope("organization", "o1"), Scope("organization", "o2"), Scope("brand", "b1")
PERMISSIONS = [f"{resource}:{action}" for resource in ("campaign", "content", "crm") for action in ("read", "write")]
ROLES = {
    role.name: role
    for role in (
        Role("admin", 90, frozenset(PERMISSIONS)),
        Role("editor", 40, frozenset({"content:read", "content:write"})),
        Role("viewer", 10, frozenset({"campaign:read", "content:read"})),
    )
}
NOW = 1_000

scopes = st.sampled_from([GLOBAL, ORG, OTHER, BRAND])
expiries = st.none() | st.integers(NOW - 2, NOW + 2)
assignments = st.builds(Assignment, st.sampled_from([*ROLES, "gone"]), scopes, expiries)
overrides = st.builds(Override, st.uuids().map(str), st.sampled_from(PERMISSIONS), st.booleans(), scopes, expiries)
subjects = st.builds(
    Subject, st.lists(assignments, max_size=4), st.lists(overrides, max_size=6), st.sampled_from(["", "", "inactive"])
)
places = st.sampled_from([(), (ORG,), (BRAND, ORG), (OTHER,)])


def asked(subject: Subject, permission: str, *where: Scope, at: int = NOW) -> Decision:
    return decide(subject, ROLES, permission, where, at=at)


def viewer(*overrides: Override) -> Subject:
    return Subject([Assignment("viewer")], overrides)


def test_a_role_grants_what_its_map_says_and_the_reason_names_it() -> None:
    assert asked(viewer(), "campaign:read") == Decision(
        True, "role", "viewer", "allow: role viewer grants campaign:read"
    )
    assert asked(viewer(), "campaign:write") == Decision(
        False, "default", "viewer", "deny: role viewer does not grant campaign:write"
    )


def test_an_override_beats_the_role_both_ways() -> None:
    lent = viewer(Override("x", "campaign:write", True))
    assert asked(lent, "campaign:write").reason == "allow: override x (global)"
    taken = viewer(Override("y", "campaign:read", False, BRAND))
    assert asked(taken, "campaign:read", BRAND, ORG).reason == "deny: override y (brand b1)"
    assert asked(taken, "campaign:read", ORG).allowed


def test_the_more_specific_override_beats_the_less_specific_one() -> None:
    subject = viewer(
        Override("g", "crm:read", True), Override("o", "crm:read", False, ORG), Override("b", "crm:read", True, BRAND)
    )
    assert asked(subject, "crm:read", BRAND, ORG).id == "b"
    assert asked(subject, "crm:read", ORG).id == "o"
    assert asked(subject, "crm:read", OTHER).id == "g"


def test_a_scoped_role_grants_only_inside_its_scope() -> None:
    subject = Subject([Assignment("editor", BRAND), Assignment("viewer")])
    assert asked(subject, "content:write", BRAND, ORG).reason == "allow: role editor grants content:write"
    assert not asked(subject, "content:write", ORG).allowed
    assert highest(subject, ROLES, (BRAND, ORG), at=NOW) == ROLES["editor"]
    assert highest(subject, ROLES, at=NOW) == ROLES["viewer"]


def test_what_has_expired_is_not_there() -> None:
    subject = Subject([Assignment("admin", expires_at=NOW)], [Override("x", "crm:read", True, expires_at=NOW)])
    assert asked(subject, "crm:read", at=NOW - 1).id == "x"
    assert asked(subject, "crm:read") == Decision(False, "default", "", "deny: no role grants crm:read")
    assert highest(subject, ROLES, at=NOW) is None


def test_who_is_barred_may_nothing_whatever_was_granted() -> None:
    subject = Subject([Assignment("admin")], [Override("x", "crm:read", True)], barred="the account is not approved")
    assert asked(subject, "crm:read") == Decision(False, "barred", "", "deny: the account is not approved")


def test_denying_wins_between_two_overrides_of_one_scope_in_any_order() -> None:
    pair = [Override("a", "crm:read", True), Override("b", "crm:read", False)]
    assert asked(viewer(*pair), "crm:read") == asked(viewer(*reversed(pair)), "crm:read")
    assert asked(viewer(*pair), "crm:read").id == "b"


@given(subjects, places)
def test_the_list_is_what_the_checks_allow(subject: Subject, where: Sequence[Scope]) -> None:
    listed = allowed(subject, ROLES, PERMISSIONS, where, at=NOW)
    assert listed == {each for each in PERMISSIONS if asked(subject, each, *where).allowed}


@given(subjects, places, st.sampled_from(PERMISSIONS), st.randoms())
def test_the_order_in_which_grants_are_stored_means_nothing(
    subject: Subject, where: Sequence[Scope], permission: str, random: Random
) -> None:
    shuffled = Subject(
        random.sample(list(subject.assignments), len(subject.assignments)),
        random.sample(list(subject.overrides), len(subject.overrides)),
        subject.barred,
    )
    assert asked(shuffled, permission, *where) == asked(subject, permission, *where)


@given(subjects, places, st.sampled_from(PERMISSIONS))
def test_every_decision_names_a_rule_that_holds(subject: Subject, where: Sequence[Scope], permission: str) -> None:
    decision = asked(subject, permission, *where)
    verdict, _, why = decision.reason.partition(": ")
    assert verdict == ("allow" if decision.allowed else "deny")
    assert why
    if decision.rule == "override":
        (rule,) = [o for o in subject.overrides if o.id == decision.id]
        assert (rule.permission, rule.allowed) == (permission, decision.allowed)
        assert rule.scope in (*where, GLOBAL)
    if decision.rule == "role":
        assert permission in ROLES[decision.id].permissions
    if decision.rule in ("barred", "default"):
        assert not decision.allowed


@given(subjects, places, st.sampled_from(PERMISSIONS))
def test_without_its_deciding_rule_a_subject_is_judged_by_the_next(
    subject: Subject, where: Sequence[Scope], permission: str
) -> None:
    decision = asked(subject, permission, *where)
    if decision.rule == "override":
        rest = Subject(subject.assignments, [o for o in subject.overrides if o.id != decision.id])
        after = asked(rest, permission, *where)
        assert after.id != decision.id
        if after.rule == "override":
            places = {scope: n for n, scope in enumerate((*where, GLOBAL))}
            by_id = {o.id: o for o in subject.overrides}
            assert places[by_id[after.id].scope] >= places[by_id[decision.id].scope]
