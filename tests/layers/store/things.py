"""Entities that the tests of the store write."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from quintet.store import Entity, Index, Keys, Store

STORE = Store()


class Thing(Entity):
    """A thing on a shelf, listed newest first by owner and, while it is open, in alphabetical order."""

    kind: ClassVar[str] = "thing"
    keys: ClassVar[Keys] = Keys(
        "THING#{id}",
        "THING",
        gsi1=Index("OWNER#{owner}", "{id}", counted=True, shards=3),
        gsi2=Index("OPEN", "{name}#{id}", when=lambda thing: thing.open, counted=True, order="ascending"),
    )

    id: str
    owner: str | None = "o"
    name: str = "n"
    open: bool = True
    stock: int = 0
    labels: list[str] = Field(default_factory=list)


class Part(Entity):
    """A part of a thing, in its partition; counted."""

    kind: ClassVar[str] = "part"
    keys: ClassVar[Keys] = Keys("PARTS#{thing}", "{number}#{side}", counted=True, order="ascending")

    thing: str
    number: str
    side: str = "a"


class Plain(Entity):
    """Nothing counts it."""

    kind: ClassVar[str] = "plain"
    keys: ClassVar[Keys] = Keys("PLAIN#{id}", "PLAIN")

    id: str
    stock: int = 0
