"""Exact numbers of members of a listing, kept by the transactions that change it.

A counter is spread over shards, so that writers rarely meet. Each shard is a row that lives at the head of the
listing it counts: the Query for page 1 brings the total along.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from quintet.store.codec import Item
from quintet.store.entity import Entity, Index, Key
from quintet.store.expressions import Expression

COUNTER = "counter"


def head(index: Index) -> str:
    """The sort key prefix that puts a counter row before every member in the listing's direction."""
    return "~" if index.order == "newest" else "!"


def shard_place(name: str, index: Index, pk: str, shard: int) -> tuple[Key, dict[str, str]]:
    """A shard's primary key and, for a GSI, the index attributes that place it in the listing."""
    sort = f"{head(index)}{shard:02d}"
    if name == "main":
        return Key(pk, sort), {}
    prefix = name.upper()
    return Key(f"COUNTER#{name}#{pk}", sort), {prefix + "PK": pk, prefix + "SK": sort}


def shard_keys(name: str, index: Index, pk: str) -> list[Key]:
    """The primary keys of all counter rows that a listing may have by its declaration."""
    return [shard_place(name, index, pk, shard)[0] for shard in range(index.counters)]


def all_rows(name: str, index: Index, pk: str) -> dict[str, Any]:
    """The arguments of a Query of the counter rows that a listing really has."""
    key, _ = shard_place(name, index, pk, 0)
    return {
        "KeyConditionExpression": "PK = :pk AND begins_with(SK, :head)",
        "ExpressionAttributeValues": {":pk": {"S": key.pk}, ":head": {"S": head(index)}},
    }


class Tally:
    """The counter changes of one transaction, summed per listing before they become writes."""

    def __init__(self) -> None:
        self._changes: Counter[tuple[str, str]] = Counter()
        self._indexes: dict[tuple[str, str], Index] = {}

    def changed(self, old: Entity | None, new: Entity | None) -> None:
        """Note that an entity appeared, changed or went."""
        entity = new or old
        if entity is None:
            return
        for name in ("main", *entity.keys.indexes):
            index = entity.keys.main if name == "main" else entity.keys.indexes[name]
            if not index.counted:
                continue
            before = old.placement(name) if old else None
            after = new.placement(name) if new else None
            for place, step in ((before, -1), (after, 1)):
                if place:
                    self._indexes[name, place[0]] = index
                    self._changes[name, place[0]] += step

    def writes(self) -> list[dict[str, Any]]:
        """One Update per listing whose number changes."""
        found = []
        for (name, pk), step in self._changes.items():
            if step:
                index = self._indexes[name, pk]
                shard = random.randrange(index.shards)  # noqa: S311 (load spreading)
                found.append(_add(name, index, pk, shard, step))
        return found

    def __bool__(self) -> bool:
        return any(self._changes.values())


def _add(name: str, index: Index, pk: str, shard: int, step: int) -> dict[str, Any]:
    key, place = shard_place(name, index, pk, shard)
    expression = Expression()
    text = expression.update(put={"kind": COUNTER, **place}, add={"n": step})
    return {"Update": {"Key": key.attributes(), "UpdateExpression": text, **expression.arguments()}}


def is_counter(item: Item) -> bool:
    return item.get("kind", {}).get("S") == COUNTER


def count_of(items: list[Item]) -> int:
    return sum(int(item["n"]["N"]) for item in items if is_counter(item))
