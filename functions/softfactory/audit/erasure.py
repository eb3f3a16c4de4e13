"""Erasing what the log says about somebody: the key of their parts is destroyed, the tree stays as it is."""

from softfactory.audit.entities import Subject, SubjectKey
from softfactory.audit.sequencer import ON_DEMAND, drain
from softfactory.service import store


def erase_subject(user_id: str) -> bool:
    """Destroy the key that everything the log says about a user is under; answers whether there was one.

    Entries about them still on the trail are taken in first, so that they are erased with the rest. What is recorded
    about the user afterwards opens a new key: record the erasure itself before this, or about nobody. Doing it again is
    harmless. The key is out of reach of a point-in-time recovery when the table's 35 days of it have passed, as is all
    else that was deleted.
    """
    found = False
    while True:
        while drain() >= ON_DEMAND:
            pass
        subject = store.get(Subject, user_id=user_id)
        if subject is None:
            return found
        tx = store.transaction()
        tx.remove(Subject.key(user_id=user_id))
        tx.remove(SubjectKey.key(key_id=subject.key_id))
        tx.commit()
        found = True
