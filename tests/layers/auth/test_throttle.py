"""The throttle: failures count, successes do not, and no burst gets past it."""

import contextvars
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from quintet.auth.throttle import WAITS, Attempt, Cap, TooManyAttempts, attempting, begin, sign_in_caps
from quintet.errors import ApiError
from quintet.models.time import FrozenClock, frozen
from quintet.settings import Settings
from tests.support.aws import in_threads
from tests.support.calls import recorded

pytestmark = pytest.mark.dynamodb

IP, ACCOUNT = Cap("ip:203.0.113.7", 20, 900), Cap("account:a@example.com", 10, 900)


@pytest.fixture(autouse=True)
def clock(table: Settings) -> Iterator[FrozenClock]:
    with frozen(datetime(2025, 1, 18, 10, 0, tzinfo=UTC)) as clock:
        yield clock


def refused(*caps: Cap) -> int:
    with pytest.raises(TooManyAttempts) as failure:
        begin("login", caps)
    return failure.value.retry_after


def fail(times: int, *caps: Cap) -> None:
    for _ in range(times):
        begin("login", caps)


def test_after_ten_failures_even_the_right_password_waits(clock: FrozenClock) -> None:
    fail(10, IP, ACCOUNT)
    clock.advance(minutes=5)
    assert refused(IP, ACCOUNT) == 600
    clock.advance(minutes=10)
    begin("login", [IP, ACCOUNT])


def test_success_never_counts() -> None:
    for _ in range(40):
        begin("login", [IP, ACCOUNT]).succeeded()
    begin("login", [IP, ACCOUNT])


def test_an_attempt_reads_nothing() -> None:
    with recorded() as calls:
        attempt = begin("login", [IP, ACCOUNT])
        assert calls.names == ["UpdateItem"] * 2
        attempt.succeeded()
    assert calls.names == ["UpdateItem"] * 4


def test_success_does_not_wash_earlier_failures_away() -> None:
    fail(9, IP, ACCOUNT)
    begin("login", [IP, ACCOUNT]).succeeded()
    fail(1, IP, ACCOUNT)
    assert refused(IP, ACCOUNT) == 900


def test_an_address_is_held_for_all_accounts_it_tries() -> None:
    for n in range(20):
        begin("login", [IP, Cap(f"account:{n}", 10, 900)])
    assert refused(IP, ACCOUNT) == 900
    begin("login", [Cap("ip:198.51.100.1", 20, 900), ACCOUNT])


def test_an_ipv6_network_counts_as_one_address() -> None:
    for n in range(20):
        begin("login", [Cap(f"ip:2001:db8:1:2::{n:x}", 20, 900)])
    assert refused(Cap("ip:2001:db8:1:2:ffff::1", 20, 900)) == 900
    begin("login", [Cap("ip:2001:db8:1:3::1", 20, 900)])
    assert Cap("ip:::ffff:203.0.113.7", 20) == Cap("ip:203.0.113.7", 20)
    assert Cap("account:2001:db8::1", 20).what == "account:2001:db8::1"


def test_a_refused_address_does_not_shut_an_account() -> None:
    fail(20, IP)
    for _ in range(15):
        refused(IP, ACCOUNT)
    fail(10, ACCOUNT)


def test_purposes_are_counted_apart() -> None:
    fail(10, ACCOUNT)
    begin("reset", [ACCOUNT])


def test_a_burst_gets_no_more_attempts_than_a_queue() -> None:
    answers = in_threads(16, lambda _: begin("login", [ACCOUNT]))
    assert sum(isinstance(answer, Attempt) for answer in answers) == 10
    assert sum(isinstance(answer, TooManyAttempts) for answer in answers) == 6


def test_success_after_the_window_is_gone_changes_nothing(clock: FrozenClock) -> None:
    attempt = begin("login", [ACCOUNT])
    clock.advance(hours=1)
    attempt.succeeded()
    fail(10, ACCOUNT)
    refused(ACCOUNT)


class Wrong(Exception):
    """The password was wrong."""


def nobody_waits(_: float) -> None:
    pytest.fail("nothing is under way that is worth waiting for")


