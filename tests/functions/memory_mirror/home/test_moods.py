"""The home fitted to a mood: which automations run, how long they rest, and what they are said to have done."""

from typing import Any

import pytest

from infra.local.devices import Devices
from memory_mirror.home import mood_automations
from memory_mirror.home.entities import MoodAutomation, SmartDevice
from memory_mirror.records.record import create, new
from quintet.testing import Client
from quintet.testing.client import Answer
from tests.functions.memory_mirror.conftest import MakePatient, SignIn, subject_of
from tests.functions.memory_mirror.home.conftest import MIDNIGHT, NOON, device, logged, stopped, stored, thing
from tests.support.aws import in_threads

WORRIED = {"anxiety_level": 7, "detected_mood": "anxious"}
IDLE = {"applied": False, "automations_triggered": [], "devices_updated": 0}


def automation(owner: Client, *actions: tuple[SmartDevice, str, dict[str, Any]], **fields: Any) -> MoodAutomation:
    """A stored automation of the account, for anxious moods unless it says otherwise."""
    told = [{"device_id": one.id, "action": action, "parameters": parameters} for one, action, parameters in actions]
    values = {"name": "Soft light", "moods": ["anxious"], "min_anxiety": 5, "actions": told, **fields}
    return create(new(MoodAutomation, subject_of(owner), "rose@example.com", **values))


def mood(client: Client, **body: Any) -> Answer:
    return client.post("/functions/moodBasedDeviceControl", {**WORRIED, **body})


def test_a_worried_evening_softens_the_light(home: Devices, rose: Client) -> None:
    lamp, radio = device(rose), device(rose, "speaker")
    soft = automation(rose, (lamp, "dim", {"brightness": 20}), (radio, "set_volume", {"volume": 15}))
    with stopped(rose, NOON):
        answer = mood(rose, conversation_context="User expressed worry about family")
    at, dimmed, quiet = "2026-01-15T12:00:00.000Z", {"power": "on", "brightness": 20}, {"volume": 15}
    assert (answer.status, answer.body) == (
        200,
        {
            "applied": True,
            "automations_triggered": [
                {
                    "id": soft.id,
                    "name": "Soft light",
                    "devices_updated": 2,
                    "actions": [
                        {"device_id": lamp.id, "device_name": "The light", "action": "dim", "requested": dimmed,
                         "reported": dimmed, "verified": True, "at": at},
                        {"device_id": radio.id, "device_name": "The speaker", "action": "set_volume",
                         "requested": quiet, "reported": quiet, "verified": True, "at": at},
                    ],
                }
            ],
            "devices_updated": 2,
        },
    )  # fmt: skip
    assert stored(lamp).state == dimmed
    assert {(entry.details["source"], entry.details["related_id"]) for entry in logged(rose)} == {
        ("mood_automation", soft.id)
    }
    assert all("worry" not in str(entry.details) for entry in logged(rose))


def test_an_anonymous_caller_is_refused(home: Devices, mirror: Client) -> None:
    answer = mood(mirror)
    assert (answer.status, answer.body) == (401, {"error": "Unauthorized"})


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"anxiety_level": -0.1}, "anxiety_level"), ({"anxiety_level": 10.1}, "anxiety_level"),
        ({"anxiety_level": "7"}, "anxiety_level"), ({"anxiety_level": None}, "anxiety_level"),
        ({"anxiety_level": True}, "anxiety_level"), ({"detected_mood": ""}, "detected_mood"),
        ({"detected_mood": 3}, "detected_mood"), ({"detected_mood": "x" * 61}, "detected_mood"),
        ({"conversation_context": 3}, "conversation_context"),
    ],
)  # fmt: skip
def test_a_body_that_makes_no_sense_is_refused_by_name(
    home: Devices, rose: Client, body: dict[str, Any], named: str
) -> None:
    answer = mood(rose, **body)
    assert answer.status == 400
    assert answer.body["error"].startswith(f"{named}: ")


def test_without_automations_nothing_happens(home: Devices, rose: Client) -> None:
    assert mood(rose).body == IDLE
    assert mood(rose, conversation_context=None, anxiety_level=0).body == IDLE


@pytest.mark.parametrize(
    "fields",
    [{"active": False}, {"moods": ["calm"]}, {"min_anxiety": 7.5}, {"min_anxiety": 0, "max_anxiety": 6.9}],
)
def test_automations_that_do_not_fit_leave_the_home_alone(home: Devices, rose: Client, fields: dict[str, Any]) -> None:
    automation(rose, (device(rose), "turn_on", {}), **fields)
    assert mood(rose).body == IDLE
    assert home.writes == []


