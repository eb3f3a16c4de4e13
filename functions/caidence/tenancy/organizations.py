"""Writes of organizations: the row, its slug, its plan's history and the audit entry in one transaction."""

from collections.abc import Callable, Mapping
from typing import Any

from caidence.access import audit
from caidence.access.audit import Actor
from caidence.access.rows import ORGANIZATION_NOT_FOUND
from caidence.directory.entities import Organization
from caidence.service import store
from caidence.tenancy import plans
from caidence.tenancy.naming import create_named, nothing_more, rename
from quintet.models import now
from quintet.store import Transaction, until_settled

_PLAN = {"plan_tier", "is_active"}
"""What decides about the amount that is billed; the log tells of changes of it."""


def create(
    actor: Actor, new: Organization, slug: str | None, join: Callable[[Transaction], None] = nothing_more
) -> Organization:
    """Store a new organization under `slug`, or without one under a free slug, with what `join` adds.

    Raises 409 `slug_exists`.
    """
    new = plans.billed(None, new, new.created_at)

    def together(tx: Transaction) -> None:
        _note(tx, actor, None, new)
        join(tx)

    return create_named(new, slug, together)


def change(
    actor: Actor, organization_id: str, given: Mapping[str, Any], join: Callable[[Transaction], None] = nothing_more
) -> Organization:
    """Write new values of some fields, whatever else is written at the same moment, and what `join` adds to a change.

    Raises 404, and 409 for a slug.
    """

    def attempt() -> Organization:
        old = store.require(Organization, ORGANIZATION_NOT_FOUND, id=organization_id)
        if all(getattr(old, name) == value for name, value in given.items()):
            return old
        at = now()
        new = plans.billed(old, old.model_copy(update={**given, "updated_at": at}), at)
        tx = store.transaction()
        tx.replace(old, new, refused=None)
        rename(tx, old, new)
        _note(tx, actor, old, new)
        join(tx)
        tx.commit()
        return new

    return until_settled(attempt)


def _note(tx: Transaction, actor: Actor, old: Organization | None, new: Organization) -> None:
    """The plan's part in a transaction: nothing where the plan stays."""
    was, is_now = (found.model_dump(mode="json", include=_PLAN) if found else None for found in (old, new))
    if was == is_now:
        return
    plans.note(tx, old, new, new.updated_at)
    audit.record(tx, actor, "plan.update", resource=f"organization:{new.id}", before=was, after=is_now)