def sign_in(*caps: Cap, right: bool) -> None:
    with attempting("login", caps, nobody_waits):
        if not right:
            raise Wrong


def guess(times: int, *caps: Cap) -> None:
    for _ in range(times):
        with pytest.raises(Wrong):
            sign_in(*caps, right=False)


def not_heard(*caps: Cap) -> int:
    with pytest.raises(TooManyAttempts) as failure:
        sign_in(*caps, right=True)
    return failure.value.retry_after


def test_wrong_passwords_count_and_right_ones_do_not(clock: FrozenClock) -> None:
    for _ in range(15):
        sign_in(IP, ACCOUNT, right=True)
    guess(9, IP, ACCOUNT)
    sign_in(IP, ACCOUNT, right=True)
    guess(1, IP, ACCOUNT)
    assert not_heard(IP, ACCOUNT) == 900
    clock.advance(minutes=15)
    sign_in(IP, ACCOUNT, right=True)


def test_who_is_not_heard_counts_nowhere() -> None:
    guess(10, ACCOUNT)
    for _ in range(40):
        not_heard(IP, ACCOUNT)
    guess(20, IP)
    assert not_heard(IP) == 900


def test_more_people_than_the_cap_sign_in_at_once_behind_one_address() -> None:
    few = Cap("ip:203.0.113.7", 10, 900)
    inside, decided = threading.Barrier(11), threading.Barrier(11)
    waited: list[float] = []

    def hold(_: int) -> None:
        with attempting("login", [few], nobody_waits):
            inside.wait(30)
            release.wait(30)
        decided.wait(30)

    def until_decided(seconds: float) -> None:
        waited.append(seconds)
        release.set()
        decided.wait(30)

    release = threading.Event()
    with_room = threading.Thread(target=in_this_context(lambda: in_threads(10, hold)), daemon=True)
    with_room.start()
    inside.wait(30)
    with attempting("login", [few], until_decided):
        pass
    with_room.join(30)
    assert waited == [WAITS[0]]
    sign_in(few, right=True)
    guess(10, few)
    assert not_heard(few) == 900, "nothing but the failures was counted"


def test_of_a_burst_of_wrong_guesses_no_more_are_heard_than_of_a_queue() -> None:
    heard: list[int] = []

    def one(number: int) -> None:
        with attempting("login", [ACCOUNT], lambda _: None):
            heard.append(number)
            raise Wrong

    answers = in_threads(24, one)
    assert len(heard) == 10
    assert sum(isinstance(answer, TooManyAttempts) for answer in answers) == 14
    assert not_heard(ACCOUNT) == 900


def test_what_ended_with_its_process_stays_a_failure_and_holds_nobody_up(clock: FrozenClock) -> None:
    one = Cap("account:a@example.com", 1, 900)
    slept: list[float] = []
    dying = attempting("login", [one])
    dying.__enter__()
    with pytest.raises(TooManyAttempts) as failure, attempting("login", [one], slept.append):
        pytest.fail("it is not heard")
    assert (failure.value.retry_after, tuple(slept)) == (1, WAITS)
    clock.advance(seconds=31)
    assert not_heard(one) == 869


def test_an_attempt_is_two_writes_a_cap_and_no_read() -> None:
    with recorded() as calls:
        sign_in(IP, ACCOUNT, right=True)
    assert calls.names == ["UpdateItem"] * 4


def in_this_context(work: Callable[[], object]) -> Callable[[], object]:
    context = contextvars.copy_context()
    return lambda: context.run(work)


def test_a_service_that_is_down_has_not_heard_a_failure() -> None:
    caps = sign_in_caps("203.0.113.7", "a@example.com")
    for _ in range(12):
        with pytest.raises(ApiError), attempting("login", caps):
            raise ApiError(503, "busy", "The service is busy")
    for _ in range(10):
        with pytest.raises(ApiError), attempting("login", caps):
            raise ApiError(401, "invalid_credentials", "Invalid credentials")
    with pytest.raises(TooManyAttempts), attempting("login", caps):
        pass
