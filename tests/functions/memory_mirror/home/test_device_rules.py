"""What devices can be told, what is unsafe at night, and what counts as confirmed: the rules alone."""

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory_mirror.home.actions import ACTIONS, desired, matches
from memory_mirror.home.confirmation import Reason, judged, present
from memory_mirror.home.devices import Shadow
from memory_mirror.home.hazards import Hazard, hazard, is_night, local, refused
from memory_mirror.home.parameters import InvalidCommand
from memory_mirror.records.fields import DeviceType

KINDS: tuple[DeviceType, ...] = get_args(DeviceType)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=2,
)
NAMES = sorted({one.name for actions in ACTIONS.values() for action in actions.values() for one in action.parameters})
SPAN = tuple(int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2024, 2031))
ZONES = ("UTC", "Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo")


def test_every_type_that_can_be_stored_has_its_actions() -> None:
    assert set(KINDS) == set(ACTIONS)


@pytest.mark.parametrize(
    ("kind", "action", "parameters", "state"),
    [
        ("light", "turn_on", {}, {"power": "on"}),
        ("light", "turn_on", {"brightness": 80}, {"power": "on", "brightness": 80}),
        ("light", "turn_on", {"brightness": None}, {"power": "on"}),
        ("light", "turn_off", {}, {"power": "off"}),
        ("light", "set_brightness", {"brightness": 100.0}, {"power": "on", "brightness": 100}),
        ("light", "set_brightness", {"brightness": 0}, {"power": "off", "brightness": 0}),
        ("light", "dim", {}, {"power": "on", "brightness": 30}),
        ("light", "dim", {"brightness": 10}, {"power": "on", "brightness": 10}),
        ("light", "set_color", {"color": "#FFcc88"}, {"power": "on", "color": "#ffcc88"}),
        ("light", "set_color_temperature", {"color_temperature": 2700}, {"power": "on", "color_temperature": 2700}),
        ("lock", "lock", {}, {"locked": True}),
        ("lock", "unlock", {}, {"locked": False}),
        ("thermostat", "set_temperature", {"temperature": 21.5}, {"temperature": 21.5}),
        ("thermostat", "set_temperature", {"temperature": 70, "unit": "F"}, {"temperature": 21.1}),
        ("thermostat", "set_mode", {"mode": "heat"}, {"mode": "heat"}),
        ("thermostat", "turn_off", {}, {"mode": "off"}),
        ("speaker", "set_volume", {"volume": 40}, {"volume": 40}),
        ("speaker", "mute", {}, {"muted": True}),
        (
            "speaker", "play", {"playlist_id": "p1", "title": "Blue Moon", "volume": 20},
            {"power": "on", "playback": "playing", "playlist_id": "p1", "title": "Blue Moon", "url": "",
             "volume": 20},
        ),
        ("speaker", "play", {}, {"power": "on", "playback": "playing"}),
        ("speaker", "stop", {}, {"playback": "stopped"}),
        ("stove", "turn_on", {"level": 3}, {"power": "on", "level": 3}),
        ("stove", "set_level", {"level": 0}, {"power": "off", "level": 0}),
        ("stove", "set_level", {"level": 4}, {"power": "on", "level": 4}),
        ("stove", "turn_off", {}, {"power": "off"}),
    ],
)  # fmt: skip
def test_an_action_asks_for_a_state(
    kind: DeviceType, action: str, parameters: dict[str, Any], state: dict[str, Any]
) -> None:
    assert desired(kind, [], action, parameters) == state


