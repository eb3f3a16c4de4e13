"""What an organization has with an influencer: who they are, in which campaigns they were, and what that cost.

Numbers and amounts are kept by the campaigns. A page of relationships is a query for each of them and a fixed number of
batches, however many campaigns and events there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from caidence.campaigns import history
from caidence.campaigns.entities import Campaign, Influencer, Participation
from caidence.campaigns.figures import Sums, added
from caidence.campaigns.states import Status as CampaignStatus
from caidence.creators import roster
from caidence.creators.entities import Creator, Status
from caidence.service import store

LATEST: Final = 5
"""Campaigns that a list tells of each influencer."""
_COUNTER: Final = "~"
"""Where the number of all campaigns stands, at the head of the listing: reading on from behind it saves a query."""


@dataclass(frozen=True, slots=True)
class Record:
    """A campaign that an influencer is or was in, with all that it brought. Amounts are minor units."""

    id: str
    name: str
    status: CampaignStatus
    start_date: date | None
    end_date: date | None
    sums: Sums
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Relationship:
    """An influencer as an organization knows them."""

    id: str
    organization_id: str
    handle: str
    name: str
    platform: str
    status: Status
    created_at: datetime
    changed_at: datetime
    creator_id: str | None = None
    """Who they are on the roster."""
    campaigns: int = 0
    """In how many they were, deleted ones included."""
    spend: int = 0
    """Minor units: their part of what these campaigns spent."""
    followers: int | None = None
    engagement_rate: float | None = None
    """In percent, as the roster says."""
    category: str = ""
    tier: str = ""
    history: tuple[Record, ...] = ()
    """The campaigns that are there still, the newest first: all of them, or the newest."""

    @property
    def total(self) -> Sums:
        """What all campaigns of the history brought, whoever else was in them."""
        return added(record.sums for record in self.history)

    @property
    def left_out(self) -> int:
        """How many campaigns the history does not tell of: deleted ones, and older ones of many."""
        return max(0, self.campaigns - len(self.history))

    @property
    def as_of(self) -> datetime:
        """When anything of it was written last, figures aside."""
        return max([self.changed_at, *(record.changed_at for record in self.history)])


def known(influencers: Sequence[Influencer]) -> list[Relationship]:
    """The relationships with some influencers, in their order, without their history."""
    relations = history.of_influencers(influencers)
    return [
        _relationship(relation, creator, ())
        for relation, creator in zip(relations, _creators(influencers), strict=True)
    ]


def told(influencer: Influencer) -> Relationship:
    """The relationship with one influencer, with its history."""
    (relation,), (creator,) = history.of_influencers([influencer]), _creators([influencer])
    records = [_record(part) for part in history.parts(influencer)]
    return _relationship(relation, creator, records)


def latest(influencers: Sequence[Influencer]) -> list[list[Campaign]]:
    """The newest campaigns of each, LATEST at most, that are there still."""
    joined = [
        store.query(Participation, "gsi1", influencer_id=influencer.id, before=_COUNTER, limit=LATEST).items
        for influencer in influencers
    ]
    refs = {
        row.campaign_id: Campaign.ref(organization_id=row.organization_id, id=row.campaign_id)
        for rows in joined
        for row in rows
    }
    found = dict(zip(refs, store.get_all([*refs.values()], consistent=False), strict=True))
    return [[found[row.campaign_id] for row in rows if found[row.campaign_id] is not None] for rows in joined]


def status_of(creator: Creator | None, *, active_in: int, spend: int) -> Status:
    """The status on the roster. Of somebody who is not on it: `active` in an active campaign, `past` when money was
    spent on them before, else `prospect`."""
    if creator is not None:
        return creator.status
    if active_in:
        return "active"
    return "past" if spend else "prospect"


def _relationship(
    relation: history.Relation, creator: Creator | None, records: Sequence[Record]
) -> Relationship:  # fmt: skip
    who = relation.influencer
    return Relationship(
        id=who.id, organization_id=who.organization_id, handle=who.handle,
        name=who.name, platform=who.platform, creator_id=who.creator_id, created_at=who.created_at,
        status=status_of(creator, active_in=who.active_in, spend=relation.spend),
        changed_at=max(who.updated_at, creator.updated_at) if creator else who.updated_at,
        campaigns=relation.campaigns, spend=relation.spend,
        followers=who.followers,
        engagement_rate=creator.engagement_rate if creator else None, category=creator.category if creator else "",
        tier=creator.tier if creator else "", history=tuple(records),
    )  # fmt: skip


def _record(part: history.Part) -> Record:
    campaign = part.campaign
    return Record(
        id=campaign.id, name=campaign.name, status=campaign.status, start_date=campaign.start_date,
        end_date=campaign.end_date, sums=part.sums, changed_at=campaign.updated_at,
    )  # fmt: skip


def _creators(influencers: Sequence[Influencer]) -> list[Creator | None]:
    return roster.creators_of(influencers, consistent=False)
