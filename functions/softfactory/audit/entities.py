"""The log as it is stored: leaves, the lists they stand in, the tree's tiles and its head."""

from base64 import b64decode, b64encode
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from quintet.models import now
from quintet.models.time import read_instant
from quintet.store import Entity, Keys
from softfactory.audit import merkle
from softfactory.audit.tiles import Place

_DIGITS: Final = 13
"""Of an index in a sort key."""


def place_at(index: int) -> str:
    """An index as a sort key."""
    return f"{index:0{_DIGITS}d}"


class KeptPart(BaseModel):
    """A part about people and its salt: sealed under a key, or as it is where it is about nobody (`key_id` None)."""

    model_config = ConfigDict(defer_build=True)

    key_id: str | None = None
    content: str


class Leaf(Entity):
    """An entry in its place in the tree. `leaf` is what was hashed; all that is not about people is read from it."""

    kind: ClassVar[str] = "audit_leaf"
    keys: ClassVar[Keys] = Keys("AUDIT#LEAF#{index}", "LEAF")

    index: int
    leaf: str
    parts: dict[str, KeptPart]

    @cached_property
    def said(self) -> dict[str, Any]:
        """What the leaf says."""
        import json

        found: dict[str, Any] = json.loads(self.leaf)
        return found

    @property
    def at(self) -> datetime:
        found: datetime = read_instant(self.said["timestamp"])
        return found


class Row(Entity):
    """That a leaf stands in a list, and how many stand there before it."""

    kind: ClassVar[str] = "audit_row"
    keys: ClassVar[Keys] = Keys("AUDIT#LIST#{name}", "{place}")

    name: str
    place: str
    rank: int

    @classmethod
    def of(cls, name: str, index: int, rank: int) -> Self:
        return cls(name=name, place=place_at(index), rank=rank)

    @property
    def index(self) -> int:
        return int(self.place)


class Kind(Entity):
    """That there are entries of an action on a resource."""

    kind: ClassVar[str] = "audit_kind"
    keys: ClassVar[Keys] = Keys("AUDIT#KINDS", "{action}#{resource}")

    action: str
    resource: str


class Day(Entity):
    """The first entry of a day in UTC (`2026-12-01`) that has one."""

    kind: ClassVar[str] = "audit_day"
    keys: ClassVar[Keys] = Keys("AUDIT#DAYS", "{day}", order="ascending")

    day: str
    first: int


class Tile(Entity):
    """Up to sixteen hashes of the tree (see `tiles`), one after the other in base64."""

    kind: ClassVar[str] = "audit_tile"
    keys: ClassVar[Keys] = Keys("AUDIT#TILE#{height}#{number}", "TILE")

    height: int
    number: int
    content: str

    @classmethod
    def of(cls, place: Place, hashes: list[bytes]) -> Self:
        return cls(height=place[0], number=place[1], content=b64encode(b"".join(hashes)).decode())

    @property
    def hashes(self) -> list[bytes]:
        content = b64decode(self.content)
        return [content[start : start + merkle.BYTES] for start in range(0, len(content), merkle.BYTES)]


class Head(Entity):
    """The tree as it stands. There is one; whoever lets the tree grow replaces it in the same transaction."""

    kind: ClassVar[str] = "audit_head"
    keys: ClassVar[Keys] = Keys("AUDIT#HEAD", "HEAD")

    size: int = 0
    root: str = b64encode(merkle.EMPTY).decode()
    at: datetime | None = None
    """The timestamp of the last entry."""


class Checkpoint(Entity):
    """A tree that was exported; a later one is proven to have grown from it."""

    kind: ClassVar[str] = "audit_checkpoint"
    keys: ClassVar[Keys] = Keys("AUDIT#CHECKPOINTS", "{place}")

    place: str
    size: int
    root: str
    format: Literal["csv", "json"]
    at: datetime = Field(default_factory=now)

    @staticmethod
    def place_of(size: int) -> str:
        """A tree's place among them."""
        return place_at(size)


class Subject(Entity):
    """Which key the parts about a user are under."""

    kind: ClassVar[str] = "audit_subject"
    keys: ClassVar[Keys] = Keys("AUDIT#SUBJECT#{user_id}", "SUBJECT")

    user_id: str
    key_id: str


class SubjectKey(Entity):
    """A key, under a random name that says nothing of whose it is. Where `expires_at` (seconds since 1970) is given it
    is gone from then on."""

    kind: ClassVar[str] = "audit_key"
    keys: ClassVar[Keys] = Keys("AUDIT#KEY#{key_id}", "KEY")

    key_id: str
    secret: str
    expires_at: int | None = None
