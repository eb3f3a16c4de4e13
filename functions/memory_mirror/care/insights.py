"""What a person's last weeks say to those who care for them: findings, trends and what to do, each with its counts.

Pure: everything is reckoned from records that were read already, and what there is too little of is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from memory_mirror.care.anomalies import METRICS, Findings, Metric, MetricName, plain
from memory_mirror.care.entities import CareJournalEntry
from memory_mirror.care.observations import Observations, made, said
from memory_mirror.care.statistics import Series, TooLittle, trend
from memory_mirror.life.diary import AnxietyTrend
from memory_mirror.night.entities import NightIncident

LEAST_PER_PART = 5
"""Readings that a part of the day needs before it is compared with the others."""
CLEARLY = 1.5
"""Points of anxiety by which one part of the day must differ from the others to be told."""
MOST_NAMED = 3
_COUNTED = frozenset({"journal", "activity", "conversation", "night"})
PARTS = ("night", "morning", "afternoon", "evening")


@dataclass(frozen=True, slots=True)
class Insight:
    """A finding, how many records it rests on, and out of how many days."""

    category: str
    title: str
    finding: str
    count: int
    n_days: int

    def told(self) -> dict[str, Any]:
        return {
            "category": self.category,
            "title": self.title,
            "finding": self.finding,
            "count": self.count,
            "n_days": self.n_days,
        }


@dataclass(frozen=True, slots=True)
class Insights:
    """Everything that is said about the weeks."""

    insights: list[Insight]
    trends: dict[str, dict[str, Any]]
    recommendations: list[str]


def insights_of(seen: Observations, themes: Counter[str], unusual: Findings) -> Insights:
    """What the observations say; `themes` are those of the journal's texts, `unusual` what stands out."""
    found = [
        _journal(seen, themes),
        _activity(seen),
        _conversation(seen),
        _anxiety(seen),
        *_part_of_day(seen),
        _nights(seen),
        *(_about(anomaly.description, anomaly.metric, anomaly.n_days) for anomaly in unusual.anomalies[:MOST_NAMED]),
    ]
    advice = [text for insight in found for text in _ADVICE.get(insight.title, ())]
    advice += unusual.recommendations
    if seen.cut:
        advice.append(f"Only the newest records were read of: {', '.join(seen.cut)}.")
    return Insights([_summary(found, unusual), *found], trends_of(seen.series()), list(dict.fromkeys(advice)))


def trends_of(series: Mapping[MetricName, Series]) -> dict[str, dict[str, Any]]:
    """Each series' trend over the days that are over, or how many days are missing for one."""
    found: dict[str, dict[str, Any]] = {}
    for metric in METRICS:
        whole = series[metric.name]
        line = trend(Series(whole.first, whole.values[:-1]))
        if isinstance(line, TooLittle):
            found[metric.name] = {"direction": "insufficient_data", "n_days": line.n, "needed_days": line.needed}
        else:
            found[metric.name] = {
                "direction": line.direction,
                "per_week": round(line.slope * 7, 2),
                "from": round(line.first, 2),
                "to": round(line.last, 2),
                "n_days": line.n,
            }
    return found


def most_common(values: Iterable[str], most: int = MOST_NAMED) -> list[tuple[str, int]]:
    """The most frequent values with their numbers, equals in alphabetical order; empty values do not count."""
    counts = Counter(value for value in values if value)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:most]


def journal_labels(entries: Iterable[CareJournalEntry]) -> list[str]:
    """What caregivers filed their entries under: category and tags, each once an entry."""
    return [label for one in entries for label in {*([one.category] if one.category else []), *one.tags}]


