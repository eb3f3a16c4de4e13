"""Deletion: the record first, in a transaction, and then what it named."""

from quintet.store import until_settled
from softfactory.files import arrivals, loose, room
from softfactory.files.entities import Awaited, Loose, StoredFile
from softfactory.service import store


def delete(user_id: str, file_id: str) -> bool:
    """Delete a user's file, its thumbnail and its record, or an upload that is awaited; False where there is none.

    Never fails for the storage's sake: what cannot be deleted now is deleted by the clock.
    """

    def attempt() -> Loose | bool:
        file, awaited = store.get_all(
            [StoredFile.ref(user_id=user_id, id=file_id), Awaited.ref(user_id=user_id, id=file_id)]
        )
        if file is not None:
            return _record(file)
        if awaited is not None:
            arrivals.cancel(awaited)
        return awaited is not None

    done = until_settled(attempt)
    if isinstance(done, Loose):
        loose.settle(done)
        return True
    return done


def _record(file: StoredFile) -> Loose:
    tx = store.transaction()
    tx.delete(file, refused=None)
    room.give_back(tx, file.user_id, file.size)
    note = loose.release(tx, file)
    tx.commit()
    return note
