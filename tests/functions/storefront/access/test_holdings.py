"""Who may hand out what: laws that hold for all sets of roles."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storefront.access.holdings import ADMIN, STAFF, Holdings, holdings_of

PERMISSIONS = st.frozensets(st.sampled_from(["p", "q", "r"]))
ROLES = st.dictionaries(st.sampled_from([*sorted(STAFF), "user", "x", "y"]), PERMISSIONS)
HOLDINGS = ROLES.map(holdings_of)
ANY_PERMISSION = st.sampled_from(["p", "q", "r", "s"])


@given(HOLDINGS)
def test_everyone_covers_what_they_hold(mine: Holdings) -> None:
    assert mine.covers(mine)
    assert mine.covers(holdings_of({}))


@given(HOLDINGS, HOLDINGS, HOLDINGS)
def test_handing_on_what_was_handed_out_gives_nobody_more(a: Holdings, b: Holdings, c: Holdings) -> None:
    if a.covers(b) and b.covers(c):
        assert a.covers(c)


@given(HOLDINGS, HOLDINGS, ANY_PERMISSION)
def test_who_covers_another_has_all_of_the_others_permissions(a: Holdings, b: Holdings, permission: str) -> None:
    if a.covers(b):
        assert a.has(permission) or not b.has(permission)
        assert a.everything or not b.everything
        assert a.everything or a.staff or not b.staff


@given(ROLES, ROLES)
def test_a_role_more_never_takes_anything_away(
    some: dict[str, frozenset[str]], more: dict[str, frozenset[str]]
) -> None:
    both = {role: some.get(role, frozenset()) | more.get(role, frozenset()) for role in some | more}
    assert holdings_of(both).covers(holdings_of(some))
    assert holdings_of(both).covers(holdings_of(more))


@given(ROLES)
def test_only_admin_holds_everything(roles: dict[str, frozenset[str]]) -> None:
    mine = holdings_of(roles)
    assert mine.everything == (ADMIN in roles)
    assert mine.has("never granted") == (ADMIN in roles)
    assert mine.covers(holdings_of({ADMIN: ()})) == (ADMIN in roles)
    assert mine.staff == bool(STAFF & roles.keys())
