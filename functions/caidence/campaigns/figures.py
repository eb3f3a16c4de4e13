"""Figures of campaigns: sums that are kept with every event, so that reading them costs the same for any number.

An organization has them by channel and device since ever, and by day; the platform has the same over all
organizations, and a campaign its own sums. All days are UTC, those on which events occurred. Deleting a campaign takes
nothing back: what was spent is spent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple, Self

from caidence.access.callers import Permitted, User
from caidence.campaigns.dimensions import channel_of, device_of
from caidence.campaigns.entities import CampaignEvent
from quintet.store import Transaction
from quintet.store.meters import Meter

EVERYBODY: Final = "all"
"""Whose figures those over all organizations are."""

TOTALS: Final = Meter("figures", shards=8)
DAYS: Final = Meter("figures by day", shards=8)
"""Of a month, each of its days: twelve months are less than one batch of a hundred items."""
CAMPAIGNS: Final = Meter("figures by campaign", shards=4)


class Sums(NamedTuple):
    """What happened: numbers of impressions, clicks, conversions and engagements, and amounts in minor units."""

    impressions: int = 0
    clicks: int = 0
    conversions: int = 0
    engagements: int = 0
    spend: int = 0
    revenue: int = 0
    """The value of the conversions."""

    def plus(self, other: "Sums") -> "Sums":
        return Sums(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    @property
    def actions(self) -> int:
        """Everything that people did or saw."""
        return self.impressions + self.clicks + self.conversions + self.engagements

    @property
    def ctr(self) -> float:
        """Clicks in percent of impressions, to two digits; 0 without impressions."""
        return percent(self.clicks, self.impressions)

    @property
    def conversion_rate(self) -> float:
        """Conversions in percent of clicks, to two digits; 0 without clicks."""
        return percent(self.conversions, self.clicks)

    @property
    def engagement_rate(self) -> float:
        """Engagements in percent of impressions, to two digits; 0 without impressions."""
        return percent(self.engagements, self.impressions)

    @property
    def roi(self) -> float:
        """Conversion value less spend in percent of spend, to two digits; 0 without spend."""
        return percent(self.revenue - self.spend, self.spend)


_LETTERS: Final = dict(zip(Sums._fields, "icvesr", strict=True))
"""One letter for each sum: a month of them stands in one item."""


@dataclass(frozen=True, slots=True)
class Figures:
    """All sums of somebody since ever, by channel and by device."""

    channels: Mapping[str, Sums] = field(default_factory=dict)
    devices: Mapping[str, Sums] = field(default_factory=dict)

    @property
    def total(self) -> Sums:
        return added(self.channels.values())

    @classmethod
    def of(cls, stored: Mapping[str, int]) -> Self:
        return cls(_grouped(stored, "channel"), _grouped(stored, "device"))


def sums_of(event: CampaignEvent) -> Sums:
    """What one event adds."""
    value = event.value or 0
    match event.event_type:
        case "impression":
            return Sums(impressions=event.count)
        case "click":
            return Sums(clicks=event.count)
        case "engagement":
            return Sums(engagements=event.count)
        case "conversion":
            return Sums(conversions=event.count, revenue=value)
        case "spend":
            return Sums(spend=value)
        case "launch":
            return Sums()


def note(tx: Transaction, event: CampaignEvent) -> None:
    """Add what an event says to all figures, with the transaction that stores it: five of its actions."""
    amounts = {_LETTERS[name]: n for name, n in sums_of(event)._asdict().items() if n}
    if not amounts:
        return
    places = (f"channel:{channel_of(event.channel)}", f"device:{device_of(event.device)}")
    day = event.occurred_at.date()
    for whose in (organization(event.organization_id), EVERYBODY):
        TOTALS.join(tx, whose, **{f"{place}:{name}": n for place in places for name, n in amounts.items()})
        DAYS.join(tx, _month(whose, day), **{f"{day:%d}:{name}": n for name, n in amounts.items()})
    CAMPAIGNS.join(tx, event.campaign_id, **amounts)


def organization(organization_id: str) -> str:
    """Whose figures an organization's are."""
    return f"org {organization_id}"


def seen_by(caller: User) -> str | None:
    """Whose figures a caller sees: everybody's as a super admin, their organization's, or nobody's."""
    if caller.is_super:
        return EVERYBODY
    return organization(caller.organization_id) if caller.organization_id else None


def judged(caller: Permitted) -> str | None:
    """`seen_by`, of a caller whose permission is judged in their organization; raises 403 with the rule that denies."""
    caller.require(() if caller.is_super else caller.account.scopes)
    return seen_by(caller)


def read(whose: str | None) -> Figures:
    """The figures of somebody since ever."""
    return Figures.of(TOTALS.read([whose])[0]) if whose else Figures()


def by_day(whose: str | None, first: date, last: date) -> dict[date, Sums]:
    """The sums of the days of a period, both ends included, that have some; at most twelve calendar months of them."""
    months = months_of(first, last)
    if whose is None or not months:
        return {}
    found = {}
    for month, stored in zip(months, DAYS.read([_month(whose, month) for month in months]), strict=True):
        for number in {name.partition(":")[0] for name in stored}:
            day = month.replace(day=int(number))
            if first <= day <= last:
                found[day] = _sums(stored, number)
    return found


def of_campaigns(ids: Sequence[str]) -> list[Sums]:
    """The sums of some campaigns, in that order: a batch for every 25."""
    return [Sums(*(stored.get(letter, 0) for letter in _LETTERS.values())) for stored in CAMPAIGNS.read(ids)]


def added(some: Iterable[Sums]) -> Sums:
    """All of them together."""
    total = Sums()
    for each in some:
        total = total.plus(each)
    return total


def percent(part: int, whole: int) -> float:
    """`part` in percent of `whole`, to two digits; 0 of nothing."""
    return round(100 * part / whole, 2) if whole else 0.0


def shares(weights: Mapping[str, int], whole: int = 100) -> dict[str, int]:
    """Each weight's part of `whole`: whole numbers that add up to it (method of the largest remainder, of equal ones
    the first by name); all 0 where nothing weighs anything."""
    total = sum(weights.values())
    if not total:
        return dict.fromkeys(weights, 0)
    parts = {name: weight * whole // total for name, weight in weights.items()}
    lacking = whole - sum(parts.values())
    for name in sorted(weights, key=lambda name: (-(weights[name] * whole % total), name))[:lacking]:
        parts[name] += 1
    return parts


def months_of(first: date, last: date) -> list[date]:
    """The first days of the calendar months of a period."""
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def _month(whose: str, day: date) -> str:
    return f"{whose}|{day:%Y-%m}"


def _grouped(stored: Mapping[str, int], by: str) -> dict[str, Sums]:
    names = {name.rpartition(":")[0] for name in stored if name.startswith(by + ":")}
    return {place.partition(":")[2]: _sums(stored, place) for place in sorted(names)}


def _sums(stored: Mapping[str, int], place: str) -> Sums:
    return Sums(*(stored.get(f"{place}:{letter}", 0) for letter in _LETTERS.values()))
