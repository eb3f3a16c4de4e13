"""Objects without a record: noted before they are written and when their record goes, so that none is forgotten.

A note is always safe to settle: an object that a record names stays. Whatever dies on its way leaves the note, which
the clock follows up.
"""

from typing import Final

from quintet import log
from quintet.models import epoch
from quintet.providers import storage
from quintet.store import ConditionFailed, Transaction, equals
from softfactory.files.entities import FORM_SECONDS, Awaited, Loose, StoredFile
from softfactory.service import store

_ON_THE_WAY: Final = 3600
"""Seconds after which an object without a record was abandoned: far more than any function runs."""


def expect(file: StoredFile) -> Loose:
    """Note a file's object before it is written; its record's transaction `settled`s the note."""
    return _noted(Loose(
        id=file.id, file_id=file.id, user_id=file.user_id, objects=[file.file_key], due=epoch() + _ON_THE_WAY
    ))  # fmt: skip


def expect_thumbnail(file: StoredFile) -> Loose:
    """Note a thumbnail before it is written."""
    return _noted(Loose(
        id=f"thumbnail-{file.id}", file_id=file.id, user_id=file.user_id, objects=[file.thumbnail_key],
        due=epoch() + _ON_THE_WAY,
    ))  # fmt: skip


def settled(tx: Transaction, note: Loose) -> None:
    """Add to the transaction that records a file that its object needs no looking after."""
    tx.remove(note.own_key())


def posted(tx: Transaction, awaited: Awaited) -> None:
    """Add to the transaction that announces an upload the note of what is posted, early, late or twice."""
    due = awaited.ends + FORM_SECONDS
    tx.put(Loose(id=f"incoming-{awaited.id}", file_id=awaited.id, objects=[awaited.incoming], due=due))


def lend(tx: Transaction, id: str, objects: list[str], due: int) -> None:
    """Add to a transaction the note of objects that are there for a while and never get a record: deleted when due."""
    tx.put(Loose(id=id, file_id=id, objects=objects, due=due))


def release(tx: Transaction, file: StoredFile) -> Loose:
    """Add to the transaction that deletes a record what lets its objects go; `settle` it after the commit."""
    note = Loose(
        id=file.id, file_id=file.id, user_id=file.user_id, objects=[file.file_key, file.thumbnail_key], due=epoch()
    )
    tx.put(note)
    return note


def settle(note: Loose) -> bool:
    """Delete the objects that no record names, and the note; whether that went well. Never raises: where it did not,
    the clock does it again."""
    try:
        file = store.get(StoredFile, user_id=note.user_id, id=note.file_id) if note.user_id else None
        for key in note.objects:
            if file is None or key not in file.objects:
                storage.delete(key)
        tx = store.transaction()
        tx.remove(note.own_key(), [equals("due", note.due)])
        tx.commit()
    except ConditionFailed:  # gone, or noted anew
        return True
    except Exception as error:
        log.logger().warning("file not deleted", exc_info=error, extra={"objects": note.objects})
        return False
    return True


def discard(key: str) -> None:
    """Delete an object that a note tells of, now if it can be, else when the note is due. Never raises."""
    try:
        storage.delete(key)
    except Exception as error:
        log.logger().warning("file not deleted", exc_info=error, extra={"objects": [key]})


def _noted(note: Loose) -> Loose:
    tx = store.transaction()
    tx.put(note)
    tx.commit()
    return note
