"""Pages of the entity API's lists: newest first over all subjects the caller may see, with a cursor.

A page costs one Query for each subject, whatever the depth: a cursor is the last id shown, and ids are time-ordered.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from memory_mirror.records.record import Record, listing, newest_first, noted
from memory_mirror.service import store
from quintet.store import cursors
from quintet.store.codec import Item

R = TypeVar("R", bound=Record)


def page(
    kind: type[R], subjects: Sequence[str], equals: Mapping[str, Any], limit: int, cursor: str | None
) -> tuple[list[R], str | None]:
    """One page of records and the cursor of the next, None on the last. Raises 400 for a cursor of another list."""
    scope = f"{kind.kind}|{'|'.join(sorted(subjects))}|{sorted(equals.items())}"
    last = None
    if cursor:
        _, position = cursors.read(cursor, scope)
        last = position["id"]["S"]
    found: list[R] = []
    for subject in subjects:
        found += _after(kind, subject, equals, limit + 1, last)
    shown = newest_first(found)[:limit]
    more = len(found) > limit
    for subject in subjects:
        noted("read", *(one for one in shown if one.subject == subject))
    return shown, cursors.write(1, {"id": {"S": shown[-1].id}}, scope) if more else None


def _after(kind: type[R], subject: str, equals: Mapping[str, Any], wanted: int, last: str | None) -> list[R]:
    index = listing(kind, equals)
    after = _position(kind, subject, equals, last) if last else None
    found: list[R] = []
    while True:
        part = store.query(
            kind, index, limit=wanted, after=after, consistent=index == "main", subject=subject, **equals
        )
        found += [one for one in part.items if all(getattr(one, name) == value for name, value in equals.items())]
        after = part.after
        if after is None or len(found) >= wanted:
            return found[:wanted]


def _position(kind: type[Record], subject: str, equals: Mapping[str, Any], last: str) -> Item:
    """Where a listing goes on behind an id; the record itself need not exist any more."""
    values = {"subject": subject, "id": last, **equals}
    index = listing(kind, equals)
    position = kind.key(**values).attributes()
    if index != "main":
        place = kind.keys.place(index, values)
        assert place is not None
        position |= {index.upper() + "PK": {"S": place[0]}, index.upper() + "SK": {"S": place[1]}}
    return position