def test_the_automations_of_another_are_not_run(home: Devices, rose: Client, sign_in: SignIn, carer: Client) -> None:
    lamp = device(rose)
    automation(rose, (lamp, "turn_on", {}))
    assert mood(sign_in("user")).body == mood(carer).body == mood(sign_in("admin")).body == IDLE
    mallory = sign_in("user")
    automation(mallory, (lamp, "turn_on", {}))
    body = mood(mallory).body
    assert (body["applied"], body["devices_updated"]) == (False, 0)
    assert body["automations_triggered"][0]["actions"][0]["reason"] == "SmartDevice not found"
    assert home.writes == []


def test_a_caregiver_acts_for_their_patient(
    home: Devices, rose: Client, carer: Client, make_patient: MakePatient
) -> None:
    automation(rose, (device(rose), "turn_on", {}))
    make_patient(rose, caregivers=["carer@example.com"], user_id=subject_of(rose))
    assert mood(carer).body["devices_updated"] == 1


def test_an_automation_rests_after_it_did_something(home: Devices, rose: Client) -> None:
    automation(rose, (device(rose), "turn_on", {}), cooldown_minutes=10)
    with stopped(rose, NOON) as clock:
        assert mood(rose).body["applied"] is True
        clock.advance(minutes=9, seconds=59)
        assert mood(rose).body == IDLE
        clock.advance(seconds=1)
        assert mood(rose).body["applied"] is True


def test_an_automation_without_a_cooldown_does_not_rest(home: Devices, rose: Client) -> None:
    automation(rose, (device(rose), "turn_on", {}), cooldown_minutes=0)
    assert [mood(rose).body["applied"] for _ in range(2)] == [True, True]


def test_an_automation_of_which_nothing_came_does_not_rest(home: Devices, rose: Client) -> None:
    lamp = device(rose)
    automation(rose, (lamp, "turn_on", {}))
    home.behave(thing(lamp), online=False)
    body = mood(rose).body
    assert (body["applied"], body["devices_updated"]) == (False, 0)
    assert body["automations_triggered"][0]["actions"][0]["reason"] == "The device is offline"
    home.behave(thing(lamp), online=True)
    assert mood(rose).body["applied"] is True


def test_moods_that_come_together_set_an_automation_off_once(home: Devices, rose: Client) -> None:
    automation(rose, (device(rose), "turn_on", {}))
    answers = in_threads(4, lambda _: mood(rose))
    bodies = [answer.body if not isinstance(answer, Exception) else answer for answer in answers]
    assert sum(body != IDLE for body in bodies) == 1, bodies
    assert len(home.writes) == 1


def test_of_automations_for_one_device_the_newer_has_the_last_word(home: Devices, rose: Client) -> None:
    lamp = device(rose)
    older = automation(rose, (lamp, "turn_on", {"brightness": 90}), name="Bright")
    newer = automation(rose, (lamp, "dim", {"brightness": 10}), name="Dim")
    body = mood(rose).body
    assert [one["id"] for one in body["automations_triggered"]] == [older.id, newer.id]
    assert (body["applied"], body["devices_updated"]) == (True, 1)
    assert stored(lamp).state == {"power": "on", "brightness": 10}


def test_what_is_unsafe_at_night_is_never_done_for_a_mood(home: Devices, rose: Client) -> None:
    door, lamp = device(rose, "lock"), device(rose)
    automation(rose, (door, "unlock", {}), (lamp, "turn_on", {}))
    with stopped(rose, MIDNIGHT):
        body = mood(rose).body
    assert (body["applied"], body["devices_updated"]) == (True, 1)
    refused, done = body["automations_triggered"][0]["actions"]
    assert (refused["verified"], done["verified"]) == (False, True)
    assert refused["reason"].startswith("Not done at night: unlocking a door")
    assert [name for name, _ in home.writes] == [thing(lamp)]


def test_a_run_that_breaks_off_leaves_no_automation_at_rest(
    home: Devices, rose: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    automation(rose, (device(rose), "turn_on", {}))

    def break_off(*_: Any) -> Any:
        raise RuntimeError("power cut")

    with monkeypatch.context() as broken:
        broken.setattr(mood_automations, "carry_out_all", break_off)
        assert mood(rose).status == 500
    assert mood(rose).body["applied"] is True
