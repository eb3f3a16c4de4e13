"""The activity log: entries written in the transaction of what they tell of, and read as pages."""

from datetime import datetime
from typing import ClassVar, Final

from pydantic import Field

from caidence.directory.entities import User
from caidence.service import store
from quintet.models import Page, Paging, new_id, now
from quintet.store import Entity, Index, Keys, Transaction

LONGEST: Final = 500
"""Characters of a description; what is longer is cut."""


class Activity(Entity):
    """Something that somebody did. It stands in the list of one place: an organization, or a user who has none."""

    kind: ClassVar[str] = "activity"
    keys: ClassVar[Keys] = Keys(
        "ACTIVITIES#{place}",
        "{id}",
        counted=True,
        shards=4,
        gsi1=Index("ACTIVITIES", "{id}", counted=True, shards=8),
    )

    id: str = Field(default_factory=new_id)
    place: str
    organization_id: str | None = None
    user_id: str
    type: str
    description: str
    created_at: datetime = Field(default_factory=now)


def record(tx: Transaction, user: User, type: str, description: str, *, organization_id: str | None = None) -> None:
    """Add to a transaction the entry that tells what it does; it takes three of the transaction's hundred actions.

    `type` is `<thing>.<what happened>`, such as `campaign.created`; `description` one sentence for people, such as
    `Created the campaign Summer`. The entry stands in the list of the user's organization unless `organization_id`
    names that of the row, which a super admin's own is not. Everybody there reads it: no addresses, no secrets.
    """
    place = organization_id or user.organization_id
    tx.create(
        Activity(
            place=place or user.id, organization_id=place, user_id=user.id, type=type, description=_cut(description)
        )
    )


def page(query: Paging, user: User, *, everywhere: bool = False) -> Page[Activity]:
    """Activities, newest first: those of a user's organization (of one without, their own), or `everywhere` all."""
    if everywhere:
        return store.page(Activity, "gsi1", query)
    return store.page(Activity, "main", query, place=user.organization_id or user.id)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
