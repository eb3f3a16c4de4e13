"""How long outgoing calls may take and how often they are repeated: one deadline and one way to wait for all of them.

    with patience.begin(context):                          # an invocation: until shortly before Lambda would end it
        waiting = patience.start("dynamodb")               # a call: at most 8 s of that
        while True:
            try:
                return send(timeout=waiting.left())
            except Throttled:
                if not waiting.again(patience.THROTTLED):  # waits, or says that it is not worth it
                    raise patience.BUSY() from None

Deadlines nest: whoever starts within another's time has at most what is left of it. Pauses have full jitter
("Exponential Backoff and Jitter", AWS Architecture Blog). Repeats are paid from a quota per service, as in the AWS
SDKs' standard retry mode, so that a service that is down is not asked many times more than usual by everybody at once.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from quintet.errors import ErrorType

API_SECONDS = 29.0
"""What an invocation may last that somebody waits for at the API; its gateway gives up soon after."""
RESERVE = 1.0
"""Seconds of an invocation that outgoing calls leave for its answer, or its refusal, to be written."""
CALL_SECONDS = 8.0
"""What one call may take with all its repeats unless it says otherwise."""
QUOTA = 500
"""Tokens of a service's quota when it is full."""

BUSY = ErrorType(503, "busy", "The service is busy, please try again", {"Retry-After": "1"})
"""What a caller is told when patience is at its end."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a call is repeated, and so how: tokens a repeat costs, pauses in seconds, and how often at most."""

    cost: int
    first: float
    """The longest pause before the first repeat; it doubles from repeat to repeat."""
    longest: float
    most: int | None = None
    """Repeats of one call for this cause; None leaves it to time and quota."""


CONTENTION = Cause(cost=0, first=0.01, longest=0.4)
"""Somebody else was first. The service is well and the whole makes progress, so only time sets an end."""
THROTTLED = Cause(cost=5, first=0.05, longest=5.0, most=9)
"""The service asks for less. Ten sends in all, as the AWS SDKs have for DynamoDB."""
FAILED = Cause(cost=5, first=0.05, longest=2.0, most=4)
"""No connection, one that broke, or an error of the service's own."""
TIMED_OUT = Cause(cost=10, first=0.05, longest=2.0, most=4)
"""No answer within the time of one try."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Where time comes from and how it is spent; tests put their own in force with `timed_by`."""

    now: Callable[[], float] = time.monotonic
    """Seconds of a clock that only goes forward."""
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[float, float], float] = random.uniform


class Quota:
    """The tokens that repeats of one service's calls are paid from; shared by threads."""

    def __init__(self, size: int = QUOTA) -> None:
        self._size = self._left = size
        self._lock = Lock()

    @property
    def left(self) -> int:
        """How many tokens there are."""
        return self._left

    def take(self, cost: int) -> bool:
        """Pay `cost` tokens; False, and nothing paid, when there are fewer."""
        with self._lock:
            if cost > self._left:
                return False
            self._left -= cost
            return True

    def give(self, tokens: int) -> None:
        """Put tokens back, up to the quota's size."""
        with self._lock:
            self._left = min(self._size, self._left + tokens)


@dataclass(slots=True)
class Patience:
    """What one call still has: its time, its repeats, and the quota that pays for them. Made by `start`."""

    deadline: float
    clock: Clock
    quota: Quota
    most: int | None = None
    """Repeats of the whole call, whatever the causes."""
    _repeats: dict[Cause, int] = field(default_factory=dict)
    _paid: int = 0

    def left(self) -> float:
        """Seconds until the deadline, never negative."""
        return max(0.0, self.deadline - self.clock.now())

    def again(self, cause: Cause, *, least: float = 0.0, reserve: float = 0.0) -> bool:
        """Wait before a repeat for this cause; False at once when it must not or would not help.

        `least` is how many seconds the other side asks to wait, `reserve` how many the repeat must find left.
        """
        done = self._repeats.get(cause, 0)
        if done == cause.most or sum(self._repeats.values()) == self.most:
            return False
        longest = min(cause.longest, cause.first * 2 ** min(done, 16))
        pause = max(least, self.clock.jitter(0.0, longest))
        if pause + reserve >= self.left() or not self.quota.take(cause.cost):
            return False
        self._repeats[cause] = done + 1
        self._paid = cause.cost
        self.clock.sleep(pause)
        return True

    def succeeded(self) -> None:
        """Note that the service answered well: the last repeat is paid back, a success without one adds a token."""
        self.quota.give(self._paid or 1)
        self._paid = 0


_deadline: ContextVar[float | None] = ContextVar("patience_deadline", default=None)
_clock: ContextVar[Clock] = ContextVar("patience_clock", default=Clock())  # noqa: B039 (frozen)
_quotas: dict[str, Quota] = {}


@contextmanager
def begin(context: Any = None, *, most: float = API_SECONDS) -> Iterator[None]:
    """Bound every call within the block by the remaining time of a Lambda invocation, less RESERVE.

    `context` is the invocation's, None where there is none; `most` is what the invocation may last in seconds. Pass a
    function's own timeout for one that no caller waits for.
    """
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    seconds = most if remaining is None else min(most, remaining() / 1000)
    with within(seconds - RESERVE):
        yield


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Bound every call within the block: together they take `seconds` at most, or what is left of an outer bound."""
    token = _deadline.set(_until(seconds))
    try:
        yield
    finally:
        _deadline.reset(token)


def start(service: str = "", seconds: float = CALL_SECONDS, *, most: int | None = None) -> Patience:
    """The patience for one call with all its repeats: `seconds`, and never more than the bounds in force leave.

    `service` names the quota; `most` bounds the repeats beside what each cause allows.
    """
    quota = _quotas.get(service) or _quotas.setdefault(service, Quota())
    return Patience(_until(seconds), _clock.get(), quota, most)


def left(seconds: float = API_SECONDS) -> float:
    """How many of `seconds` the bounds in force leave, never negative."""
    return max(0.0, _until(seconds) - _clock.get().now())


def reset() -> None:
    """Fill every quota; tests call it, as processes that start anew do."""
    _quotas.clear()


@contextmanager
def timed_by(clock: Clock) -> Iterator[None]:
    """Put another clock in force for the block."""
    token = _clock.set(clock)
    try:
        yield
    finally:
        _clock.reset(token)


def _until(seconds: float) -> float:
    bound = _deadline.get()
    own = _clock.get().now() + seconds
    return own if bound is None else min(own, bound)
