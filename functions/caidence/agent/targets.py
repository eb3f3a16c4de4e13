"""The number that a goal is to reach, with what it counts: better none than a wrong one.

A number is the target with what it counts behind it (`50 demo bookings`), as the end of a way (`subscribers from 200 to
500`), or as money where the goal is money (`raise 20,000 €`). A budget, a date, an age and a time are none.
"""

import re
from dataclasses import dataclass
from typing import Final

from caidence.reading.figures import NUMBER, Figure, figure_of, shown

_UNITS: Final = """
attendees bookings buyers candidates clicks clients comments conversions customers demos donations donors downloads
enquiries fans followers guests hires installs inquiries leads listeners mails members orders participants
patrons people players purchases readers recommendations referrals registrations reservations reviews sales
shares signatures sign-ups
signups sponsors stays students subscribers subscriptions supporters testers tickets trials units users views viewers
visitors visits volunteers applications applicants
abonnenten anmeldungen bestellungen bewerber bewerbungen buchungen downloads follower gäste kunden kundinnen leser
mitglieder neukunden nutzer spenden spender teilnehmer verkäufe
"""
"""What is counted, whatever stands before the number."""
_VERBS: Final = """
acquire add attract book collect convert enlist enrol enroll find gain gather hire move recruit ship sell selling sign
win winning gewinnen gewinne verkaufen verkaufe
"""
"""What one does so many times: the word behind the number is what is counted, whatever it is."""
_MONEY: Final = r"revenue|turnover|sales|donations?|raise|earn|income|umsatz|spenden|einnahmen"
_NO_UNIT: Final = """
a after am an and at before bis by days for from hours im in minutes months more of on or out over per pm quarters
seconds the times to until von week weeks day month year hour minute with within years percent
prozent tage wochen monate jahre
january february march april may june july august september october november december
januar februar märz april mai juni juli august september oktober november dezember
"""
_WORD: Final = re.compile(r"\s+([^\W\d_]+(?:[-'’][^\W\d_]+)*)")
_RANGE: Final = re.compile(r"\b(?:from|von)\s+(\S{1,20}(?:\s\S{1,20}){0,3})\s+(?:to|auf)\s+$", re.IGNORECASE)
_NOT_BEFORE: Final = re.compile(
    r"(?:budget|spend|spending|cost|costs|costing|for|age|aged|ages|under|over|q|kw|week|version|no\.|nr\.|#|fee|price|at)"
    r"(?:\s(?:of|is|was|von|:))?[\s:]*$|\d\s?[-–]\s?$",
    re.IGNORECASE,
)
_LARGEST: Final = 10**12
_FIRST_YEAR, _LAST_YEAR = 1990, 2100


@dataclass(frozen=True)
class Target:
    """A whole number to reach, and what it counts, such as `demo bookings`; for money its currency is the unit."""

    value: int
    unit: str
    currency: str = ""
    start: int = 0
    """Where it begins: 200 in `from 200 to 500`."""

    @property
    def text(self) -> str:
        return self.said(self.value)

    def said(self, count: int) -> str:
        """So many of it: `500 crates`, `€20,000`."""
        return f"{self.currency}{shown(count)}" if self.currency else f"{shown(count)} {self.unit}"

    def pace(self, weeks: int) -> str:
        """How much of it a week needs; empty where the way leads down."""
        way = self.value - self.start
        if way <= 0:
            return ""
        more = " more" if self.start else ""
        span = "a week" if weeks == 1 else f"{weeks} weeks"
        if way < weeks:
            return f"{self.said(way)}{more} in {span} is one every {weeks // way} weeks" if weeks // way > 1 else ""
        return f"{self.said(way)}{more} in {span} is {self.said(-(-way // weeks))} a week"


