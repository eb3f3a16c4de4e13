"""Choices that a text decides: the same seed chooses the same, on every machine and Python."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Draws from sequences, each draw another one."""

    def __init__(self, *seed: object) -> None:
        self._seed = "\x1f".join(str(part) for part in seed)
        self._draws = 0

    def below(self, count: int) -> int:
        """A number from 0 to `count` - 1."""
        self._draws += 1
        digest = hashlib.blake2b(f"{self._seed}\x1f{self._draws}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") % count

    def pick(self, choices: Sequence[T]) -> T:
        """One of them."""
        return choices[self.below(len(choices))]

    def some(self, choices: Sequence[T], count: int) -> list[T]:
        """At most `count` of them, each once, in their own order."""
        left = list(range(len(choices)))
        while len(left) > max(count, 0):
            left.pop(self.below(len(left)))
        return [choices[number] for number in left]

    def shuffled(self, choices: Sequence[T]) -> list[T]:
        """All of them in another order."""
        left = list(choices)
        return [left.pop(self.below(len(left))) for _ in range(len(left))]
