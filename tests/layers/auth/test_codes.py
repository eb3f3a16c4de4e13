"""One-time codes: few tries, one life, and caps that hold however many ask at once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Barrier

import pytest

from quintet.auth import codes
from quintet.auth.codes import Cap, Code, Policy, TooManyCodes, WrongCode, new_code, use_code
from quintet.models.time import FrozenClock, frozen
from quintet.settings import Settings
from quintet.store import Store
from tests.support.aws import in_threads

pytestmark = pytest.mark.dynamodb

SIGN_IN = Policy("sign-in")
EAGER = Policy("sign-in", cooldown=0)
PHONE = "+919876543210"


@pytest.fixture
def clock(table: Settings) -> Iterator[FrozenClock]:
    with frozen(datetime(2025, 1, 18, 10, 0, tzinfo=UTC)) as clock:
        yield clock


def wrong(code: str) -> str:
    """Another code of the same length."""
    return str((int(code) + 1) % 10 ** len(code)).zfill(len(code))


def refused(code: str, policy: Policy = SIGN_IN, target: str = PHONE) -> None:
    with pytest.raises(WrongCode):
        use_code(policy, target, code)


def retry_after(policy: Policy, caps: list[Cap], target: str = PHONE) -> int:
    with pytest.raises(TooManyCodes) as failure:
        new_code(policy, target, caps)
    return failure.value.retry_after


def test_a_code_has_six_digits_and_works_once(clock: FrozenClock) -> None:
    code = new_code(SIGN_IN, PHONE)
    assert len(code) == 6
    assert code.isdigit()
    use_code(SIGN_IN, PHONE, code)
    refused(code)


def test_a_code_is_kept_as_a_keyed_hash_only(clock: FrozenClock) -> None:
    code = new_code(SIGN_IN, PHONE)
    kept = Store().get(Code, purpose="sign-in", target=PHONE)
    assert kept is not None
    assert code not in kept.model_dump_json()
    assert len(kept.digest) == 64


def test_a_code_is_for_its_target_and_purpose_alone(clock: FrozenClock) -> None:
    code = new_code(SIGN_IN, PHONE)
    refused(code, target="+14155550123")
    refused(code, Policy("reset"))
    use_code(SIGN_IN, PHONE, code)


def test_a_code_lives_five_minutes(clock: FrozenClock) -> None:
    code = new_code(SIGN_IN, PHONE)
    clock.advance(seconds=299)
    use_code(SIGN_IN, PHONE, code)
    clock.advance(seconds=31)
    code = new_code(SIGN_IN, PHONE)
    clock.advance(seconds=300)
    refused(code)


def test_the_fifth_wrong_try_kills_the_code(clock: FrozenClock) -> None:
    code = new_code(SIGN_IN, PHONE)
    for _ in range(4):
        refused(wrong(code))
    use_code(SIGN_IN, PHONE, code)

    clock.advance(seconds=31)
    code = new_code(SIGN_IN, PHONE)
    for _ in range(5):
        refused(wrong(code))
    refused(code)


def test_a_new_code_kills_the_old_one_and_has_its_own_tries(clock: FrozenClock) -> None:
    first = new_code(SIGN_IN, PHONE)
    for _ in range(5):
        refused(wrong(first))
    clock.advance(seconds=30)
    second = new_code(SIGN_IN, PHONE)
    if first != second:
        refused(first)
    use_code(SIGN_IN, PHONE, second)


def test_two_codes_are_thirty_seconds_apart(clock: FrozenClock) -> None:
    code = new_code(SIGN_IN, PHONE)
    assert retry_after(SIGN_IN, []) == 30
    clock.advance(seconds=29)
    assert retry_after(SIGN_IN, []) == 1
    use_code(SIGN_IN, PHONE, code)  # a refused one killed nothing
    clock.advance(seconds=1)
    new_code(SIGN_IN, PHONE)


def test_the_pause_holds_after_a_code_was_used_too(clock: FrozenClock) -> None:
    use_code(SIGN_IN, PHONE, new_code(SIGN_IN, PHONE))
    assert retry_after(SIGN_IN, []) == 30


def test_a_cap_counts_codes_in_its_window(clock: FrozenClock) -> None:
    caps = [Cap(f"phone:{PHONE}", 2, 3600), Cap("ip:203.0.113.7", 3, 3600)]
    for _ in range(2):
        new_code(SIGN_IN, PHONE, caps)
        clock.advance(seconds=60)
    assert retry_after(SIGN_IN, caps) == 3600 - 120

    new_code(SIGN_IN, "+14155550123", caps[1:])  # what was refused above did not count for the address
    assert retry_after(SIGN_IN, caps[1:], "+14155550124") == 3600 - 120
    clock.advance(hours=1)
    new_code(SIGN_IN, PHONE, caps)


def test_of_two_reasons_to_wait_the_cap_is_told(clock: FrozenClock) -> None:
    caps = [Cap(f"phone:{PHONE}", 1, 3600)]
    new_code(SIGN_IN, PHONE, caps)
    assert retry_after(SIGN_IN, caps) == 3600


def test_a_cap_holds_when_many_ask_at_once(clock: FrozenClock) -> None:
    caps = [Cap("ip:203.0.113.7", 4, 3600)]
    answers = in_threads(10, lambda n: new_code(EAGER, f"+1415555010{n}", caps))
    assert sum(isinstance(answer, str) for answer in answers) == 4
    assert sum(isinstance(answer, TooManyCodes) for answer in answers) == 6


def test_the_pause_holds_when_many_ask_at_once(clock: FrozenClock) -> None:
    answers = in_threads(10, lambda _: new_code(SIGN_IN, PHONE))
    (code,) = [answer for answer in answers if isinstance(answer, str)]
    assert sum(isinstance(answer, TooManyCodes) for answer in answers) == 9
    use_code(SIGN_IN, PHONE, code)


def test_a_code_is_spent_once_by_ten_at_once(clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> None:
    many = Policy("sign-in", tries=10)
    code = new_code(many, PHONE)
    together, digest = Barrier(10), codes._digests

    def met(purpose: str, target: str, given: str) -> list[str]:
        together.wait(timeout=30)  # all ten have counted their try and none has spent the code
        return digest(purpose, target, given)

    monkeypatch.setattr(codes, "_digests", met)
    answers = in_threads(10, lambda _: use_code(many, PHONE, code))
    assert sum(answer is None for answer in answers) == 1
    assert sum(isinstance(answer, WrongCode) for answer in answers) == 9


def test_five_tries_are_five_for_ten_at_once(clock: FrozenClock) -> None:
    code = new_code(SIGN_IN, PHONE)
    in_threads(10, lambda _: use_code(SIGN_IN, PHONE, wrong(code)))
    kept = Store().get(Code, purpose="sign-in", target=PHONE)
    assert kept is not None
    assert kept.tries == 5
    refused(code)
