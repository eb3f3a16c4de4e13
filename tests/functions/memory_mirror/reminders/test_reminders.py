"""Reminders: told once at their times, caught up or noted as missed, cheap however many there are."""

# ruff: noqa: DTZ001 (local times have no zone)

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from memory_mirror.accounts.access import join_patient
from memory_mirror.accounts.people import Patient
from memory_mirror.clock.due import CATCH_UP, prepared
from memory_mirror.clock.occurrences import missed_since, next_step
from memory_mirror.compliance.audit_log import log_page
from memory_mirror.life.entities import Memory
from memory_mirror.records.record import new
from memory_mirror.reminders.entities import Reminder
from memory_mirror.reminders.operations import trigger_reminders
from memory_mirror.service import store
from memory_mirror.times.recurrence import Recurrence, next_after
from quintet.models import now
from quintet.models.time import FrozenClock
from quintet.store.codec import decode_item
from quintet.testing import Client
from quintet.testing.events import schedule_event
from tests.functions.memory_mirror.rosa import ROSA, fresh, reminder, rewritten, stored, told
from tests.support.aws import in_threads, sent_emails
from tests.support.calls import Refused, failing, recorded

URL = "/functions/triggerReminders"


def tick() -> dict[str, Any]:
    """One visit of the clock."""
    found = trigger_reminders(schedule_event())
    assert isinstance(found, dict)
    assert found["triggered"] == len(found["reminders"])
    return found


def test_a_due_reminder_is_told_once_in_the_app_and_by_mail(clock: FrozenClock, rosa: str, mirror: Client) -> None:
    made = reminder(rosa, "2026-11-20T09:00", recipients=["anna@example.com", "ben@example.com"])
    already = len(sent_emails())
    answer = mirror.post(URL)
    assert (answer.status, answer.body) == (
        200,
        {
            "triggered": 1,
            "reminders": [
                {
                    "reminder_id": made.id,
                    "occurrence": "2026-11-20T09:00",
                    "due_at": "2026-11-20T08:00:00.000Z",
                    "caught_up": False,
                }
            ],
            "timestamp": "2026-11-20T08:00:20.000Z",
        },
    )
    assert told(rosa) == [
        (ROSA, "Tea with Anna", "The kettle is on.", "in_app"),
        ("anna@example.com", "Tea with Anna", "The kettle is on.", "email"),
        ("ben@example.com", "Tea with Anna", "The kettle is on.", "email"),
    ]
    mails = sent_emails()[already:]
    assert [mail["destinations"]["ToAddresses"] for mail in mails] == [["anna@example.com"], ["ben@example.com"]]
    assert mirror.post(URL).body == {"triggered": 0, "reminders": [], "timestamp": "2026-11-20T08:00:20.000Z"}
    assert len(told(rosa)) == 3


def test_nothing_due_is_nothing_told(rosa: str, mirror: Client) -> None:
    reminder(rosa, "2026-11-20T09:01")
    assert mirror.post(URL).body == {"triggered": 0, "reminders": [], "timestamp": "2026-11-20T08:00:20.000Z"}
    assert told(rosa) == []


def test_the_reply_says_nothing_about_people(rosa: str, mirror: Client) -> None:
    reminder(rosa, "2026-11-20T09:00", title="Take the blue pill", recipients=["anna@example.com"])
    raw = mirror.post(URL).raw.decode()
    assert "blue" not in raw
    assert "anna" not in raw
    assert rosa not in raw


def test_a_person_among_the_recipients_is_told_once(rosa: str) -> None:
    reminder(rosa, "2026-11-20T09:00", message="", recipients=[ROSA])
    tick()
    assert told(rosa) == [(ROSA, "Tea with Anna", "Tea with Anna", "email")]


def test_others_learn_whom_it_is_about(rosa: str) -> None:
    patient = new(Patient, rosa, ROSA, name="Rosa Klein", caregivers=[])
    tx = store.transaction()
    join_patient(tx, patient)
    tx.commit()
    reminder(rosa, "2026-11-20T09:00", recipients=["anna@example.com"])
    tick()
    assert [(who, title) for who, title, _, _ in told(rosa)] == [
        (ROSA, "Tea with Anna"),
        ("anna@example.com", "Tea with Anna (Rosa Klein)"),
    ]


