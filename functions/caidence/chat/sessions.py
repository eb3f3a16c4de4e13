"""Reading and continuing a session. It belongs to its user: to anybody else it is not there."""

from collections.abc import Sequence
from typing import Final

from caidence.access.callers import User
from caidence.activity.log import record
from caidence.chat.entities import EVERYWHERE, STARTED, Message, Session
from caidence.service import store
from quintet.api import ErrorType
from quintet.store import Transaction, until_settled

SESSION_NOT_FOUND = ErrorType(404, "session_not_found", "Chat session not found")
SESSION_FULL = ErrorType(409, "session_full", "This chat session is full: begin a new one")

MOST_MESSAGES: Final = 1000
MOST_BYTES: Final = 1_000_000
"""What a session holds. A history is answered whole, and 6 MB are the most that an answer may have: this much text,
escaped twice at worst, stays within it."""
LOOKED_BACK: Final = 40
"""Messages that are read to answer the next one."""


def found(caller: User, session_id: str) -> Session:
    """The caller's session of this id; raises 404 for one that is not there or somebody else's."""
    return store.require(Session, SESSION_NOT_FOUND, user_id=caller.id, id=session_id)


def history(session: Session) -> list[Message]:
    """All messages of a session, oldest first."""
    return list(store.each(Message, user_id=session.user_id, session_id=session.id))


def last_turns(session: Session) -> list[Message]:
    """The last messages of a session, newest first."""
    owner, at = session.user_id, session.id
    return store.query(Message, limit=LOOKED_BACK, reverse=True, user_id=owner, session_id=at).items


def require_room(session: Session, more: Sequence[str] = ()) -> None:
    """Raise 409 where a session cannot hold one more turn with these texts."""
    size = session.size + sum(len(text.encode()) for text in more)
    if session.messages + 2 > MOST_MESSAGES or size > MOST_BYTES:
        raise SESSION_FULL()


def keep(caller: User, session: Session, turn: Sequence[Message]) -> None:
    """Add a turn to a session, which begins with it when it is new. Raises 409 when the session is full by now."""

    def attempt() -> None:
        held = found(caller, session.id) if session.messages else None
        grown = _grown(held or session, turn)
        tx = store.transaction()
        if held:
            tx.replace(held, grown, refused=None)
        else:
            tx.create(grown)
            _count(caller, tx)
            record(tx, caller.account, "chat.started", "Began a conversation with the assistant")
        for message in turn:
            tx.create(message)
        tx.commit()

    until_settled(attempt)


def started(organization_ids: Sequence[str] = (EVERYWHERE,)) -> list[int]:
    """How many sessions each of these organizations has begun; of the whole platform unless some are named."""
    return [sums.get("sessions", 0) for sums in STARTED.read(organization_ids)]


def _grown(session: Session, turn: Sequence[Message]) -> Session:
    texts = [message.content for message in turn]
    require_room(session, texts)
    return session.model_copy(
        update={
            "latest": max(session.latest, *(message.id for message in turn)),
            "messages": session.messages + len(turn),
            "size": session.size + sum(len(text.encode()) for text in texts),
        }
    )


def _count(caller: User, tx: Transaction) -> None:
    STARTED.join(tx, EVERYWHERE, sessions=1)
    if caller.organization_id:
        STARTED.join(tx, caller.organization_id, sessions=1)
