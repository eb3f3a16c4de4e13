"""Nothing is said of a device which is not so: offline, deaf, lying and slow devices, failing services, races."""

from datetime import timedelta
from typing import Any

import pytest

from infra.local.devices import Devices, Faults
from memory_mirror.home import shadows
from memory_mirror.home.control import thing_name
from memory_mirror.records.record import change, remove, view
from memory_mirror.service import store
from memory_mirror.times.moments import iso
from quintet.models.time import frozen
from quintet.settings import use
from quintet.testing import Client
from tests.functions.memory_mirror.home.conftest import (
    NOON,
    control,
    device,
    logged,
    stopped,
    stored,
    thing,
)
from tests.support.aws import in_threads
from tests.support.calls import crashing


def test_an_offline_device_is_no_success_and_nothing_waits_for_it(home: Devices, rose: Client) -> None:
    lamp = device(rose)
    home.report(thing(lamp), {"power": "off"})
    home.behave(thing(lamp), online=False)
    answer = control(rose, lamp)
    assert answer.status == 200
    result = answer.body["result"]
    assert answer.body["success"] is False
    assert {name: result[name] for name in ("requested", "reported", "verified", "reason")} == {
        "requested": {"power": "on"}, "reported": {"power": "off"}, "verified": False,
        "reason": "The device is offline",
    }  # fmt: skip
    assert (answer.body["device"]["online"], stored(lamp).online) == (False, False)
    home.behave(thing(lamp), online=True)
    assert home.shadows.get(thing(lamp))["state"]["reported"] == {"power": "off", "connected": True}
    again = control(rose, lamp)
    assert (again.body["success"], again.body["device"]["online"]) == (True, True)


def test_a_device_that_its_record_calls_offline_is_left_alone(home: Devices, rose: Client) -> None:
    lamp = device(rose, online=False)
    answer = control(rose, lamp)
    assert (answer.status, answer.body["success"]) == (200, False)
    assert answer.body["result"]["reason"] == "The device is offline"
    assert home.writes == []


def test_a_device_that_somebody_takes_offline_stays_so_until_it_speaks_again(home: Devices, rose: Client) -> None:
    lamp = device(rose)
    assert control(rose, lamp).body["success"] is True
    change(stored(lamp), online=False)
    assert control(rose, lamp, "turn_off").body["success"] is False
    assert stored(lamp).online is False
    with frozen() as clock:
        clock.advance(seconds=-30)
        change(stored(lamp), online=False)  # that was half a minute ago, and the device has spoken since
    home.report(thing(lamp), {"connected": True})
    assert control(rose, lamp, "turn_off").body["success"] is True
    assert stored(lamp).online is True


@pytest.mark.parametrize(
    ("manner", "reported", "reason"),
    [
        ({"drops": -1}, {}, "The device did not confirm in time"),
        ({"silent": True}, {}, "The device did not confirm in time"),
        ({"lag": 20.0}, {}, "The device did not confirm in time"),
        ({"lies": {"power": "off"}}, {"power": "off"}, "The device reports another state"),
        ({"lies": {"brightness": 10}}, {"power": "on", "brightness": 10}, "The device reports another state"),
    ],
)
def test_a_device_that_does_not_do_it_is_no_success(
    home: Devices,
    rose: Client,
    monkeypatch: pytest.MonkeyPatch,
    manner: dict[str, Any],
    reported: dict[str, Any],
    reason: str,
) -> None:
    monkeypatch.setattr(shadows, "BUDGET", 1.5 if reported else 0.4)
    lamp = device(rose)
    home.behave(thing(lamp), **manner)
    parameters = {"brightness": 80} if "brightness" in manner.get("lies", {}) else {}
    answer = control(rose, lamp, parameters=parameters)
    result = answer.body["result"]
    assert (answer.status, answer.body["success"]) == (200, False)
    assert (result["reported"], result["verified"], result["reason"]) == (reported, False, reason)
    assert stored(lamp).state == reported


def test_a_slow_device_is_waited_for(home: Devices, rose: Client) -> None:
    lamp = device(rose)
    home.behave(thing(lamp), lag=1.0)
    assert control(rose, lamp).body["success"] is True


def test_a_device_already_so_confirms_at_once(home: Devices, rose: Client) -> None:
    lamp = device(rose)
    home.report(thing(lamp), {"power": "on", "connected": True})
    home.behave(thing(lamp), drops=-1)
    assert control(rose, lamp).body["result"]["reported"] == {"power": "on"}


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Faults(status=429), "The device service takes no more commands at the moment"),
        (Faults(status=403), "The device service cannot be reached"),
        (Faults(status=503), "The device service cannot be reached"),
        (Faults(garbled=True), "The device service cannot be reached"),
        (Faults(status=400), "The device service refuses this command"),
    ],
)
def test_a_failing_service_is_said_and_not_hidden(
    home: Devices, rose: Client, hasty: None, fault: Faults, reason: str
) -> None:
    lamp = device(rose, state={"power": "off"})
    home.faults = fault
    answer = control(rose, lamp)
    result = answer.body["result"]
    assert (answer.status, answer.body["success"], result["verified"], result["reason"]) == (200, False, False, reason)
    assert result["reported"] == {"power": "off"}  # as last known
    assert logged(rose)[0].details["reason"] == reason


