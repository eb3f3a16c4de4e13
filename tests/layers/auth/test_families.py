"""Refresh-token families: rotation, the grace for honest repeats, and the end of a family whose token was stolen."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quintet.auth import families
from quintet.auth.families import Family, InvalidRefreshToken
from quintet.errors import ErrorType
from quintet.models.time import FrozenClock, epoch, frozen
from quintet.settings import Settings
from quintet.store import Entity, Keys, Store, equals
from tests.support.aws import in_threads
from tests.support.calls import recorded

pytestmark = pytest.mark.usefixtures("table")
USER = "0199f3a0-0000-7000-8000-000000000001"
MONTH = 30 * 24 * 3600


def rotate(token: str) -> str:
    presented = families.read(token)
    return families.rotate(presented, Store().get_all([presented.ref])[0])


def stored(token: str) -> Family | None:
    presented = families.read(token)
    return Store().get(Family, user_id=presented.user_id, id=presented.family)


@pytest.fixture
def clock() -> Iterator[FrozenClock]:
    with frozen(datetime(2026, 1, 18, 10, tzinfo=UTC)) as stopped:
        yield stopped


def test_a_token_is_traded_for_its_successor_which_is_traded_in_turn() -> None:
    first = families.open(USER)
    second = rotate(first)
    third = rotate(second)
    assert len({first, second, third}) == 3
    assert {families.read(t).user_id for t in (first, second, third)} == {USER}
    assert len({families.read(t).family for t in (first, second, third)}) == 1


def test_no_token_can_be_made_from_what_is_stored() -> None:
    first = families.open(USER)
    second = rotate(first)
    family = stored(second)
    assert family is not None
    kept = family.model_dump_json()
    for token in (first, second):
        secret = families.read(token).secret
        assert token not in kept
        assert secret.hex() not in kept
        assert base64.b64encode(secret).decode() not in kept


def test_a_rotation_is_one_write_and_a_repetition_is_none() -> None:
    token = families.open(USER)
    with recorded() as calls:
        rotate(token)
    assert calls.names == ["BatchGetItem", "TransactWriteItems"]
    with recorded() as calls:
        rotate(token)
    assert calls.names == ["BatchGetItem"]


def test_fifty_requests_with_one_token_at_once_get_one_successor() -> None:
    token = families.open(USER)
    answers = in_threads(50, lambda _: rotate(token))
    assert len(set(answers)) == 1, answers
    successor = answers[0]
    assert isinstance(successor, str)
    family = stored(token)
    assert family is not None
    assert len(family.recent) == 1
    assert rotate(successor) != successor


def test_within_the_grace_a_used_token_yields_the_same_successor(clock: FrozenClock) -> None:
    first = families.open(USER)
    second = rotate(first)
    clock.advance(seconds=20)
    assert rotate(first) == second


def test_after_the_grace_a_used_token_ends_the_whole_family(clock: FrozenClock) -> None:
    first = families.open(USER)
    second = rotate(first)
    clock.advance(seconds=21)
    with pytest.raises(InvalidRefreshToken):
        rotate(first)
    with pytest.raises(InvalidRefreshToken):
        rotate(second)
    assert stored(first) is None


def test_a_slow_tab_is_not_taken_for_a_thief_when_another_has_refreshed_twice(clock: FrozenClock) -> None:
    first = families.open(USER)
    clock.advance(minutes=15)
    second = rotate(first)
    clock.advance(seconds=5)
    third = rotate(second)
    clock.advance(seconds=5)
    assert rotate(first) == third
    assert rotate(second) == third


def test_refreshing_all_the_time_does_not_hide_a_theft(clock: FrozenClock) -> None:
    first = families.open(USER)
    token = rotate(first)  # the thief's
    for _ in range(3):
        clock.advance(seconds=10)
        token = rotate(token)
    with pytest.raises(InvalidRefreshToken):
        rotate(first)  # the victim's
    with pytest.raises(InvalidRefreshToken):
        rotate(token)


def test_a_family_ends_alone() -> None:
    with frozen() as clock:
        one, other = families.open(USER), families.open(USER)
        rotate(one)
        clock.advance(minutes=1)
        with pytest.raises(InvalidRefreshToken):
            rotate(one)
        assert rotate(other)


def test_a_family_lives_thirty_days_from_its_last_use(clock: FrozenClock) -> None:
    token = families.open(USER)
    clock.advance(days=29)
    token = rotate(token)
    family = stored(token)
    assert family is not None
    assert family.expires_at == epoch() + MONTH
    clock.advance(days=29)
    token = rotate(token)
    clock.advance(days=30)
    with pytest.raises(InvalidRefreshToken):
        rotate(token)


def test_revoking_ends_every_family_of_the_user_and_no_other() -> None:
    mine, foreign = [families.open(USER) for _ in range(30)], families.open("someone-else")
    assert families.revoke_all(USER) == 30
    for token in mine:
        with pytest.raises(InvalidRefreshToken):
            rotate(token)
    assert rotate(foreign)
    assert families.revoke_all(USER) == 0


def test_a_rotation_under_way_cannot_outlive_a_revocation() -> None:
    token = families.open(USER)
    presented = families.read(token)
    found = Store().get_all([presented.ref])[0]
    families.revoke_all(USER)
    with pytest.raises(InvalidRefreshToken):
        families.rotate(presented, found)
    assert stored(token) is None


def test_revoking_amid_rotations_leaves_nothing() -> None:
    tokens = [families.open(USER) for _ in range(10)]

    def work(number: int) -> None:
        if number == 5:
            families.revoke_all(USER)
        else:
            rotate(tokens[number])

    in_threads(10, work)
    assert Store().query(Family, begins="FAMILY#", user_id=USER).items == []


class Door(Entity):
    """Something a rotation may depend on."""

    kind = "door"
    keys = Keys("DOOR#{id}", "DOOR")

    id: str
    locked: bool


LOCKED = ErrorType(403, "locked", "Locked")


@pytest.mark.parametrize("locked", [False, True])
def test_a_rotation_can_depend_on_something_else_in_the_same_transaction(locked: bool) -> None:
    store = Store()
    store.create(Door(id="d", locked=locked))
    presented = families.read(families.open(USER))
    tx = store.transaction()
    tx.check(Door.key(id="d"), [equals("locked", False)], LOCKED)
    if locked:
        with pytest.raises(Exception, match="Locked"):
            families.rotate(presented, store.get_all([presented.ref])[0], tx)
    else:
        assert families.rotate(presented, store.get_all([presented.ref])[0], tx)


def test_a_family_joins_the_transaction_that_makes_its_user() -> None:
    store = Store()
    tx = store.transaction()
    tx.create(Door(id="d", locked=False))
    token = families.join(tx, USER)
    with pytest.raises(InvalidRefreshToken):
        rotate(token)
    tx.commit()
    assert rotate(token)


def test_a_secret_that_was_never_issued_ends_the_family_it_names() -> None:
    token = families.open(USER)
    presented = families.read(token)
    forged = families.Presented(presented.user_id, presented.family, b"x" * 32)
    with pytest.raises(InvalidRefreshToken):
        families.rotate(forged, stored(token))
    assert stored(token) is None


Steps = st.lists(st.tuples(st.integers(0, 12), st.sampled_from([0, 3, 11, 20, 21, 600])), max_size=12)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=Steps)
def test_whatever_is_presented_when_the_family_says_what_it_should(steps: list[tuple[int, int]]) -> None:
    """Each step waits and presents a token given out before; `used` holds when each was first traded."""
    with frozen(datetime(2026, 1, 18, 10, tzinfo=UTC)) as clock:
        given_out = [families.open(USER)]
        used: dict[str, datetime] = {}
        alive = True
        for number, wait in steps:
            clock.advance(seconds=wait)
            token = given_out[min(number, len(given_out) - 1)]
            current = given_out[-1]
            honest = token == current or (clock.at - used[token]).total_seconds() <= 20
            try:
                answer = rotate(token)
            except InvalidRefreshToken:
                assert not (alive and honest)
                alive = False
                continue
            assert alive
            assert honest
            if token == current:
                assert answer not in given_out
                used[token] = clock.at
                given_out.append(answer)
            else:
                assert answer == current


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(token=st.text(max_size=600) | st.binary(max_size=90).map(lambda b: base64.urlsafe_b64encode(b).decode()))
def test_anything_else_is_refused_without_looking_for_it(token: str) -> None:
    try:
        presented = families.read(token)
    except InvalidRefreshToken:
        return
    assert len(presented.secret) == 32
    assert presented.user_id


@pytest.mark.parametrize(
    "spoil", [lambda t: t + "=", lambda t: t + "A", lambda t: t[:-1] + "\n", lambda t: t[:40], str.upper]
)
def test_a_token_has_one_spelling(table: Settings, spoil: object) -> None:
    token = families.open(USER)
    assert callable(spoil)
    with pytest.raises(InvalidRefreshToken):
        rotate(spoil(token))
    assert rotate(token)
