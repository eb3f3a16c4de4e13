"""Guessing made slow: after so many failed attempts for one account or address, further ones wait for the window's end.

    attempt = begin("login", [Cap(f"ip:{ip}", 10, 900), Cap(f"account:{email}", 10, 900)])
    … check the password …
    attempt.succeeded()

An attempt counts before the password is checked, and is taken back when it was right. So the caps hold however many
requests come at once, and nothing is read: one conditional write per cap, and one more to take it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from quintet.auth.caps import Cap, Counting, Sent
from quintet.models.time import epoch
from quintet.store import ConditionFailed, Store, exists

__all__ = ["Attempt", "Cap", "TooManyAttempts", "begin"]


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
            try:
                Store().update(Sent, counting.key, add={"number": -1}, where=[exists()])
            except ConditionFailed:
                continue  # its window is long over


def begin(purpose: str, caps: Sequence[Cap]) -> Attempt:
    """Count an attempt against every cap. Raises TooManyAttempts when one is reached.

    Caps are counted in the order given and a refusal keeps what came before it: name the broadest
    (the address) first, so that one who is already refused does not shut others out of their accounts.
    """
    now = epoch()
    counted = tuple(Counting(purpose, cap, now) for cap in caps)
    for counting in counted:
        try:
            Store().update(Sent, counting.key, put=counting.fields, add={"number": 1}, where=[counting.room])
        except ConditionFailed:
            raise TooManyAttempts(counting.seconds_left) from None
    return Attempt(counted)
