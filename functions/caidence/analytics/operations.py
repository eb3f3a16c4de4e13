"""The analytics dashboard from stored events, and simulated estimates; `X-Data-Source` says which an answer is."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from caidence.access.callers import AnalyticsReader
from caidence.analytics import evidence, samples, simulation
from caidence.campaigns import charts, figures, influencers
from caidence.campaigns.dimensions import NO_CHANNELS, SOCIAL, canonical
from caidence.campaigns.entities import Campaign
from caidence.campaigns.fields import ChannelName
from caidence.campaigns.figures import EVERYBODY, Sums
from caidence.directory.fields import Handle
from caidence.envelope import SOURCE
from caidence.service import api, store
from quintet.api import Reply
from quintet.models import Length, Line, now

T = TypeVar("T", bound=BaseModel)

MONTHS: Final = 12
LEAST, MOST = 2, 10
"""Channels, or competitors, that are compared."""
_ANY: Final = {SOURCE: "`stored`, `simulated` or `demo`"}


class DeviceShare(BaseModel):
    model_config = ConfigDict(defer_build=True)

    device: str
    percentage: Annotated[float, Field(description="Of all impressions, clicks, conversions and engagements")]


class DashboardReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    total_reach: Annotated[
        int,
        Field(description="Followers of the influencers in active campaigns, each once; impressions without any"),
    ]
    engagement_rate: Annotated[float, Field(description="Engagements in percent of impressions")]
    conversions: int
    roi: Annotated[float, Field(description="Conversion value less spend in percent of spend; 0 without spend")]
    timeline: Annotated[list[charts.Point], Field(description="By month, of the last 12 months")]
    device_breakdown: Annotated[list[DeviceShare], Field(description="The greatest share first")]


def _several(names: list[str]) -> list[str]:
    if not LEAST <= len(names) <= MOST:
        raise ValueError(f"must be {LEAST} to {MOST} different ones")
    return names


def _channels(names: list[str]) -> list[str]:
    found = {canonical(name) for name in names}
    if not found.isdisjoint(NO_CHANNELS):
        raise ValueError(f"must be channels, which {' and '.join(sorted(NO_CHANNELS))} are not")
    return _several(sorted(found))


def _competitors(names: list[str]) -> list[str]:
    """Each once, in the first of its spellings, ordered by name."""
    spelled = {name.casefold(): name for name in reversed(names)}
    return _several([spelled[key] for key in sorted(spelled)])


def _platform(name: str) -> str:
    found = canonical(name)
    if found not in SOCIAL:
        raise ValueError(f"must be one of {', '.join(sorted(SOCIAL))}")
    return found


class OverlapQuestion(BaseModel):
    model_config = ConfigDict(defer_build=True)

    channels: Annotated[
        list[ChannelName],
        Field(max_length=50, description="2 to 10 different ones, without regard to case and order"),
        AfterValidator(_channels),
    ]


class ChannelReach(BaseModel):
    model_config = ConfigDict(defer_build=True)

    channel: str
    reach: int
    unique_reach: Annotated[int, Field(description="What it adds to the largest channel, which counts whole")]


class OverlapReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    total_reach: Annotated[int, Field(description="Who is in several audiences is counted several times")]
    unique_reach: Annotated[int, Field(description="Everybody counted once")]
    overlap_percentage: float
    channels: list[ChannelReach]


class CredibilityQuestion(BaseModel):
    model_config = ConfigDict(defer_build=True)

    handle: Handle
    platform: Annotated[Line, Length(1, 50), AfterValidator(_platform), Field(description="Such as instagram")]


class CredibilityReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    handle: str
    platform: str
    credibility_score: Annotated[int, Field(ge=0, le=100)]
    fake_follower_percentage: float
    verification_status: Literal["verified", "unverified"]
    risk_level: simulation.Risk


class CompetitorQuestion(BaseModel):
    model_config = ConfigDict(defer_build=True)

    competitors: Annotated[
        list[Annotated[Line, Length(1, 100)]],
        Field(max_length=50, description="2 to 10 different ones, without regard to case and order"),
        AfterValidator(_competitors),
    ]


class Voice(BaseModel):
    model_config = ConfigDict(defer_build=True)

    competitor: str
    percentage: int


class Sentiment(BaseModel):
    """Percent of what is said; the three sum to 100."""

    model_config = ConfigDict(defer_build=True)

    competitor: str
    positive: int
    neutral: int
    negative: int


class CompetitorReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    share_of_voice: Annotated[list[Voice], Field(description="They sum to 100")]
    sentiment: list[Sentiment]


@api.get("/analytics/dashboard", needs={"table:read"}, headers=_ANY)
def get_dashboard(caller: AnalyticsReader) -> Reply[DashboardReply]:
    """Aggregated analytics

    Of the caller's organization, or of all for super admins, since ever; the timeline covers 12 months. A platform
    without any campaign shows demo values.
    """
    whose = figures.judged(caller)
    found, today = figures.read(whose), now().date()
    if found.total == Sums() and _empty():
        sums = samples.by_day(today)
        total = figures.added(sums.values())
        return _told(DashboardReply(
            total_reach=samples.REACH, engagement_rate=total.engagement_rate, conversions=total.conversions,
            roi=total.roi, timeline=charts.monthly(sums, today, MONTHS), device_breakdown=_devices(samples.DEVICES),
        ), "demo")  # fmt: skip
    total = found.total
    days = figures.by_day(whose, charts.month_before(today, MONTHS - 1), today)
    return _told(DashboardReply(
        total_reach=influencers.reach(whose) or total.impressions, engagement_rate=total.engagement_rate,
        conversions=total.conversions, roi=total.roi, timeline=charts.monthly(days, today, MONTHS),
        device_breakdown=_devices({name: sums.actions for name, sums in found.devices.items()}),
    ), "stored")  # fmt: skip


@api.post(
    "/analytics/audience-overlap",
    needs={"table:read"},
    headers={SOURCE: "`simulated`: nobody measures who is in several audiences"},
    example={"channels": ["instagram", "tiktok", "youtube"]},
)
def audience_overlap(body: OverlapQuestion, caller: AnalyticsReader) -> Reply[OverlapReply]:
    """Estimate how the audiences of channels overlap

    A channel reaches what the organization's campaigns had as impressions there; without any it is an estimate, on the
    scale of those that had some.
    """
    stored = figures.read(figures.judged(caller)).channels
    measured = {name: sums.impressions for name, sums in stored.items() if sums.impressions and name not in NO_CHANNELS}
    reaches = simulation.reaches(body.channels, measured)
    found = simulation.overlap(reaches)
    return _told(OverlapReply(
        total_reach=found.total, unique_reach=found.unique, overlap_percentage=found.percentage,
        channels=[
            ChannelReach(channel=name, reach=reaches[name], unique_reach=added) for name, added in found.added.items()
        ],
    ), "simulated")  # fmt: skip


@api.post(
    "/analytics/influencer-credibility",
    needs={"table:read"},
    headers={SOURCE: "`stored` where it rests on the roster and the campaigns, else `simulated`"},
    example={"handle": "@ana.cooks", "platform": "instagram"},
)
def influencer_credibility(body: CredibilityQuestion, caller: AnalyticsReader) -> Reply[CredibilityReply]:
    """Estimate an influencer's risk of bots and fake followers

    From the followers and the engagement that the organization's roster or campaigns know, beside what is usual for an
    audience of that size, and from what campaigns with them led to; simulated where too little is known.
    """
    figures.judged(caller)
    known = evidence.stored(caller, body.handle, body.platform)
    found = evidence.judged(known) if known else simulation.credibility(body.handle, body.platform)
    return _told(CredibilityReply(
        handle=body.handle, platform=body.platform, credibility_score=found.score,
        fake_follower_percentage=found.fake_followers, risk_level=found.risk,
        verification_status="verified" if found.verified else "unverified",
    ), "stored" if known else "simulated")  # fmt: skip


@api.post(
    "/analytics/competitor-analysis",
    needs={"table:read"},
    headers={SOURCE: "`simulated`"},
    example={"competitors": ["Fizz", "Spritz", "Bubble & Co"]},
)
def competitor_analysis(body: CompetitorQuestion, caller: AnalyticsReader) -> Reply[CompetitorReply]:
    """Estimate competitors' shares of voice and the sentiment about them

    Nothing is stored of competitors, so all of it is simulated.
    """
    figures.judged(caller)
    voices = simulation.share_of_voice([name.casefold() for name in body.competitors])
    return _told(CompetitorReply(
        share_of_voice=[Voice(competitor=name, percentage=voices[name.casefold()]) for name in body.competitors],
        sentiment=[Sentiment(competitor=name, **simulation.sentiment(name.casefold())) for name in body.competitors],
    ), "simulated")  # fmt: skip


def _told(reply: T, source: Literal["stored", "simulated", "demo"]) -> Reply[T]:
    return Reply(reply, headers={SOURCE: source})


def _empty() -> bool:
    """Whether the platform has no campaign, and never had an event."""
    return store.count(Campaign, "gsi1") == 0 and figures.read(EVERYBODY).total == Sums()


def _devices(weights: Mapping[str, int]) -> list[DeviceShare]:
    tenths = figures.shares(weights, 1000)
    ranked = sorted(tenths.items(), key=lambda each: (-each[1], each[0]))
    return [DeviceShare(device=name, percentage=part / 10) for name, part in ranked]
