"""The throttle: failures count, successes do not, and no burst gets past it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from quintet.auth.throttle import Attempt, Cap, TooManyAttempts, begin
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
