"""Running a routine: when it runs, that it runs once at a time, and what is said of every step."""

from datetime import timedelta
from threading import Barrier, Semaphore
from typing import Any

import pytest

from infra.local.devices import Devices, Faults
from memory_mirror.accounts.people import UserProfile
from memory_mirror.home import plans, routines, shadows
from memory_mirror.home.control import command
from memory_mirror.home.entities import SmartHomeRoutine
from memory_mirror.home.plans import carry_out_all
from memory_mirror.home.routine_runs import LEASE, begin, end, overridden
from memory_mirror.life.diary import AnxietyTrend
from memory_mirror.records.record import create, new, remove, view
from memory_mirror.service import store
from quintet.models import new_id, now
from quintet.testing import Client
from quintet.testing.client import Answer
from tests.functions.memory_mirror.conftest import SignIn, subject_of
from tests.functions.memory_mirror.home.conftest import (
    MIDNIGHT,
    NOON,
    device,
    logged,
    routine,
    stopped,
    stored,
    thing,
)
from tests.support.aws import in_threads

NEVER = {"anxiety_level": {"min": 9}}


def execute(client: Client, one: SmartHomeRoutine | str | None = None, **body: Any) -> Answer:
    ident = one.id if isinstance(one, SmartHomeRoutine) else one
    given = body if ident is None else {"routine_id": ident, **body}
    return client.post("/functions/executeSmartHomeRoutine", given)


def kept(one: SmartHomeRoutine) -> SmartHomeRoutine:
    found = store.get(SmartHomeRoutine, subject=one.subject, id=one.id)
    assert found is not None
    return found


def test_a_routine_whose_devices_all_confirm_is_a_success(home: Devices, rose: Client) -> None:
    lamp, radio = device(rose), device(rose, "speaker", name="Radio")
    calm = routine(
        rose, (lamp, "turn_on", {}), (radio, "set_volume", {"volume": 20}), (lamp, "set_brightness", {"brightness": 30})
    )
    with stopped(rose, NOON):
        answer = execute(rose, calm)
    at = "2026-01-15T12:00:00.000Z"
    on, dimmed, quiet = {"power": "on"}, {"power": "on", "brightness": 30}, {"volume": 20}
    assert (answer.status, answer.body) == (
        200,
        {
            "success": True,
            "routine": {
                **view(calm),
                "last_run_at": at,
                "updated_date": at,
                "status": "completed",
                "steps_result": [
                    {"device_id": lamp.id, "device_name": "The light", "action": "turn_on", "requested": on,
                     "reported": on, "verified": True, "at": at},
                    {"device_id": radio.id, "device_name": "Radio", "action": "set_volume", "requested": quiet,
                     "reported": quiet, "verified": True, "at": at},
                    {"device_id": lamp.id, "device_name": "The light", "action": "set_brightness",
                     "requested": dimmed, "reported": dimmed, "verified": True, "at": at},
                ],
                "unmet_conditions": [],
            },
            "devicesControlled": 3,
        },
    )  # fmt: skip
    assert view(kept(calm))["last_run_at"] == at
    assert (stored(lamp).state, stored(radio).state) == (dimmed, quiet)
    assert {entry.details["routine_id"] for entry in logged(rose)} == {calm.id}
    (run,) = logged(rose, "routine_run")
    assert run.description == "Morning Calm: completed"
    assert run.details == {
        "routine_id": calm.id, "status": "completed", "override": False, "unmet_conditions": [], "verified": 3,
        "steps": 3,
    }  # fmt: skip


def test_an_anonymous_caller_is_refused(home: Devices, mirror: Client, rose: Client) -> None:
    answer = execute(mirror, routine(rose, (device(rose), "turn_on", {})))
    assert (answer.status, answer.body) == (401, {"error": "Unauthorized"})
    assert home.writes == []


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "routine_id: routine_id or routineName is needed"),
        ({"routine_id": None, "routineName": "  "}, "routine_id: routine_id or routineName is needed"),
        ({"routine_id": 5}, "routine_id: Input should be a valid string"),
        ({"routineName": ["x"]}, "routineName: Input should be a valid string"),
        ({"routineName": "x", "override": "yes"}, "override: Input should be a valid boolean"),
        ({"routineName": "x", "requires_confirmation": 1}, "requires_confirmation: Input should be a valid boolean"),
    ],
)
def test_a_body_that_names_no_routine_is_refused(home: Devices, rose: Client, body: dict[str, Any], error: str) -> None:
    answer = execute(rose, **body)
    assert (answer.status, answer.body) == (400, {"error": error})


