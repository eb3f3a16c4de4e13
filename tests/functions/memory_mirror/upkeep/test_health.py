"""The health check: real, quick, silent about people, and it answers also when the database does not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from memory_mirror.accounts.access import PatientPlace
from memory_mirror.clock.due import minute
from memory_mirror.records.record import create, new
from memory_mirror.reminders.entities import Reminder
from memory_mirror.service import store
from memory_mirror.upkeep import health
from memory_mirror.upkeep.health import Check, overall
from memory_mirror.upkeep.inspection import Report
from quintet.messaging.outbox import DEAD, Message, pause_after
from quintet.models import epoch, now
from quintet.testing import Client
from tests.functions.memory_mirror.conftest import MakePatient, subject_of
from tests.support.calls import Refused, failing, recorded

HEALTH = "/functions/healthCheck"


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """How busy the machine is that runs the tests decides nothing."""
    for name in ("SLOW", "TOO_SLOW", "LONG", "TOO_LONG"):
        monkeypatch.setattr(health, name, 600_000)


def answered(client: Client) -> dict[str, Any]:
    answer = client.post(HEALTH)
    assert answer.status == 200, answer.body
    return dict(answer.body)


def statuses(body: dict[str, Any]) -> dict[str, str]:
    return {name: check["status"] for name, check in body["checks"].items()}


def dead(count: int, minutes_ago: float) -> None:
    given_up = epoch(now() - timedelta(minutes=minutes_ago))
    for _ in range(count):
        store.create(Message(channel="email", to="a@b.example", text="t", queue=DEAD, attempts=8,
                             due_at=given_up + pause_after(8)))  # fmt: skip


def test_a_working_system_is_healthy_to_the_letter(mirror: Client) -> None:
    body = answered(mirror)
    details = {"sampled": 0, "broken": 0, "overdue": 0, "last_inspection": None, "critical_issues": 0}
    assert body == {
        "timestamp": body["timestamp"],
        "status": "healthy",
        "checks": {
            "database": {"status": "pass", "responseTime": body["checks"]["database"]["responseTime"]},
            "entities": {"status": "pass", "details": details},
            "errorRate": {"status": "pass", "recentErrors": 0},
            "performance": {"status": "pass", "totalCheckTime": body["checks"]["performance"]["totalCheckTime"]},
        },
        "issues": [],
        "recommendations": ["System is operating normally"],
    }
    assert isinstance(body["checks"]["database"]["responseTime"], int)
    assert body["timestamp"].endswith("Z")
    assert len(body["timestamp"]) == len("2024-01-01T00:00:00.000Z")


def test_the_database_is_really_written_and_read(mirror: Client) -> None:
    with recorded() as calls:
        answered(mirror)
        answered(mirror)
    (first, second) = calls.of("UpdateItem")
    assert "ConditionExpression" in first.params
    assert first.params["ExpressionAttributeValues"] != second.params["ExpressionAttributeValues"]
    assert any(call.params.get("ConsistentRead") for call in calls.of("GetItem"))
    assert "Scan" not in calls.names
    assert len(calls) == 2 * 13


@pytest.mark.parametrize("operation", ["UpdateItem", "GetItem"])
def test_a_database_that_does_not_answer_is_critical_and_said_so(mirror: Client, operation: str) -> None:
    with failing(operation, lambda _: Refused("ResourceNotFoundException")), recorded() as calls:
        body = answered(mirror)
    assert (body["status"], body["issues"]) == ("critical", ["The database does not answer"])
    assert set(statuses(body).values()) - {"pass"} == {"fail"}
    assert body["checks"]["entities"] == {"status": "fail", "details": {}}
    assert body["checks"]["errorRate"] == {"status": "fail", "recentErrors": None}
    assert body["recommendations"] != ["System is operating normally"]
    assert "Query" not in calls.names


def test_one_failing_check_leaves_the_others(mirror: Client) -> None:
    def broken(params: dict[str, Any]) -> Refused | None:
        return Refused("ValidationException") if "PATIENTS" in str(params) else None

    with failing("Query", broken):
        body = answered(mirror)
    assert statuses(body) == {"database": "pass", "entities": "fail", "errorRate": "pass", "performance": "pass"}
    assert (body["status"], body["issues"]) == ("unhealthy", ["A check could not be made"])


def test_patients_nobody_can_reach_are_found(mirror: Client, rose: Client, make_patient: MakePatient) -> None:
    patient = make_patient(rose)
    assert answered(mirror)["checks"]["entities"]["details"]["sampled"] == 1
    place = store.get(PatientPlace, id=patient["id"])
    assert place is not None
    store.delete(place)
    body = answered(mirror)
    assert (body["status"], body["checks"]["entities"]["details"]["broken"]) == ("unhealthy", 1)
    assert patient["id"] not in str(body)


@pytest.mark.parametrize(("minutes", "status"), [(5, "healthy"), (20, "degraded"), (90, "unhealthy")])
def test_a_clock_that_does_not_run_is_noticed(mirror: Client, rose: Client, minutes: int, status: str) -> None:
    due = minute(now() - timedelta(minutes=minutes))
    create(new(Reminder, subject_of(rose), "rose@example.com", title="Tea", starts_at="2026-03-01T09:00",
               timezone="UTC", next_due=due, due_shard="2"))  # fmt: skip
    body = answered(mirror)
    assert body["status"] == status
    assert body["checks"]["entities"]["details"]["overdue"] == (0 if minutes < 10 else 1)


@pytest.mark.parametrize(("count", "status"), [(1, "degraded"), (9, "degraded"), (10, "unhealthy")])
def test_mails_given_up_in_the_last_hour_are_errors(mirror: Client, count: int, status: str) -> None:
    dead(5, minutes_ago=61)
    assert answered(mirror)["checks"]["errorRate"] == {"status": "pass", "recentErrors": 0}
    dead(count, minutes_ago=30)
    body = answered(mirror)
    assert (body["status"], body["checks"]["errorRate"]["recentErrors"]) == (status, count)
    assert body["recommendations"] == ["Check the addresses and the mail service"]


def test_a_grave_finding_of_the_last_inspection_is_remembered(mirror: Client) -> None:
    issue = {"type": "audit_chain", "severity": "critical", "entity": "AuditLog", "count": 2}
    store.create(Report(issues=[issue], generated_at=now()))
    body = answered(mirror)
    assert (body["status"], body["checks"]["entities"]["details"]["critical_issues"]) == ("unhealthy", 2)


def test_slowness_degrades(mirror: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SLOW", -1)
    monkeypatch.setattr(health, "LONG", -1)
    body = answered(mirror)
    assert (body["status"], body["issues"]) == ("degraded", ["The database is slow", "The checks took long"])


def test_the_worst_check_decides() -> None:
    good, odd, bad = Check("pass"), Check("warn"), Check("fail")
    assert overall(good, good, good, good) == "healthy"
    assert overall(odd, good, good, good) == overall(good, good, odd, good) == "degraded"
    assert overall(good, odd, bad, good) == "unhealthy"
    assert overall(bad, good, good, good) == "critical"
