"""The second factor when several use it at once: every code, challenge and set-up is good once."""

from __future__ import annotations

from typing import Any

import pytest

from quintet.auth.caps import Sent
from quintet.models.time import FrozenClock
from quintet.testing import Client
from softfactory.accounts import sessions, two_factor
from softfactory.accounts.two_factor import TwoFactor
from softfactory.people.entities import User
from softfactory.service import store
from tests.functions.softfactory.accounts.conftest import (
    AUTH,
    refusal,
    signed_in,
    stored,
    with_password,
)
from tests.functions.softfactory.accounts.second_factor import Guarded, code_of, set_up, verify, wrong
from tests.functions.softfactory.conftest import as_account
from tests.support.aws import in_threads


@pytest.fixture
def guarded(noon: FrozenClock, suite: Client, person: User) -> Guarded:
    return Guarded(suite, noon, person)


def test_one_code_opens_one_session_however_many_send_it(guarded: Guarded) -> None:
    tokens = [guarded.challenge() for _ in range(12)]
    code = guarded.code()
    answers = in_threads(12, lambda number: guarded.complete(code, tokens[number]).status)
    assert answers.count(200) == 1
    assert set(answers) <= {200, 401, 429}


def test_one_backup_code_opens_one_session_however_many_send_it(guarded: Guarded) -> None:
    tokens = [guarded.challenge() for _ in range(12)]
    code = guarded.backup[0]
    answers = in_threads(12, lambda number: guarded.complete(code, tokens[number]).status)
    assert answers.count(200) == 1
    assert set(answers) <= {200, 401, 429}


@pytest.mark.parametrize("backup", [False, True])
def test_twins_of_a_right_code_are_no_guesses(guarded: Guarded, backup: bool) -> None:
    """Whether each has a challenge of its own or all have one; and sent again, the code is refused as before."""
    code, token = guarded.backup[0] if backup else guarded.code(), guarded.challenge()
    tokens = [token, token, token, *(guarded.challenge() for _ in range(3))]
    answers = in_threads(6, lambda number: guarded.complete(code, tokens[number]).status)
    assert sorted(answers, key=str) == [200, *[401] * 5]
    assert refusal(guarded.complete(code)) == (401, "invalid_code")
    assert wrong_guesses(guarded.user) == 0
    assert refusal(guarded.complete(wrong(guarded.secret))) == (401, "invalid_code")
    assert wrong_guesses(guarded.user) == 1


def test_a_twin_that_confirms_a_set_up_or_asks_for_what_is_not_there_guesses_nothing(
    noon: FrozenClock, suite: Client, person: User
) -> None:
    caller = signed_in(suite, person.email)
    assert refusal(verify(caller, code="123456")) == (409, "two_factor_not_set_up")
    code = code_of(set_up(caller)["secret"])
    answers = in_threads(4, lambda _: verify(caller, code=code).status)
    assert sorted(answers, key=str) == [200, *[400] * 3]
    assert wrong_guesses(person) == 0


def wrong_guesses(user: User) -> int:
    """How many are counted for an account in this quarter of an hour."""
    return sum(each.number for each in store.each(Sent, purpose="two-factor", what=f"account:{user.id}:900"))


def test_one_challenge_opens_one_session_with_several_right_codes(guarded: Guarded) -> None:
    token = guarded.challenge()
    answers = in_threads(5, lambda number: guarded.complete(guarded.backup[number], token).status)
    assert answers.count(200) == 1, answers


def test_another_persons_code_opens_nothing(guarded: Guarded, noon: FrozenClock) -> None:
    other = Guarded(guarded.suite, noon, with_password("user"))
    assert refusal(other.complete(guarded.code())) == (401, "invalid_code")
    assert refusal(other.complete(guarded.backup[0])) == (401, "invalid_code")


def test_a_set_up_confirmed_meanwhile_is_not_replaced_without_its_code(
    noon: FrozenClock, suite: Client, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = signed_in(suite, person.email)
    made, kept = set_up(caller), two_factor.keep_pending

    def confirm_first(*args: Any) -> None:
        monkeypatch.setattr(two_factor, "keep_pending", kept)
        assert verify(caller, code=code_of(made["secret"])).status == 200
        kept(*args)

    monkeypatch.setattr(two_factor, "keep_pending", confirm_first)
    assert refusal(caller.post(f"{AUTH}/2fa/setup")) == (409, "code_required")
    factor = store.get(TwoFactor, user_id=person.id)
    assert factor is not None
    assert factor.pending is None


def test_a_code_confirms_only_the_set_up_that_waits(
    noon: FrozenClock, suite: Client, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = signed_in(suite, person.email)
    made, begun = set_up(caller), sessions.begin

    def set_up_first(*args: Any, **named: Any) -> Any:
        monkeypatch.setattr(sessions, "begin", begun)
        set_up(caller)
        return begun(*args, **named)

    monkeypatch.setattr(sessions, "begin", set_up_first)
    assert refusal(verify(caller, code=code_of(made["secret"]))) == (400, "invalid_code")
    assert stored(person).two_factor_enabled is False


def test_new_backup_codes_belong_to_the_secret_in_force(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    made, renew = set_up(guarded.caller, {"code": guarded.code()}), two_factor.renewed_codes

    def confirm_first(*args: Any) -> list[str]:
        monkeypatch.setattr(two_factor, "renewed_codes", renew)
        assert verify(guarded.caller, code=code_of(made["secret"])).status == 200
        return renew(*args)

    monkeypatch.setattr(two_factor, "renewed_codes", confirm_first)
    codes = guarded.caller.get(f"{AUTH}/2fa/backup-codes").body["backup_codes"]
    assert guarded.complete(codes[0]).status == 200


def test_a_nameless_session_that_confirmed_makes_no_other_pass(noon: FrozenClock, suite: Client, person: User) -> None:
    nameless = as_account(suite, person)
    made = set_up(nameless)
    assert verify(nameless, code=code_of(made["secret"])).status == 200
    assert refusal(nameless.get(f"{AUTH}/2fa/backup-codes")) == (403, "two_factor_required")


@pytest.mark.parametrize("backup", [False, True])
def test_a_code_that_is_used_while_it_is_checked_is_not_used_again(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch, backup: bool
) -> None:
    code, spend = guarded.backup[0] if backup else guarded.code(), two_factor.spend
    first, second = guarded.challenge(), guarded.challenge()

    def use_first(*args: Any) -> None:
        monkeypatch.setattr(two_factor, "spend", spend)
        assert guarded.complete(code, first).status == 200
        spend(*args)

    monkeypatch.setattr(two_factor, "spend", use_first)
    assert refusal(guarded.complete(code, second)) == (401, "invalid_code")
