"""Unusual days: found against the person's own norm, worth telling, never made up from too little."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_mirror.care.anomalies import METRICS, WINDOW, Anomaly, Findings, Kind, judged, plain, risk_of
from memory_mirror.care.statistics import LEAST_DAYS, Series, TooLittle

bounded = settings(max_examples=60, deadline=None)
TODAY = date(2026, 3, 28)
FIRST = TODAY - timedelta(days=WINDOW - 1)
CALM = [3.0, 2.0, 4.0, 3.0, 3.0, 2.0, 3.0] * 4
KINDS: frozenset[Kind] = frozenset({"unusually_high", "unusually_low", "rising", "falling"})
RISKS = ["low", "medium", "high"]
day_values = st.lists(st.none() | st.integers(0, 10).map(float), min_size=WINDOW, max_size=WINDOW)


def seen(**given: list[float | None] | list[float]) -> Findings:
    """What is found when all series are calm but those given."""
    quiet: dict[str, list[float]] = {
        "activity": [8, 9, 7, 8, 10, 9, 8] * 4, "anxiety": CALM, "conversations": [5, 6, 4, 5, 7, 6, 5] * 4,
        "night_incidents": [0.0] * WINDOW,
    }  # fmt: skip
    return judged({m.name: Series(FIRST, tuple({**quiet, **given}[m.name])) for m in METRICS}, TODAY)


def test_ordinary_weeks_hold_nothing_unusual() -> None:
    assert seen() == Findings([], "low", ["Nothing unusual was found; carry on as you do."], {})


def test_an_anxious_day_stands_out_with_its_numbers() -> None:
    anxious = [*CALM]
    anxious[25] = 9.0
    found = seen(anxiety=anxious)
    assert found.anomalies == [
        Anomaly(
            "unusually_high", "anxiety", TODAY - timedelta(days=2), 9.0, 3.0, 7.2, 27,
            "Mean anxiety on 2026-03-26: 9 of 10, usually about 3 (27 days).",
        )
    ]  # fmt: skip
    assert found.risk == "high"
    assert found.recommendations == [METRICS[1].advice["unusually_high"]]


def test_an_old_worry_is_told_and_no_longer_a_risk() -> None:
    anxious = [*CALM]
    anxious[5] = 9.0
    found = seen(anxiety=anxious)
    assert [(a.metric, a.type) for a in found.anomalies] == [("anxiety", "unusually_high")]
    assert found.risk == "low"


def test_a_first_restless_night_is_seen_though_every_other_was_calm() -> None:
    nights = [0.0] * WINDOW
    nights[-1] = 1.0
    found = seen(night_incidents=nights)
    assert [(a.metric, a.type, a.value, a.expected, a.date) for a in found.anomalies] == [
        ("night_incidents", "unusually_high", 1.0, 0.0, TODAY)
    ]
    assert found.risk == "high"


def test_a_day_that_is_not_over_is_never_too_quiet() -> None:
    busy: list[float] = [8, 9, 7, 8, 10, 9, 8] * 4
    busy[-1] = 0
    assert seen(activity=busy).anomalies == []
    busy[-2] = 0
    assert [(a.metric, a.type, a.date) for a in seen(activity=busy).anomalies] == [
        ("activity", "unusually_low", TODAY - timedelta(days=1))
    ]


def test_a_small_difference_is_not_worth_telling_however_steady_the_days_were() -> None:
    steady = [3.0] * WINDOW
    steady[20] = 4.0
    assert seen(anxiety=steady).anomalies == []


def test_a_slow_rise_is_seen_though_no_day_stands_out() -> None:
    found = seen(anxiety=[2 + day * 0.15 for day in range(WINDOW)])
    ((kind, metric, n),) = [(a.type, a.metric, a.n_days) for a in found.anomalies]
    assert (kind, metric, n) == ("rising", "anxiety", 27)
    assert found.anomalies[0].description == "Mean anxiety rose from about 2 to about 5.9 of 10 (27 days)."
    assert found.risk == "medium"


@bounded
@given(st.lists(st.integers(0, 10).map(float), max_size=LEAST_DAYS - 1))
def test_a_few_days_are_called_too_few_and_nothing_is_made_of_them(values: list[float]) -> None:
    padded: list[float | None] = [*values, *[None] * (WINDOW - len(values))]
    found = seen(anxiety=padded)
    assert found.anomalies == []
    assert found.too_little == {"anxiety": TooLittle(len(values), LEAST_DAYS)}
    told = f"Too little data to judge mean anxiety: {len(values)} of the {LEAST_DAYS} days needed are recorded."
    assert found.recommendations == [told]


@bounded
@given(day_values, day_values, day_values, day_values)
def test_whatever_the_days_were_each_finding_rests_on_enough_of_them(
    activity: list[float | None],
    anxiety: list[float | None],
    conversations: list[float | None],
    nights: list[float | None],
) -> None:
    found = seen(activity=activity, anxiety=anxiety, conversations=conversations, night_incidents=nights)
    assert all(anomaly.n_days >= LEAST_DAYS for anomaly in found.anomalies)
    assert [a.date for a in found.anomalies] == sorted((a.date for a in found.anomalies), reverse=True)
    assert all(FIRST <= anomaly.date <= TODAY for anomaly in found.anomalies)
    assert found.recommendations
    assert len(set(found.recommendations)) == len(found.recommendations)
    assert not {a.metric for a in found.anomalies} & set(found.too_little)


signs = st.builds(
    lambda metric, kind, ago, score: Anomaly(kind, metric, TODAY - timedelta(days=ago), 1, 0, score, 27, ""),
    st.sampled_from([m.name for m in METRICS]),
    st.sampled_from(sorted(KINDS)),
    st.integers(0, WINDOW - 1),
    st.floats(-99, 99),
)


@bounded
@given(st.lists(signs, max_size=8), signs)
def test_another_sign_never_lowers_the_risk(some: list[Anomaly], another: Anomaly) -> None:
    assert RISKS.index(risk_of([*some, another], TODAY)) >= RISKS.index(risk_of(some, TODAY))


@bounded
@given(signs)
def test_good_news_is_no_risk(sign: Anomaly) -> None:
    for metric in METRICS:
        for kind in KINDS - metric.worrying:
            assert risk_of([replace(sign, metric=metric.name, type=kind)] * 5, TODAY) == "low"


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (-0.01, "0"), (2, "2"), (2.04, "2"), (2.46, "2.5"), (1234567, "1234567")]
)
def test_numbers_are_written_plainly(value: float, text: str) -> None:
    assert plain(value) == text
