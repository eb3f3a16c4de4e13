"""What a user's rights, and the roles, were at a moment: read from what was written beside the present view.

The entries that changed a user are their history: numbered by the version of their grants, which puts them into one
order. One in so many carries the whole state, so that a fold reads about that many however long the history is. Roles
change seldom, and every change leaves an edition of the whole catalogue.
"""

from datetime import datetime, timedelta
from typing import ClassVar

from caidence.access.audit import Change, changes_of, moment_of
from caidence.access.grants import principal
from caidence.access.rights import Rights
from caidence.access.roles import Catalogue
from caidence.service import store
from quintet.store import Entity, Keys, Transaction

_AT_ONCE = 25
_INSTANT = timedelta(microseconds=1)


class Edition(Entity):
    """The catalogue of roles as it was from `moment` on."""

    kind: ClassVar[str] = "roles_edition"
    keys: ClassVar[Keys] = Keys("ROLES#EDITIONS", "{moment}")

    moment: str
    catalogue: Catalogue


def note_edition(tx: Transaction, catalogue: Catalogue) -> None:
    """Keep, with the transaction, the catalogue that it writes."""
    tx.create(Edition(moment=moment_of(catalogue.changed_at), catalogue=catalogue))


def catalogue_at(at: datetime) -> Catalogue:
    """The roles as of a moment."""
    found = store.query(Edition, before=moment_of(at + _INSTANT), limit=1, consistent=True).items
    return found[0].catalogue if found else Catalogue()


def rights_at(user_id: str, at: datetime) -> Rights | None:
    """A user's rights as of a moment; None when there was no such user then."""
    present = principal(user_id)
    if present is None or at < present.user.created_at:
        return None
    newest_first = _changes_until(user_id, at)
    if not newest_first:
        first = store.query(Change, about=changes_of(user_id), reverse=False, limit=1, consistent=True).items
        return first[0].prior if first else Rights.of(present)
    oldest = newest_first[-1]
    if oldest.whole is not None:
        newest_first.pop()
    rights = oldest.whole or oldest.prior
    for change in reversed(newest_first):
        rights = rights and rights.after(change.action, change.before, change.after)
    return rights


def _changes_until(user_id: str, at: datetime) -> list[Change]:
    """A user's changes up to a moment, newest first, back to one that carries the whole, or to the first."""
    found: list[Change] = []
    after = None
    while True:
        part = store.query(
            Change, about=changes_of(user_id), before=moment_of(at + _INSTANT), limit=_AT_ONCE, after=after,
            consistent=True,
        )  # fmt: skip
        for change in part.items:
            found.append(change)
            if change.whole is not None:
                return found
        after = part.after
        if after is None:
            return found
