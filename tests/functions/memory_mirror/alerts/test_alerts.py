"""Alert conditions looked at by the clock: over stored data, one notice per stage, until somebody looks after it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from memory_mirror.accounts.access import join_patient
from memory_mirror.accounts.people import Patient
from memory_mirror.alerts.entities import AlertCondition
from memory_mirror.alerts.operations import check_alert_conditions
from memory_mirror.alerts.states import AlertState
from memory_mirror.care.sessions import Carer, track
from memory_mirror.compliance.audit_log import log_page
from memory_mirror.home.entities import SmartDevice
from memory_mirror.life.diary import ActivityLog, AnxietyTrend, Conversation
from memory_mirror.night.entities import NightIncident
from memory_mirror.records.record import create, new
from memory_mirror.reminders.operations import trigger_reminders
from memory_mirror.service import store
from quintet.models import now
from quintet.models.time import FrozenClock, frozen
from quintet.store.codec import decode_item
from quintet.testing import Client
from quintet.testing.events import schedule_event
from tests.functions.memory_mirror.rosa import ROSA, fresh, reminder, rewritten, stored, told
from tests.support.aws import in_threads, sent_emails
from tests.support.calls import Refused, failing, recorded

URL = "/functions/checkAlertConditions"
ANNA, BEN = "anna@example.com", "ben@example.com"


def look() -> dict[str, Any]:
    """One visit of the clock."""
    found = check_alert_conditions(schedule_event())
    assert isinstance(found, dict)
    assert found["triggered"] == len(found["alerts"])
    return found


def condition(subject: str, kind: str = "anxiety_peak", **fields: Any) -> AlertCondition:
    given = {"name": "Worry", "threshold": 7, "contacts": [ANNA, BEN], **fields}
    made = stored(AlertCondition, subject, alert_kind=kind, **given)
    assert isinstance(made, AlertCondition)
    return made


def reading(subject: str, level: float, hours_ago: float = 0) -> AnxietyTrend:
    when = now() - timedelta(hours=hours_ago)
    return create(new(AnxietyTrend, subject, ROSA, level=level, recorded_at=when))


def patient(subject: str, *caregivers: str) -> Patient:
    found = new(Patient, subject, ROSA, name="Rosa Klein", caregivers=list(caregivers))
    tx = store.transaction()
    join_patient(tx, found)
    tx.commit()
    return found


def opened(subject: str) -> None:
    """A caregiver opens a session for the person."""
    track(subject, "the-patient", Carer("anna", ANNA, "Anna", cares=True), "care")


def test_what_holds_is_told_to_the_first_contact_once(rosa: str, mirror: Client) -> None:
    met, calm = condition(rosa), condition(rosa, threshold=9)
    patient(rosa)
    reading(rosa, 8, 1)
    already = len(sent_emails())
    answer = mirror.post(URL)
    assert (answer.status, answer.body) == (
        200,
        {
            "checked": 2,
            "triggered": 1,
            "alerts": [{"condition_id": met.id, "kind": "anxiety_peak", "tier": 1, "escalated": False, "notified": 1}],
        },
    )
    text = (
        "Anxiety reached 8 of 10, among 1 reading in 24 hours; the limit is 7.\n"
        "Since 2026-11-20T07:00:20Z.\n"
        "Please look after Rosa Klein, and open a session to say that you do."
    )
    assert told(rosa) == [(ANNA, "Alert: Worry (Rosa Klein)", text, "email")]
    assert [mail["destinations"]["ToAddresses"] for mail in sent_emails()[already:]] == [[ANNA]]
    assert mirror.post(URL).body == {"checked": 2, "triggered": 0, "alerts": []}
    assert calm.enabled


def test_nothing_to_look_at(clock: FrozenClock, mirror: Client) -> None:
    assert mirror.post(URL).body == {"checked": 0, "triggered": 0, "alerts": []}


def test_the_reply_says_nothing_about_people(rosa: str, mirror: Client) -> None:
    condition(rosa, name="Rosa is afraid")
    patient(rosa)
    reading(rosa, 8)
    raw = mirror.post(URL).raw.decode()
    for secret in ("Rosa", "afraid", "example.com", rosa, "8.0"):
        assert secret not in raw


def test_only_enabled_conditions_are_looked_at(rosa: str) -> None:
    made = condition(rosa, enabled=False)
    reading(rosa, 8)
    assert look() == {"checked": 0, "triggered": 0, "alerts": []}
    rewritten(made, enabled=True)
    assert look()["triggered"] == 1
    rewritten(made, enabled=False)
    assert look()["checked"] == 0


def test_after_each_cooldown_the_next_contact_is_told_and_then_all(clock: FrozenClock, rosa: str) -> None:
    condition(rosa, cooldown_minutes=30, contacts=[ANNA, BEN, "cleo@example.com"])
    reading(rosa, 8)
    seen = []
    for _ in range(25):  # two hours, every five minutes
        seen += [
            (clock.at.strftime("%H:%M"), one["tier"], one["escalated"], one["notified"]) for one in look()["alerts"]
        ]
        clock.advance(minutes=5)
    assert seen == [
        ("08:00", 1, False, 1), ("08:30", 2, True, 1), ("09:00", 3, True, 1),
        ("09:30", 4, True, 3), ("10:00", 5, True, 3),
    ]  # fmt: skip
    assert [who for who, *_ in told(rosa)] == [ANNA, BEN, "cleo@example.com", *2 * [ANNA, BEN, "cleo@example.com"]]
    assert "Nobody has opened a session since the first notice of 2026-11-20T08:00:20Z." in told(rosa)[1][2]


def test_without_a_cooldown_every_look_goes_on(rosa: str) -> None:
    condition(rosa, cooldown_minutes=0)
    reading(rosa, 8)
    assert [look()["alerts"][0]["tier"] for _ in range(3)] == [1, 2, 3]


def test_a_caregivers_session_ends_the_telling_until_it_happens_again(clock: FrozenClock, rosa: str) -> None:
    made = condition(rosa, cooldown_minutes=10, window_hours=2)
    reading(rosa, 8)
    opened(rosa)  # before the alert: it answers nothing
    clock.advance(minutes=1)
    assert look()["triggered"] == 1
    clock.advance(minutes=10)
    assert look()["triggered"] == 1
    opened(rosa)
    for _ in range(12):
        assert look()["triggered"] == 0
        clock.advance(minutes=5)
    clock.advance(hours=1)
    assert look()["triggered"] == 0  # the reading has left the window: the alert is over
    assert store.get(AlertState, subject=rosa, condition_id=made.id) is None
    reading(rosa, 9)
    assert [one["tier"] for one in look()["alerts"]] == [1]


def test_what_goes_on_for_a_whole_window_after_the_session_is_told_anew(clock: FrozenClock, rosa: str) -> None:
    condition(rosa, cooldown_minutes=10, window_hours=2)
    reading(rosa, 8)
    assert look()["triggered"] == 1
    opened(rosa)
    assert look()["triggered"] == 0
    clock.advance(minutes=119)
    reading(rosa, 8)
    assert look()["triggered"] == 0
    clock.advance(minutes=1)
    assert [one["tier"] for one in look()["alerts"]] == [1]


def test_without_contacts_the_caregivers_are_told_and_without_those_who_made_it(rosa: str) -> None:
    condition(rosa, contacts=[])
    reading(rosa, 8)
    condition("other", contacts=[])
    patient("other", BEN)
    reading("other", 8)
    look()
    assert [who for who, *_ in told(rosa)] == [ROSA]
    assert [who for who, *_ in told("other")] == [BEN]


def test_eight_looks_at_once_tell_each_stage_once(clock: FrozenClock, rosa: str, mirror: Client) -> None:
    made = [condition(rosa, cooldown_minutes=30) for _ in range(3)]
    reading(rosa, 8)
    for stage in (1, 2):
        answers: list[Any] = in_threads(8, lambda _: mirror.post(URL).body)
        alerts = [one for answer in answers for one in answer["alerts"]]
        assert sorted(one["condition_id"] for one in alerts) == sorted(one.id for one in made)
        assert {one["tier"] for one in alerts} == {stage}
        assert len(told(rosa)) == 3 * stage
        clock.advance(minutes=30)


def test_one_that_fails_keeps_no_other_waiting(rosa: str) -> None:
    broken, whole = condition(rosa), condition(rosa)
    reading(rosa, 8)

    def breaks(params: dict[str, Any]) -> Refused | None:
        return Refused("ValidationException") if broken.id in str(params) else None

    with failing("TransactWriteItems", breaks):
        found = look()
    assert (found["checked"], [one["condition_id"] for one in found["alerts"]]) == (1, [whole.id])
    assert [one["condition_id"] for one in look()["alerts"]] == [broken.id]


def test_when_nothing_but_failures_came_it_is_said(rosa: str) -> None:
    condition(rosa)
    reading(rosa, 8)
    with failing("TransactWriteItems", lambda _: Refused("ValidationException")):  # noqa: SIM117
        with pytest.raises(Exception, match="ValidationException"):
            look()


def test_a_condition_that_stays_false_writes_nothing_but_its_audit(rosa: str) -> None:
    condition(rosa)
    reading(rosa, 2)
    look()
    with recorded() as calls:
        look()
    written = [str(call.params) for call in calls.made if call.operation not in ("Query", "GetItem", "BatchGetItem")]
    assert all("AUDIT" in one for one in written)


# Each kind over stored data


def held(subject: str, kind: str, **fields: Any) -> list[str]:
    """The first lines of what a condition of a kind tells when it is looked at."""
    condition(subject, kind, **fields)
    before = len(told(subject))
    look()
    return [text.split("\n")[0] for _, _, text, _ in told(subject)[before:]]


def test_the_average_of_the_window(rosa: str) -> None:
    for level, hours in ((9, 1), (7, 2), (1, 30)):
        reading(rosa, level, hours)
    assert held(rosa, "anxiety_average", threshold=8.5) == []
    assert held(rosa, "anxiety_average", threshold=8) == [
        "Anxiety averages 8 of 10 over 2 readings in 24 hours; the limit is 8."
    ]


def test_inactivity_is_broken_by_what_the_person_does_and_says(clock: FrozenClock, rosa: str) -> None:
    create(new(ActivityLog, rosa, ROSA, activity_type="walk"))
    clock.advance(hours=3)
    create(new(Conversation, rosa, ROSA, message="Hello"))
    clock.advance(hours=3)
    create(new(ActivityLog, rosa, "system:smart_home.run", activity_type="device_command"))
    assert held(rosa, "inactivity", threshold=4) == []
    assert held(rosa, "inactivity", threshold=3) == ["No activity for 3 hours; the limit is 3 hours."]


def test_missed_reminders(clock: FrozenClock, rosa: str) -> None:
    reminder(rosa, "2026-11-20T09:30", rrule="FREQ=HOURLY;COUNT=2", recipients=[ANNA])
    clock.advance(hours=5)
    trigger_reminders(schedule_event())
    assert told(rosa) == []
    assert held(rosa, "missed_reminder", threshold=3) == []
    assert held(rosa, "missed_reminder", threshold=2) == ["2 reminders were missed in the last 24 hours."]


def test_night_incidents(rosa: str) -> None:
    create(new(NightIncident, rosa, ROSA, incident_type="FALL", occurred_at=now() - timedelta(hours=5),
               last_seen_at=now() - timedelta(hours=4)))  # fmt: skip
    assert held(rosa, "night_incident", threshold=1, window_hours=3) == []
    assert held(rosa, "night_incident", threshold=1, window_hours=4) == ["1 night incident in the last 4 hours."]


def test_devices_offline(rosa: str) -> None:
    create(new(SmartDevice, rosa, ROSA, name="Lamp", type="light"))
    assert held(rosa, "device_offline", threshold=1) == []
    create(new(SmartDevice, rosa, ROSA, name="Stove guard", type="sensor", online=False))
    # the first condition holds now, too
    assert held(rosa, "device_offline", threshold=1) == 2 * ["Offline: Stove guard."]


def test_conditions_of_the_entity_api_are_looked_at(rose: Client, mirror: Client) -> None:
    made = rose.post("/entities/AlertCondition", {
        "name": "Worry", "kind": "anxiety_peak", "threshold": 7, "window_hours": 24, "cooldown_minutes": 60,
        "enabled": True, "contacts": [ANNA],
    })  # fmt: skip
    assert made.status == 201, made.body
    rose.post("/entities/AnxietyTrend", {"level": 9})
    assert [one["condition_id"] for one in mirror.post(URL).body["alerts"]] == [made.body["id"]]
    rose.put(f"/entities/AlertCondition/{made.body['id']}", {"enabled": False})
    assert mirror.post(URL).body["checked"] == 0


def test_too_many_calls_of_one_address_are_refused(clock: FrozenClock, mirror: Client) -> None:
    with frozen(datetime(2026, 11, 20, 8, 0, tzinfo=UTC)):
        answers = [mirror.post(URL).status for _ in range(61)]
    assert answers == [200] * 60 + [429]


def test_the_schedule_is_every_five_minutes(rosa: str) -> None:
    made = condition(rosa)
    assert fresh(made).next_due == "2026-11-20T08:00:00Z"
    assert check_alert_conditions.schedule == "rate(5 minutes)"
    assert check_alert_conditions.caller is None
    look()
    assert fresh(made).next_due == "2026-11-20T08:05:00Z"


def test_the_work_of_a_look_costs_what_is_enabled_not_what_there_is(rosa: str) -> None:
    def cost() -> list[str]:
        with recorded() as calls:
            assert look()["checked"] == 2
        return calls.names

    condition(rosa), condition(rosa)
    look()
    few = cost()
    off = condition(rosa, enabled=False)
    store.write_batch([decode_item(off.model_copy(update={"id": f"off-{n}"}).item()) for n in range(500)])
    assert cost() == few


def test_those_that_waited_longest_are_looked_at_first(clock: FrozenClock, rosa: str) -> None:
    old = condition(rosa)
    look()
    clock.advance(minutes=3)
    young = condition(rosa)
    reading(rosa, 8)
    assert [one["condition_id"] for one in look()["alerts"]] == [young.id, old.id]


def test_what_is_lost_to_another_run_is_not_in_the_audit(rosa: str) -> None:
    made = condition(rosa)
    reading(rosa, 8)

    def first(params: dict[str, Any]) -> Refused | None:
        if made.id in str(params) and store.get(AlertState, subject=rosa, condition_id=made.id) is None:
            at = now()
            store.create(AlertState(subject=rosa, condition_id=made.id, since=at, first_at=at, last_at=at))
        return None

    with failing("TransactWriteItems", first):
        assert look()["triggered"] == 0
    events, _ = log_page(rosa, 50, None)
    assert {(one["action_type"], one["resource_type"]) for one in events} == {("read", "health_data")}
