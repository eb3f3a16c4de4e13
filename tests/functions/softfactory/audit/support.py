"""Entries for tests of the audit log."""

from __future__ import annotations

from typing import Any

from softfactory.service import store
from softfactory.trail.log import Act, record

ADA, BOB, EVE = (f"01940000-0000-7000-8000-00000000000{number}" for number in (1, 2, 3))
ADDRESS = "203.0.113.7"


def enter(
    action: str = "role.create", *, by: str | None = ADA, on_behalf: str | None = None, resource: str = "role",
    ip: str | None = ADDRESS, **fields: Any,
) -> None:  # fmt: skip
    """Record one act in a transaction of its own."""
    tx = store.transaction()
    record(tx, Act(by, "req-1", ip, on_behalf), action, resource=resource, **fields)
    tx.commit()