@pytest.mark.parametrize(
    ("kind", "action", "parameters", "field", "words"),
    [
        ("light", "explode", {}, "action", "turn_on, turn_off"),
        ("light", "unlock", {}, "action", "turn_on"),
        ("sensor", "turn_on", {}, "action", "takes no commands"),
        ("light", "set_brightness", {}, "parameters.brightness", "needs it"),
        ("light", "set_brightness", {"brightness": None}, "parameters.brightness", "needs it"),
        ("light", "set_brightness", {"brightness": 101}, "parameters.brightness", "0 to 100"),
        ("light", "set_brightness", {"brightness": -1}, "parameters.brightness", "0 to 100"),
        ("light", "set_brightness", {"brightness": 1.5}, "parameters.brightness", "whole number"),
        ("light", "set_brightness", {"brightness": True}, "parameters.brightness", "number"),
        ("light", "set_brightness", {"brightness": "80"}, "parameters.brightness", "number"),
        ("light", "set_brightness", {"brightness": float("nan")}, "parameters.brightness", "number"),
        ("light", "set_color", {"color": "red"}, "parameters.color", "#ffcc88"),
        ("light", "turn_on", {"volume": 3}, "parameters.volume", "takes brightness"),
        ("light", "turn_off", {"brightness": 3}, "parameters.brightness", "takes no parameters"),
        ("thermostat", "set_temperature", {"temperature": 4.9}, "parameters.temperature", "5 to 35"),
        ("thermostat", "set_temperature", {"temperature": 35.1}, "parameters.temperature", "5 to 35"),
        ("thermostat", "set_temperature", {"temperature": 99, "unit": "F"}, "parameters.temperature", "41 to 95"),
        ("thermostat", "set_temperature", {"temperature": 20, "unit": "K"}, "parameters.unit", "C, F"),
        ("thermostat", "set_mode", {"mode": "party"}, "parameters.mode", "off, heat, cool, auto"),
        ("speaker", "play", {"title": "a\nb"}, "parameters.title", "one line"),
        ("stove", "turn_on", {"level": 11}, "parameters.level", "1 to 10"),
        ("light", "set_brightness", {"brightness": 10**400}, "parameters.brightness", "number"),
        ("light", "turn_off", {"no name at all": 1}, "parameters", "takes no parameters"),
        ("light", "turn_off", {"x" * 41: 1}, "parameters", "takes no parameters"),
    ],
)  # fmt: skip
def test_what_a_device_does_not_understand_is_named(
    kind: DeviceType, action: str, parameters: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(InvalidCommand) as caught:
        desired(kind, [], action, parameters)
    assert caught.value.field == field
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("capabilities", "action", "parameters", "able"),
    [
        (["on_off"], "turn_on", {}, True),
        (["on_off"], "set_brightness", {"brightness": 5}, False),
        (["on_off"], "turn_on", {"brightness": 5}, False),
        (["brightness"], "set_brightness", {"brightness": 5}, True),
        (["Brightness"], "turn_on", {"brightness": 5}, True),
        (["set_brightness"], "set_brightness", {"brightness": 5}, True),
        (["turn_on", "set_brightness"], "turn_on", {"brightness": 5}, True),
        (["turn_on", "turn_off"], "turn_on", {"brightness": 5}, False),
        (["dimmable"], "dim", {}, True),
        (["Color Temperature"], "set_color_temperature", {"color_temperature": 2700}, True),
        (["color"], "set_color_temperature", {"color_temperature": 2700}, False),
        (["color"], "set_color", {"color": "#000000", "brightness": 3}, False),
        ([], "set_color", {"color": "#000000", "brightness": 3}, True),
    ],
)
def test_a_capability_is_needed_where_capabilities_are_named(
    capabilities: list[str], action: str, parameters: dict[str, Any], able: bool
) -> None:
    if able:
        assert desired("light", capabilities, action, parameters)
    else:
        with pytest.raises(InvalidCommand):
            desired("light", capabilities, action, parameters)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(KINDS),
    st.lists(st.sampled_from(["on_off", "brightness", "color", "mode", "level"]), max_size=3),
    st.sampled_from(sorted({name for actions in ACTIONS.values() for name in actions})) | st.text(max_size=8),
    st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=4), JSON, max_size=3),
)
def test_every_command_is_understood_whole_or_refused_by_name(
    kind: DeviceType, capabilities: list[str], action: str, parameters: dict[str, Any]
) -> None:
    try:
        state, named = desired(kind, capabilities, action, parameters), None
    except InvalidCommand as error:
        state, named = {}, error.field.removeprefix("parameters.")
    if named is not None:
        assert named in {"action", "parameters", *parameters, *NAMES}
        return
    assert action in ACTIONS[kind]
    assert state
    assert matches(state, state)
    assert all(isinstance(value, str | bool | int | float) for value in state.values())
    for name in ("brightness", "volume"):
        assert 0 <= state.get(name, 0) <= 100
    assert 5 <= state.get("temperature", 20) <= 35
    assert 0 <= state.get("level", 0) <= 10


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["brightness", "temperature", "locked", "power", "title"]), JSON, JSON)
def test_a_report_confirms_only_what_it_says(name: str, asked: Any, told: Any) -> None:
    assert not matches({name: asked}, {})
    if matches({name: asked}, {name: told}):
        numbers = isinstance(asked, int | float) and isinstance(told, int | float)
        assert asked == told or (numbers and abs(asked - told) <= 1)
        assert isinstance(asked, bool) == isinstance(told, bool)


@pytest.mark.parametrize(
    ("asked", "told", "same"),
    [({"brightness": 80}, {"brightness": 81}, True), ({"brightness": 80}, {"brightness": 82}, False),
     ({"temperature": 21.1}, {"temperature": 21.0}, True), ({"temperature": 21.0}, {"temperature": 22.0}, False),
     ({"locked": True}, {"locked": 1}, False), ({"power": "on"}, {"power": "on", "brightness": 3}, True),
     ({"level": 1}, {"level": True}, False), ({"level": 3}, {"level": 4}, False)],
)  # fmt: skip
def test_devices_round_and_that_confirms(asked: dict[str, Any], told: dict[str, Any], same: bool) -> None:
    assert matches(asked, told) is same


@pytest.mark.parametrize(
    ("kind", "wanted", "found"),
    [
        ("lock", {"locked": False}, Hazard.DOOR), ("lock", {"locked": True}, None),
        ("stove", {"power": "on"}, Hazard.STOVE), ("stove", {"power": "off", "level": 0}, None),
        ("thermostat", {"temperature": 28.1}, Hazard.TEMPERATURE), ("thermostat", {"temperature": 28}, None),
        ("thermostat", {"temperature": 15.9}, Hazard.TEMPERATURE), ("thermostat", {"temperature": 16}, None),
        ("thermostat", {"mode": "heat"}, None), ("light", {"power": "on"}, None), ("speaker", {"power": "on"}, None),
    ],
)  # fmt: skip
def test_open_doors_lit_stoves_and_extreme_temperatures_are_hazards(
    kind: str, wanted: dict[str, Any], found: Hazard | None
) -> None:
    assert hazard(wanted, kind) is found


