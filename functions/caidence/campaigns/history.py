"""What influencers were in, and what was spent on them: for customer relations and their reports.

Numbers and amounts are kept with what changes them, so that a page of people costs four batches, whatever is stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from caidence.campaigns import figures
from caidence.campaigns.entities import Campaign, Influencer, Participation
from caidence.campaigns.figures import Sums
from caidence.campaigns.influencers import SPENT
from caidence.service import store

MOST: Final = 50
"""Campaigns that are told of one influencer, the newest."""


@dataclass(frozen=True, slots=True)
class Relation:
    """An influencer with how many campaigns took them in, and what was spent on them, in minor units."""

    influencer: Influencer
    campaigns: int
    spend: int


@dataclass(frozen=True, slots=True)
class Part:
    """A campaign that somebody is in, and what happened in it altogether."""

    campaign: Campaign
    sums: Sums

    @property
    def share(self) -> int:
        """Minor units: what the campaign spent, divided by those who are in it now, rounded down."""
        return self.sums.spend // max(1, self.campaign.influencers)


def of_influencers(people: Sequence[Influencer]) -> list[Relation]:
    """What campaigns know of some influencers, in their order."""
    if not people:
        return []
    counts = store.counts(Participation, "gsi1", [{"influencer_id": person.id} for person in people])
    spent = SPENT.read([person.id for person in people])
    return [
        Relation(person, count, sums.get("spend", 0)) for person, count, sums in zip(people, counts, spent, strict=True)
    ]


def parts(influencer: Influencer) -> list[Part]:
    """The newest campaigns that an influencer is in and that are there still, newest first: at most MOST."""
    rows = store.query(Participation, "gsi1", influencer_id=influencer.id, limit=MOST).items
    refs = [Campaign.ref(organization_id=row.organization_id, id=row.campaign_id) for row in rows]
    campaigns = [campaign for campaign in store.get_all(refs, consistent=False) if campaign is not None]
    sums = figures.of_campaigns([campaign.id for campaign in campaigns])
    return [Part(campaign, each) for campaign, each in zip(campaigns, sums, strict=True)]
