"""Writes of campaigns: the row with all that follows from it in one transaction.

Whoever reads a campaign, decides, and calls one of these does so inside `until_settled`: they raise `ConditionFailed`
when somebody else wrote meanwhile.
"""

from collections.abc import Mapping
from typing import Any, Final

from caidence.activity.log import record
from caidence.campaigns import figures, influencers
from caidence.campaigns.entities import MOST_INFLUENCERS, Campaign, CampaignEvent, Influencer
from caidence.campaigns.figures import Sums
from caidence.campaigns.states import launched
from caidence.directory.entities import User
from caidence.service import store
from quintet.api import ErrorType
from quintet.models import now
from quintet.store import Transaction

TOO_MANY_INFLUENCERS = ErrorType(
    409, "too_many_influencers", f"A campaign has at most {MOST_INFLUENCERS} influencers"
)  # fmt: skip
_DONE: Final = {"paused": "Paused", "completed": "Completed", "archived": "Archived"}


def create(user: User, campaign: Campaign) -> Campaign:
    """Store a new campaign."""
    tx = store.transaction()
    tx.create(campaign)
    _tell(tx, user, campaign, "created", "Created")
    tx.commit()
    return campaign


def launch(user: User, campaign: Campaign) -> Campaign:
    """Make a campaign active and log the event; one that is active stays as it is. Raises 409."""
    status = launched(campaign.status)
    if status == campaign.status:
        return campaign
    tx = store.transaction()
    after = _replaced(tx, campaign, {"status": status})
    tx.create(
        CampaignEvent(campaign_id=campaign.id, organization_id=campaign.organization_id, event_type="launch")
    )  # fmt: skip
    _tell(tx, user, after, "launched", "Launched")
    tx.commit()
    return after


def update(user: User, campaign: Campaign, given: Mapping[str, Any]) -> Campaign:
    """Write new values of some fields, which were judged already."""
    if all(getattr(campaign, name) == value for name, value in given.items()):
        return campaign
    tx = store.transaction()
    after = _replaced(tx, campaign, given)
    if after.status != campaign.status:
        _tell(tx, user, after, after.status, _DONE[after.status])
    else:
        _tell(tx, user, after, "updated", "Updated")
    tx.commit()
    return after


def add_influencer(user: User, campaign: Campaign, handle: str) -> Influencer:
    """Take somebody into a campaign by their canonical handle, once. Raises 409 for one too many."""
    known, inside = influencers.meant_in(campaign, handle)
    if known is not None and inside:
        return known
    if campaign.influencers >= MOST_INFLUENCERS:
        raise TOO_MANY_INFLUENCERS()
    tx = store.transaction()
    _replaced(tx, campaign, {"influencers": campaign.influencers + 1})
    added = influencers.join(tx, campaign, handle, known)
    _tell(tx, user, campaign, "influencer_added", f"Added @{handle} to")
    tx.commit()
    return added


def delete(user: User, campaign: Campaign) -> bool:
    """Delete a campaign, whose events and figures stay part of the organization's; answers whether it is done.

    A draft in which nothing happened takes nobody's history along: its influencers leave it first, some at a call.
    """
    tx = store.transaction()
    if campaign.status == "draft" and campaign.influencers and _is_untouched(campaign):
        gone = influencers.leave(tx, campaign)
        _replaced(tx, campaign, {"influencers": campaign.influencers - gone})
        tx.commit()
        return False
    tx.delete(campaign, refused=None)
    if campaign.status == "active":
        influencers.count_active(tx, campaign, -1)
    _tell(tx, user, campaign, "deleted", "Deleted")
    tx.commit()
    return True


def _is_untouched(campaign: Campaign) -> bool:
    return figures.of_campaigns([campaign.id]) == [Sums()]


def _replaced(tx: Transaction, old: Campaign, given: Mapping[str, Any]) -> Campaign:
    """Put a campaign with new values in its place, and count where its influencers are active."""
    new = old.model_copy(update={**given, "updated_at": now()})
    tx.replace(old, new, refused=None)
    step = int(new.status == "active") - int(old.status == "active")
    if step:
        influencers.count_active(tx, old, step)
    return new


def _tell(tx: Transaction, user: User, campaign: Campaign, what: str, verb: str) -> None:
    text = f"{verb} the campaign {campaign.name}"
    record(tx, user, f"campaign.{what}", text, organization_id=campaign.organization_id)
