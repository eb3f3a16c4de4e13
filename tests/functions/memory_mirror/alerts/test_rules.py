"""Alert conditions as rules: when each kind holds, and how an alert goes from contact to contact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory_mirror.alerts.entities import AlertKind
from memory_mirror.alerts.rules import Met, Observed, Raised, Terms, act, evaluate, recipients

AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def ago(hours: float) -> datetime:
    return AT - timedelta(hours=hours)


def terms(kind: AlertKind, threshold: float = 1, window_hours: float = 24, made: float = 1000) -> Terms:
    return Terms(kind, threshold, window_hours, ago(made))


CASES: list[tuple[str, Terms, Observed, Met | None]] = [
    (
        "the average reaches the limit",
        terms("anxiety_average", 6),
        Observed(readings=[(ago(1), 8), (ago(5), 4), (ago(30), 0)]),
        Met(6, ago(5), "Anxiety averages 6 of 10 over 2 readings in 24 hours; the limit is 6."),
    ),
    ("the average stays below", terms("anxiety_average", 6), Observed(readings=[(ago(1), 8), (ago(5), 3.9)]), None),
    ("no readings say nothing", terms("anxiety_average", 0), Observed(), None),
    ("old readings say nothing", terms("anxiety_peak", 1), Observed(readings=[(ago(25), 10)]), None),
    ("readings to come say nothing", terms("anxiety_peak", 1), Observed(readings=[(ago(-2), 10)]), None),
    (
        "one high reading is a peak",
        terms("anxiety_peak", 8, 1),
        Observed(readings=[(ago(0.1), 2), (ago(0.5), 8.5)]),
        Met(8.5, ago(0.5), "Anxiety reached 8.5 of 10, among 2 readings in 1 hour; the limit is 8."),
    ),
    ("a lower one is none", terms("anxiety_peak", 8), Observed(readings=[(ago(1), 7.9)]), None),
    (
        "silence for as long as the threshold says",
        terms("inactivity", 12),
        Observed(last_sign=ago(12)),
        Met(12, ago(12), "No activity for 12 hours; the limit is 12 hours."),
    ),
    ("a sign in time", terms("inactivity", 12), Observed(last_sign=ago(11.9)), None),
    (
        "without a threshold the window is the limit",
        terms("inactivity", 0, 6),
        Observed(last_sign=ago(6.55)),
        Met(6.55, ago(6.55), "No activity for 6.5 hours; the limit is 6 hours."),
    ),
    ("one who never gave a sign is waited for", terms("inactivity", 12, made=3), Observed(), None),
    (
        "but not for ever",
        terms("inactivity", 12, made=13),
        Observed(),
        Met(13, ago(13), "No activity for 13 hours; the limit is 12 hours."),
    ),
    (
        "reminders that nobody was told",
        terms("missed_reminder", 3),
        Observed(missed=[(ago(2), 1), (ago(3), 2), (ago(30), 9)]),
        Met(3, ago(3), "3 reminders were missed in the last 24 hours."),
    ),
    ("fewer than asked for", terms("missed_reminder", 4), Observed(missed=[(ago(2), 1), (ago(3), 2)]), None),
    ("none at all, with a threshold of nothing", terms("missed_reminder", 0), Observed(), None),
    (
        "an incident in the night",
        terms("night_incident", 1, 12),
        Observed(incidents=[ago(5), ago(13)]),
        Met(1, ago(5), "1 night incident in the last 12 hours."),
    ),
    ("a night without", terms("night_incident", 1, 12), Observed(incidents=[ago(13)]), None),
    (
        "devices that are offline",
        terms("device_offline", 2),
        Observed(offline=[(ago(1), "Lamp"), (ago(50), "Door")]),
        Met(2, ago(50), "Offline: Door, Lamp."),
    ),
    ("all devices are there", terms("device_offline", 0), Observed(), None),
]


@pytest.mark.parametrize(("asked", "observed", "met"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_condition_holds_exactly_when_it_says(asked: Terms, observed: Observed, met: Met | None) -> None:
    assert evaluate(asked, observed, AT) == met


MET = Met(1, AT, "")


def acted(raised: Raised | None, met: Met | None, *, opened: datetime | None = None, cooldown: int = 60) -> str:
    return act(raised, met, opened_at=opened, at=AT, cooldown=timedelta(minutes=cooldown), window=DAY)


def test_an_alert_begins_goes_on_and_ends() -> None:
    assert acted(None, None) == "nothing"
    assert acted(None, MET) == "raise"
    young, old = Raised(1, ago(0.5), ago(0.5)), Raised(2, ago(9), ago(1))
    assert acted(young, MET) == "nothing"
    assert acted(young, MET, cooldown=0) == "escalate"
    assert acted(old, MET) == "escalate"
    assert acted(old, None) == "reset"


def test_a_caregiver_who_comes_after_the_first_notice_ends_the_telling() -> None:
    going = Raised(2, ago(3), ago(2))
    assert acted(going, MET, opened=ago(4)) == "escalate"
    assert acted(going, MET, opened=ago(3)) == "acknowledge"
    assert acted(Raised(2, ago(3), ago(2), ago(1)), MET, opened=ago(1)) == "nothing"
    assert acted(Raised(2, ago(30), ago(29), ago(24)), MET, opened=ago(24)) == "raise"
    assert acted(Raised(2, ago(3), ago(2), ago(1)), None) == "reset"


def test_each_stage_tells_the_next_contact_and_then_all() -> None:
    assert [recipients(["a", "b", "a"], stage) for stage in (1, 2, 3, 9)] == [["a"], ["b"], ["a", "b"], ["a", "b"]]
    assert recipients([], 1) == []


@given(
    contacts=st.lists(st.sampled_from("abcdef"), min_size=1, max_size=8),
    cooldown=st.integers(1, 300),
    looks=st.lists(st.integers(1, 200), min_size=1, max_size=40),
)
def test_while_nobody_acts_everybody_is_told_and_never_twice_within_a_cooldown(
    contacts: list[str], cooldown: int, looks: list[int]
) -> None:
    raised, at, told = None, AT, []
    for minutes in looks:
        at += timedelta(minutes=minutes)
        todo = act(raised, MET, opened_at=None, at=at, cooldown=timedelta(minutes=cooldown), window=DAY)
        assert todo in ("raise", "escalate", "nothing")
        if todo != "nothing":
            raised = Raised(raised.told + 1 if raised else 1, raised.first_at if raised else at, at)
            told.append((at, recipients(contacts, raised.told)))
    assert all(late[0] - early[0] >= timedelta(minutes=cooldown) for early, late in pairwise(told))
    different = list(dict.fromkeys(contacts))
    assert [who for _, who in told[: len(different)]] == [[one] for one in different][: len(told)]
    assert all(who == different for _, who in told[len(different) :])
