"""When a routine may run, and which automations a mood calls for: the rules alone."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory_mirror.home.conditions import DAYS, Conditions, Facts, read, unmet
from memory_mirror.home.mood_automations import fits

FRIDAY = datetime(2026, 1, 16, 23, 30, tzinfo=ZoneInfo("Europe/Madrid"))
CLOCKS = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
ALL = {
    "time_window": {"start": "22:00", "end": "02:00"},
    "days_of_week": ["Fri", "saturday"],
    "anxiety_level": {"min": 3, "max": 7},
    "device_states": [{"device_id": "lamp", "state": {"power": "on"}}],
}


def facts(local: datetime = FRIDAY, anxiety: float | None = 5, **states: dict[str, Any]) -> Facts:
    return Facts(local, anxiety, states or {"lamp": {"power": "on", "brightness": 3}})


def failing(stored: dict[str, Any] | None, given_: Facts) -> list[str]:
    return unmet(read(stored), given_)


def test_a_routine_without_conditions_always_runs() -> None:
    assert failing(None, facts()) == failing({}, facts()) == []


def test_conditions_that_all_hold_leave_none() -> None:
    assert failing(ALL, facts()) == []


def test_every_condition_that_does_not_hold_is_named() -> None:
    noon = FRIDAY - timedelta(hours=40)  # Thursday 07:30
    assert failing(ALL, facts(noon, 8, lamp={"power": "off"})) == list(ALL)


@pytest.mark.parametrize(
    ("hours", "days", "holds"),
    [(0, ["fri"], True), (2, ["fri"], True), (2, ["sat"], False), (3, ["fri"], False), (-24, ["fri"], False)],
)
def test_a_window_past_midnight_belongs_to_the_day_it_began_on(hours: int, days: list[str], holds: bool) -> None:
    stored = {"time_window": ALL["time_window"], "days_of_week": days}
    assert (failing(stored, facts(FRIDAY + timedelta(hours=hours))) == []) is holds


@pytest.mark.parametrize(("level", "holds"), [(None, False), (2.9, False), (3, True), (7, True), (7.1, False)])
def test_anxiety_must_be_known_and_within_both_ends(level: float | None, holds: bool) -> None:
    assert (failing({"anxiety_level": {"min": 3, "max": 7}}, facts(anxiety=level)) == []) is holds


def test_a_device_that_is_not_known_to_be_so_is_not_so() -> None:
    stored = {"device_states": [{"device_id": "lamp", "state": {"power": "on"}}]}
    assert failing(stored, facts(stove={"power": "on"})) == ["device_states"]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CLOCKS, CLOCKS, CLOCKS)
def test_a_window_and_its_opposite_share_the_day(start: str, end: str, clock: str) -> None:
    at = FRIDAY.replace(hour=int(clock[:2]), minute=int(clock[3:]))
    inside = failing({"time_window": {"start": start, "end": end}}, facts(at)) == []
    outside = failing({"time_window": {"start": end, "end": start}}, facts(at)) == []
    assert inside is (not outside) or (start == end and inside and outside)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 24 * 365))
def test_without_a_window_the_day_is_the_calendars(hours: int) -> None:
    at = FRIDAY + timedelta(hours=hours)
    today = DAYS[at.weekday()]
    assert failing({"days_of_week": [today]}, facts(at)) == []
    assert failing({"days_of_week": [one for one in DAYS if one != today]}, facts(at)) == ["days_of_week"]


@pytest.mark.parametrize(
    ("stored", "named"),
    [
        ({"weather": "rain"}, "conditions.weather"),
        ({"time_window": {"start": "25:00", "end": "02:00"}}, "conditions.time_window.start"),
        ({"time_window": {"start": "22:00"}}, "conditions.time_window.end"),
        ({"time_window": "22:00-02:00"}, "conditions.time_window"),
        ({"days_of_week": []}, "conditions.days_of_week"),
        ({"days_of_week": ["someday"]}, "conditions.days_of_week.0"),
        ({"anxiety_level": {"min": 8, "max": 2}}, "conditions.anxiety_level"),
        ({"anxiety_level": {"max": 11}}, "conditions.anxiety_level.max"),
        ({"device_states": [{"device_id": "lamp", "state": {}}]}, "conditions.device_states.0.state"),
    ],
)
def test_conditions_that_make_no_sense_are_refused_by_name(stored: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match="^" + named.replace(".", r"\.") + ":"):
        read(stored)


def test_conditions_name_the_devices_they_look_at() -> None:
    assert read(ALL).devices == ["lamp"]
    assert Conditions().devices == []


@pytest.mark.parametrize(
    ("moods", "least", "most", "mood", "level", "fit"),
    [
        (["anxious"], 5, 10, "anxious", 7, True),
        (["anxious"], 5, 10, "  Anxious ", 7, True),
        (["Very  Anxious"], 0, 10, "very anxious", 7, True),
        (["anxious"], 5, 10, "anxiously", 7, False),
        (["calm", "anxious"], 0, 10, "ANXIOUS", 0, True),
        ([], 0, 10, "whatever", 3, True),
        (["anxious"], 5, 10, "anxious", 4.9, False),
        (["anxious"], 5, 7, "anxious", 7, True),
        (["anxious"], 5, 7, "anxious", 5, True),
        (["不安"], 0, 10, "不安", 7, True),
    ],
)
def test_an_automation_fits_its_moods_and_levels(
    moods: list[str], least: float, most: float, mood: str, level: float, fit: bool
) -> None:
    assert fits(moods, least, most, mood, level) is fit


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.floats(0, 10), st.floats(0, 10), st.floats(0, 10))
def test_an_automation_is_never_run_outside_its_levels(least: float, most: float, level: float) -> None:
    assert fits([], least, most, "calm", level) is (least <= level <= most)
