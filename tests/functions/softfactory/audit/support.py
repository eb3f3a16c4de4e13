"""Entries for tests of the audit log."""

from __future__ import annotations

from typing import Any

from softfactory.access.changes import USER_NOT_FOUND
from softfactory.people.entities import User
from softfactory.service import store
from softfactory.trail.log import Act, record

ADA, BOB, EVE = (f"01940000-0000-7000-8000-00000000000{number}" for number in (1, 2, 3))
ADDRESS = "203.0.113.7"


def join(*ids: str) -> None:
    """Have accounts with these ids: nothing is sealed for whoever has none."""
    for user_id in ids:
        if store.get(User, id=user_id) is None:
            store.create(User(id=user_id, email=f"{user_id}@example.com", name="Somebody", role="user", roles=[]))


def leave(user_id: str) -> None:
    """Have one no more."""
    store.delete(store.require(User, USER_NOT_FOUND, id=user_id))


def enter(
    action: str = "role.create", *, by: str | None = ADA, on_behalf: str | None = None, resource: str = "role",
    ip: str | None = ADDRESS, **fields: Any,
) -> None:  # fmt: skip
    """Record one act in a transaction of its own."""
    tx = store.transaction()
    record(tx, Act(by, "req-1", ip, on_behalf), action, resource=resource, **fields)
    tx.commit()
