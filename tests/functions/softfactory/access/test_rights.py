"""What roles and overrides come to."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from softfactory.access.catalogue import AREAS, LEVELS, PERMISSIONS, highest_level, implied
from softfactory.access.rights import Rights
from softfactory.access.roles import ADMIN, BUILT_IN, CREATOR, MODERATOR, USER, Role, shown_role
from softfactory.people.entities import HeldRole, Override, User

NOW = datetime(2026, 12, 1, tzinfo=UTC)
LATER, EARLIER = NOW + timedelta(hours=1), NOW - timedelta(hours=1)


def rights(*roles: Role, overrides: list[Override] | None = None, expires_at: datetime | None = None) -> Rights:
    held = [HeldRole(role_id=role.id, assigned_at=EARLIER, expires_at=expires_at) for role in roles]
    user = User(email="a@example.com", name="A", role="", roles=held, overrides=overrides or [])
    return Rights(user, {role.id: role for role in roles}, NOW)


def override(permission: str, allowed: bool, expires_at: datetime | None = None) -> Override:
    return Override(permission=permission, allowed=allowed, created_by="x", created_at=EARLIER, expires_at=expires_at)


def test_a_user_reads_and_writes_in_the_six_areas_of_their_own() -> None:
    own = {f"{area}_{level}" for area in AREAS[:6] for level in ("READ", "WRITE")}
    assert rights(USER).effective == own
    assert rights(CREATOR).effective == own
    assert rights(MODERATOR).effective == own | {
        "MODERATION_READ", "MODERATION_WRITE", "MODERATION_ADMIN", "ADMIN_READ",
    }  # fmt: skip
    assert rights(ADMIN).effective == set(PERMISSIONS)
    assert rights().effective == set()


def test_a_role_holds_until_it_ends() -> None:
    assert rights(ADMIN, expires_at=LATER).is_admin
    assert not rights(ADMIN, expires_at=NOW).is_admin
    assert rights(ADMIN, expires_at=NOW).effective == set()
    assert rights(ADMIN, expires_at=NOW).shown_role == "custom"


def test_denying_takes_exactly_that_permission() -> None:
    found = rights(ADMIN, overrides=[override("SNS_READ", False)])
    assert set(PERMISSIONS) - found.effective == {"SNS_READ"}


def test_allowing_gives_what_it_implies_and_denying_beats_it() -> None:
    lent = rights(USER, overrides=[override("RBAC_WRITE", True)])
    assert lent.allows("RBAC_READ")
    assert lent.allows("RBAC_WRITE")
    assert not lent.allows("RBAC_ADMIN")
    both = rights(USER, overrides=[override("RBAC_WRITE", True), override("RBAC_READ", False)])
    assert both.allows("RBAC_WRITE")
    assert not both.allows("RBAC_READ")
    assert not rights(USER, overrides=[override("RBAC_WRITE", True, NOW)]).allows("RBAC_WRITE")


def test_the_highest_role_is_shown() -> None:
    assert [shown_role([role.id]) for role in BUILT_IN.values()] == ["admin", "moderator", "creator", "user"]
    assert shown_role([USER.id, MODERATOR.id]) == "moderator"
    assert shown_role([]) == "custom"


@given(st.lists(st.sampled_from(PERMISSIONS)))
def test_what_is_implied_is_closed(permissions: list[str]) -> None:
    found = implied(permissions)
    assert found >= set(permissions)
    assert implied(found) == found
    for permission in found:
        area, _, level = permission.rpartition("_")
        assert {f"{area}_{each}" for each in LEVELS[: LEVELS.index(level)]} <= found
    levels = [LEVELS.index(each.rpartition("_")[2]) for each in found]
    assert highest_level(found) == ("none", "read", "write", "admin")[max(levels, default=-1) + 1]


@given(st.lists(st.tuples(st.sampled_from(PERMISSIONS), st.booleans()), max_size=5), st.sampled_from([USER, ADMIN]))
def test_the_list_never_says_other_than_the_check(given: list[tuple[str, bool]], role: Role) -> None:
    found = rights(role, overrides=[override(*each) for each in given])
    assert found.effective == {each for each in PERMISSIONS if found.allows(each)}
