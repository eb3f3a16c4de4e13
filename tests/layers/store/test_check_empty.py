"""A transaction may ask that a counted listing has no member."""

from __future__ import annotations

from typing import ClassVar

import pytest

from quintet.api import ApiError
from quintet.errors import ErrorType
from quintet.net import aws
from quintet.settings import Settings
from quintet.store import ConditionFailed, Entity, Index, Keys, Store

IN_USE = ErrorType(409, "in_use", "In use")


class Tool(Entity):
    kind: ClassVar[str] = "tool"
    keys: ClassVar[Keys] = Keys(
        "TOOL#{id}",
        "TOOL",
        gsi1=Index("SHELF#{shelf}", "{id}", counted=True),
        gsi2=Index("TOOLS", "{id}", counted=True, shards=2),
    )

    id: str
    shelf: str


class Shelf(Entity):
    kind: ClassVar[str] = "shelf"
    keys: ClassVar[Keys] = Keys("SHELVES", "{id}")

    id: str


def take_down(shelf: str) -> None:
    tx = Store().transaction()
    tx.remove(Shelf.key(id=shelf))
    tx.check_empty(Tool, "gsi1", IN_USE, shelf=shelf)
    tx.commit()


def test_a_listing_with_members_refuses_and_an_emptied_one_does_not(table: Settings) -> None:
    store = Store()
    for shelf in ("a", "b", "c"):
        store.create(Shelf(id=shelf))
    hammer = store.create(Tool(id="hammer", shelf="a"))
    with pytest.raises(ApiError) as refused:
        take_down("a")
    assert refused.value.code == "in_use"
    assert store.get(Shelf, id="a") is not None
    take_down("b")  # never had a member
    store.delete(hammer)
    take_down("a")
    assert [shelf.id for shelf in store.each(Shelf)] == ["c"]


def test_a_listing_without_one_counter_row_cannot_be_asked(table: Settings) -> None:
    with pytest.raises(TypeError, match="counter"):
        Store().transaction().check_empty(Tool, "gsi2")
    with pytest.raises(TypeError, match="counter"):
        Store().transaction().check_empty(Shelf, "main")


def test_the_counters_of_an_empty_listing_can_be_forgotten(table: Settings) -> None:
    store = Store()
    tools = [store.create(Tool(id=str(number), shelf="a")) for number in range(6)]
    for index, place in (("gsi1", {"shelf": "a"}), ("gsi2", {})):
        with pytest.raises(ConditionFailed):
            store.forget_counters(Tool, index, **place)  # type: ignore[arg-type]
    for tool in tools:
        store.delete(tool)
    store.forget_counters(Tool, "gsi1", shelf="a")
    store.forget_counters(Tool, "gsi2")
    store.forget_counters(Tool, "gsi1", shelf="never there")
    assert aws.client("dynamodb").scan(TableName=table.table)["Items"] == []
    store.create(Tool(id="back", shelf="a"))
    assert store.count(Tool, "gsi1", shelf="a") == 1
