"""Work that is paid for, done by one of those who ask for it at the same moment; the others wait for what it brings.

Item (access pattern): whose turn it is        TURN#<name> / TURN
A turn that its holder did not give back, because it died, ends by itself.
"""

import random
import time
from collections.abc import Callable
from typing import ClassVar, TypeVar

from pydantic import Field

from memory_mirror.service import store
from quintet import log
from quintet.models import epoch, new_id
from quintet.store import BUSY, ConditionFailed, Entity, Keys, absent, equals

T = TypeVar("T")

LEASE = 60
"""Seconds after which a turn ends by itself: longer than any function runs."""
PATIENCE = 12.0
"""Seconds that others wait."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.5


class Turn(Entity):
    """Somebody's turn at one piece of work."""

    kind: ClassVar[str] = "turn"
    keys: ClassVar[Keys] = Keys("TURN#{name}", "TURN")

    name: str
    holder: str = Field(default_factory=new_id)
    until: int = Field(default_factory=lambda: epoch() + LEASE)
    expires_at: int = Field(default_factory=lambda: epoch() + 2 * LEASE)


def in_turn(name: str, find: Callable[[], T | None], work: Callable[[], T], patience: float = PATIENCE) -> T:
    """What `find` finds, or what `work` makes, which `find` must find from then on.

    `find` runs before every turn and again within it, so `work` never repeats what another has just done. When `work`
    raises, the next in the queue has a turn. Raises 503 when `patience` seconds pass first.
    """
    ends, pause = time.monotonic() + patience, _FIRST_PAUSE
    while True:
        found = find()
        if found is not None:
            return found
        turn = _taken(name)
        if turn is not None:
            try:
                found = find()
                return work() if found is None else found
            finally:
                _given_back(turn)
        if time.monotonic() >= ends:
            raise BUSY()
        time.sleep(random.uniform(pause / 2, pause))  # noqa: S311 (jitter, not a secret)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def _taken(name: str) -> Turn | None:
    """A turn of our own, None while somebody else has it."""
    old = store.get(Turn, name=name)
    if old is not None and old.until > epoch():
        return None
    turn, tx = Turn(name=name), store.transaction()
    tx.put(turn, [absent() if old is None else equals("holder", old.holder)])
    try:
        tx.commit()
    except ConditionFailed:
        return None
    return turn


def _given_back(turn: Turn) -> None:
    """End a turn; whatever fails here must not hide what the work brought, and the turn ends by itself."""
    tx = store.transaction()
    tx.remove(turn.own_key(), [equals("holder", turn.holder)])
    try:
        tx.commit()
    except Exception as error:
        log.logger().warning("a turn was not given back", exc_info=error)
