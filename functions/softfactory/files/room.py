"""How much a user may keep and announce: taken and given back in the transactions that write and delete files."""

from typing import Any, Final

from quintet.api import ApiError, ErrorType
from quintet.settings import settings
from quintet.store import Condition, Transaction, absent, any_of, at_most
from softfactory.files.entities import Usage
from softfactory.service import store

MOST_AWAITED: Final = 20
"""Uploads that a user may have announced and not posted."""
TOO_MANY = ErrorType(
    409, "too_many_uploads", f"{MOST_AWAITED} uploads are awaited; post or delete them before you announce more"
)
STORAGE_FULL = ErrorType(409, "storage_full", "Your storage is full; delete files to make room")
MEGABYTE: Final = 1024 * 1024
_MOST: Final = "10240"
"""Megabytes, where QUINTET_FILES_QUOTA_MB says nothing."""


def allowed() -> int:
    """Bytes that every user may keep."""
    return int(settings().get("QUINTET_FILES_QUOTA_MB", _MOST)) * MEGABYTE


def require(user_id: str, size: int) -> None:
    """Raise 409 where there is no room for so many bytes, before the work of storing them; `take` decides."""
    used = store.get(Usage, user_id=user_id)
    if (used.used if used else 0) + size > allowed():
        raise STORAGE_FULL()


def take(tx: Transaction, user_id: str, size: int, *, awaited: int = 0) -> None:
    """Take room in a transaction, and the place of an upload that is awaited; on commit 409 where there is none. It
    takes one action."""
    most = allowed() - size
    if most < 0:
        raise STORAGE_FULL()
    where = [_at_most("used", most)] + ([_at_most("awaited", MOST_AWAITED - awaited)] if awaited else [])
    _change(tx, user_id, size, awaited, where)


def give_back(tx: Transaction, user_id: str, size: int, *, awaited: int = 0) -> None:
    """Give room back in a transaction, and the place of an upload that is awaited no more. It takes one action."""
    _change(tx, user_id, -size, -awaited, [])


def _at_most(name: str, most: int) -> Condition:
    return any_of(absent(name), at_most(name, most))


def _change(tx: Transaction, user_id: str, size: int, awaited: int, where: list[Condition]) -> None:
    def refused(old: Any) -> ApiError:
        return TOO_MANY() if awaited and old and old.get("awaited", 0) >= MOST_AWAITED else STORAGE_FULL()

    tx.update(
        Usage.key(user_id=user_id),
        put={"kind": Usage.kind, "user_id": user_id},
        add={name: change for name, change in (("used", size), ("awaited", awaited)) if change},
        where=where,
        refused=refused,
    )