def part_of(at: datetime) -> str:
    """The part of the day a local time falls in, six hours each from midnight."""
    return PARTS[at.hour // 6]


def by_part(seen: Observations) -> dict[str, list[float]]:
    """Anxiety readings by part of the day."""
    found: dict[str, list[float]] = {part: [] for part in PARTS}
    for one in seen.readings:
        found[part_of(seen.local(one.recorded_at))].append(one.level)
    return found


def named(pairs: Sequence[tuple[str, int]]) -> str:
    """`sleep (5), meals (3)`."""
    return ", ".join(f"{name.replace('_', ' ').lower()} ({count})" for name, count in pairs)


def levels(readings: Sequence[AnxietyTrend]) -> dict[str, Any]:
    """Median and highest of some readings; nulls when there are none."""
    values = [one.level for one in readings]
    return {
        "readings": len(values),
        "median": round(median(values), 2) if values else None,
        "highest": max(values, default=None),
    }


def _summary(found: Sequence[Insight], unusual: Findings) -> Insight:
    """What matters most, first what is unusual, then nights and anxiety."""
    told = [anomaly.description for anomaly in unusual.anomalies[:2]] or ["Nothing unusual stands out."]
    told += [insight.finding for category in ("night", "anxiety") for insight in found if insight.category == category]
    records = sum(insight.count for insight in found if insight.category in _COUNTED)
    return Insight("summary", "In short", " ".join(told[:4]), records, found[0].n_days)


def _journal(seen: Observations, themes: Counter[str]) -> Insight:
    entries = len(seen.journal)
    if not entries:
        return _missing("journal", "Nothing in the journal", "journal entries", seen)
    told = f"{_number(entries, 'journal entry', 'journal entries')} in {seen.days} days"
    labels = most_common(journal_labels(seen.journal))
    if labels:
        told += f", most about {named(labels)}"
    texts = most_common(themes.elements())
    if texts:
        told += f"; their texts speak of {named(texts)}"
    return Insight("journal", "What the journal is about", told + ".", entries, seen.days)


def _activity(seen: Observations) -> Insight:
    count = len(seen.activities)
    if not count:
        return _missing("activity", "No activity was logged", "activities", seen)
    days = seen.per_day(seen.activities, made)
    kinds = most_common(one.activity_type for one in seen.activities)
    told = (
        f"{_number(count, 'activity', 'activities')} on {_number(len(days), 'day', 'days')} of {seen.days}, "
        f"most often {named(kinds)}."
    )
    return Insight("activity", "How active the days are", told, count, seen.days)


def _conversation(seen: Observations) -> Insight:
    count = len(seen.conversations)
    if not count:
        return _missing("conversation", "No conversations", "conversations", seen)
    days = seen.per_day(seen.conversations, said)
    told = f"{_number(count, 'conversation', 'conversations')} on {_number(len(days), 'day', 'days')} of {seen.days}"
    eras = most_common(one.detected_era for one in seen.conversations if one.detected_era not in ("", "present"))
    if eras:
        told += f"; the past that came up: {named(eras)}"
    tones = most_common(one.emotional_tone for one in seen.conversations)
    if tones:
        told += f"; the tone was most often {named(tones)}"
    return Insight("conversation", "What is talked about", told + ".", count, seen.days)


def _anxiety(seen: Observations) -> Insight:
    values = levels(seen.readings)
    if not values["readings"]:
        return _missing("anxiety", "Anxiety was not measured", "readings of anxiety", seen)
    told = (
        f"Median {plain(values['median'])} and highest {plain(values['highest'])} of 10 in "
        f"{_number(values['readings'], 'reading', 'readings')} over {seen.days} days."
    )
    return Insight("anxiety", "How anxious the days are", told, values["readings"], seen.days)


def _part_of_day(seen: Observations) -> Iterable[Insight]:
    """The part of the day whose readings lie clearly above the others', when both are enough."""
    parts = by_part(seen)
    for part in PARTS:
        here = parts[part]
        others = [level for other in PARTS if other != part for level in parts[other]]
        if min(len(here), len(others)) < LEAST_PER_PART or median(here) - median(others) < CLEARLY:
            continue
        told = (
            f"In the {part} the median is {plain(median(here))} ({len(here)} readings), at other times "
            f"{plain(median(others))} ({len(others)} readings)."
        )
        yield Insight("anxiety", f"The {part} is the hardest time", told, len(here), seen.days)


def _nights(seen: Observations) -> Insight:
    count = len(seen.incidents)
    if not count:
        return Insight("night", "Calm nights", f"No night incidents in {seen.days} days.", 0, seen.days)
    nights = seen.per_day(seen.incidents, _happened)
    kinds = most_common(one.incident_type for one in seen.incidents)
    told = (
        f"{_number(count, 'night incident', 'night incidents')} on {_number(len(nights), 'day', 'days')} of "
        f"{seen.days}: {named(kinds)}."
    )
    return Insight("night", "Restless nights", told, count, seen.days)


_BY_NAME: dict[MetricName, Metric] = {metric.name: metric for metric in METRICS}
_ADVICE: dict[str, tuple[str, ...]] = {
    "Nothing in the journal": ("Write a line in the journal each day; patterns show only in what is written down.",),
    "The evening is the hardest time": (
        "Keep evenings bright, quiet and the same each day, and plan visits and errands for the morning.",
    ),
    "The afternoon is the hardest time": ("Offer a rest and something to drink after lunch, before it gets hard.",),
    "The morning is the hardest time": (
        "Let mornings begin slowly, in the same order, with a familiar voice or song.",
    ),
    "The night is the hardest time": ("Look at what wakes them: light, noise, the way to the bathroom, pain.",),
    "Restless nights": ("Discuss the nights with the care team and note what came before each incident.",),
}


def _about(description: str, metric: MetricName, days: int) -> Insight:
    return Insight("unusual", f"Unusual: {_BY_NAME[metric].label}", description, 1, days)


def _missing(category: str, title: str, what: str, seen: Observations) -> Insight:
    return Insight(
        category, title, f"No {what} in the last {seen.days} days: nothing can be said of them.", 0, seen.days
    )


def _number(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _happened(incident: NightIncident) -> datetime:
    return incident.occurred_at