def test_a_person_without_an_account_is_told_through_who_made_the_reminder(clock: FrozenClock) -> None:
    stored(Reminder, "a-patient", "carer@example.com", title="Tea", starts_at="2026-11-20T08:00", timezone="UTC")
    tick()
    assert told("a-patient") == [("carer@example.com", "Tea", "Tea", "in_app")]


def test_a_rule_is_told_at_each_of_its_times(clock: FrozenClock, rosa: str) -> None:
    made = reminder(rosa, "2026-11-20T09:00", rrule="FREQ=DAILY;COUNT=2")
    assert tick()["triggered"] == 1
    assert fresh(made).next_due == "2026-11-21T08:00:00Z"
    clock.advance(hours=23)
    assert tick()["triggered"] == 0
    clock.advance(hours=1)
    assert [one["occurrence"] for one in tick()["reminders"]] == ["2026-11-21T09:00"]
    assert fresh(made).next_due is None
    clock.advance(days=3)
    assert tick()["triggered"] == 0


def test_the_clock_change_in_spring_and_autumn(clock: FrozenClock, rosa: str) -> None:
    clock.at = datetime(2027, 3, 27, 12, tzinfo=UTC)
    reminder(rosa, "2027-03-28T02:30", rrule="FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU")
    for minutes, expected in ((780, 0), (1, 0)):
        clock.advance(minutes=minutes - 2)
        assert tick()["triggered"] == expected
    clock.at = datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    assert [one["occurrence"] for one in tick()["reminders"]] == ["2027-03-28T02:30"]
    clock.at = datetime(2027, 10, 30, 12, tzinfo=UTC)
    reminder(rosa, "2027-10-31T02:30")
    clock.at = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert [one["occurrence"] for one in tick()["reminders"]] == ["2027-10-31T02:30"]
    clock.at = datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    assert tick()["triggered"] == 0


def test_what_was_missed_within_two_hours_is_caught_up_and_what_is_older_is_noted(
    clock: FrozenClock, rosa: str
) -> None:
    made = reminder(rosa, "2026-11-20T09:30", rrule="FREQ=MINUTELY;INTERVAL=45")
    clock.at = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    found = tick()["reminders"]
    # due 09:30 10:15 local (08:30 09:15 UTC) are too old; 11:00 11:45 12:30 (10:00 10:45 11:30 UTC) are not
    assert [(one["occurrence"][11:], one["caught_up"]) for one in found] == [
        ("11:00", True), ("11:45", True), ("12:30", True),
    ]  # fmt: skip
    assert len(told(rosa)) == 3
    (missed,) = missed_since(rosa, datetime(2026, 11, 20, tzinfo=UTC))
    assert (missed.item_id, missed.local, missed.count) == (made.id, "2026-11-20T09:30", 2)
    assert missed_since(rosa, datetime(2026, 11, 20, 9, 15, 1, tzinfo=UTC)) == []
    assert fresh(made).next_due == "2026-11-20T12:15:00Z"
    assert tick()["triggered"] == 0


def test_a_week_of_standstill_is_counted_and_passed(clock: FrozenClock, rosa: str) -> None:
    made = reminder(rosa, "2026-11-20T09:30", rrule="FREQ=MINUTELY")
    clock.advance(days=7)
    assert tick()["triggered"] == 120
    assert [one.count for one in missed_since(rosa, datetime(2026, 11, 20, tzinfo=UTC))] == [500]
    assert fresh(made).next_due == "2026-11-27T08:01:00Z"


def test_one_made_a_little_late_is_still_told(rosa: str) -> None:
    reminder(rosa, "2026-11-20T07:30", title="late")
    reminder(rosa, "2026-11-20T06:59", title="too late")
    assert tick()["triggered"] == 1
    assert [title for _, title, _, _ in told(rosa)] == ["late"]


def test_one_that_was_switched_off_or_deleted_is_not_told(rosa: str) -> None:
    off, gone = reminder(rosa, "2026-11-20T09:00"), reminder(rosa, "2026-11-20T09:00")
    assert rewritten(off, active=False).next_due is None
    store.delete(fresh(gone))
    assert tick()["triggered"] == 0
    assert told(rosa) == []


