"""The dashboard of the caller's organization, or of all of them for super admins."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from caidence.access.callers import User
from caidence.access.roles import RESOURCES
from caidence.access.rows import seen
from caidence.activity import log
from caidence.activity.log import Activity
from caidence.campaigns import charts, figures
from caidence.campaigns.entities import Campaign
from caidence.campaigns.fields import CampaignReply, shown
from caidence.campaigns.states import Status
from caidence.dashboard import counts
from caidence.envelope import SOURCE
from caidence.service import api, store
from quintet.api import Reply
from quintet.models import Page, SkipQuery, Timestamp, now
from quintet.models.pages import MAX_PAGE_SIZE

Range = Literal["7d", "30d", "3m", "6m"]
_ACTIVE: Status = "active"


class StatsQuery(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True)

    range: Annotated[Range, Field(description="By day for 7d and 30d, by week for 3m, by month for 6m")] = "6m"


class ActivitiesQuery(SkipQuery):
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE, description="Items to show")] = 5


class CampaignsQuery(SkipQuery):
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE, description="Items to show")] = 10


class FeaturedCampaign(CampaignReply):
    """A campaign with what happened in it since ever."""

    impressions: int
    clicks: int
    conversions: int
    engagements: int
    spend: Annotated[int, Field(description="In minor units")]
    revenue: Annotated[int, Field(description="The value of the conversions in minor units")]
    ctr: Annotated[float, Field(description="Clicks in percent of impressions")]
    roi: Annotated[float, Field(description="Conversion value less spend in percent of spend; 0 without spend")]


class StatsReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    active_campaigns: int
    ai_workflows: int
    content_generated: int
    ai_conversations: Annotated[int, Field(description="The caller's own")]
    performance_timeline: list[charts.Point]
    featured_campaign: Annotated[FeaturedCampaign | None, Field(description="The newest active one, else the newest")]


class ActivityReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    organization_id: str | None
    user_id: str
    type: Annotated[str, Field(examples=["campaign.created"])]
    description: str
    created_at: Timestamp

    @classmethod
    def of(cls, activity: Activity) -> Self:
        return cls.model_validate(activity.model_dump(include=set(cls.model_fields)))


@api.get("/dashboard/stats", needs={"table:read"}, headers={SOURCE: "`stored`"})
def get_stats(query: StatsQuery, caller: User) -> Reply[StatsReply]:
    """Aggregated dashboard data

    Who may not read campaigns sees none of them here either: no active ones, an empty timeline's zeros.
    """
    kept, today = counts.seen_by(caller), now().date()
    reads = _judged(caller) is None
    active, featured = _featured(caller) if reads else (0, None)
    whose = figures.seen_by(caller) if reads else None
    stats = StatsReply(
        active_campaigns=active,
        ai_workflows=kept.workflows,
        content_generated=kept.content,
        ai_conversations=kept.conversations,
        performance_timeline=_timeline(whose, query.range, today),
        featured_campaign=featured,
    )
    return Reply(stats, headers={SOURCE: "stored"})


@api.get("/dashboard/activities", needs={"table:read"})
def list_activities(query: ActivitiesQuery, caller: User) -> Page[ActivityReply]:
    """List recent activities, newest first

    Of what the caller may read: who may not read campaigns is told nothing of them here either.
    """
    return log.page(query, caller.account, everywhere=caller.is_super, about=_readable(caller)).map(ActivityReply.of)


@api.get("/dashboard/campaigns", needs={"table:read"})
def list_campaigns(query: CampaignsQuery, caller: User) -> Page[CampaignReply]:
    """List campaigns for the dashboard's overview, newest first

    403 for an account that may not read campaigns.
    """
    denied = _judged(caller)
    if denied is not None:
        raise api.errors.forbidden(denied)
    return seen(caller, Campaign, query).map(CampaignReply.of)


def _judged(caller: User, resource: str = "campaign") -> str | None:
    """The rule by which a caller may not read a resource, campaigns by default; None when they may."""
    decision = caller.judged(f"{resource}:read", () if caller.is_super else caller.account.scopes)
    return None if decision.allowed else decision.reason


def _readable(caller: User) -> list[str] | None:
    """The resources that a caller may read; None for all. Whoever belongs to no organization reads what they did."""
    found = [resource for resource in RESOURCES if _judged(caller, resource) is None]
    alone = caller.organization_id is None and not caller.is_super
    return None if alone or len(found) == len(RESOURCES) else found


def _featured(caller: User) -> tuple[int, FeaturedCampaign | None]:
    """How many campaigns are active, and the one to show."""
    one = SkipQuery(limit=1)
    if caller.is_super:
        active = store.page(Campaign, "gsi3", one, status=_ACTIVE)
    elif caller.organization_id is None:
        return 0, None
    else:
        active = store.page(Campaign, "gsi2", one, organization_id=caller.organization_id, status=_ACTIVE)
    found = active.items or seen(caller, Campaign, one).items
    if not found:
        return 0, None
    (sums,) = figures.of_campaigns([found[0].id])
    featured = FeaturedCampaign(**shown(found[0]), **sums._asdict(), ctr=sums.ctr, roi=sums.roi)
    return active.total or 0, featured


def _timeline(whose: str | None, span: Range, today: date) -> list[charts.Point]:
    match span:
        case "7d" | "30d":
            days = int(span.removesuffix("d"))
            return charts.daily(figures.by_day(whose, charts.first_of_days(today, days), today), today, days)
        case "3m":
            first = charts.first_of_days(today, 7 * 13)
            return charts.weekly(figures.by_day(whose, first, today), today, 13)
        case "6m":
            return charts.monthly(figures.by_day(whose, charts.month_before(today, 5), today), today, 6)
