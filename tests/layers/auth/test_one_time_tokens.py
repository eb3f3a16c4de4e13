"""Tokens in e-mails are good once, for one purpose, for a while."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from quintet.auth.one_time_tokens import InvalidToken, OneTimeToken, Purpose, give, give_nothing, take, void
from quintet.models import epoch, new_id
from quintet.models.time import FrozenClock, frozen
from quintet.settings import Settings
from quintet.store import Store
from tests.support.aws import in_threads

pytestmark = pytest.mark.dynamodb

NOW = datetime(2025, 1, 18, 10, tzinfo=UTC)
VERIFY, RESET = Purpose("verify", timedelta(hours=24)), Purpose("reset", timedelta(hours=1))


@pytest.fixture
def clock(table: Settings) -> Iterator[FrozenClock]:
    with frozen(NOW) as clock:
        yield clock


def given(purpose: Purpose, user_id: str | None = None, about: str = "") -> str:
    tx = Store().transaction()
    token = give(tx, user_id or new_id(), purpose, about)
    tx.commit()
    return token


def used(purpose: Purpose, token: str) -> OneTimeToken:
    tx = Store().transaction()
    kept = take(tx, purpose, token)
    tx.commit()
    return kept


def refused(purpose: Purpose, token: str) -> None:
    with pytest.raises(InvalidToken, match=r"^Invalid or expired token$"):
        used(purpose, token)


def test_a_token_tells_once_whose_it_is_and_what_it_is_about(clock: FrozenClock) -> None:
    user_id = new_id()
    token = given(VERIFY, user_id, "ada@example.com")
    kept = used(VERIFY, token)
    assert (kept.user_id, kept.about, kept.expires_at) == (user_id, "ada@example.com", epoch(NOW) + 24 * 3600)
    refused(VERIFY, token)


@pytest.mark.parametrize("purpose", [VERIFY, RESET])
def test_a_token_is_good_until_its_time_is_over(clock: FrozenClock, purpose: Purpose) -> None:
    early, late = given(purpose), given(purpose)
    clock.at = NOW + purpose.lifetime - timedelta(seconds=1)
    used(purpose, early)
    clock.at = NOW + purpose.lifetime
    refused(purpose, late)


def test_a_newer_token_takes_the_place_of_the_one_before(clock: FrozenClock) -> None:
    user_id = new_id()
    older, other, newer = given(RESET, user_id), given(VERIFY, user_id), given(RESET, user_id)
    refused(RESET, older)
    assert {used(RESET, newer).user_id, used(VERIFY, other).user_id} == {user_id}


def test_a_token_of_one_purpose_is_none_of_another(clock: FrozenClock) -> None:
    user_id = new_id()
    verify, reset = given(VERIFY, user_id), given(RESET, user_id)
    refused(RESET, verify)
    refused(VERIFY, reset)


def test_a_token_that_was_voided_or_belongs_to_nobody_is_refused(clock: FrozenClock) -> None:
    user_id = new_id()
    token = given(RESET, user_id)
    tx = Store().transaction()
    void(tx, user_id, RESET)
    nobodys = give_nothing(tx, VERIFY)
    tx.commit()
    refused(RESET, token)
    assert used(VERIFY, nobodys).user_id != user_id


@pytest.mark.parametrize("invented", ["", "a", "a" * 64, "ü" * 43, "\ud800" * 30, "a" * 100_000, "=" * 64, "a" * 22])
def test_what_is_no_token_is_refused(clock: FrozenClock, invented: str) -> None:
    refused(VERIFY, invented)


def test_a_token_with_another_end_or_another_account_in_front_is_refused(clock: FrozenClock) -> None:
    mine, theirs = given(RESET), given(RESET)
    for token in (mine[:-1], mine + "a", mine[:22] + theirs[22:], theirs[:22] + mine[22:]):
        refused(RESET, token)
    used(RESET, mine)


def test_a_token_is_opaque_and_kept_as_a_hash_only(clock: FrozenClock) -> None:
    user_id = new_id()
    token = given(VERIFY, user_id)
    assert len(token) == 65
    assert token.replace("-", "").replace("_", "").isalnum()
    kept = Store().get(OneTimeToken, user_id=user_id, purpose="verify")
    assert kept is not None
    assert token[22:] not in kept.model_dump_json()


def test_of_many_uses_at_once_one_succeeds(clock: FrozenClock) -> None:
    token = given(RESET)
    answers = in_threads(12, lambda _: used(RESET, token))
    assert sum(isinstance(answer, OneTimeToken) for answer in answers) == 1
    assert all(isinstance(answer, OneTimeToken | InvalidToken) for answer in answers)