def test_a_service_that_nobody_answers_for_is_said(home: Devices, rose: Client, hasty: None) -> None:
    with use({"QUINTET_IOT_ENDPOINT": "http://127.0.0.1:9"}):
        answer = control(rose, device(rose))
    assert (answer.status, answer.body["result"]["reason"]) == (200, "The device service cannot be reached")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 429}, {"lost": True}, {"garbled": True}])
def test_a_service_that_fails_for_a_moment_does_not_matter(
    home: Devices, rose: Client, method: str, fault: dict[str, Any]
) -> None:
    lamp = device(rose)
    home.faults = Faults(requests=1, method=method, **fault)
    assert control(rose, lamp).body["success"] is True
    assert home.faults.requests == 0


def test_a_shadow_that_somebody_wrote_meanwhile_is_read_again(home: Devices, rose: Client) -> None:
    lamp = device(rose)
    home.report(thing(lamp), {"connected": True})
    home.faults = Faults(requests=3, method="POST", conflict=True)
    assert control(rose, lamp).body["success"] is True
    assert len(home.writes) == 1


def test_a_shadow_that_changes_all_the_time_makes_the_device_busy(home: Devices, rose: Client, hasty: None) -> None:
    lamp = device(rose)
    home.report(thing(lamp), {"connected": True})
    home.faults = Faults(method="POST", conflict=True)
    answer = control(rose, lamp)
    assert answer.body["result"]["reason"] == "The device is busy with other commands"
    assert home.writes == []


def test_of_commands_at_once_the_last_wins_and_every_result_is_true(home: Devices, rose: Client) -> None:
    lamp = device(rose)
    home.behave(thing(lamp), lag=0.02)
    levels = [5, 35, 65, 95]
    answers = in_threads(4, lambda n: control(rose, lamp, parameters={"brightness": levels[n]}))
    final = home.shadows.get(thing(lamp))["state"]
    assert "delta" not in final
    confirmed = []
    for level, answer in zip(levels, answers, strict=True):
        assert not isinstance(answer, Exception), answer
        assert answer.status == 200
        result = answer.body["result"]
        assert result["requested"]["brightness"] == level
        assert answer.body["success"] is result["verified"] is (result["reported"].get("brightness") == level)
        if result["verified"]:
            confirmed.append(level)
        else:
            assert result["reason"] == "Another command came after this one"
    assert final["desired"]["brightness"] in confirmed
    assert final["reported"] == {**stored(lamp).state, "connected": True}
    assert len(logged(rose)) == 4


@pytest.mark.parametrize(("subject", "ident"), [("a_b", "c"), ("a", "b_c"), ("", "c"), ("a", "../c"), ("a", "c" * 61)])
def test_a_things_name_is_made_of_ids_alone(subject: str, ident: str) -> None:
    assert thing_name("a", "c") == "quintet-local-memory-mirror-a_c"
    with pytest.raises(ValueError, match="made of ids"):
        thing_name(subject, ident)


def test_a_record_that_is_written_meanwhile_keeps_both(home: Devices, rose: Client) -> None:
    lamp = device(rose)
    once = [True]

    def rename(params: dict[str, Any]) -> None:
        if once and params.get("Item", {}).get("kind", {}).get("S") == "SmartDevice":
            once.clear()
            change(stored(lamp), name="The old lamp")

    with crashing("PutItem", rename):
        answer = control(rose, lamp)
    assert (answer.body["device"]["name"], answer.body["device"]["state"]) == ("The old lamp", {"power": "on"})
    assert view(stored(lamp)) == answer.body["device"]


def test_a_device_that_is_deleted_meanwhile_is_not_made_again(home: Devices, rose: Client) -> None:
    lamp = device(rose)
    once = [True]

    def drop(params: dict[str, Any]) -> None:
        if once and params.get("Item", {}).get("kind", {}).get("S") == "SmartDevice":
            once.clear()
            remove(stored(lamp))

    with crashing("PutItem", drop):
        assert control(rose, lamp).status == 200
    assert store.get(type(lamp), subject=lamp.subject, id=lamp.id) is None


def test_the_moment_of_a_result_is_when_the_device_was_asked(home: Devices, rose: Client) -> None:
    with stopped(rose, NOON + timedelta(milliseconds=7)) as clock:
        assert control(rose, device(rose)).body["result"]["at"] == iso(clock.at)