def target_of(goal: str) -> Target | None:
    """What a goal is to reach: 500 crates in `Sell 500 crates in six weeks`; None where it names no such number."""
    matches = list(re.finditer(NUMBER, goal, re.IGNORECASE))
    counted = (_counted(goal, match) for match in matches)
    return next((one for one in counted if one), None) or next(
        filter(None, (_money(goal, one) for one in matches)), None
    )


def _counted(goal: str, match: re.Match[str]) -> Target | None:
    figure, before = figure_of(match), goal[: match.start()]
    if figure.currency or not _is_count(figure, match) or _is_range_begin(goal, match):
        return None
    words = _words_after(goal, match.end())
    unit = _unit(words)
    start = _start(before)
    if start is not None:
        unit = unit or _unit_before(before)
        return Target(int(figure.value), unit, start=start) if unit else None
    if unit:
        return Target(int(figure.value), unit)
    verb = re.search(r"([^\W\d_]+)(?:\s(?:up|over|about|around|at least|more than|another))?\s+$", before)
    if verb and verb[1].casefold() in _VERBS.split() and words:
        return Target(int(figure.value), " ".join(words[:2]) if len(words) > 1 and words[0] == "new" else words[0])
    return None


def _money(goal: str, match: re.Match[str]) -> Target | None:
    figure, before = figure_of(match), goal[: match.start()]
    near = f"{before[-60:]} {goal[match.end() : match.end() + 25]}"
    if not figure.currency or not 1 <= figure.value <= _LARGEST or _is_range_begin(goal, match):
        return None
    if _NOT_BEFORE.search(before) or re.match(r"\s*(?:budget|each|per|a\b)", goal[match.end() :], re.IGNORECASE):
        return None
    if not re.search(_MONEY, near, re.IGNORECASE):
        return None
    return Target(int(figure.value), "", figure.currency, _start(before) or 0)


def _start(before: str) -> int | None:
    """Where a way begins whose end follows this text: 200 after `from 200 to`."""
    way = _RANGE.search(before)
    number = re.search(NUMBER, way[1], re.IGNORECASE) if way else None
    return int(figure_of(number).value) if number else None


def _is_count(figure: Figure, match: re.Match[str]) -> bool:
    if not 1 <= figure.value <= _LARGEST or figure.value != int(figure.value):
        return False
    if match[0].isdigit() and _FIRST_YEAR <= figure.value <= _LAST_YEAR:
        return False
    behind = match.string[match.end() :]
    ordinal_or_age = re.match(
        r"[-+–/]|\s?[+]|\.\s?(?:januar|februar|märz|april|mai|ju|aug|sep|okt|nov|dez)", behind, re.IGNORECASE
    )
    return (
        not ordinal_or_age
        and not _NOT_BEFORE.search(match.string[: match.start()])
        and match.string[: match.start()][-1:] != "-"
    )


def _is_range_begin(goal: str, match: re.Match[str]) -> bool:
    """Whether the number is where a way begins: 200 in `from 200 to 500`."""
    behind = goal[match.end() : match.end() + 40]
    begun = re.search(r"\b(?:from|von)\s+$", goal[: match.start()], re.IGNORECASE)
    way = r"[^.,;]*\s(?:to|auf)\s[^\s\d]{0,4}\d" if begun else r"\s?(?:to|bis|auf|or|-|–)\s?[$€£₹]?\d"
    return re.match(way, behind, re.IGNORECASE) is not None


def _words_after(goal: str, start: int) -> list[str]:
    """The words that follow until one that begins another thought."""
    words: list[str] = []
    while len(words) < 4 and (found := _WORD.match(goal, start)) and found[1].casefold() not in _NO_UNIT.split():
        words.append(found[1])
        start = found.end()
    return words


def _unit(words: list[str]) -> str:
    for place, word in enumerate(words):
        if word.casefold() in _UNITS.split():
            return " ".join(words[: place + 1])
    return ""


def _unit_before(before: str) -> str:
    words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", before)
    return next((word.lower() for word in reversed(words) if word.casefold() in _UNITS.split()), "")
