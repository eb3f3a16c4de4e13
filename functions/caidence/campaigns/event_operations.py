"""Events of campaigns as trackers and people report them."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from caidence.access.callers import CampaignWriter
from caidence.access.rows import row
from caidence.campaigns import events
from caidence.campaigns.entities import CAMPAIGN_NOT_FOUND, Campaign, CampaignEvent
from caidence.campaigns.fields import Amount, ChannelName, EventReply
from caidence.envelope import Id
from caidence.service import api
from quintet.models import Length, Line, Timestamp, now

EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD: Final = timedelta(minutes=10)
"""How far the clocks of those who report may be ahead."""


class NewEvent(BaseModel):
    model_config = ConfigDict(defer_build=True)

    event_type: Literal["impression", "click", "conversion", "spend", "engagement"]
    channel: Annotated[ChannelName | None, Field(description="Such as instagram or email")] = None
    device: Annotated[ChannelName | None, Field(description="Such as mobile, desktop or tablet")] = None
    value: Annotated[Amount | None, Field(description="In minor units; what a spend needs")] = None
    count: Annotated[int, Field(ge=1, le=1_000_000, description="How often it happened")] = 1
    occurred_at: Annotated[Timestamp | None, Field(description="Now when absent")] = None
    external_id: Annotated[Annotated[Line, Length(1, 200)] | None, Field(description="Counted once in a campaign")] = (
        None
    )


class LoggedEvent(EventReply):
    campaign_id: str
    device: str | None
    external_id: str | None


@api.post(
    "/campaigns/{campaign_id}/events",
    errors=[CAMPAIGN_NOT_FOUND],
    needs={"table:write"},
    extension=True,
    idempotent=True,
    example={"event_type": "conversion", "channel": "instagram", "device": "mobile", "value": 4900,
             "external_id": "order-1042"},
)  # fmt: skip
def log_event(campaign_id: Id, body: NewEvent, caller: CampaignWriter) -> LoggedEvent:
    """Report what happened in a campaign

    An event with an `external_id` that the campaign has already is answered as it is stored and counts once.
    """
    campaign = row(caller, Campaign, campaign_id, CAMPAIGN_NOT_FOUND)
    at = now()
    occurred = body.occurred_at or at
    if not EARLIEST <= occurred <= at + AHEAD:
        raise _refused("occurred_at", "must be after the year 1999 and not in the future")
    if body.event_type == "spend" and body.value is None:
        raise _refused("value", "is required for a spend")
    event = CampaignEvent(
        campaign_id=campaign.id, organization_id=campaign.organization_id, event_type=body.event_type,
        channel=body.channel, device=body.device, value=body.value, count=body.count, occurred_at=occurred,
        external_id=body.external_id, created_at=at,
    )  # fmt: skip
    return LoggedEvent.of(events.log(campaign, event))


def _refused(field: str, message: str) -> Exception:
    return api.errors.invalid_body(details=[{"field": field, "message": message}])
