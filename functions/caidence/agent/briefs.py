"""What a brief says beside its goal: budget, last day, channels it names or rules out, and whom it is for."""

import re
from datetime import date, timedelta
from typing import Final, Literal

from caidence.agent.handover import Brief
from caidence.agent.knowledge import Channel, Goal, knowledge
from caidence.agent.targets import target_of
from caidence.reading.figures import NUMBER, Figure, figure_of
from caidence.reading.tact import is_sensitive
from quintet.models import now

Kind = Literal["new", "known", "quiet", "jobs", "giving"]
"""Whom a plan speaks to: people who do not know the product, people who do, people in need or grief, people who look
for work, and people who give."""

_MONTHS: Final = (
    "jan(?:uary|uar)?", "feb(?:ruary|ruar)?", "mar(?:ch)?|märz", "apr(?:il)?", "may|mai", "june?|juni", "july?|juli",
    "aug(?:ust)?", "sept?(?:ember)?", "o[ck]t(?:ober)?", "nov(?:ember)?", "de[cz](?:ember)?",
)  # fmt: skip
_MONTH: Final = "|".join(f"(?P<m{number}>{names})" for number, names in enumerate(_MONTHS, 1))
_BY: Final = r"\b(?:by|until|till|before|no later than|bis(?: zum)?|vor(?: dem)?)\s+(?:the\s+)?"
_END: Final = r"(?P<end>(?:the\s+)?end of\s+(?:the\s+)?|ende\s+(?:des\s+)?)?"
_DAY: Final = re.compile(
    rf"{_BY}{_END}(?:(?P<iso>\d{{4}}-\d\d-\d\d)|(?P<dots>\d{{1,2}}\.\s?\d{{1,2}}\.(?:\s?\d{{4}})?)|"
    rf"(?P<quarter>Q[1-4])|(?P<year>year|jahres)|(?P<christmas>christmas|weihnachten)|"
    rf"(?:(?P<before>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?)?(?:{_MONTH})\b\.?"
    rf"(?:\s+(?P<after>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d))?)"
    rf"(?:,?\s+(?P<in>20\d\d))?",
    re.IGNORECASE,
)
_TIME: Final = re.compile(
    r"\b(\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|twelve|a|ein(?:em)?|zwei|drei|vier|sechs|acht)[\s-]"
    r"(day|week|month|quarter|year|tag|woche|monat|quartal|jahr)(?:s|en|n|e)?\b"
)
_COUNTS: Final = {
    "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "twelve": 12, "ein": 1, "einem": 1, "zwei": 2, "drei": 3, "vier": 4, "sechs": 6, "acht": 8,
}  # fmt: skip
_WEEKS: Final = {
    "day": 1 / 7, "week": 1, "month": 13 / 3, "quarter": 13, "year": 52, "tag": 1 / 7, "woche": 1, "monat": 13 / 3,
    "quartal": 13, "jahr": 52,
}  # fmt: skip
_LONGEST: Final = 52
_LARGEST: Final = 10**12
_BUDGET: Final = re.compile(
    rf"\b(?:budget|spend|spending)\s*(?:of|is|was|von|:|=|about|around|up to)*\s*{NUMBER}", re.IGNORECASE
)
_SUM: Final = re.compile(rf"{NUMBER}(?:\s+(?:ad |media |marketing )?(?P<word>budget|to spend))?", re.IGNORECASE)
_NO_BUDGET: Final = re.compile(
    r"\s*(?:each|per\b|a (?:month|piece|head|ticket|crate|bottle)|apiece|je\b|pro\b)", re.IGNORECASE
)
_PRICE: Final = re.compile(r"\b(?:at|for|price of|costs?|from|to|worth)\s+$", re.IGNORECASE)
_NOT: Final = re.compile(r"\b(?:no|not|never|without|except|avoid|kein\w*|ohne|nicht)\b[^.;!?]{0,30}$", re.IGNORECASE)
_ONLY: Final = re.compile(
    r"\b(?:only|solely|exclusively|nothing but|nur|ausschließlich)"
    r"(?:\s+(?:on|via|with|through|by|use|using|in|auf|mit|über|bei))*\s+$",
    re.IGNORECASE,
)
_AND_NO_OTHER: Final = re.compile(r"\s+(?:only|alone|exclusively)\b", re.IGNORECASE)
_KNOWN: Final = re.compile(
    r"\b(?:existing|current|lapsed|former|inactive|loyal|our own|bestehende\w*|bisherige\w*)\s+(?:\w+\s+)?"
    r"(?:customers?|clients?|subscribers?|members?|users?|buyers?|donors?|guests?|kund\w+|mitglieder|abonnenten)\b|"
    r"\bbestandskund\w+",
    re.IGNORECASE,
)


