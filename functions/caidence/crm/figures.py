"""Figures as a report words them, and what it remarks on: whole sentences out of numbers alone."""

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from caidence.crm.relationships import Record, Relationship

_NONE: Final = "–"
_SPELLED: Final[Mapping[str, str]] = MappingProxyType(
    {"linkedin": "LinkedIn", "onlyfans": "OnlyFans", "tiktok": "TikTok", "youtube": "YouTube"}
)


def amount(minor: int) -> str:
    """An amount of minor units with two digits: `1,234.56`."""
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100:,}.{abs(minor) % 100:02d}"


def number(count: int | None) -> str:
    """A count, short from a million on: `48,200`, `1.25M`."""
    if count is None:
        return _NONE
    for size, unit in ((1_000_000_000, "B"), (1_000_000, "M")):
        if count >= size:
            return f"{count / size:,.2f}".rstrip("0").rstrip(".") + unit
    return f"{count:,}"


def rate(percentage: float | None, *, signed: bool = False) -> str:
    """A percentage: `3.4%`; with its sign when it tells a gain or a loss."""
    if percentage is None:
        return _NONE
    shown = f"{percentage:+,.1f}" if signed else f"{percentage:,.1f}"
    return f"{shown.removesuffix('.0')}%"


def platform(name: str) -> str:
    """A platform as it writes itself."""
    return _SPELLED.get(name, name.capitalize())


def period(start: date | None, end: date | None) -> str:
    """The dates of a campaign, or of several."""
    if start and end:
        return _day(start) if start == end else f"{_day(start)} – {_day(end)}"
    if start:
        return f"from {_day(start)}"
    return f"until {_day(end)}" if end else "no dates"


def remarks(who: Relationship) -> list[str]:
    """What a reader should see first, at most four sentences."""
    return list(_remarks(who))[:4]


def _remarks(who: Relationship) -> Iterator[str]:
    total, history = who.total, who.history
    if not history:
        yield _without(who)
        return
    active = sum(record.status == "active" for record in history)
    told = f"{campaigns(len(history))}, {_active(active, len(history))}"
    if who.left_out:
        yield f"@{who.handle} has been in {campaigns(who.campaigns)}. This report is on {_newest(told, history)}."
    else:
        yield f"@{who.handle} has been in {told}."
    these = "These campaigns" if len(history) > 1 else "This campaign"
    if not total.actions and not total.spend:
        yield f"Nothing has been measured in {these.lower()} yet."
        return
    if total.spend:
        outcome = "a gain" if total.revenue > total.spend else "a loss"
        yield (
            f"{these} spent {amount(total.spend)} and brought conversions worth {amount(total.revenue)}: "
            f"{outcome} of {rate(abs(total.roi))}."
            if total.revenue != total.spend
            else f"{these} spent {amount(total.spend)} and brought conversions worth as much."
        )
    best = _best(history)
    if best is not None:
        yield f"The best return came from “{best.name}”, with {rate(best.sums.roi, signed=True)}."
    if total.conversions and total.spend:
        yield f"A conversion of {these.lower()} cost {amount(round(total.spend / total.conversions))} on average."
    elif total.clicks:
        yield f"{rate(total.ctr)} of all impressions were clicked."


def campaigns(count: int) -> str:
    """So many campaigns."""
    return f"{number(count)} campaign{'' if count == 1 else 's'}"


def _without(who: Relationship) -> str:
    """What is to be said when no campaign is there to tell of."""
    if not who.campaigns:
        return f"@{who.handle} has not been in a campaign yet."
    gone = "which was deleted" if who.campaigns == 1 else "all of which were deleted"
    return f"@{who.handle} has been in {campaigns(who.campaigns)}, {gone}."


def _newest(told: str, history: tuple[Record, ...]) -> str:
    return f"the newest of them: {told}" if len(history) > 1 else f"the only one that is left: {told}"


def _active(active: int, of: int) -> str:
    if active == 0:
        return "none of which is active now" if of > 1 else "which is not active now"
    if active == of:
        return "all of which are active now" if of > 1 else "which is active now"
    return f"{active} of which {'is' if active == 1 else 'are'} active now"


def _best(history: tuple[Record, ...]) -> Record | None:
    """The campaign with the highest return; None unless there are several to choose from."""
    spent = [record for record in history if record.sums.spend]
    if len(spent) < 2:
        return None
    return max(spent, key=lambda record: (record.sums.roi, record.sums.spend, record.id))


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
