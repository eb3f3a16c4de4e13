"""Nightly repairs and inspection: bounded, done once, undoable, and silent about whose data it was."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from memory_mirror.accounts.access import Access, PatientPlace
from memory_mirror.accounts.entities import Account
from memory_mirror.accounts.people import Patient
from memory_mirror.audit.chain import AuditEvent
from memory_mirror.entities.kinds import KINDS
from memory_mirror.life.entities import Memory, Photo
from memory_mirror.messages.entities import Notification
from memory_mirror.records.record import read, recent
from memory_mirror.reminders.entities import Reminder
from memory_mirror.service import store
from memory_mirror.upkeep import inspection, nightly, walk
from memory_mirror.upkeep.operations import auto_fix_errors, generate_maintenance_report
from memory_mirror.upkeep.repairs import KEPT, Fix, fixes_of, undo
from memory_mirror.upkeep.walk import Orphan
from quintet.models import epoch, new_id
from quintet.models.time import frozen
from quintet.providers import storage
from quintet.testing import Client
from quintet.testing.client import Answer
from quintet.testing.events import schedule_event
from tests.functions.memory_mirror.care.weeks import made, put
from tests.functions.memory_mirror.conftest import MakePatient, subject_of
from tests.support.aws import in_threads
from tests.support.calls import Refused, failing, recorded

FIX, REPORT = "/functions/autoFixErrors", "/functions/generateMaintenanceReport"
AT = datetime(2026, 3, 10, 3, 15, tzinfo=UTC)
IDLE = "Nothing done: a run is at work or has just ended."
STUCK = {"recipient_email": "carer@example.com", "title": "t", "message": "secret words", "status": "pending"}


def stuck(subject: str, hours: float = 2) -> Notification:
    record = put(subject, AT - timedelta(hours=hours), Notification, **STUCK)
    assert isinstance(record, Notification)
    return record


def run(client: Client, path: str, after: timedelta = timedelta()) -> Answer:
    with frozen(AT + after):
        return client.post(path)


def test_with_nothing_wrong_nothing_is_fixed(mirror: Client, rose: Client) -> None:
    answer = run(mirror, FIX)
    assert (answer.status, answer.body) == (
        200,
        {
            "fixes": [],
            "errors": [],
            "summary": (
                "Fixed 0 problems in the data of 1 people; 0 need somebody to look at them, 0 people's data could not "
                "be read."
            ),
        },
    )


def test_a_stuck_notification_is_settled_and_the_reply_names_nobody(mirror: Client, rose: Client) -> None:
    record = stuck(subject_of(rose))
    answer = run(mirror, FIX)
    fix = {"type": "stuck_notification", "entity": "Notification", "id": "…" + record.id[-6:], "action": "changed"}
    assert answer.body["fixes"] == [fix]
    settled = read(Notification, record.subject, record.id)
    assert settled is not None
    assert settled.status == "failed"
    text = json.dumps(answer.body)
    assert not [said for said in (record.id, record.subject, "carer@", "secret", "rose") if said in text]


def test_what_was_fixed_can_be_undone(mirror: Client, rose: Client) -> None:
    record = stuck(subject_of(rose))
    run(mirror, FIX)
    (fix,) = fixes_of("2026-03-10")
    assert fix.expires_at == epoch(AT + KEPT)
    assert fix.before["status"] == "pending"
    assert undo(fix)
    again = read(Notification, record.subject, record.id)
    assert again is not None
    assert again.model_dump(exclude={"version"}) == record.model_dump(exclude={"version"})
    assert fixes_of("2026-03-10") == []


def test_what_was_written_since_is_not_undone(mirror: Client, rose: Client) -> None:
    record = stuck(subject_of(rose))
    run(mirror, FIX)
    now = read(Notification, record.subject, record.id)
    assert now is not None
    store.replace(now, now.changed(read=True))
    (fix,) = fixes_of("2026-03-10")
    assert not undo(fix)


def test_every_kind_of_fault_is_mended_once(mirror: Client, rose: Client, carer: Client) -> None:
    subject = subject_of(rose)
    stuck(subject)
    memory = put(subject, AT - timedelta(days=1), Memory, title="Sea", content="The sea.", photo_ids=[new_id()])
    lost = put(subject, AT - timedelta(days=3), Reminder, title="Tea", starts_at="2026-03-01T09:00", timezone="UTC",
               rrule="FREQ=DAILY")  # fmt: skip
    store.create(Access(email="carer@example.com", patient_id="gone", subject="gone", relation="caregiver"))
    fixes = run(mirror, FIX).body["fixes"]
    assert sorted((one["type"], one["action"]) for one in fixes) == [
        ("lost_schedule", "changed"),
        ("missing_photo", "changed"),
        ("orphaned_access", "removed"),
        ("stuck_notification", "changed"),
    ]
    back, cleaned = read(Reminder, subject, lost.id), read(Memory, subject, memory.id)
    assert back is not None
    assert back.next_due == "2026-03-10T09:00:00Z"
    assert cleaned is not None
    assert cleaned.photo_ids == []
    assert store.get(Access, email="carer@example.com", patient_id="gone") is None
    assert run(mirror, FIX, timedelta(minutes=5)).body["fixes"] == []


def test_media_whose_file_is_gone_are_told_of_and_left(mirror: Client, rose: Client) -> None:
    subject = subject_of(rose)
    storage.put("media/sea.jpg", b"sea", "image/jpeg")
    for url in ("media/sea.jpg", "media/gone.jpg", "no key at all", "https://example.com/sea.jpg"):
        put(subject, AT, Photo, title="Sea", url=url)
    body = run(mirror, REPORT).body
    assert body["issues"] == [{"type": "missing_file", "severity": "warning", "entity": "Photo", "count": 2}]
    fixed = run(mirror, FIX).body
    assert fixed["fixes"] == []
    assert "2 need somebody to look at them" in fixed["summary"]


def test_a_call_right_after_a_run_does_nothing(mirror: Client, rose: Client) -> None:
    run(mirror, FIX)
    stuck(subject_of(rose))
    with recorded() as calls:
        answer = run(mirror, FIX, timedelta(seconds=30))
    assert answer.body == {"fixes": [], "errors": [], "summary": IDLE}
    assert "Query" not in calls.names
    assert len(run(mirror, FIX, timedelta(seconds=90)).body["fixes"]) == 1


def test_calls_at_once_do_the_work_once(mirror: Client, rose: Client) -> None:
    for _ in range(3):
        stuck(subject_of(rose))
    with frozen(AT):
        answers = in_threads(8, lambda _: mirror.post(FIX))
    bodies = [answer.body for answer in answers if isinstance(answer, Answer) and answer.status == 200]
    assert len(bodies) == 8
    assert sum(len(body["fixes"]) for body in bodies) == 3
    assert sum(body["summary"] != IDLE for body in bodies) == 1
    assert len(fixes_of("2026-03-10")) == 3


def test_a_run_is_bounded_and_the_next_goes_on(mirror: Client, rose: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nightly, "MOST_FIXES", 2)
    for _ in range(5):
        stuck(subject_of(rose))
    fixed = [len(run(mirror, FIX, timedelta(minutes=2 * n)).body["fixes"]) for n in range(4)]
    assert fixed == [2, 2, 1, 0]


def test_all_subjects_are_come_to_in_turn(mirror: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nightly, "MOST_SUBJECTS", 2)
    accounts = [Account(email=f"p{n}@example.com", full_name="P") for n in range(3)]
    for account in accounts:
        store.create(account)
        stuck(account.id)
    patient = made(new_id(), AT, Patient, name="No account")
    store.create(patient)
    store.create(PatientPlace(id=patient.subject, subject=patient.subject))
    stuck(patient.subject)
    fixed = [len(run(mirror, FIX, timedelta(minutes=2 * n)).body["fixes"]) for n in range(3)]
    assert fixed == [2, 2, 0]
    assert not [one for account in accounts for one in recent(Notification, account.id, status="pending")]


def test_one_persons_trouble_keeps_nobody_else_waiting(mirror: Client, rose: Client, carer: Client) -> None:
    broken = subject_of(rose)
    stuck(broken)
    stuck(subject_of(carer))

    def unreadable(params: dict[str, Any]) -> Refused | None:
        return Refused("ValidationException") if f"SUBJECT#{broken}#" in json.dumps(params) else None

    with failing("Query", unreadable):
        body = run(mirror, FIX).body
    assert body["errors"] == [{"subject": "…" + broken[-6:], "error": "ClientError"}]
    assert len(body["fixes"]) == 1


def test_what_somebody_wrote_meanwhile_is_left_for_the_next_run(
    mirror: Client, rose: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = stuck(subject_of(rose))
    seen = walk.snapshot

    def outrun(subject: walk.Subject) -> Any:
        found = seen(subject)
        now = store.get(Notification, subject=record.subject, id=record.id)
        if now is not None and now.version == 1:
            store.replace(now, now.changed(read=True))
        return found

    monkeypatch.setattr(nightly, "snapshot", outrun)
    assert run(mirror, FIX).body["fixes"] == []
    assert fixes_of("2026-03-10") == []
    assert len(run(mirror, FIX, timedelta(minutes=5)).body["fixes"]) == 1


def vanished(subject: str) -> None:
    """A patient without an account disappears, as after a restored backup; its audit and its records do not."""
    patient, place = store.get(Patient, subject=subject, id=subject), store.get(PatientPlace, id=subject)
    assert patient is not None
    assert place is not None
    store.delete(patient)
    store.delete(place)
    for email in {*patient.caregivers, patient.created_by}:
        access = store.get(Access, email=email, patient_id=subject)
        if access is not None:
            store.delete(access)


def test_data_of_a_patient_who_is_gone_are_removed_a_week_after_that_was_found(
    mirror: Client, carer: Client, make_patient: MakePatient
) -> None:
    subject = make_patient(carer, name="Otto")["id"]
    put(subject, AT - timedelta(days=1), Memory, title="Sea", content="The sea.")
    vanished(subject)
    body = run(mirror, REPORT).body
    assert {"type": "orphaned_subject", "severity": "warning", "entity": "Patient", "count": 1} in body["issues"]
    assert run(mirror, FIX, timedelta(days=6)).body["fixes"] == []
    assert recent(Memory, subject)
    fixes = run(mirror, FIX, timedelta(days=8)).body["fixes"]
    assert [(one["type"], one["entity"], one["action"]) for one in fixes] == [("orphaned_record", "Memory", "removed")]
    assert recent(Memory, subject) == []
    assert store.get(Orphan, subject=subject) is None
    (fix,) = store.query(Fix, subject=subject).items
    assert undo(fix)
    assert [memory.title for memory in recent(Memory, subject)] == ["Sea"]


def test_of_whom_nothing_is_left_nothing_is_said(mirror: Client, carer: Client, make_patient: MakePatient) -> None:
    vanished(make_patient(carer, name="Otto")["id"])
    body = run(mirror, REPORT).body
    assert body["statistics"]["audit_chains_verified"] == 1
    assert body["issues"] == []


def test_the_clock_runs_both(mirror: Client, rose: Client) -> None:
    stuck(subject_of(rose))
    with frozen(AT):
        assert len(auto_fix_errors(schedule_event())["fixes"]) == 1
        assert generate_maintenance_report(schedule_event())["generated_at"] == "2026-03-10T03:15:00.000Z"


def test_the_report_counts_and_repairs_nothing(mirror: Client, rose: Client) -> None:
    subject = subject_of(rose)
    record = stuck(subject)
    for _ in range(3):
        put(subject, AT, Memory, title="Sea", content="The sea.")
    body = run(mirror, REPORT).body
    assert set(body) == {"issues", "statistics", "recommendations", "generated_at"}
    assert body["issues"] == [
        {"type": "stuck_notification", "severity": "warning", "entity": "Notification", "count": 1}
    ]
    statistics = body["statistics"]
    assert (statistics["records"]["Memory"], statistics["records"]["Notification"]) == (3, 1)
    assert set(statistics["records"]) == set(KINDS)
    assert (statistics["records_total"], statistics["subjects_looked_at"]) == (4, 1)
    assert statistics["records_counted_at"] == "2026-03-10T03:15:00.000Z"
    assert body["recommendations"] == ["Stuck notifications are settled by the next repair."]
    assert read(Notification, subject, record.id) == record
    assert record.id not in json.dumps(body)


def test_right_after_a_report_the_same_is_answered(mirror: Client, rose: Client) -> None:
    first = run(mirror, REPORT).body
    stuck(subject_of(rose))
    assert run(mirror, REPORT, timedelta(seconds=20)).body == first
    assert run(mirror, REPORT, timedelta(seconds=90)).body != first


def test_chains_that_grew_are_verified_once(mirror: Client, rose: Client) -> None:
    rose.post("/entities/Memory", {"title": "Sea", "content": "The sea."})
    first = run(mirror, REPORT).body["statistics"]
    assert (first["audit_chains_verified"], first["audit_events_verified"]) == (1, 1)
    assert first["dead_messages"] == 0


def test_a_chain_that_was_tampered_with_is_critical(mirror: Client, rose: Client) -> None:
    rose.post("/entities/Memory", {"title": "Sea", "content": "The sea."})
    (event,) = store.query(AuditEvent, begins="E", subject=subject_of(rose)).items
    store.replace(event, event.model_copy(update={"actor": "somebody else"}))
    body = run(mirror, REPORT).body
    assert body["issues"][0] == {"type": "audit_chain", "severity": "critical", "entity": "AuditLog", "count": 1}
    assert body["recommendations"][0].startswith("An audit chain is broken")
    later = run(mirror, REPORT, timedelta(days=1)).body
    assert later["issues"][0]["type"] == "audit_chain"


def test_the_counts_are_those_of_whole_rounds(mirror: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "MOST_SUBJECTS", 2)
    for n in range(3):
        account = Account(email=f"p{n}@example.com", full_name="P")
        store.create(account)
        put(account.id, AT, Memory, title="Sea", content="The sea.")
    seen = [run(mirror, REPORT, timedelta(minutes=2 * n)).body["statistics"] for n in range(3)]
    assert [(one["records_counted_at"] is not None, one["records_total"]) for one in seen] == [
        (False, 2), (True, 3), (True, 3),
    ]  # fmt: skip


@pytest.mark.parametrize("path", [FIX, REPORT])
def test_neither_needs_a_session_or_a_body(mirror: Client, path: str) -> None:
    assert mirror.post(path).status == 200


@pytest.mark.parametrize("path", [FIX, REPORT])
def test_one_address_cannot_call_without_end(mirror: Client, path: str) -> None:
    with frozen(AT):
        answers = [mirror.post(path).status for _ in range(11)]
    assert answers == [200] * 10 + [429]
