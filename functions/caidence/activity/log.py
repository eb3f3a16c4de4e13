"""The activity log: entries written in the transaction of what they tell of, and read as pages."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar, Final

from pydantic import Field

from caidence.directory.entities import User
from caidence.service import store
from quintet.models import Page, Paging, new_id, now
from quintet.store import Entity, Index, Keys, Transaction
from quintet.store.entity import IndexName
from quintet.store.merge import merged_page

RESOURCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "campaign": "campaign", "content": "content", "creator": "creators", "credits": "discovery",
        "design": "design_studio", "email": "marcom", "report": "crm", "sms": "marcom", "whatsapp": "marcom",
        "workflow": "workflow",
    }
)  # fmt: skip
"""By the thing of an entry's type, the resource that permissions on it are about; everybody reads of other things."""
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
        gsi2=Index("ACTIVITIES#{place}#{resource}", "{id}", counted=True),
        gsi3=Index("ACTIVITIES#ABOUT#{resource}", "{id}", counted=True, shards=4),
    )

    id: str = Field(default_factory=new_id)
    place: str
    organization_id: str | None = None
    user_id: str
    resource: str = ""
    """What one must be allowed to read to read of it; "" for what everybody may."""
    type: str
    description: str
    created_at: datetime = Field(default_factory=now)


def record(tx: Transaction, user: User, type: str, description: str, *, organization_id: str | None = None) -> None:
    """Add to a transaction the entry that tells what it does; it takes five of the transaction's hundred actions.

    `type` is `<thing>.<what happened>`, such as `campaign.created`; `description` one sentence for people, such as
    `Created the campaign Summer`. The entry stands in the list of the user's organization unless `organization_id`
    names that of the row, which a super admin's own is not. Everybody there who may read the thing's resource reads it:
    no addresses, no secrets.
    """
    place = organization_id or user.organization_id
    tx.create(
        Activity(
            place=place or user.id, organization_id=place, user_id=user.id, type=type, description=_cut(description),
            resource=RESOURCES.get(type.partition(".")[0], ""),
        )
    )  # fmt: skip


def page(
    query: Paging, user: User, *, everywhere: bool = False, about: Sequence[str] | None = None
) -> Page[Activity]:  # fmt: skip
    """Activities, newest first: those of a user's organization (of one without, their own), or `everywhere` all.

    Where `about` names resources, those on them and on what everybody may read.
    """
    place = user.organization_id or user.id
    if about is None:
        return store.page(Activity, "gsi1", query) if everywhere else store.page(Activity, "main", query, place=place)
    lists = [{"place": place, "resource": resource} for resource in ("", *about)]
    index: IndexName = "gsi3" if everywhere else "gsi2"
    return merged_page(store, Activity, index, query, lists, "activities" if everywhere else f"activities {place}")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