def test_a_routine_is_found_by_its_id_first_and_by_its_name_else(home: Devices, rose: Client) -> None:
    lamp = device(rose)
    calm = routine(rose, (lamp, "turn_on", {}))
    night = routine(rose, (lamp, "turn_off", {}), name="Gute Nacht, STRASSE")
    assert execute(rose, calm, routineName=night.name).body["routine"]["id"] == calm.id
    for name in ("Morning Calm", "  morning calm "):
        assert execute(rose, routineName=name).body["routine"]["id"] == calm.id
    assert execute(rose, routine_id="", routineName="gute nacht, straße").body["routine"]["id"] == night.id
    newer = routine(rose, (lamp, "turn_on", {}))
    assert execute(rose, routineName="Morning Calm").body["routine"]["id"] == newer.id


def test_an_unknown_routine_is_not_found_and_a_name_does_not_stand_in_for_an_id(home: Devices, rose: Client) -> None:
    routine(rose, (device(rose), "turn_on", {}))
    for body in ({"routine_id": new_id(), "routineName": "Morning Calm"}, {"routineName": "Morning"}):
        answer = execute(rose, **body)
        assert (answer.status, answer.body) == (404, {"error": "SmartHomeRoutine not found"})
    assert home.writes == []


def test_nobody_runs_the_routine_of_another(home: Devices, rose: Client, sign_in: SignIn, carer: Client) -> None:
    calm = routine(rose, (device(rose), "turn_on", {}))
    for stranger in (sign_in("user"), carer, sign_in("admin")):
        assert execute(stranger, calm).status == 404
        assert execute(stranger, routineName="Morning Calm").status == 404


def test_a_step_cannot_reach_the_device_of_another(home: Devices, rose: Client, sign_in: SignIn) -> None:
    mallory = sign_in("user")
    answer = execute(mallory, routine(mallory, (device(rose), "turn_on", {})))
    assert (answer.body["success"], answer.body["devicesControlled"]) == (False, 0)
    assert answer.body["routine"]["steps_result"][0]["reason"] == "SmartDevice not found"
    assert home.writes == []


def test_a_routine_that_needs_approval_waits_for_it(home: Devices, rose: Client) -> None:
    calm = routine(rose, (device(rose), "turn_on", {}), needs_approval=True)
    answer = execute(rose, calm, requires_confirmation=True, override=True)
    assert (answer.status, answer.body) == (
        200,
        {
            "success": False,
            "routine": {
                **view(calm),
                "status": "awaiting_approval",
                "steps_result": [],
                "unmet_conditions": [],
                "reason": "The routine needs approval and was not run",
            },
            "devicesControlled": 0,
        },
    )
    assert home.writes == []
    assert execute(rose, calm, requires_confirmation=False).body["success"] is True


def test_a_routine_that_needs_none_is_not_held_up(home: Devices, rose: Client) -> None:
    calm = routine(rose, (device(rose), "turn_on", {}))
    assert execute(rose, calm, requires_confirmation=True).body["success"] is True


def test_a_routine_that_is_switched_off_is_not_run(home: Devices, rose: Client) -> None:
    answer = execute(rose, routine(rose, (device(rose), "turn_on", {}), active=False), override=True)
    assert (answer.body["success"], answer.body["routine"]["status"]) == (False, "inactive")
    assert home.writes == []


def test_conditions_that_do_not_hold_are_named_and_override_runs_it_all_the_same(home: Devices, rose: Client) -> None:
    calm = routine(rose, (device(rose), "turn_on", {}), conditions=NEVER)
    answer = execute(rose, calm)
    told = answer.body["routine"]
    assert (answer.body["success"], answer.body["devicesControlled"]) == (False, 0)
    assert (told["status"], told["unmet_conditions"]) == ("conditions_not_met", ["anxiety_level"])
    assert told["reason"] == "The routine's conditions are not met"
    assert home.writes == []
    forced = execute(rose, calm, override=True)
    assert (forced.body["success"], forced.body["routine"]["unmet_conditions"]) == (True, ["anxiety_level"])
    runs = logged(rose, "routine_run")
    assert [(run.details["override"], run.details["unmet_conditions"]) for run in runs] == [
        (True, ["anxiety_level"]), (False, ["anxiety_level"]),
    ]  # fmt: skip