@pytest.mark.parametrize("how", ["switched off", "deleted"])
def test_one_that_is_switched_off_while_the_clock_looks_is_not_told(rosa: str, how: str) -> None:
    made, meanwhile = reminder(rosa, "2026-11-20T09:00"), [True]

    def interfere(_: dict[str, Any]) -> Refused | None:
        if meanwhile.pop() if meanwhile else False:
            if how == "deleted":
                store.delete(fresh(made))
            else:
                rewritten(made, active=False)
        return None

    with failing("TransactWriteItems", interfere):
        assert tick()["triggered"] == 0
    assert told(rosa) == []


def test_what_was_switched_off_at_its_time_is_not_caught_up_when_switched_on(clock: FrozenClock, rosa: str) -> None:
    made = reminder(rosa, "2026-11-20T09:10", rrule="FREQ=DAILY")
    rewritten(made, active=False)
    clock.advance(minutes=30)
    assert rewritten(made, active=True).next_due == "2026-11-21T08:10:00Z"
    assert tick()["triggered"] == 0


def test_a_change_repeats_nothing_and_loses_nothing(clock: FrozenClock, rosa: str) -> None:
    made = reminder(rosa, "2026-11-20T09:00", rrule="FREQ=DAILY")
    rewritten(made, title="Coffee with Anna")
    assert tick()["triggered"] == 1
    clock.advance(seconds=10)
    rewritten(made, title="Cake with Anna")
    assert tick()["triggered"] == 0
    assert fresh(made).next_due == "2026-11-21T08:00:00Z"
    clock.at = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)  # due for half an hour, and then changed
    rewritten(made, title="Jam with Anna")
    assert tick()["triggered"] == 1
    rewritten(made, starts_at="2026-11-21T20:00:00")
    assert fresh(made).next_due == "2026-11-21T19:00:00Z"
    assert [title for _, title, _, _ in told(rosa)] == ["Coffee with Anna", "Jam with Anna"]


def test_sixteen_clocks_at_once_tell_each_occurrence_once(rosa: str, mirror: Client) -> None:
    made = [reminder(rosa, "2026-11-20T09:00", title=f"Tea {n}", recipients=["anna@example.com"]) for n in range(6)]
    answers: list[Any] = in_threads(16, lambda _: mirror.post(URL).body)
    assert sum(answer["triggered"] for answer in answers) == len(made)
    named = [one["reminder_id"] for answer in answers for one in answer["reminders"]]
    assert sorted(named) == sorted(one.id for one in made)
    assert sorted(title for _, title, _, _ in told(rosa)) == sorted(2 * [one.title for one in made])


def test_a_clock_that_dies_before_its_commit_leaves_the_work_to_the_next(rosa: str) -> None:
    made = reminder(rosa, "2026-11-20T09:00")
    with (
        failing("TransactWriteItems", lambda _: Refused("ValidationException")),
        pytest.raises(Exception, match="Valid"),
    ):
        tick()
    assert told(rosa) == []
    assert tick()["triggered"] == 1
    assert fresh(made).next_due is None


def test_one_that_fails_keeps_no_other_waiting(rosa: str) -> None:
    broken, whole = reminder(rosa, "2026-11-20T08:59"), reminder(rosa, "2026-11-20T09:00")

    def breaks(params: dict[str, Any]) -> Refused | None:
        return Refused("ValidationException") if f"{broken.id}#" in str(params) else None

    with failing("TransactWriteItems", breaks):
        assert [one["reminder_id"] for one in tick()["reminders"]] == [whole.id]
    assert [one["reminder_id"] for one in tick()["reminders"]] == [broken.id]


def test_a_reminder_put_back_to_a_time_that_was_told_is_not_told_again(clock: FrozenClock, rosa: str) -> None:
    made = reminder(rosa, "2026-11-20T09:00")
    assert tick()["triggered"] == 1
    found = fresh(made)
    store.replace(found, found.model_copy(update={"next_due": "2026-11-20T08:00:00Z", "due_shard": made.due_shard}))
    assert tick()["triggered"] == 0
    assert len(told(rosa)) == 1
    assert fresh(made).next_due is None


