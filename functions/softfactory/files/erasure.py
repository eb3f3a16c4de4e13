"""All files of a user: erased with everything that tells of them, or handed out for an export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from quintet.models.time import from_epoch, rfc3339
from quintet.providers import storage
from quintet.store import absent, any_of, at_most
from softfactory.files import arrivals, deletion, loose
from softfactory.files.entities import Awaited, Loose, Refused, StoredFile, Usage
from softfactory.files.kinds import Category
from softfactory.service import store

_OWNED: Final = (StoredFile, Awaited, Refused)


@dataclass(frozen=True, slots=True)
class Erased:
    """How many files and uploads went, and whether nothing is left."""

    count: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Exported:
    """A file for an export: what is recorded of it, the name it has there, and the key of its object; None of an upload
    that was announced and has not arrived."""

    record: dict[str, Any]
    path: str
    key: str | None

    def content(self) -> bytes | None:
        """Its bytes, at most 50 MB, None where it was deleted meanwhile or has not arrived. Raises a ProviderError."""
        return storage.get(self.key) if self.key is not None else None


def erase_files(user_id: str, budget: int) -> Erased:
    """Delete up to `budget` files and uploads of a user, with their objects; call it again until it is `complete`.

    Complete means that no record and no object is left: where the storage fails it is not, and the rest is done by
    the next call. An upload that was announced within the last hour can still be posted, under a key that names nobody;
    the clock deletes it.
    """
    count = 0
    for entity in _OWNED:
        while count < budget and (found := _next(entity, user_id, budget - count)):
            for file_id in found:
                deletion.delete(user_id, file_id)
                count += 1
    notes = store.query(Loose, "gsi2", user_id=user_id, limit=budget + 1).items
    kept = sum(not loose.settle(note) for note in notes[:budget])
    if kept or len(notes) > budget or any(_next(entity, user_id, 1) for entity in _OWNED):
        return Erased(count, complete=False)
    tx = store.transaction()
    tx.remove(Usage.key(user_id=user_id), [any_of(absent("used"), at_most("used", 0))])
    tx.commit()
    _forget_lists(user_id)
    return Erased(count, complete=True)


def export_files(user_id: str) -> Iterator[Exported]:
    """Every file of a user, oldest first, read as it is consumed, with those that have arrived and that nobody looked
    for; then the uploads that are awaited. Raises a ProviderError where it cannot be told what has arrived."""
    for awaited in store.each(Awaited, user_id=user_id):
        arrivals.arrive(awaited)
    for file in store.each(StoredFile, user_id=user_id):
        record = {**_described(file), "uploaded_at": rfc3339(file.uploaded_at)}
        yield Exported(record, f"files/{file.id}/{file.filename}", file.file_key)
    for awaited in store.each(Awaited, user_id=user_id):
        record = {**_described(awaited), "awaited_until": rfc3339(from_epoch(awaited.ends))}
        yield Exported(record, f"files/{awaited.id}/{awaited.filename}", None)


def _described(file: StoredFile | Awaited) -> dict[str, Any]:
    return {
        "file_id": file.id, "filename": file.filename, "size": file.size, "content_type": file.media_type,
        "category": file.category.value,
    }  # fmt: skip


def _forget_lists(user_id: str) -> None:
    """Not even that there were lists of theirs is kept."""
    store.forget_counters(StoredFile, "gsi1", user_id=user_id)
    for category in Category:
        store.forget_counters(StoredFile, "gsi2", user_id=user_id, category=category.value)


def _next(entity: type[StoredFile] | type[Awaited] | type[Refused], user_id: str, most: int) -> list[str]:
    found = store.query(entity, user_id=user_id, limit=most, consistent=True)
    return [each.id for each in found.items]