def test_conditions_are_held_against_the_persons_clock_readings_and_devices(home: Devices, rose: Client) -> None:
    subject = subject_of(rose)
    create(new(UserProfile, subject, "", full_name="Rose Miller", timezone="Asia/Tokyo"))
    lamp, radio = device(rose), device(rose, "speaker")
    conditions = {
        "time_window": {"start": "20:30", "end": "21:30"},
        "days_of_week": ["thu"],
        "anxiety_level": {"min": 6},
        "device_states": [{"device_id": radio.id, "state": {"power": "on"}}],
    }
    calm = routine(rose, (lamp, "turn_on", {}), conditions=conditions)
    with stopped(rose, NOON):  # a Thursday, 21:00 in Tokyo
        create(new(AnxietyTrend, subject, "", level=7, recorded_at=now() - timedelta(hours=1)))
        create(new(AnxietyTrend, subject, "", level=2, recorded_at=now() - timedelta(hours=9)))  # entered late
        assert execute(rose, calm).body["routine"]["unmet_conditions"] == ["device_states"]
        home.report(thing(radio), {"power": "on", "connected": True})
        assert execute(rose, calm).body["success"] is True
        home.behave(thing(radio), online=False)
        assert execute(rose, calm).body["routine"]["unmet_conditions"] == ["device_states"]
        home.behave(thing(radio), online=True)
        home.faults = Faults(status=503)  # what cannot be seen is not held to be so
        assert execute(rose, calm).body["routine"]["unmet_conditions"] == ["device_states"]
        home.faults = Faults()
    with stopped(rose, NOON + timedelta(hours=25)):  # Friday, 22:00; the reading is too old
        told = execute(rose, calm).body["routine"]["unmet_conditions"]
    assert told == ["time_window", "days_of_week", "anxiety_level"]


def test_a_part_that_fails_is_told_from_one_that_did_not(
    home: Devices, rose: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shadows, "BUDGET", 1.5)
    lamp, deaf, gone, radio = (
        device(rose),
        device(rose, name="Deaf"),
        device(rose, name="Gone"),
        device(rose, "speaker"),
    )
    home.behave(thing(deaf), drops=-1)
    calm = routine(
        rose, (deaf, "turn_on", {}), (gone, "turn_on", {}), (radio, "fly", {}), (radio, "set_volume", {"volume": 900}),
        (lamp, "turn_on", {}),
    )  # fmt: skip
    remove(gone)
    body = execute(rose, calm).body
    assert (body["success"], body["routine"]["status"], body["devicesControlled"]) == (False, "partial", 1)
    assert [step["verified"] for step in body["routine"]["steps_result"]] == [False, False, False, False, True]
    reasons = [step.get("reason") for step in body["routine"]["steps_result"]]
    assert (reasons[0], reasons[1], reasons[4]) == ("The device did not confirm in time", "SmartDevice not found", None)
    assert reasons[2].startswith("action: this speaker understands")
    assert reasons[3] == "parameters.volume: must be a whole number from 0 to 100"


def test_a_routine_of_which_nothing_came_has_failed(home: Devices, rose: Client, hasty: None) -> None:
    lamp = device(rose)
    home.behave(thing(lamp), online=False)
    body = execute(rose, routine(rose, (lamp, "turn_on", {}))).body
    assert (body["success"], body["routine"]["status"], body["devicesControlled"]) == (False, "failed", 0)
    assert body["routine"]["steps_result"][0]["reason"] == "The device is offline"


