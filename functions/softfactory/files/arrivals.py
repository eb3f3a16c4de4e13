"""Arrivals: uploads that were posted to S3, looked at when somebody asks for them, taken or refused."""

from __future__ import annotations

from typing import Final

from quintet import log
from quintet.models import epoch
from quintet.net import patience
from quintet.providers import storage
from quintet.providers.errors import ProviderError
from quintet.providers.storage import StoredObject
from quintet.store import ConditionFailed
from softfactory.files import loose, room
from softfactory.files.entities import Awaited, Refused, StoredFile
from softfactory.files.kinds import Kind
from softfactory.files.room import MOST_AWAITED
from softfactory.files.sniffing import HEAD, TAIL, Sample, recognise
from softfactory.files.soundness import wants_all
from softfactory.files.uploads import Unfit, judged, require_owner
from softfactory.service import store

_ENOUGH: Final = 8.0
"""Seconds that a call must have left for another upload to be looked for."""
_TOLD: Final = 3600
"""Seconds for which it is told why an upload was refused."""


Found = StoredFile | Awaited | Refused
"""What an id may stand for."""


def find(user_id: str, file_id: str) -> Found | None:
    """A user's file or, as it stands, the upload that becomes one. Raises a ProviderError."""
    found = known(user_id, file_id)
    if isinstance(found, Refused) and found.is_over:
        return None
    return arrive(found) if isinstance(found, Awaited) else found


def known(user_id: str, file_id: str) -> Found | None:
    """What is recorded under an id, without looking whether it has arrived."""
    key = {"user_id": user_id, "id": file_id}
    file, awaited, refused = store.get_all([StoredFile.ref(**key), Awaited.ref(**key), Refused.ref(**key)])
    found: Found | None = file or awaited or refused
    return found


def look(user_id: str) -> None:
    """Look for the uploads of a user, who has so many at most, the newest first. Those that cannot be reached now, or
    that there is no time for, are left to the next look."""
    for awaited in store.query(Awaited, user_id=user_id, limit=MOST_AWAITED, consistent=True).items:
        if patience.left() < _ENOUGH:
            return
        try:
            arrive(awaited)
        except ProviderError as error:
            log.logger().warning("upload not looked for", extra={"file": awaited.id, "reason": str(error)})


def arrive(awaited: Awaited) -> Found:
    """Take an upload that has arrived: the file it became, else the upload as it stands. Raises a ProviderError.

    What is recorded is a copy of the very bytes that were looked at. Any number of callers may do this at once.
    """
    found = storage.head(awaited.incoming)
    if found is None:  # it has not arrived, or somebody else was first to take it
        return _now(awaited)
    try:
        kind = _judged(awaited, found)
    except Unfit as error:
        return _refuse(awaited, str(error))
    if kind is None:
        return _now(awaited)
    file = StoredFile.arriving(awaited.id, awaited.user_id, awaited.filename, found.size, kind)
    note = loose.expect(file)
    if not storage.copy(awaited.incoming, file.file_key, kind.media_type, found.etag, file_name=file.saved_as):
        return _now(awaited)
    tx = store.transaction()
    require_owner(tx, awaited.user_id)
    tx.delete(awaited, refused=None)
    tx.create(file)
    room.give_back(tx, awaited.user_id, 0, awaited=1)
    loose.settled(tx, note)
    try:
        tx.commit()
    except ConditionFailed:  # somebody was first: to take it, or to delete it
        loose.settle(note)
        return _now(awaited)
    loose.discard(awaited.incoming)
    return file


def cancel(awaited: Awaited) -> None:
    """Await an upload no more, and delete what was posted. Raises ConditionFailed when it changed meanwhile."""
    tx = store.transaction()
    tx.delete(awaited, refused=None)
    room.give_back(tx, awaited.user_id, awaited.size, awaited=1)
    tx.commit()
    loose.discard(awaited.incoming)


def _judged(awaited: Awaited, found: StoredObject) -> Kind | None:
    """The type of what was posted, None when it was replaced while it was read. Raises Unfit."""
    if found.size != awaited.size:
        raise Unfit(f"has {found.size} bytes and was announced with {awaited.size}")
    sample = _sample(found)
    if sample is not None and sample.whole is None:
        kind = recognise(sample, awaited.filename)
        if kind is not None and wants_all(kind):
            sample = _sample(found, found.size)
    return None if sample is None else judged(sample, awaited.filename, awaited.category)


def _sample(found: StoredObject, most: int = HEAD) -> Sample | None:
    """What is looked at of an object: all of it where it has `most` bytes at most. None when it was replaced."""
    head = storage.get_part(found.key, 0, most, found.etag)
    if head is None or found.size <= most:
        return None if head is None else Sample.of(head)
    tail = storage.get_part(found.key, found.size - TAIL, TAIL, found.etag)
    return None if tail is None else Sample(head, tail, found.size)


def _refuse(awaited: Awaited, reason: str) -> Found:
    refused = Refused(id=awaited.id, user_id=awaited.user_id, reason=reason, expires_at=epoch() + _TOLD)
    tx = store.transaction()
    tx.delete(awaited, refused=None)
    tx.create(refused)
    room.give_back(tx, awaited.user_id, awaited.size, awaited=1)
    try:
        tx.commit()
    except ConditionFailed:
        return _now(awaited)
    loose.discard(awaited.incoming)
    return refused


def _now(awaited: Awaited) -> Found:
    """What became of an upload that somebody else dealt with meanwhile; as it was, where it is gone."""
    return known(awaited.user_id, awaited.id) or awaited
