"""What happens in campaigns: each event with its figures in one transaction, and what somebody else numbered only once.

The campaign itself is no part of the transaction: under many events at once it would be where all of them meet. What is
spent counts to the influencers of the campaign, too.
"""

from typing import Final

from caidence.campaigns import figures, influencers
from caidence.campaigns.entities import Campaign, CampaignEvent, ExternalEvent
from caidence.service import store
from quintet.store import ConditionFailed

SHOWN: Final = 20
"""Events that a campaign's detail has."""


def log(campaign: Campaign, event: CampaignEvent) -> CampaignEvent:
    """Store an event of a campaign and count it; answers the one that has its `external_id` already, where there is."""
    tx = store.transaction()
    if event.external_id is not None:
        earlier = _earlier(event)
        if earlier is not None:
            return earlier
        tx.create(
            ExternalEvent(campaign_id=event.campaign_id, external_id=event.external_id, event_id=event.id)
        )  # fmt: skip
    tx.create(event)
    figures.note(tx, event)
    if event.event_type == "spend":
        influencers.share(tx, campaign, event.value or 0)
    try:
        tx.commit()
    except ConditionFailed:  # a request of the same moment was first
        return _earlier(event) or event
    return event


def newest(campaign_id: str) -> list[CampaignEvent]:
    """The last events of a campaign, the newest first."""
    return store.query(CampaignEvent, campaign_id=campaign_id, limit=SHOWN, consistent=True).items


def _earlier(event: CampaignEvent) -> CampaignEvent | None:
    found = store.get(ExternalEvent, campaign_id=event.campaign_id, external_id=event.external_id)
    return store.get(CampaignEvent, campaign_id=event.campaign_id, id=found.event_id) if found else None
