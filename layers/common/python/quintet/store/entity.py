"""Entities: pydantic models that know their keys in the system's single table.

An entity declares where it lives once, as templates over its own fields:

    class Order(Entity):
        kind = "order"
        keys = Keys("ORDER#{id}", "ORDER", gsi1=Index("USER#{user_id}#ORDERS", "{id}", counted=True))

A field's value is escaped where it enters a key, so that no value can reach into another key's space.
"""

from __future__ import annotations

import json
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar, Generic, Literal, Self, TypeVar, get_args
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict

from quintet.store import marks
from quintet.store.codec import Item, decode_item, encode, encode_item

_MARKS = "_marks"
"""Where an entity keeps its marks: beside its fields, so that they are no part of what it says or equals."""
IndexName = Literal["main", "gsi1", "gsi2", "gsi3"]
Order = Literal["newest", "ascending"]
INDEXES: tuple[IndexName, ...] = ("gsi1", "gsi2", "gsi3")
_OWN = {"PK", "SK", "kind", *marks.KEPT, *(name.upper() + part for name in INDEXES for part in ("PK", "SK"))}
"""Attributes that the store writes into every item."""


class Template:
    """A key template such as `USER#{id}`; rendering needs every field it names."""

    __slots__ = ("fields", "parts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.parts = [(literal, name) for literal, name, _, _ in string.Formatter().parse(text)]
        self.fields = [name for _, name in self.parts if name]

    def render(self, values: Mapping[str, Any]) -> str | None:
        """The key, or None when a field it needs is None or absent (the index is then sparse)."""
        key = ""
        for literal, name in self.parts:
            key += literal
            if name:
                value = values.get(name)
                if value is None:
                    return None
                key += escape(value)
        return key


def escape(value: Any) -> str:
    """A value as part of a key: `#` and the characters that sort counters are percent-encoded."""
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    return text.replace("%", "%25").replace("#", "%23").replace("~", "%7E").replace("!", "%21")


@dataclass(frozen=True)
class Index:
    """One listing of an entity: a partition and a sort key, optionally only `when` it should be listed.

    `counted` keeps an exact number of members in the same transaction as every change, spread over `shards`
    counter rows that sort at the head of the listing, so that page 1 and its total are one Query. `shards` may grow
    at any time. Where it shrinks, `formerly` says how many there once were: their rows keep what was counted in them.

    `sorts` names fields by which the same members can be listed too (see `sorting`).
    """

    pk: str
    sk: str
    when: Callable[[Any], bool] | None = None
    counted: bool = False
    shards: int = 1
    order: Order = "newest"
    formerly: int = 0
    sorts: tuple[str, ...] = ()

    @property
    def counters(self) -> int:
        """How many counter rows the listing may have."""
        return max(self.shards, self.formerly)


class Keys:
    """Where an entity lives: primary key and up to three listings."""

    def __init__(
        self,
        pk: str,
        sk: str,
        *,
        gsi1: Index | None = None,
        gsi2: Index | None = None,
        gsi3: Index | None = None,
        counted: bool = False,
        shards: int = 1,
        order: Order = "newest",
        formerly: int = 0,
        sorts: tuple[str, ...] = (),
    ) -> None:
        self.main = Index(pk, sk, None, counted, shards, order, formerly, sorts)
        given = {"gsi1": gsi1, "gsi2": gsi2, "gsi3": gsi3}
        self.indexes: dict[str, Index] = {name: index for name, index in given.items() if index is not None}
        self.templates = {
            name: (Template(index.pk), Template(index.sk))
            for name, index in (("main", self.main), *self.indexes.items())
        }

    @property
    def sorted(self) -> bool:
        """Whether a listing has other orders."""
        return any(index.sorts for index in (self.main, *self.indexes.values()))

    def index(self, name: IndexName) -> Index:
        return self.main if name == "main" else self.indexes[name]

    def place(self, name: str, values: Mapping[str, Any]) -> tuple[str, str] | None:
        """The (partition, sort) keys that some field values give; None when one that is needed is absent."""
        pk, sk = self.templates[name]
        first, second = pk.render(values), sk.render(values)
        if first is None or second is None:
            return None
        order = self.main.order if name == "main" else self.indexes[name].order
        if second[:1] > "}" if order == "newest" else second[:1] < '"':
            second = quote(second[:1]) + second[1:]  # counters must stay at the listing's head
        return first, second


@dataclass(frozen=True, slots=True)
class Key:
    """A primary key; it remembers the type of entity that lives there, where one said so."""

    pk: str
    sk: str
    entity: type[Entity] | None = field(default=None, compare=False, repr=False)

    def attributes(self) -> Item:
        return {"PK": {"S": self.pk}, "SK": {"S": self.sk}}


E = TypeVar("E", bound="Entity")


@dataclass(frozen=True, slots=True)
class Ref(Generic[E]):
    """A primary key together with the entity type that lives there."""

    type: type[E]
    key: Key


class AsJson:
    """Marks a type whose values are kept as JSON text: `Annotated[dict[str, Any], AsJson()]`.

    For objects of a caller's own: DynamoDB refuses maps nested deeper than 32 levels and numbers of more than 38
    digits, and an entity must be readable whatever it was given.
    """


class Entity(BaseModel):
    """A thing in the table. `version` counts its writes and guards every replacement."""

    model_config = ConfigDict(defer_build=True, hide_input_in_errors=True, extra="ignore", populate_by_name=True)

    kind: ClassVar[str]
    keys: ClassVar[Keys]

    version: int = 1

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        taken = _OWN & cls.model_fields.keys()
        if taken:
            raise TypeError(f"{cls.__name__}: the store has attributes of its own called {', '.join(sorted(taken))}")

    @classmethod
    def key(cls, **fields: Any) -> Key:
        place = cls.keys.place("main", fields)
        if place is None:
            pk, sk = cls.keys.templates["main"]
            raise ValueError(f"{cls.__name__} needs {pk.fields + sk.fields} for its key")
        return Key(*place, cls)

    @classmethod
    def ref(cls, **fields: Any) -> Ref[Self]:
        return Ref(cls, cls.key(**fields))

    def placement(self, name: str) -> tuple[str, str] | None:
        """This entity's (partition, sort) in a listing, None when it is not listed there."""
        index = self.keys.main if name == "main" else self.keys.indexes.get(name)
        if index is None or (index.when is not None and not index.when(self)):
            return None
        return self.keys.place(name, self.__dict__)

    def own_key(self) -> Key:
        return self.key(**self.__dict__)

    @property
    def marks(self) -> tuple[str, ...]:
        """Which requests wrote the item that this was read from (see `marks`)."""
        found: tuple[str, ...] = self.__dict__.get(_MARKS, ())
        return found

    def keep_marks(self, found: tuple[str, ...]) -> None:
        """Take over the marks of the item that this one replaces."""
        if found:
            self.__dict__[_MARKS] = found

    def item(self) -> Item:
        """The whole item with its keys, ready for PutItem."""
        values = self.model_dump(mode="json", exclude_none=True)
        for name in _as_json(type(self)) & values.keys():
            values[name] = json.dumps(values[name], separators=(",", ":"), ensure_ascii=False)
        item = encode_item(values)
        key = self.own_key()
        item.update(encode_item(dict(zip(marks.KEPT, self.marks, strict=False))))
        item["PK"], item["SK"], item["kind"] = {"S": key.pk}, {"S": key.sk}, encode(self.kind)
        for name in self.keys.indexes:
            place = self.placement(name)
            if place:
                prefix = name.upper()
                item[prefix + "PK"], item[prefix + "SK"] = {"S": place[0]}, {"S": place[1]}
        return item

    @classmethod
    def load(cls, item: Item) -> Self:
        return cls.revive(decode_item(item))

    @classmethod
    def revive(cls, stored: Mapping[str, Any]) -> Self:
        """The entity of stored values, such as those that a refused condition answers."""
        values = dict(stored)
        for name in _as_json(cls) & values.keys():
            if isinstance(values[name], str):
                values[name] = json.loads(values[name])
        found = cls.model_validate(values)
        if marks.KEPT[0] in stored:
            found.keep_marks(marks.of(stored))
        return found


@cache
def _as_json(entity: type[Entity]) -> frozenset[str]:
    """The fields that are kept as JSON text: those of a marked type, or with one somewhere within."""
    return frozenset(
        name
        for name, field in entity.model_fields.items()
        if any(isinstance(extra, AsJson) for extra in field.metadata) or _is_marked(field.annotation)
    )


def _is_marked(kind: Any) -> bool:
    if any(isinstance(extra, AsJson) for extra in getattr(kind, "__metadata__", ())):
        return True
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return any(
            any(isinstance(extra, AsJson) for extra in field.metadata) or _is_marked(field.annotation)
            for field in kind.model_fields.values()
        )
    return any(_is_marked(inner) for inner in get_args(kind))