@pytest.mark.parametrize(
    ("clock", "night"),
    [("21:59:59", False), ("22:00:00", True), ("23:59:59", True), ("00:00:00", True), ("05:59:59", True),
     ("06:00:00", False), ("12:00:00", False)],
)  # fmt: skip
def test_night_is_from_ten_to_six_where_the_person_lives(clock: str, night: bool) -> None:
    for zone in ZONES:
        at = datetime.fromisoformat(f"2026-01-15T{clock}").replace(
            tzinfo=local(datetime(2026, 1, 15, tzinfo=UTC), zone).tzinfo
        )
        assert is_night(at.astimezone(UTC), zone) is night


@pytest.mark.parametrize("zone", ["", "Mars/Base", "../etc/passwd", "Europe", "x" * 300])
def test_an_unknown_zone_counts_as_utc(zone: str) -> None:
    assert is_night(datetime(2026, 7, 1, 23, tzinfo=UTC), zone)
    assert not is_night(datetime(2026, 7, 1, 12, tzinfo=UTC), zone)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(SPAN[0], SPAN[1]),
    st.sampled_from(ZONES),
    st.sampled_from([("lock", {"locked": False}), ("stove", {"power": "on"}), ("light", {"power": "on"})]),
)
def test_the_wall_clock_alone_decides_across_every_clock_change(
    seconds: int, zone: str, asked: tuple[str, dict[str, Any]]
) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    hour = local(at, zone).hour
    kind, wanted = asked
    withheld = refused(wanted, kind, at, zone, override=False)
    assert (withheld is not None) == ((hour >= 22 or hour < 6) and kind != "light")
    assert refused(wanted, kind, at, zone, override=True) is None


def test_the_hour_that_comes_twice_is_night_both_times() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30 in Madrid, and again an hour later
    assert local(first, "Europe/Madrid").hour == local(first + timedelta(hours=1), "Europe/Madrid").hour == 2
    assert is_night(first, "Europe/Madrid")
    assert is_night(first + timedelta(hours=1), "Europe/Madrid")


def shadow(reported: dict[str, Any], at: int = 100, **desired_: Any) -> Shadow:
    return Shadow(1, desired_, reported, dict.fromkeys(reported, at))


WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)
STAMP = int(WRITTEN.timestamp())


@pytest.mark.parametrize(
    ("online", "told", "seen", "there"),
    [
        (True, None, None, True), (False, None, None, False),
        (True, None, shadow({"power": "on"}), True), (False, None, shadow({"power": "on"}), False),
        (True, True, shadow({"connected": False}), False), (True, None, shadow({"connected": True}), True),
        # it had said that it is offline, and now says otherwise
        (False, False, shadow({"connected": True}, STAMP), True),
        # somebody set it to offline since it last said anything
        (False, True, shadow({"connected": True}, STAMP), False),
        (False, None, shadow({"connected": True}, STAMP - 5), False),
        (False, True, shadow({"connected": True}, STAMP + 1), True),
    ],
)  # fmt: skip
def test_the_device_knows_best_whether_it_is_there(
    online: bool, told: bool | None, seen: Shadow | None, there: bool
) -> None:
    assert present(online, told, WRITTEN, seen) is there


@pytest.mark.parametrize(
    ("before", "now", "reason"),
    [
        (None, shadow({"power": "on"}), None),
        (shadow({"power": "on"}), shadow({"power": "on"}), None),
        (None, shadow({}, power="on"), Reason.SILENT),
        (shadow({"power": "off"}), shadow({"power": "off"}), Reason.SILENT),
        (shadow({"power": "off"}), shadow({"power": "off"}, 101), Reason.CONTRADICTED),
        (shadow({"power": "off"}), shadow({"power": "standby"}), Reason.CONTRADICTED),
        (None, shadow({"power": "off"}), Reason.CONTRADICTED),
        (None, shadow({"power": "off"}, power="off"), Reason.OVERTAKEN),
        (None, shadow({"power": "on"}, power="off"), None),
        (None, shadow({"power": "on", "connected": False}), Reason.OFFLINE),
    ],
)
def test_what_the_device_reports_is_all_that_counts(before: Shadow | None, now: Shadow, reason: Reason | None) -> None:
    assert judged({"power": "on"}, before, now) is reason


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STATE := st.dictionaries(st.sampled_from(["power", "level"]), st.integers(0, 2), min_size=1), STATE, STATE)
def test_nothing_is_confirmed_that_was_not_reported(
    wanted: dict[str, Any], reported: dict[str, Any], wished: dict[str, Any]
) -> None:
    reason = judged(wanted, None, shadow(reported, **wished))
    assert (reason is None) == all(reported.get(name) == value for name, value in wanted.items())
