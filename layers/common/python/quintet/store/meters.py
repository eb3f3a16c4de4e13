"""Meters: sums that many writers add to at once, such as views and clicks.

    VIEWS = Meter("views", shards=8)
    VIEWS.add(campaign.id, impressions=1)                  # one write unit
    VIEWS.join(tx, campaign.id, clicks=1, spent=250)       # together with other writes
    VIEWS.read([campaign.id])                              # [{"impressions": 1, "clicks": 1, "spent": 250}]

Every shard is an item in a partition of its own, so that a meter takes as many writes a second as its shards take
together (1,000 each), and reading is one batch. The numbers of a listing's members are no meters: they stand at the
head of the listing they count (`counters`).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from quintet.store.calls import batch_get
from quintet.store.codec import decode_item
from quintet.store.entity import Entity, Key, Keys, escape
from quintet.store.table import Store
from quintet.store.transaction import Transaction

_SUM = "sum_"
"""Stands before the names of sums, so that none is taken for an attribute of the item's own."""


class _Shard(Entity):
    """A part of a meter's sums."""

    kind: ClassVar[str] = "meter"
    keys: ClassVar[Keys] = Keys("METER#{place}", "METER")

    place: str = ""


@dataclass(frozen=True, slots=True)
class Meter:
    """Named sums of whole numbers for each of many things.

    `shards` may grow at any time. Where it shrinks, `formerly` says how many there once were.
    """

    name: str
    shards: int = 4
    formerly: int = 0

    def add(self, of: str, **amounts: int) -> None:
        """Add to the sums of a thing, once even when the answer is lost."""
        Store().update(_Shard, self._key(of, self._one()), add=_sums(amounts))

    def join(self, tx: Transaction, of: str, **amounts: int) -> None:
        """Add to the sums of a thing in a transaction."""
        tx.update(self._key(of, self._one()), add=_sums(amounts))

    def read(self, things: Sequence[str], *, consistent: bool = False) -> list[dict[str, int]]:
        """The sums of some things in the order asked; what was never added to is absent. A hundred shards a batch."""
        places = {self._key(of, shard): of for of in things for shard in range(max(self.shards, self.formerly))}
        totals: dict[str, Counter[str]] = {of: Counter() for of in things}
        for item in batch_get([key.attributes() for key in places], consistent):
            values = decode_item(item)
            found = totals[places[Key(values["PK"], values["SK"])]]
            for name, value in values.items():
                if name.startswith(_SUM):
                    found[name.removeprefix(_SUM)] += value
        return [dict(totals[of]) for of in things]

    def _one(self) -> int:
        return random.randrange(self.shards)  # noqa: S311 (load spreading)

    def _key(self, of: str, shard: int) -> Key:
        return Key(f"METER#{escape(self.name)}#{escape(of)}#{shard:02d}", "METER")


def _sums(amounts: dict[str, int]) -> dict[str, int]:
    return {_SUM + name: amount for name, amount in amounts.items()}
