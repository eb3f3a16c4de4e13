"""One patience for all outgoing calls: time that nests, pauses with jitter, and a quota for repeats."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quintet.net import patience
from quintet.net.patience import CONTENTION, FAILED, QUOTA, RESERVE, THROTTLED, TIMED_OUT, Cause, Quota
from quintet.testing import LambdaContext
from quintet.testing.clock import Standing
from tests.support.aws import in_threads


@pytest.fixture
def time() -> Iterator[Standing]:
    patience.reset()
    found = Standing()
    with patience.timed_by(found.clock):
        yield found
    patience.reset()


def test_without_an_invocation_a_call_has_eight_seconds(time: Standing) -> None:
    waiting = patience.start("dynamodb")
    assert waiting.left() == 8
    time.now += 3
    assert waiting.left() == 5
    time.now += 30
    assert waiting.left() == 0


def test_an_invocation_ends_before_lambda_ends_it(time: Standing) -> None:
    with patience.begin(LambdaContext(timeout=5)):
        assert patience.start().left() == pytest.approx(5 - RESERVE, abs=0.1)
        time.now += 2
        assert patience.start().left() == pytest.approx(3 - RESERVE, abs=0.1)
        time.now += 9
        assert patience.start().left() == 0
    assert patience.start().left() == 8, "the next invocation has its own time"


@pytest.mark.parametrize("timeout", [None, 900])
def test_an_invocation_never_lasts_longer_than_the_api_waits(time: Standing, timeout: int | None) -> None:
    with patience.begin(LambdaContext(timeout=timeout) if timeout else None):
        assert patience.start(seconds=100).left() == 29 - RESERVE


def test_a_function_that_nobody_waits_for_has_its_own_timeout(time: Standing) -> None:
    with patience.begin(LambdaContext(timeout=300), most=300):
        assert patience.start(seconds=100).left() == 100
        assert patience.left(1000) == pytest.approx(300 - RESERVE, abs=0.1)


def test_bounds_nest_and_the_shorter_one_holds(time: Standing) -> None:
    with patience.within(5):
        time.now += 1
        with patience.within(100):
            assert patience.start().left() == 4
        with patience.within(2):
            assert patience.start().left() == 2
        assert patience.start().left() == 4


def test_a_pause_is_anywhere_up_to_a_bound_that_doubles(time: Standing) -> None:
    asked: list[tuple[float, float]] = []

    def jitter(low: float, high: float) -> float:
        asked.append((low, high))
        return high / 2

    with patience.timed_by(patience.Clock(lambda: time.now, time.sleep, jitter)):
        waiting = patience.start()
        assert all(waiting.again(Cause(1, 0.1, 0.5)) for _ in range(4))
    assert asked == [(0.0, 0.1), (0.0, 0.2), (0.0, 0.4), (0.0, 0.5)]
    assert time.slept == [0.05, 0.1, 0.2, 0.25]


def test_contention_is_waited_out_until_the_time_is_up(time: Standing) -> None:
    waiting = patience.start()
    while waiting.again(CONTENTION):
        pass
    assert 7.5 < sum(time.slept) < 8
    assert waiting.quota.left == QUOTA, "who loses to another writer owes nothing"


def test_a_pause_that_would_outlast_the_time_is_not_begun(time: Standing) -> None:
    waiting = patience.start(seconds=2)
    assert not waiting.again(THROTTLED, least=2)
    assert not waiting.again(THROTTLED, reserve=1.99)
    assert time.slept == []
    assert waiting.quota.left == QUOTA
    assert waiting.again(THROTTLED, least=1.5)
    assert time.slept == [1.5]


@pytest.mark.parametrize(("cause", "sends"), [(THROTTLED, 8), (FAILED, 5), (TIMED_OUT, 5)])
def test_one_call_is_sent_few_times(time: Standing, cause: Cause, sends: int) -> None:
    waiting, sent = patience.start(seconds=8), 1
    while waiting.again(cause):
        sent += 1
    assert sent == sends


def test_a_call_may_bound_its_repeats_over_all_causes(time: Standing) -> None:
    waiting = patience.start(most=2)
    assert [waiting.again(FAILED), waiting.again(THROTTLED), waiting.again(FAILED)] == [True, True, False]
    assert not patience.start(most=0).again(CONTENTION)


def test_a_service_that_stays_down_is_soon_asked_once_a_call(time: Standing) -> None:
    def sends() -> int:
        waiting, sent = patience.start("dynamodb"), 1
        while waiting.again(THROTTLED):
            sent += 1
        return sent

    assert sum(sends() for _ in range(1000)) == 1000 + QUOTA // THROTTLED.cost
    assert sends() == 1
    assert patience.start("bedrock").again(THROTTLED), "another service has its own quota"


def test_success_pays_the_last_repeat_back(time: Standing) -> None:
    waiting = patience.start("s")
    assert waiting.again(FAILED)
    assert waiting.again(TIMED_OUT)
    waiting.succeeded()
    assert waiting.quota.left == QUOTA - FAILED.cost
    for _ in range(3):
        patience.start("s").succeeded()
    assert waiting.quota.left == QUOTA - FAILED.cost + 3


def test_threads_never_take_more_than_there_is(time: Standing) -> None:
    quota = Quota(100)
    taken = in_threads(8, lambda _: sum(quota.take(3) for _ in range(50)))
    assert sum(count for count in taken if isinstance(count, int)) == 33
    quota.give(1000)
    assert quota.left == 100


def test_patience_at_its_end_is_a_503_that_says_when_to_come_back() -> None:
    error = patience.BUSY()
    assert (error.status, error.code, error.headers) == (503, "busy", {"Retry-After": "1"})
