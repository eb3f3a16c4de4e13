"""Deletion: the record first, in a transaction, and then what it named."""

from quintet.store import until_settled
from softfactory.files import arrivals, loose, room
from softfactory.files.entities import Loose, Refused, StoredFile
from softfactory.service import store


def delete(user_id: str, file_id: str) -> bool:
    """Delete a user's file, its thumbnail and its record, or an upload that is awaited or was refused; False where
    there is none.

    Never fails for the storage's sake: what cannot be deleted now is deleted by the clock.
    """

    def attempt() -> Loose | bool:
        found = arrivals.known(user_id, file_id)
        if isinstance(found, StoredFile):
            return _record(found)
        if isinstance(found, Refused):
            store.delete(found, refused=None)
            return not found.is_over
        if found is not None:
            arrivals.cancel(found)
        return found is not None

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
