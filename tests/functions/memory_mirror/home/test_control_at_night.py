"""What is unsafe: not done at night unless somebody answers for it, and never left to happen later."""

import time
from typing import Any

import pytest

from infra.local.devices import Devices, Faults
from memory_mirror.accounts.people import UserProfile
from memory_mirror.home import shadows
from memory_mirror.home.routine_runs import begin
from memory_mirror.home.shadows import carry_out
from memory_mirror.records.record import create, new
from quintet.testing import Client
from tests.functions.memory_mirror.conftest import subject_of
from tests.functions.memory_mirror.home.conftest import (
    MIDNIGHT,
    NOON,
    control,
    device,
    logged,
    routine,
    stopped,
    thing,
)

UNSAFE = "Not done at night: {} needs a routine that is run with override"


@pytest.mark.parametrize(
    ("kind", "action", "parameters", "what"),
    [
        ("lock", "unlock", {}, "unlocking a door"),
        ("stove", "turn_on", {}, "turning a stove on"),
        ("stove", "set_level", {"level": 2}, "turning a stove on"),
        ("thermostat", "set_temperature", {"temperature": 30}, "an extreme temperature"),
    ],
)
def test_what_is_unsafe_at_night_is_not_done_and_is_logged(
    home: Devices, rose: Client, kind: str, action: str, parameters: dict[str, Any], what: str
) -> None:
    one = device(rose, kind)
    with stopped(rose, MIDNIGHT):
        answer = control(rose, one, action, parameters=parameters)
    result = answer.body["result"]
    assert (answer.status, answer.body["success"]) == (200, False)
    assert (result["verified"], result["reason"]) == (False, UNSAFE.format(what))
    assert home.writes == []
    (entry,) = logged(rose)
    assert (entry.details["unsafe_at_night"], entry.details["reason"]) == (what, UNSAFE.format(what))
    with stopped(rose, NOON):
        assert control(rose, one, action, parameters=parameters).body["success"] is True
    assert logged(rose)[0].details["unsafe_at_night"] == what


@pytest.mark.parametrize(("kind", "action"), [("lock", "lock"), ("stove", "turn_off"), ("light", "turn_on")])
def test_what_is_safe_is_done_at_night(home: Devices, rose: Client, kind: str, action: str) -> None:
    with stopped(rose, MIDNIGHT):
        assert control(rose, device(rose, kind), action).body["success"] is True


def test_night_is_where_the_person_lives(home: Devices, rose: Client) -> None:
    door = device(rose, "lock")
    create(new(UserProfile, subject_of(rose), "", full_name="Rose Miller", timezone="America/Los_Angeles"))
    with stopped(rose, MIDNIGHT):  # four in the afternoon there
        assert control(rose, door, "unlock").body["success"] is True
    with stopped(rose, NOON):  # four in the morning there
        assert control(rose, door, "unlock").body["success"] is False


def test_at_night_a_door_opens_for_a_routine_that_was_just_run_with_override(home: Devices, rose: Client) -> None:
    door, other = device(rose, "lock"), device(rose, "lock")
    leave = routine(rose, (door, "unlock", {}))
    with stopped(rose, MIDNIGHT) as clock:
        assert control(rose, door, "unlock", routine_id=leave.id).body["success"] is False
        begin(leave.subject, leave.id, override=True)
        assert control(rose, other, "unlock", routine_id=leave.id).body["success"] is False  # no step of it
        answer = control(rose, door, "unlock", routine_id=leave.id)
        assert answer.body["success"] is True
        clock.advance(minutes=5)
        assert control(rose, door, "unlock", routine_id=leave.id).body["success"] is False
    overridden = [entry.details["override"] for entry in logged(rose)]
    assert overridden == [False, True, False, False]


def test_at_night_a_routine_run_without_override_opens_no_door(home: Devices, rose: Client) -> None:
    door = device(rose, "lock")
    leave = routine(rose, (door, "unlock", {}))
    with stopped(rose, MIDNIGHT):
        begin(leave.subject, leave.id, override=False)
        assert control(rose, door, "unlock", routine_id=leave.id).body["success"] is False


def test_a_door_that_did_not_confirm_does_not_open_when_it_comes_back(home: Devices, rose: Client, hasty: None) -> None:
    door = device(rose, "lock")
    home.report(thing(door), {"locked": True, "connected": True})
    home.behave(thing(door), drops=1)
    with stopped(rose, NOON):
        assert control(rose, door, "unlock").body["success"] is False
    assert "desired" not in home.shadows.get(thing(door))["state"]
    assert logged(rose)[0].details["recalled"] is True
    home.behave(thing(door), online=True)
    time.sleep(0.2)
    assert home.shadows.get(thing(door))["state"]["reported"]["locked"] is True


def test_a_wish_that_another_followed_is_not_taken_back(
    home: Devices, mirror: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = "mm_rose_door"
    home.behave(door, drops=-1)
    plain = home.wish

    def followed_by_another(thing: str, request: Any) -> Any:
        answer = plain(thing, request)
        plain(thing, {"state": {"desired": {"locked": True}}})
        return answer

    monkeypatch.setattr(home, "wish", followed_by_another)
    trial = carry_out(door, {"locked": False}, lambda _: True, hazardous=True, seconds=2)
    assert (trial.reason, trial.recalled) == ("Another command came after this one", True)
    assert home.shadows.get(door)["state"]["desired"] == {"locked": True}


def test_a_hazardous_wish_that_cannot_be_taken_back_is_said(
    home: Devices, rose: Client, hasty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shadows, "RECALL", 0.2)
    door = device(rose, "lock")
    home.behave(thing(door), drops=-1)
    plain = home.wish

    def fail_from_then_on(thing: str, request: Any) -> Any:
        home.faults = Faults(status=503)
        return plain(thing, request)

    monkeypatch.setattr(home, "wish", fail_from_then_on)
    with stopped(rose, NOON):
        assert control(rose, door, "unlock").body["success"] is False
    assert logged(rose)[0].details["recalled"] is False


def test_a_door_that_opens_at_the_last_moment_has_opened(
    home: Devices, mirror: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, reads = "mm_rose_door", [0]
    home.behave(door, drops=-1)
    plain = home.shadows.get

    def open_after_the_wait(name: str) -> Any:
        reads[0] += 1
        if time.monotonic() > ends:
            home.report(door, {"locked": False})
        return plain(name)

    monkeypatch.setattr(home.shadows, "get", open_after_the_wait)
    ends = time.monotonic() + 1.5
    trial = carry_out(door, {"locked": False}, lambda _: True, hazardous=True, seconds=1.5)
    assert (trial.reason, trial.recalled) == (None, None)
    assert plain(door)["state"]["desired"] == {"locked": False}
