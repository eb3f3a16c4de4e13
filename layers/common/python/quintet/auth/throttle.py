"""Guessing made slow: after so many failed attempts for one account or address, further ones wait for the window's end.

    with attempting("login", sign_in_caps(ip, email)):
        … check the password; any exception but a 503 means that it was wrong …

An attempt is counted before the password is checked, and taken back when it was right. So the caps hold however many
requests come at once, and nothing is read: one conditional write per cap, and one more when the outcome is known.

While attempts are under way nobody knows whether they fail. Where they and the failures fill a cap together, one more
waits a moment for their outcome, and is refused at once only when the failures alone fill it: so many people who sign
in rightly at the same time, behind one address, are not taken for guessers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from quintet.auth.caps import Cap, Counting, Sent
from quintet.errors import ApiError
from quintet.models.time import epoch
from quintet.store import ConditionFailed, Store, exists
from quintet.store.errors import Old

__all__ = ["Attempt", "Cap", "TooManyAttempts", "attempting", "begin", "sign_in_caps"]

WAITS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.2)
"""Seconds between looks at attempts under way, under three in all: a password is checked in a tenth of one."""
LONGEST_ATTEMPT = 30
"""Seconds after which an attempt under way has ended with its process, and stays a failure."""
SIGN_IN_FAILURES, SIGN_IN_WINDOW = 10, 900
"""How often a sign-in may fail, and the seconds in which."""
_UNAVAILABLE = 503


class TooManyAttempts(Exception):
    """A cap was reached; `retry_after` is seconds until another attempt is heard."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("too many failed attempts")
        self.retry_after = max(retry_after, 1)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that counts as failed until it is said to have succeeded."""

    counted: tuple[Counting, ...]

    def succeeded(self) -> None:
        """Take the attempt back; earlier failures stay, so that an account of one's own washes nothing away."""
        for counting in self.counted:
            _change(counting, {"number": -1})


def sign_in_caps(ip: str, account: str) -> list[Cap]:
    """What a sign-in counts against: ten failures in a quarter of an hour from an address, and for an account."""
    return [Cap(what, SIGN_IN_FAILURES, SIGN_IN_WINDOW) for what in (f"ip:{ip}", f"account:{account}")]


def begin(purpose: str, caps: Sequence[Cap]) -> Attempt:
    """Count an attempt against every cap, a failed one from now on. Raises TooManyAttempts when one is reached.

    Caps are counted in the order given and a refusal keeps what came before it: name the broadest
    (the address) first, so that one who is already refused does not shut others out of their accounts.
    For what is not settled within the request; a password is checked within `attempting`.
    """
    now = epoch()
    counted = tuple(Counting(purpose, cap, now) for cap in caps)
    for counting in counted:
        try:
            Store().update(Sent, counting.key, put=counting.fields, add={"number": 1}, where=[counting.room])
        except ConditionFailed:
            raise TooManyAttempts(counting.seconds_left) from None
    return Attempt(counted)


@contextmanager
def attempting(purpose: str, caps: Sequence[Cap], sleep: Callable[[float], None] = time.sleep) -> Iterator[None]:
    """Hear an attempt: right when the block ends, failed when it raises. Raises TooManyAttempts instead of hearing it.

    A 503 says nothing about what was attempted and counts as little as success does.
    Caps are counted in the order given, the broadest (the address) first. An attempt that is not heard counts nowhere.
    """
    heard: list[Counting] = []
    try:
        for cap in caps:
            heard.append(_heard(purpose, cap, sleep))
    except Exception:
        _settle(heard, {"number": -1, "pending": -1})
        raise
    try:
        yield
    except Exception as error:
        undecided = isinstance(error, ApiError) and error.status == _UNAVAILABLE
        _settle(heard, {"number": -1, "pending": -1} if undecided else {"pending": -1})
        raise
    _settle(heard, {"number": -1, "pending": -1})


def _heard(purpose: str, cap: Cap, sleep: Callable[[float], None]) -> Counting:
    """Count an attempt as under way, when there is room or as soon as others' outcome makes some."""
    waits = iter(WAITS)
    while True:
        counting = Counting(purpose, cap, epoch())
        fields = {**counting.fields, "heard_at": counting.now}
        try:
            Store().update(Sent, counting.key, put=fields, add={"number": 1, "pending": 1}, where=[counting.room])
        except ConditionFailed as failed:
            undecided = _undecided(failed.old, counting)
            wait = next(waits, None) if undecided else None
            if wait is None:
                raise TooManyAttempts(1 if undecided else counting.seconds_left) from None
            sleep(wait)
        else:
            return counting


def _undecided(old: Old, counting: Counting) -> bool:
    """Whether attempts under way, if they turn out right, leave room for one more."""
    found = old or {}
    pending = int(found.get("pending") or 0)
    if counting.now - int(found.get("heard_at") or 0) > LONGEST_ATTEMPT:
        return False
    return int(found.get("number") or 0) - pending < counting.cap.most


def _settle(heard: Sequence[Counting], change: dict[str, Any]) -> None:
    for counting in heard:
        _change(counting, change)


def _change(counting: Counting, change: dict[str, Any]) -> None:
    try:
        Store().update(Sent, counting.key, add=change, where=[exists()])
    except ConditionFailed:
        return  # its window is long over
