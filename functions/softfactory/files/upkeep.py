"""What the clock does for files: finds uploads that arrived and nobody asked for, and clears what was left behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from pydantic import BaseModel, ConfigDict

from quintet import log
from quintet.models import epoch
from quintet.net import patience
from quintet.store import Entity
from softfactory.files import arrivals, loose
from softfactory.files.entities import Awaited, Loose, Refused, StoredFile
from softfactory.service import store

E = TypeVar("E", bound=Entity)

SECONDS: Final = 120
"""What a sweep may take."""
_RESERVE: Final = 30.0
"""Seconds that must be left for the next piece of work."""
MOST: Final = 200
"""Uploads, and notes, of one sweep."""
_LATER: Final = 1800
"""Seconds after which an upload that has not arrived is looked for again."""
_AGAIN: Final = 600
"""Seconds after which an upload is looked at again that could not be dealt with."""


class Swept(BaseModel):
    """What a sweep did: uploads that arrived, that were refused or given up, objects cleared, and what could not be
    done now."""

    model_config = ConfigDict(defer_build=True)

    arrived: int = 0
    given_up: int = 0
    cleared: int = 0
    failed: int = 0


def sweep() -> Swept:
    """Deal with what is due, the longest due first, as far as time allows."""
    done, at = Swept(), epoch()
    uploads = [each for each in store.query(Awaited, "gsi1", limit=MOST).items if each.due <= at]
    _each(uploads, lambda awaited: _attend(awaited, done), done)
    notes = [each for each in store.query(Loose, "gsi1", limit=MOST).items if each.due <= at]
    _each(notes, lambda note: _clear(note, done), done)
    return done


def _each(due: Sequence[E], work: Callable[[E], None], done: Swept) -> None:
    """One after the other; one that fails does not keep the others waiting."""
    for item in due:
        if patience.left(SECONDS) < _RESERVE:
            return
        try:
            work(item)
        except Exception as error:
            log.logger().warning("upload not dealt with", exc_info=error)
            done.failed += 1


def _attend(awaited: Awaited, done: Swept) -> None:
    try:
        found = arrivals.arrive(awaited)
    except Exception:
        _put_off(awaited, epoch() + _AGAIN)
        raise
    if isinstance(found, StoredFile):
        done.arrived += 1
    elif isinstance(found, Refused):
        done.given_up += 1
    elif found.ends <= epoch():
        arrivals.cancel(found)
        done.given_up += 1
    elif found.due <= epoch():
        _put_off(found, min(found.ends, epoch() + _LATER))


def _put_off(awaited: Awaited, due: int) -> None:
    store.replace(awaited, awaited.model_copy(update={"due": due}))


def _clear(note: Loose, done: Swept) -> None:
    if loose.settle(note):
        done.cleared += 1
    else:
        done.failed += 1