def test_a_routine_is_not_run_twice_at_once(home: Devices, rose: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    calm, plain = routine(rose, (device(rose), "turn_on", {})), carry_out_all
    refused = Semaphore(0)

    def while_the_others_ask(*given: Any) -> Any:
        assert all(refused.acquire(timeout=60) for _ in range(3))
        return plain(*given)

    def ask(_: int) -> Answer:
        answer = execute(rose, calm)
        refused.release()
        return answer

    monkeypatch.setattr(routines, "carry_out_all", while_the_others_ask)
    answers = in_threads(4, ask)
    statuses = []
    for answer in answers:
        assert not isinstance(answer, Exception), answer
        assert answer.status == 200
        statuses.append(answer.body["routine"]["status"])
        assert answer.body["success"] is (statuses[-1] == "completed")
    assert sorted(statuses) == ["already_running"] * 3 + ["completed"]
    assert len(home.writes) == 1
    monkeypatch.setattr(routines, "carry_out_all", plain)
    assert execute(rose, calm).body["routine"]["status"] == "completed"  # and again when it is over


def test_a_run_that_died_holds_nobody_up_for_long(home: Devices, rose: Client) -> None:
    calm = routine(rose, (device(rose), "turn_on", {}))
    with stopped(rose, NOON) as clock:
        dead = begin(calm.subject, calm.id, override=False)
        assert dead is not None
        assert execute(rose, calm).body["routine"]["reason"] == "The routine is running already"
        clock.advance(seconds=LEASE)
        assert execute(rose, calm).body["success"] is True
        mine = begin(calm.subject, calm.id, override=True)
        end(dead)  # it comes back to life, and leaves the other's run alone
        assert begin(calm.subject, calm.id, override=False) is None
        assert mine is not None
        end(mine)
        assert overridden(calm.subject, calm.id)


def test_a_run_that_breaks_off_lets_the_next_one_begin(
    home: Devices, rose: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    calm = routine(rose, (device(rose), "turn_on", {}))

    def break_off(*_: Any) -> Any:
        raise RuntimeError("power cut")

    with monkeypatch.context() as broken:
        broken.setattr(routines, "carry_out_all", break_off)
        assert execute(rose, calm).status == 500
    assert execute(rose, calm).body["success"] is True


def test_at_night_only_override_opens_the_door(home: Devices, rose: Client) -> None:
    door, lamp = device(rose, "lock"), device(rose)
    leave = routine(rose, (lamp, "turn_on", {}), (door, "unlock", {}))
    with stopped(rose, MIDNIGHT):
        body = execute(rose, leave).body
        assert (body["success"], body["routine"]["status"], body["devicesControlled"]) == (False, "partial", 1)
        assert body["routine"]["steps_result"][1]["reason"].startswith("Not done at night: unlocking a door")
        forced = execute(rose, leave, override=True).body
    assert (forced["success"], forced["devicesControlled"]) == (True, 2)
    assert stored(door).state == {"locked": False}
    opened = next(entry for entry in logged(rose) if entry.details.get("unsafe_at_night"))
    assert (opened.details["override"], opened.details["verified"]) == (True, True)


def test_devices_are_spoken_to_side_by_side(home: Devices, rose: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    together, plain = Barrier(6), command

    def meet(*given: Any) -> Any:
        together.wait(60)  # breaks unless all six are here at once
        return plain(*given)

    monkeypatch.setattr(plans, "command", meet)
    lamps = [device(rose) for _ in range(6)]
    answer = execute(rose, routine(rose, *[(lamp, "turn_on", {}) for lamp in lamps]))
    assert answer.body["devicesControlled"] == 6


def test_steps_for_which_no_time_is_left_are_said(
    home: Devices, rose: Client, hasty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    lamp = device(rose)
    home.behave(thing(lamp), drops=-1)
    calm = routine(rose, *[(lamp, "turn_on", {})] * 6)
    plain = carry_out_all
    monkeypatch.setattr("memory_mirror.home.routines.carry_out_all", lambda subject, plan: plain(subject, plan, 2.0))
    reasons = [step["reason"] for step in execute(rose, calm).body["routine"]["steps_result"]]
    assert (reasons[0], reasons[-1]) == (
        "The device did not confirm in time",
        "There was no time left for this device",
    )


@pytest.mark.parametrize("conditions", [{"weather": "rain"}, {"time_window": {"start": "9", "end": "10:00"}}])
def test_a_routine_with_conditions_that_nobody_understands_cannot_be_stored(
    rose: Client, conditions: dict[str, Any]
) -> None:
    lamp = device(rose)
    body = {"name": "Calm", "steps": [{"device_id": lamp.id, "action": "turn_on"}], "conditions": conditions}
    answer = rose.post("/entities/SmartHomeRoutine", body)
    assert answer.status == 400
    assert answer.body["error"].startswith("conditions")
    assert rose.post("/entities/SmartHomeRoutine", {**body, "conditions": NEVER}).status == 201
