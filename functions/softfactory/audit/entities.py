"""The log as it is stored: leaves, the lists they stand in, the tree's tiles and its head."""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, Final, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from quintet.models import now
from quintet.models.time import read_instant
from quintet.store import Entity, Keys
from softfactory.audit import merkle
from softfactory.audit.facts import Kind
from softfactory.audit.tiles import Place

_DIGITS: Final = 13
"""Of an index in a sort key."""
EVERYBODY: Final = "*"
"""Whose kinds of entries those of the whole log are."""
STEPS: Final = 3
"""Steps of the sequencer whose ids the head remembers: a reader may be so far behind between two of its reads."""


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


class Located(Entity):
    """Which leaf an entry's id is of, and whether the entry is about access."""

    kind: ClassVar[str] = "audit_located"
    keys: ClassVar[Keys] = Keys("AUDIT#ID#{id}", "ID")

    id: str
    index: int
    access: bool = False


class Chunk(Entity):
    """Up to `lists.WIDTH` members of a list, by their indexes, and how many stand there before them."""

    kind: ClassVar[str] = "audit_chunk"
    keys: ClassVar[Keys] = Keys("AUDIT#LIST#{name}", "{place}", order="ascending")

    name: str
    place: str
    rank: int
    members: list[int]

    @property
    def end(self) -> int:
        """How many members the list has with those."""
        return self.rank + len(self.members)


class KnownKind(Entity):
    """That there are entries of an action on a resource, about access or not: of anybody, or of one user by the name
    of the user's key."""

    kind: ClassVar[str] = "audit_kind"
    keys: ClassVar[Keys] = Keys("AUDIT#KINDS#{whose}", "{action}#{resource}#{access}", order="ascending")

    whose: str
    action: str
    resource: str
    access: bool

    @classmethod
    def of(cls, whose: str, kind: Kind) -> Self:
        return cls(whose=whose, action=kind.action, resource=kind.resource, access=kind.access)


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
    taken: list[str] = Field(default_factory=list)
    """For each of the last steps the ids that it took in, packed (see `ids_in`). Those of the last one are still on
    the trail."""

    def grown(self, size: int, root: str, at: datetime | None, ids: Iterable[str]) -> Self:
        """The tree after a step that took in the entries with some ids."""
        packed = b64encode(b"".join(UUID(each).bytes for each in ids)).decode()
        taken = [*self.taken, packed][-STEPS:]
        return type(self)(size=size, root=root, at=at, taken=taken)

    @property
    def leaving(self) -> list[str]:
        """The ids of entries that the next step takes off the trail."""
        return ids_in(self.taken[-1]) if self.taken else []

    @property
    def lately(self) -> frozenset[str]:
        """The ids of entries that are in the log, and may be seen on the trail nevertheless."""
        return frozenset(each for packed in self.taken for each in ids_in(packed))


def ids_in(packed: str) -> list[str]:
    """Ids (UUIDs) that stand one after the other as sixteen bytes each, in base64."""
    content = b64decode(packed)
    return [str(UUID(bytes=content[start : start + 16])) for start in range(0, len(content), 16)]


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
