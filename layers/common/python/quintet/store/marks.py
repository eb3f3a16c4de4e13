"""Marks: which requests wrote an item lately, so that one that is sent again after its answer was lost is done once.

An item keeps the marks of the last four lone writes, newest first. A write in a transaction needs none: DynamoDB
knows it by its token. A mark begins with the time at which its request was first sent, so that a request that does not
find its own can tell whether it was never done or whether more writes than are kept have come since.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping
from typing import Any

from quintet.store.expressions import Condition, Expression

KEPT = ("mark", "mark1", "mark2", "mark3")
"""The attributes, newest mark first."""
SKEW = 100
"""Milliseconds by which two writers' clocks may differ (Amazon Time Sync keeps Lambda's within a few)."""

_DIGITS = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
"""64 digits in the order of their characters, so that marks sort as their times do."""
_TIME, _RANDOM = 7, 9


def new_mark() -> str:
    """Sixteen characters: seven for the milliseconds since 1970 (until 2109), nine at random."""
    return _text(_now(), _TIME) + _text(secrets.randbits(6 * _RANDOM), _RANDOM)


def of(item: Mapping[str, Any]) -> tuple[str, ...]:
    """The marks that stored values hold, newest first."""
    return tuple(item[name] for name in KEPT if item.get(name))


def with_first(mark: str, others: Iterable[str]) -> dict[str, str]:
    """The attributes of an item that is written by `mark` after `others`."""
    return dict(zip(KEPT, (mark, *others), strict=False))


def pushed(expression: Expression, mark: str) -> str:
    """The assignments of an update that put `mark` first and every kept one a place further."""
    # The older ones first: DynamoDB reads the item as it was, lesser copies of it one assignment after the other.
    pairs = list(zip(KEPT[1:], KEPT, strict=False))[::-1]
    none = expression.value("")
    moved = [f"{expression.name(to)} = if_not_exists({expression.name(at)}, {none})" for to, at in pairs]
    return ", ".join([*moved, f"{expression.name(KEPT[0])} = {expression.value(mark)}"])


def unseen(mark: str) -> Condition:
    """That no kept mark is this one."""
    held = " OR ".join(f"{{n{place}}} = {{v0}}" for place in range(len(KEPT)))
    return Condition(f"NOT ({held})", KEPT, (mark,))


def complete(mark: str) -> Condition:
    """That every write since `mark` is still kept: the oldest that is kept is older than it, or there is none."""
    return Condition("(attribute_not_exists({n0}) OR {n0} < {v0})", (KEPT[-1],), (_since(mark),))


def is_complete(item: Mapping[str, Any], mark: str) -> bool:
    """`complete`, asked of stored values."""
    return str(item.get(KEPT[-1], "")) < _since(mark)


def _since(mark: str) -> str:
    milliseconds = 0
    for digit in mark[:_TIME]:
        milliseconds = milliseconds * 64 + _DIGITS.index(digit)
    return _text(max(0, milliseconds - SKEW), _TIME)


def _text(number: int, length: int) -> str:
    digits = ""
    for _ in range(length):
        number, digit = divmod(number, 64)
        digits = _DIGITS[digit] + digits
    return digits


def _now() -> int:
    return time.time_ns() // 1_000_000