def said_in(brief: Brief) -> str:
    """All that a brief says."""
    return f"{brief.goal}\n{brief.product}\n{brief.audience}"


def weeks_of(text: str, today: date | None = None) -> int | None:
    """The weeks that a text names, `within three months` being 13, or that are left until the day it names; None where
    it names none."""
    deadline = deadline_of(text, today)
    if deadline:
        return min(max(-(-(deadline - (today or now().date())).days // 7), 1), _LONGEST)
    found = _TIME.search(text.casefold())
    if found is None:
        return None
    count = _COUNTS.get(found[1]) or int(found[1])
    return min(max(round(count * _WEEKS[found[2]]), 1), _LONGEST)


def deadline_of(text: str, today: date | None = None) -> date | None:
    """The day by which: `by 1 March`, `by end of Q1`, `by June` (its first day); the next such day where no year is
    named. None where none is named, or one that is over."""
    today = today or now().date()
    for match in _DAY.finditer(text):
        years = [int(match["in"])] if match["in"] else [today.year, today.year + 1]
        for year in years:
            try:
                day = _day(match, year)
            except ValueError:
                continue
            if day > today:
                return day
    return None


def _day(match: re.Match[str], year: int) -> date:
    """The day of a match in a year. Raises ValueError where there is no such day."""
    if match["iso"]:
        return date.fromisoformat(match["iso"])
    if match["dots"]:
        day, month, *named = (int(part) for part in re.findall(r"\d+", match["dots"]))
        return date(named[0] if named else year, month, day)
    if match["christmas"]:
        return date(year, 12, 24)
    if match["year"]:
        return date(year, 12, 31)
    if match["quarter"]:
        last = 3 * int(match["quarter"][1])
        return _last_day(year, last) if match["end"] else date(year, last - 2, 1)
    month = next(number for number in range(1, 13) if match[f"m{number}"])
    if match["end"]:
        return _last_day(year, month)
    return date(year, month, int(match["before"] or match["after"] or 1))


def _last_day(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def budget_of(text: str) -> Figure | None:
    """The budget that a text names: a sum with the word, or the only sum of money that is neither price nor goal."""
    named = _BUDGET.search(text)
    if named:
        return _figure(named)
    target = target_of(text)
    sums = [
        figure
        for match in _SUM.finditer(text)
        if not _NO_BUDGET.match(text, match.end()) and not _PRICE.search(text[: match.start()])
        and (figure := _figure(match)) and (figure.currency or match["word"])
        and not (target and target.currency and int(figure.value) in {target.value, target.start})
    ]  # fmt: skip
    return sums[0] if len(sums) == 1 else None


def _figure(match: re.Match[str]) -> Figure | None:
    figure = figure_of(match)
    return figure if 1 <= figure.value <= _LARGEST else None


def channels_in(text: str) -> tuple[list[Channel], list[Channel], bool]:
    """The channels that a text names, in its order, those it rules out, and whether it wants no others."""
    found: dict[str, tuple[int, int, Channel]] = {}
    out: list[Channel] = []
    for channel in knowledge().channels:
        words = "|".join(re.escape(word) for word in (channel.name.lower(), *channel.aliases))
        match = re.search(rf"(?<!\w)(?:{words})(?!\w)", text, re.IGNORECASE)
        if match and _NOT.search(_before(text, match.start())) and not _ONLY.search(_before(text, match.start())):
            out.append(channel)
        elif match:
            found[channel.name] = (match.start(), match.end(), channel)
    named = [channel for _, _, channel in sorted(found.values(), key=lambda one: one[0])]
    only = any(
        _ONLY.search(_before(text, begun)) or _AND_NO_OTHER.match(text, ended) for begun, ended, _ in found.values()
    )
    return named, out, only


def _before(text: str, place: int) -> str:
    return text[max(place - 40, 0) : place]


def kind_of(goal: Goal, said: str) -> Kind:
    """Whom a plan for a goal speaks to, by all that the brief says."""
    if goal.speaks_to == "jobs":
        return "jobs"
    if goal.speaks_to == "giving":
        return "giving"
    if is_sensitive(said):
        return "quiet"
    return "known" if goal.speaks_to == "known" or _KNOWN.search(said) else "new"