def test_the_work_of_a_run_costs_what_is_due_not_what_there_is(clock: FrozenClock, rosa: str) -> None:
    def cost() -> tuple[list[str], int]:
        reminder(rosa, "2026-11-20T09:00")
        with recorded() as calls:
            assert tick()["triggered"] == 1
        return calls.names, sum("FilterExpression" in call.params for call in calls.made)

    later(rosa, 10)
    few = cost()
    later(rosa, 1_990)
    assert cost() == few
    with recorded() as calls:
        tick()
    assert calls.names == ["Query"] * 4
    assert all("< :before" in call.params["KeyConditionExpression"] for call in calls.made)


def later(subject: str, count: int) -> None:
    """So many reminders that are due tomorrow."""
    model = reminder(subject, "2026-11-21T09:00")
    rows = [
        decode_item(model.model_copy(update={"id": f"{count}-{n}", "due_shard": str(n % 4)}).item())
        for n in range(count)
    ]
    store.write_batch(rows)


def test_what_the_clock_wrote_is_in_the_audit(rosa: str) -> None:
    reminder(rosa, "2026-11-20T09:00")
    tick()
    events, _ = log_page(rosa, 50, None)
    assert {(one["operation"], one["action_type"], one["resource_type"]) for one in events} == {
        ("notifications.trigger_reminders", "write", "health_data")
    }


def test_reminders_of_the_entity_api_are_told(clock: FrozenClock, rose: Client, mirror: Client) -> None:
    body = {"title": "Tea", "message": "", "starts_at": "2026-11-20T09:00:00", "timezone": "Europe/Berlin"}
    made = rose.post("/entities/Reminder", {**body, "rrule": "FREQ=HOURLY", "active": True})
    assert made.status == 201, made.body
    assert made.body["next_due"] == "2026-11-20T08:00:00Z"
    assert [one["reminder_id"] for one in mirror.post(URL).body["reminders"]] == [made.body["id"]]
    at = f"/entities/Reminder/{made.body['id']}"
    assert rose.get(at).body["next_due"] == "2026-11-20T09:00:00Z"
    clock.advance(hours=1)
    assert rose.put(at, {"active": False}).body["next_due"] is None
    assert mirror.post(URL).body["triggered"] == 0
    for wrong in (
        {"rrule": "FREQ=SECONDLY"},
        {"timezone": "Mars/Base"},
        {"starts_at": "2026-11-20T09:00:00Z"},
        {"starts_at": "0001-01-01T00:00:00"},
        {"starts_at": "9999-12-31T23:59:00"},
    ):
        answer = rose.post("/entities/Reminder", {**body, **wrong})
        assert answer.status == 400
        assert next(iter(wrong)) in answer.body["error"]


def test_records_without_a_clock_pass_unchanged(rosa: str) -> None:
    memory = new(Memory, rosa, ROSA, title="The lake", content="We swam.")
    assert prepared(memory, now()) is memory


def test_the_schedule_is_every_minute() -> None:
    assert trigger_reminders.schedule == "rate(1 minute)"
    assert trigger_reminders.caller is None


# The plan for what is late, as a rule of its own

DAWN = datetime(2026, 3, 29, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize("rule", ["FREQ=MINUTELY;INTERVAL=25", "FREQ=HOURLY", "FREQ=DAILY", None])
@pytest.mark.parametrize("late", [0, 30, 90, 121, 300, 2000])
@pytest.mark.parametrize("latest_only", [False, True])
def test_every_occurrence_is_either_told_or_missed_and_none_twice(
    rule: str | None, late: int, latest_only: bool
) -> None:
    recurrence = Recurrence(datetime(2026, 3, 29, 1, 40), "Europe/Berlin", rule)
    first = next_after(recurrence, DAWN)
    assert first is not None
    at = first.instant + timedelta(minutes=late)
    told_at: list[datetime] = []
    missed: list[datetime] = []
    due: datetime | None = first.instant
    while due is not None and due <= at:
        step = next_step(recurrence, due, at, latest_only=latest_only)
        missed += [one.instant for one in step.missed]
        told_at += [step.fire.instant] if step.fire else []
        assert step.missed or step.fire
        due = step.following.instant if step.following else None
    wanted, after = [], DAWN
    while (one := next_after(recurrence, after)) is not None and one.instant <= at:
        wanted.append(one.instant)
        after = one.instant
    assert missed + told_at == wanted
    young = [instant for instant in wanted if instant >= at - CATCH_UP]
    assert told_at == (young[-1:] if latest_only else young)
