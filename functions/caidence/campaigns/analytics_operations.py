"""The overview of what campaigns cost and brought."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from caidence.access.callers import CampaignReader
from caidence.campaigns import charts, figures
from caidence.envelope import SOURCE
from caidence.service import api
from quintet.api import Reply
from quintet.models import now

DAYS: Final = 30


class ChannelShare(BaseModel):
    model_config = ConfigDict(defer_build=True)

    channel: str
    impressions: int
    clicks: int
    conversions: int
    engagements: int
    spend: Annotated[int, Field(description="In minor units")]
    revenue: Annotated[int, Field(description="The value of the conversions in minor units")]
    percentage: Annotated[float, Field(description="Of all impressions, clicks, conversions and engagements")]


class StatsReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    spend: Annotated[int, Field(description="Since ever, in minor units")]
    roi: Annotated[float, Field(description="Conversion value less spend in percent of spend; 0 without spend")]
    conversions: int
    ctr: Annotated[float, Field(description="Clicks in percent of impressions")]
    performance_chart: Annotated[list[charts.Point], Field(description="By day, of the last 30 days")]
    channel_distribution: Annotated[list[ChannelShare], Field(description="The greatest share first")]


@api.get("/campaigns/analytics/stats", needs={"table:read"}, headers={SOURCE: "`stored`"})
def get_analytics_stats(caller: CampaignReader) -> Reply[StatsReply]:
    """Aggregated campaign analytics overview

    Of the caller's organization, or of all for super admins.
    """
    whose = figures.judged(caller)
    found, today = figures.read(whose), now().date()
    total = found.total
    days = figures.by_day(whose, charts.first_of_days(today, DAYS), today)
    stats = StatsReply(
        spend=total.spend,
        roi=total.roi,
        conversions=total.conversions,
        ctr=total.ctr,
        performance_chart=charts.daily(days, today, DAYS),
        channel_distribution=_distribution(found),
    )
    return Reply(stats, headers={SOURCE: "stored"})


def _distribution(found: figures.Figures) -> list[ChannelShare]:
    tenths = figures.shares({name: sums.actions for name, sums in found.channels.items()}, 1000)
    ranked = sorted(found.channels.items(), key=lambda each: (-each[1].actions, -each[1].spend, each[0]))
    return [ChannelShare(channel=name, percentage=tenths[name] / 10, **sums._asdict()) for name, sums in ranked]
