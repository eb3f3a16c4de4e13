"""Checks of a subject's data: what is wrong is found, what is right is left, and what was mended is right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from memory_mirror.accounts.access import Access
from memory_mirror.accounts.people import Patient
from memory_mirror.alerts.entities import AlertCondition
from memory_mirror.clock.due import Clocked, minute, prepared
from memory_mirror.home.entities import MoodAutomation, SmartHomeRoutine
from memory_mirror.life.entities import Memory
from memory_mirror.messages.entities import Notification
from memory_mirror.music.entities import Playlist
from memory_mirror.records.fields import DeviceAction, Schedule
from memory_mirror.records.record import Record, new
from memory_mirror.reminders.entities import Reminder
from memory_mirror.upkeep.integrity import Finding, Snapshot, findings, masked, orphans
from quintet.messaging.outbox import DEAD, Message
from quintet.models.time import frozen

bounded = settings(max_examples=60, deadline=None)
AT = datetime(2026, 3, 10, 3, 15, tzinfo=UTC)
WHO = "018f0000-0000-7000-8000-000000000001"


R = TypeVar("R", bound=Record)


def made(kind: type[R], ago: timedelta = timedelta(days=2), **fields: Any) -> R:
    with frozen(AT - ago):
        return new(kind, WHO, "rose@example.com", **fields)


def told(found: list[Finding]) -> list[tuple[str, Any]]:
    return [(one.type, "remove" if one.remove else one.changes) for one in found]


def notice(hours: float, message_id: str | None = "m1", status: str = "pending") -> Notification:
    return made(Notification, timedelta(hours=hours), recipient_email="carer@example.com", title="t", message="m",
                status=status, message_id=message_id)  # fmt: skip


def mail(queue: str = "1") -> Message:
    return Message(id="018f0000-0000-7000-8000-0000000000f1", channel="email", to="a@b.example", text="t", queue=queue)


def reminder(**fields: Any) -> Reminder:
    given = {"title": "Tea", "starts_at": "2026-03-01T09:00", "timezone": "UTC", "rrule": "FREQ=DAILY", **fields}
    return made(Reminder, **given)


def test_data_without_faults_have_no_findings() -> None:
    assert findings(Snapshot(), AT) == []
    clocked: list[Clocked] = [prepared(reminder(), AT), made(Playlist, name="Morning"), reminder(active=False)]
    assert findings(Snapshot(pending=[notice(0.9)], clocked=clocked), AT) == []


def test_a_stuck_notification_becomes_what_its_mail_became() -> None:
    stuck = [notice(2)]
    assert told(findings(Snapshot(pending=stuck), AT)) == [("stuck_notification", {"status": "sent"})]
    assert told(findings(Snapshot(pending=stuck, mails={"m1": mail(DEAD)}), AT)) == [
        ("stuck_notification", {"status": "failed"})
    ]
    assert told(findings(Snapshot(pending=[notice(2, None)]), AT)) == [("stuck_notification", {"status": "failed"})]
    (waiting,) = findings(Snapshot(pending=stuck, mails={"m1": mail()}), AT)
    assert (waiting.type, waiting.mendable) == ("waiting_notification", False)


def test_a_schedule_that_the_clock_does_not_see_is_put_back() -> None:
    condition = made(AlertCondition, name="Worry", alert_kind="anxiety_peak")
    playlist = made(Playlist, name="Morning", schedule=Schedule(starts_at="2026-03-01T08:00", timezone="UTC",
                                                              rrule="FREQ=DAILY"))  # fmt: skip
    for record in (reminder(), condition, playlist):
        ((kind, changes),) = told(findings(Snapshot(clocked=[record]), AT))
        assert kind == "lost_schedule"
        assert changes["next_due"] == prepared(record, AT).next_due
        assert changes["due_shard"] is not None


def test_a_reminder_that_is_over_is_not_lost() -> None:
    for starts_at in ("2026-03-01T09:00", "2026-03-10T02:15", "2026-03-10T03:15"):  # told a moment ago, too
        assert findings(Snapshot(clocked=[reminder(starts_at=starts_at, rrule=None)]), AT) == []


def test_what_stood_still_for_a_day_begins_anew_and_what_is_late_is_told() -> None:
    late = reminder(next_due=minute(AT - timedelta(hours=3)), due_shard="1")
    assert told(findings(Snapshot(clocked=[late]), AT)) == [("late_schedule", None)]
    stopped = reminder(next_due=minute(AT - timedelta(hours=30)), due_shard="1")
    ((kind, changes),) = told(findings(Snapshot(clocked=[stopped]), AT))
    assert (kind, changes["next_due"]) == ("stopped_schedule", "2026-03-10T09:00:00Z")


def test_routines_naming_devices_that_are_gone_are_told_and_left() -> None:
    action = DeviceAction(device_id="lamp", action="turn_on")
    routines: list[SmartHomeRoutine | MoodAutomation] = [
        made(SmartHomeRoutine, name="Evening", steps=[action]),
        made(MoodAutomation, name="m", actions=[action]),
    ]
    playlist = made(Playlist, name="Morning", device_id="lamp")
    gone = findings(Snapshot(routines=routines, clocked=[playlist]), AT)
    assert told(gone) == [("missing_device", None)] * 3
    assert findings(Snapshot(routines=routines, clocked=[playlist], devices=frozenset({"lamp"})), AT) == []


def test_a_memory_forgets_photos_that_are_gone() -> None:
    memory = made(Memory, title="Sea", content="The sea.", photo_ids=["a", "b", "c"])
    found = findings(Snapshot(memories=[memory], photos=frozenset({"b"})), AT)
    assert told(found) == [("missing_photo", {"photo_ids": ["b"]})]
    assert found[0].problem == "photos it names that are gone: 2"


def test_links_to_patients_who_are_gone_are_removed_and_patients_never() -> None:
    link = Access(email="carer@example.com", patient_id="p1", subject="p1", relation="caregiver")
    patient = made(Patient, name="Rose", user_id=WHO)
    assert told(findings(Snapshot(links=[link], patients=[patient]), AT)) == [
        ("orphaned_patient", None), ("orphaned_access", "remove"),
    ]  # fmt: skip
    there = Snapshot(links=[link], patients=[patient], places=frozenset({"p1"}), accounts=frozenset({WHO}))
    assert findings(there, AT) == []


def mended(records: list[R], found: list[Finding]) -> list[R]:
    """The records with what the findings change."""
    changes = {one.item.id: one.changes for one in found if isinstance(one.item, Record) and one.changes}
    return [record.changed(**changes[record.id]) if record.id in changes else record for record in records]


@bounded
@given(st.lists(st.sampled_from("abcdef"), max_size=6), st.frozensets(st.sampled_from("abcdef")),
       st.integers(0, 60), st.none() | st.integers(-100, 100))  # fmt: skip
def test_what_was_mended_has_nothing_left_to_mend(
    named: list[str], there: frozenset[str], age: int, due_in: int | None
) -> None:
    due_at = None if due_in is None else minute(AT + timedelta(hours=due_in))
    memory = made(Memory, title="Sea", content="c", photo_ids=named)
    seen = Snapshot(pending=[notice(age)], clocked=[reminder(next_due=due_at)], memories=[memory], photos=there)
    after = Snapshot(
        pending=[one for one in mended(seen.pending, findings(seen, AT)) if one.status == "pending"],
        clocked=mended(seen.clocked, findings(seen, AT)),
        memories=mended(seen.memories, findings(seen, AT)),
        photos=there,
    )
    assert not [one for one in findings(after, AT) if one.mendable]


def test_records_of_nobody_are_removed() -> None:
    memory = made(Memory, title="Sea", content="The sea.")
    assert told(orphans([memory])) == [("orphaned_record", "remove")]


def test_an_id_is_masked() -> None:
    assert masked("018f0000-0000-7000-8000-00000a1b2c3d") == "…1b2c3d"
