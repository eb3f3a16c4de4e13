"""Records: what the 23 kinds of entities have in common, and the one way to read and write them.

Access patterns, for every kind:
    one record                             SUBJECT#<subject>#<kind> / <id>
    a subject's records, newest first      the same partition: ids are time-ordered
    those with a value of a chosen field   GSI1 and GSI2 SUBJECT#<subject>#<kind>#<field>#<value> / <id>
GSI3 is a kind's own: the due times of reminders, the list of all patients.

Whoever reads or writes through this module leaves an audit event without asking for it (audit/trail.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Self, TypeVar

from pydantic import Field

from memory_mirror.audit.trail import Action, Resource, note
from memory_mirror.service import not_found, store
from memory_mirror.times.moments import Moment
from quintet.models import new_id, now
from quintet.store import Entity, Index, Keys, Transaction
from quintet.store.entity import IndexName

_BUILT_IN = frozenset({"id", "created_date", "updated_date", "created_by"})
"""Fields that every record has and nobody sets."""


class Record(Entity):
    """One entity of a subject: the account or patient whom its data are about."""

    keys: ClassVar[Keys]
    resource: ClassVar[Resource | None] = None
    """What the audit calls it; None for what says nothing about a person."""
    indexed: ClassVar[tuple[str, ...]] = ()
    """Fields by which a listing can be narrowed, two at most."""
    hidden: ClassVar[frozenset[str]] = frozenset({"subject", "version"})
    """Fields that only the store knows."""
    own: ClassVar[bool] = False
    """Whether it belongs to the account itself, never to a caregiver's patient."""
    shown_as: ClassVar[Mapping[str, str]] = {}
    """Fields that the entity API spells otherwise: the store has a `kind` of its own."""
    read_only: ClassVar[frozenset[str]] = frozenset()
    """Fields beyond the built-in ones that requests cannot set."""

    subject: str
    id: str = Field(default_factory=new_id)
    created_date: Moment = Field(default_factory=now)
    updated_date: Moment = Field(default_factory=now)
    created_by: str = ""

    @classmethod
    def writable(cls) -> frozenset[str]:
        """Fields a request may set."""
        return frozenset(cls.model_fields) - cls.hidden - cls.read_only - _BUILT_IN

    def changed(self, **fields: Any) -> Self:
        """A copy with other values, validated, its `updated_date` now."""
        return type(self).model_validate({**self.__dict__, "updated_date": now(), **fields})


R = TypeVar("R", bound=Record)


def listed(kind: str, *indexed: str, gsi3: Index | None = None) -> Keys:
    """The keys of a kind of record: its subject's partition, and a listing for each of two fields."""
    listings = [Index(f"SUBJECT#{{subject}}#{kind}#{name}#{{{name}}}", "{id}") for name in indexed]
    first, second = (*listings, None, None)[:2]
    return Keys(f"SUBJECT#{{subject}}#{kind}", "{id}", gsi1=first, gsi2=second, gsi3=gsi3)


def view(record: Record) -> dict[str, Any]:
    """A record as the entity API shows it: plain JSON values, absent ones null."""
    plain = record.model_dump(mode="json", exclude=set(record.hidden))
    return {record.shown_as.get(name, name): value for name, value in plain.items()}


def read(kind: type[R], subject: str, id: str) -> R | None:
    """A subject's record, or None."""
    found = store.get(kind, subject=subject, id=id)
    if found is not None:
        noted("read", found)
    return found


def require(kind: type[R], subject: str, id: str) -> R:
    """A subject's record. Raises 404 `<kind> not found`."""
    found = read(kind, subject, id)
    if found is None:
        raise not_found(kind.kind)()
    return found


def recent(kind: type[R], subject: str, limit: int = 50, since: datetime | None = None, **equals: Any) -> list[R]:
    """A subject's newest records, newest first: at most `limit`, made no earlier than `since`.

    `equals` narrows by indexed fields; the first of them chooses the listing, a second one filters what that brings.
    """
    found: list[R] = []
    for record in _walked(kind, subject, min(limit, 100), equals):
        if since is not None and record.created_date < since:
            break
        found.append(record)
        if len(found) == limit:
            break
    noted("read", *found)
    return found


def every(kind: type[R], subject: str, **equals: Any) -> Iterator[R]:
    """All of a subject's records, newest first, read as they are consumed."""
    for record in _walked(kind, subject, 100, equals):
        noted("read", record)
        yield record


def listing(kind: type[Record], equals: Mapping[str, Any]) -> IndexName:
    """The listing that some equalities choose: that of the first indexed field among them, else the main one."""
    for number, name in enumerate(kind.indexed):
        if name in equals:
            return "gsi1" if number == 0 else "gsi2"
    return "main"


def _walked(kind: type[R], subject: str, page: int, equals: Mapping[str, Any]) -> Iterator[R]:
    index, after = listing(kind, equals), None
    while True:
        part = store.query(kind, index, limit=page, after=after, consistent=index == "main", subject=subject, **equals)
        for record in part.items:
            if all(getattr(record, name) == value for name, value in equals.items()):
                yield record
        after = part.after
        if after is None:
            return


def new(kind: type[R], subject: str, by: str, **fields: Any) -> R:
    """A record that is not stored yet, made by the account with the address `by`."""
    at = now()
    return kind.model_validate({**fields, "subject": subject, "created_by": by, "created_date": at, "updated_date": at})


def create(record: R) -> R:
    """Store a new record."""
    tx = store.transaction()
    join(tx, record)
    tx.commit()
    return record


def join(tx: Transaction, record: Record) -> None:
    """Store a new record within a transaction."""
    tx.create(record)
    noted("write", record)


def change(record: R, **fields: Any) -> R:
    """Store other values of a record as it was read. Raises 409 when somebody wrote it since."""
    changed = record.changed(**fields)
    tx = store.transaction()
    join_change(tx, record, changed)
    tx.commit()
    return changed


def join_change(tx: Transaction, old: R, changed: R, **how: Any) -> None:
    """Store a changed record within a transaction; `how` are further arguments of Transaction.replace."""
    tx.replace(old, changed, **how)
    noted("write", changed)


def remove(record: Record) -> None:
    """Delete a record as it was read."""
    tx = store.transaction()
    join_removal(tx, record)
    tx.commit()


def join_removal(tx: Transaction, record: Record) -> None:
    """Delete a record within a transaction."""
    tx.delete(record)
    noted("delete", record)


def noted(action: Action, *records: Record) -> None:
    """Note an access to records of one kind and subject for the audit."""
    if records:
        note(records[0].subject, action, records[0].resource, [record.id for record in records])


def newest_first(records: Sequence[R]) -> list[R]:
    """Records of several subjects in one order."""
    return sorted(records, key=lambda record: record.id, reverse=True)


__all__ = [
    "Record",
    "Resource",
    "change",
    "create",
    "every",
    "join",
    "join_change",
    "join_removal",
    "listed",
    "listing",
    "new",
    "newest_first",
    "noted",
    "read",
    "recent",
    "remove",
    "require",
    "view",
]
