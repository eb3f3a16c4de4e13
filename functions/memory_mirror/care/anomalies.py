"""Unusual days and drifts in how a person's days go, told with the numbers they rest on.

Four series of a person's days are looked at. A day stands out when it lies more than 3.5 robust standard deviations
from the person's own norm and differs from it enough to matter to those who care; a series drifts when its trend is
more than chance and large enough. The present day is not over, so it can be too much but never too little.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from memory_mirror.care.statistics import Norm, Series, TooLittle, Trend, norm, outlying, trend

WINDOW = 28
"""Days that are looked at, the present one included."""
RECENT = 7
"""Days on which something unusual still says how the person is now."""
GRAVE = 6.0
"""Scores from which a worrying day that is recent makes the risk high by itself."""

MetricName = Literal["activity", "anxiety", "conversations", "night_incidents"]
Kind = Literal["unusually_high", "unusually_low", "rising", "falling"]
Risk = Literal["low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class Metric:
    """How one series is judged: what it counts, the least difference that matters, which ways are worrying."""

    name: MetricName
    label: str
    unit: str
    least: float
    worrying: frozenset[Kind]
    advice: Mapping[Kind, str]
    grave: bool = False


METRICS: tuple[Metric, ...] = (
    Metric(
        "activity", "logged activities", "activities a day", 2, frozenset({"unusually_low", "falling"}),
        {
            "unusually_low": "Ask whether the quiet day has a reason: tiredness, pain, poor sleep or no company.",
            "unusually_high": "A very full day can tire; plan a calm one after it.",
            "falling": "Activity is going down: offer small, familiar things to do at the usual hours.",
            "rising": "Activity is going up: see what helps and keep it.",
        },
    ),
    Metric(
        "anxiety", "mean anxiety", "of 10", 1.5, frozenset({"unusually_high", "rising"}),
        {
            "unusually_high": "Look at what went before it: visitors, noise, changed plans, a missed rest.",
            "unusually_low": "Note what made the calm day calm; it is worth repeating.",
            "rising": "Anxiety is rising: talk it over with the care team and keep the days predictable.",
            "falling": "Anxiety is going down: keep what changed.",
        },
        grave=True,
    ),
    Metric(
        "conversations", "conversations", "a day", 3, frozenset({"unusually_low", "falling"}),
        {
            "unusually_low": "Begin a short talk yourself: a photo or a song is an easy way in.",
            "unusually_high": "Many talks in a day can mean that company or reassurance was missed.",
            "falling": "There is less talk than before: check hearing, mood and the device, and call more often.",
            "rising": "There is more talk than before: see whether it is joy or a search for reassurance.",
        },
    ),
    Metric(
        "night_incidents", "night incidents", "a night", 1, frozenset({"unusually_high", "rising"}),
        {
            "unusually_high": "Go through the night with the care team: light, the way to the bathroom, pain, drinks.",
            "unusually_low": "The night was calmer than usual; note what was different.",
            "rising": "Nights are getting more restless: discuss the evening routine with the care team.",
            "falling": "Nights are getting calmer: keep the evening routine.",
        },
        grave=True,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Something unusual: on which day or up to which day, the value, what was to be expected, and the evidence."""

    type: Kind
    metric: MetricName
    date: date
    value: float
    expected: float
    score: float
    """Robust standard deviations from the norm; for a trend, the Mann-Kendall statistic."""
    n_days: int
    description: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found, newest first; how much it is to worry about; what to do; which series were too short to judge."""

    anomalies: list[Anomaly]
    risk: Risk
    recommendations: list[str]
    too_little: dict[MetricName, TooLittle]


def judged(series: Mapping[MetricName, Series], today: date) -> Findings:
    """What is unusual in the series of a person's days, which end at `today` in the person's zone."""
    anomalies: list[Anomaly] = []
    too_little: dict[MetricName, TooLittle] = {}
    for metric in METRICS:
        found = series[metric.name]
        usual = norm(_complete(found, today).recorded)
        if isinstance(usual, TooLittle):
            too_little[metric.name] = usual
            continue
        anomalies += _unusual_days(metric, found, usual, today)
        anomalies += _drift(metric, _complete(found, today))
    anomalies.sort(key=lambda anomaly: (anomaly.date, abs(anomaly.score), anomaly.metric), reverse=True)
    return Findings(anomalies, risk_of(anomalies, today), _recommended(anomalies, too_little), too_little)


def risk_of(anomalies: Iterable[Anomaly], today: date) -> Risk:
    """High: a grave recent sign, or three worrying ones; medium: any worrying recent sign; else low."""
    since = today - timedelta(days=RECENT - 1)
    by_name = {metric.name: metric for metric in METRICS}
    worrying = [a for a in anomalies if a.date >= since and a.type in by_name[a.metric].worrying]
    days = [a for a in worrying if a.type.startswith("unusually")]
    if len(worrying) >= 3 or any(by_name[a.metric].grave and abs(a.score) >= GRAVE for a in days):
        return "high"
    return "medium" if worrying else "low"


def _complete(series: Series, today: date) -> Series:
    """The days that are over."""
    over = (today - series.first).days
    return Series(series.first, series.values[: max(over, 0)])


def _unusual_days(metric: Metric, series: Series, usual: Norm, today: date) -> Iterable[Anomaly]:
    for day, value in series:
        away = value - usual.middle
        if not outlying(value, usual) or abs(away) < metric.least or (day == today and away < 0):
            continue
        kind: Kind = "unusually_high" if away > 0 else "unusually_low"
        told = (
            f"{metric.label.capitalize()} on {day.isoformat()}: {plain(value)} {metric.unit}, usually about "
            f"{plain(usual.middle)} ({usual.n} days)."
        )
        score = round(usual.score(value), 1)
        yield Anomaly(kind, metric.name, day, round(value, 2), round(usual.middle, 2), score, usual.n, told)


def _drift(metric: Metric, series: Series) -> Iterable[Anomaly]:
    found = trend(series)
    if isinstance(found, TooLittle) or found.direction == "steady" or abs(found.last - found.first) < metric.least:
        return
    kind: Kind = "rising" if found.direction == "rising" else "falling"
    last = max(day for day, _ in series)
    told = (
        f"{metric.label.capitalize()} {_going(found)} from about {plain(found.first)} to about {plain(found.last)} "
        f"{metric.unit} ({found.n} days)."
    )
    first, value = round(found.first, 2), round(found.last, 2)
    yield Anomaly(kind, metric.name, last, value, first, round(found.z, 1), found.n, told)


def _going(found: Trend) -> str:
    return "rose" if found.direction == "rising" else "fell"


def _recommended(anomalies: list[Anomaly], too_little: Mapping[MetricName, TooLittle]) -> list[str]:
    """What to do, each once, the newest sign's first; then what could not be judged."""
    by_name = {metric.name: metric for metric in METRICS}
    found = [by_name[anomaly.metric].advice[anomaly.type] for anomaly in anomalies]
    for name, missing in too_little.items():
        days = f"{missing.n} of the {missing.needed} days needed are recorded"
        found.append(f"Too little data to judge {by_name[name].label}: {days}.")
    return list(dict.fromkeys(found)) or ["Nothing unusual was found; carry on as you do."]


def plain(value: float) -> str:
    """A number as people write it: at most one decimal, none when it is whole."""
    return f"{round(value, 1) + 0.0:.10g}"
