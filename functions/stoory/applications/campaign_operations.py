"""Operations on campaigns that may end them, and then withdraw the applications to them."""

from quintet.models import now
from quintet.store import BUSY
from stoory.applications.withdrawals import withdraw_at_once, withdraw_remaining
from stoory.campaigns.fields import CampaignChanges, CampaignReply, ChangedCampaign, stored_cover
from stoory.campaigns.store import (
    CAMPAIGN_NOT_FOUND,
    ILLEGAL_MOVE,
    change_campaign,
    delete_campaign,
    expire_due,
    owned,
)
from stoory.envelope import Done, Id
from stoory.service import Brand, api

campaigns = api.section("campaigns")


@campaigns.put(
    "/campaigns/{id}",
    errors=[CAMPAIGN_NOT_FOUND, ILLEGAL_MOVE, BUSY],
    needs={"table:write", "storage:write", "storage:read"},
    multipart=True,
)
def update(id: Id, body: CampaignChanges, caller: Brand) -> ChangedCampaign:
    """Change fields of a campaign of the calling brand

    `status` goes DRAFT → LIVE → LOCKED → ACTIVE → COMPLETED, or to CANCELLED before that. Applications still pending
    when a campaign ends are withdrawn.
    """
    changes = body.given()
    if body.cover_image is not None:
        owned(id, caller.id)
        changes["cover_image"] = stored_cover(body.cover_image)
    campaign = change_campaign(id, caller.id, changes)
    if campaign.has_ended:
        withdraw_at_once(campaign.id)
    return ChangedCampaign(message="Campaign updated successfully", campaign=CampaignReply.of(campaign))


@campaigns.delete("/campaigns/{id}", errors=[CAMPAIGN_NOT_FOUND, ILLEGAL_MOVE, BUSY], needs={"table:write"})
def delete(id: Id, caller: Brand) -> Done:
    """Delete a campaign of the calling brand

    In DRAFT or LIVE and without accepted applications; pending ones are withdrawn.
    """
    delete_campaign(id, caller.id)
    withdraw_at_once(id)
    return Done(message="Campaign deleted successfully")


@campaigns.event(schedule="rate(5 minutes)", needs={"table:write"}, timeout=300)
def expire() -> None:
    """Expire live campaigns whose start deadline has passed, and withdraw what ended campaigns left undecided"""
    failures = [*expire_due(now()), *withdraw_remaining()]
    if failures:
        raise failures[0]
