"""Counting what must not happen too often: at most so many in a window for one thing, kept in the table.

Item (access pattern): how many there were in a window    SENT#<purpose>#<what> / <start of the window>
A window begins at a multiple of its length, so that its key is known without a read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from quintet.models.address import counted_address
from quintet.store import Condition, Entity, Key, Keys, absent, any_of, less_than


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `most` in each window of `per` seconds for one thing, such as `ip:203.0.113.7`.

    An `ip:` of version 6 counts with its whole network (`quintet.models.address`).
    """

    what: str
    most: int
    per: int = 3600

    def __post_init__(self) -> None:
        kind, _, address = self.what.partition(":")
        if kind == "ip":
            object.__setattr__(self, "what", f"ip:{counted_address(address)}")


class Sent(Entity):
    """How many there were for one thing in one window."""

    kind: ClassVar[str] = "sent"
    keys: ClassVar[Keys] = Keys("SENT#{purpose}#{what}", "{start}")

    purpose: str
    what: str
    start: int
    number: int = 0
    expires_at: int


@dataclass(frozen=True, slots=True)
class Counting:
    """One cap at one moment: where it is counted, on what condition, and when the window ends."""

    purpose: str
    cap: Cap
    now: int

    @property
    def start(self) -> int:
        return self.now - self.now % self.cap.per

    @property
    def seconds_left(self) -> int:
        """Seconds until the window ends, at least 1."""
        return self.start + self.cap.per - self.now

    @property
    def key(self) -> Key:
        return Sent.key(purpose=self.purpose, what=self.cap.what, start=self.start)

    @property
    def fields(self) -> Mapping[str, Any]:
        """What the item says beside its number."""
        return {
            "kind": Sent.kind,
            "purpose": self.purpose,
            "what": self.cap.what,
            "start": self.start,
            "expires_at": self.start + 2 * self.cap.per,
        }

    @property
    def room(self) -> Condition:
        """Holds while one more is allowed."""
        return any_of(absent("number"), less_than("number", self.cap.most))
