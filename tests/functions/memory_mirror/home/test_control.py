"""A command to a device: what it asks, who may give it, and what is refused."""

import time
from typing import Any

import pytest

from infra.local.devices import Devices
from memory_mirror.records.record import view
from quintet.models import new_id
from quintet.testing import Client
from tests.functions.memory_mirror.conftest import MakePatient, SignIn, subject_of
from tests.functions.memory_mirror.home.conftest import (
    NOON,
    control,
    device,
    logged,
    routine,
    stopped,
    stored,
    thing,
)


def test_a_device_that_confirms_is_a_success_and_its_record_knows(home: Devices, rose: Client) -> None:
    lamp = device(rose, capabilities=["brightness"])
    with stopped(rose, NOON):
        answer = control(rose, lamp, parameters={"brightness": 80})
    state = {"power": "on", "brightness": 80}
    kept = stored(lamp)
    assert (answer.status, answer.body) == (
        200,
        {
            "success": True,
            "device": view(kept),
            "result": {"requested": state, "reported": state, "verified": True, "at": "2026-01-15T12:00:00.000Z"},
        },
    )
    assert (kept.state, kept.online) == (state, True)
    assert kept.last_seen_at is not None
    assert abs(kept.last_seen_at.timestamp() - time.time()) < 30
    assert home.shadows.get(thing(lamp))["state"]["desired"] == state
    assert "told_online" not in answer.body["device"]


def test_every_command_leaves_its_record(home: Devices, rose: Client) -> None:
    lamp = device(rose)
    steps = routine(rose, (lamp, "turn_on", {}))
    control(rose, lamp, parameters={"brightness": 80}, routine_id=steps.id)
    home.behave(thing(lamp), online=False)
    control(rose, lamp, "turn_off")
    second, first = logged(rose)
    assert (first.description, first.created_by) == ("turn_on The light: confirmed", "rose@example.com")
    assert first.details == {
        "device_id": lamp.id, "device_type": "light", "action": "turn_on", "parameters": {"brightness": 80},
        "source": "command", "routine_id": steps.id, "related_id": steps.id, "verified": True, "override": False,
    }  # fmt: skip
    assert second.description == "turn_off The light: not confirmed: The device is offline"
    assert (second.details["verified"], second.details["reason"]) == (False, "The device is offline")


def test_an_anonymous_caller_is_refused_before_anything_is_read(home: Devices, mirror: Client, rose: Client) -> None:
    answer = control(mirror, device(rose))
    assert (answer.status, answer.body) == (401, {"error": "Unauthorized"})
    assert home.writes == []


@pytest.mark.parametrize("ident", ["device_abc", "0198c0de-0000-7000-8000-000000000001", "a/b", "mm_x_y"])
def test_an_unknown_device_is_not_found(home: Devices, rose: Client, ident: str) -> None:
    answer = control(rose, ident)
    assert (answer.status, answer.body) == (404, {"error": "SmartDevice not found"})
    assert home.writes == []


def test_nobody_reaches_the_device_of_another(home: Devices, rose: Client, sign_in: SignIn, carer: Client) -> None:
    lamp = device(rose)
    for stranger in (sign_in("user"), carer, sign_in("admin")):
        assert control(stranger, lamp).status == 404
    # not even with a record of one's own that carries the other's id
    mallory = sign_in("user")
    twin = device(mallory, id=lamp.id)
    assert control(mallory, twin).body["success"] is True
    assert [name for name, _ in home.writes] == [thing(twin)] != [thing(lamp)]


def test_a_caregiver_controls_the_devices_of_their_patient(
    home: Devices, rose: Client, carer: Client, make_patient: MakePatient
) -> None:
    lamp = device(rose)
    patient = make_patient(rose, caregivers=["carer@example.com"], user_id=subject_of(rose))
    assert control(carer, lamp).body["success"] is True
    named = carer.post(
        "/functions/controlSmartDevice",
        {"device_id": lamp.id, "action": "turn_off"},
        headers={"X-Patient-Id": patient["id"]},
    )
    assert named.body["result"]["reported"] == {"power": "off"}
    assert logged(rose)[0].created_by == "carer@example.com"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"action": "turn_on"}, "device_id"),
        ({"device_id": "", "action": "turn_on"}, "device_id"),
        ({"device_id": 5, "action": "turn_on"}, "device_id"),
        ({"device_id": "x"}, "action"),
        ({"device_id": "x", "action": ""}, "action"),
        ({"device_id": "x", "action": "turn_on", "parameters": []}, "parameters"),
        ({"device_id": "x", "action": "turn_on", "routine_id": 5}, "routine_id"),
    ],
)
def test_a_body_that_makes_no_sense_is_refused_by_name(
    home: Devices, rose: Client, body: dict[str, Any], named: str
) -> None:
    answer = rose.post("/functions/controlSmartDevice", body)
    assert answer.status == 400
    assert list(answer.body) == ["error"]
    assert answer.body["error"].startswith(f"{named}: ")


@pytest.mark.parametrize(
    ("kind", "action", "parameters", "error"),
    [
        ("light", "fly", {}, "action: this light understands turn_on, turn_off"),
        ("light", "set_brightness", {"brightness": 5}, "action: this light understands turn_on, turn_off"),
        ("light", "turn_on", {"brightness": 5}, "parameters.brightness: turn_on of this light takes no parameters"),
        ("thermostat", "set_temperature", {"temperature": 60}, "parameters.temperature: must be from 5 to 35 °C"),
        ("sensor", "turn_on", {}, "action: this sensor takes no commands"),
    ],
)
def test_a_command_that_the_device_does_not_understand_is_refused_and_not_sent(
    home: Devices, rose: Client, kind: str, action: str, parameters: dict[str, Any], error: str
) -> None:
    one = device(rose, kind, capabilities=["power"])
    answer = control(rose, one, action, parameters=parameters)
    assert (answer.status, answer.body) == (400, {"error": error})
    assert home.writes == []


def test_an_unknown_routine_is_not_found(home: Devices, rose: Client) -> None:
    answer = control(rose, device(rose), routine_id=new_id())
    assert (answer.status, answer.body) == (404, {"error": "SmartHomeRoutine not found"})
    assert control(rose, device(rose), routine_id=None, parameters=None).status == 200
