"""Identifiers: UUID version 7 (RFC 9562), ordered by the time they were made."""

from __future__ import annotations

import re
import time
from os import urandom
from threading import Lock

_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62
_COUNTER_BITS = 42
_COUNTER_MAX = (1 << _COUNTER_BITS) - 1
_FORM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


class _Sequence:
    """The millisecond and counter of the last id of this process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ms = -1
        self._counter = 0

    def next(self, seed: int) -> tuple[int, int]:
        with self._lock:
            ms = time.time_ns() // 1_000_000
            if ms > self._ms:
                self._ms, self._counter = ms, seed
            elif self._counter < _COUNTER_MAX:
                self._counter += 1
            else:
                self._ms, self._counter = self._ms + 1, seed
            return self._ms, self._counter


_sequence = _Sequence()


def new_id() -> str:
    """A new UUIDv7 in its canonical lower-case form.

    Each id of a process sorts after the one before it, also within one millisecond and when the
    wall clock steps back: a 42-bit counter, seeded at random every millisecond, follows the time
    (RFC 9562 section 6.2, method 1), and 32 random bits follow the counter.
    """
    noise = int.from_bytes(urandom(10), "big")
    # 41 bits of seed: the counter's top bit stays clear, which leaves room to count.
    ms, counter = _sequence.next(noise >> 39)
    high, low = counter >> 30, counter & 0x3FFFFFFF
    tail = noise & 0xFFFFFFFF
    text = f"{ms << 80 | _VERSION | high << 64 | _VARIANT | low << 32 | tail:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_id(text: str) -> bool:
    """Whether `text` is a UUID in canonical lower-case form, of any version RFC 9562 defines."""
    return _FORM.fullmatch(text) is not None
