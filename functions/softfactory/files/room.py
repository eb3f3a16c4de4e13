"""How many bytes a user may keep: taken and given back in the transactions that write and delete files."""

from typing import Final

from quintet.api import ErrorType
from quintet.settings import settings
from quintet.store import Transaction, absent, any_of, at_most
from softfactory.files.entities import Usage
from softfactory.service import store

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


def take(tx: Transaction, user_id: str, size: int) -> None:
    """Take room in a transaction; on commit 409 where there is none. It takes one action."""
    most = allowed() - size
    if most < 0:
        raise STORAGE_FULL()
    tx.update(
        Usage.key(user_id=user_id),
        put={"kind": Usage.kind, "user_id": user_id},
        add={"used": size},
        where=[any_of(absent("used"), at_most("used", most))],
        refused=STORAGE_FULL,
    )


def give_back(tx: Transaction, user_id: str, size: int) -> None:
    """Give room back in a transaction. It takes one action."""
    tx.update(Usage.key(user_id=user_id), put={"kind": Usage.kind, "user_id": user_id}, add={"used": -size})
