"""The administrators' view: the report on one patient, and how care goes across all of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.local.converse import Step
from memory_mirror.care import team
from memory_mirror.clock.occurrences import OccurrenceClaim
from memory_mirror.life.diary import AnxietyTrend, CognitiveAssessment
from memory_mirror.night.entities import NightIncident
from memory_mirror.reminders.entities import Reminder
from memory_mirror.service import store
from quintet.models import epoch
from quintet.models.time import frozen
from quintet.testing import Client
from quintet.testing.client import Answer
from tests.functions.memory_mirror.care.callers import present
from tests.functions.memory_mirror.care.weeks import profile, put, steady_weeks
from tests.functions.memory_mirror.conftest import MakePatient, subject_of
from tests.support.model import model

REPORT, TEAM = "/functions/generateCaregiverReport", "/functions/generateCaregiverInsights"
TRACK = "/functions/trackPatientSession"
AT = datetime(2026, 3, 20, 18, 0, tzinfo=UTC)


@pytest.fixture
def patient(rose: Client, carer: Client, make_patient: MakePatient) -> dict[str, Any]:
    """Rose, whom carer@example.com cares for."""
    return make_patient(rose, caregivers=["carer@example.com"])


def call(client: Client, path: str, body: object = None, at: datetime = AT) -> Answer:
    with frozen(at):
        return present(client).post(path, body) if body is not None else present(client).post(path)


def report(client: Client, patient: dict[str, Any], kind: str = "weekly", at: datetime = AT) -> dict[str, Any]:
    answer = call(client, REPORT, {"report_type": kind, "patient_id": patient["id"]}, at)
    assert answer.status == 200, answer.body
    return dict(answer.body["report"])


def visit(carer: Client, patient: dict[str, Any], at: datetime, minutes: int) -> None:
    for offset in range(0, minutes + 1, 20):
        call(carer, TRACK, {"patient_id": patient["id"]}, at + timedelta(minutes=offset))


def claim(subject: str, reminder_id: str, at: datetime, *, missed: int = 0) -> None:
    local = at.replace(tzinfo=None).isoformat(timespec="minutes")
    store.create(
        OccurrenceClaim(
            subject=subject, item_id=reminder_id, item_kind="Reminder", local=local, instant=at, claimed_at=at,
            status="missed" if missed else "fired", count=missed or 1, expires_at=epoch(at) + 10**8,
            last=at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        )
    )  # fmt: skip


def test_a_report_has_the_documented_shape(admin: Client, patient: dict[str, Any]) -> None:
    answer = call(admin, REPORT, {"report_type": "daily", "patient_id": patient["id"]})
    assert set(answer.body) == {"report_type", "patient_id", "report", "generated_at"}
    assert (answer.body["report_type"], answer.body["patient_id"]) == ("daily", patient["id"])
    assert answer.body["generated_at"] == "2026-03-20T18:00:00.000Z"
    assert answer.headers["x-answer-source"] == "fallback"


def test_an_empty_report_says_that_nothing_is_known(admin: Client, patient: dict[str, Any]) -> None:
    found = report(admin, patient)
    assert found["summary"] == (
        "The last 7 days: 0 activities (0 before), 0 conversations (0 before), 0 night incidents (0 before). "
        "Anxiety was not measured. Reminders: 0 kept, 0 missed. Care: 0 sessions, 0 minutes."
    )
    assert found["mood"]["median"] is None
    assert found["mood"]["trend"] == {"direction": "insufficient_data", "n_days": 0, "needed_days": 10}
    assert found["cognition"] is None
    assert found["recommendations"][0] == "No caregiver tracked a session in this time: plan a visit or a call."
    assert sum(advice.startswith("Too little data") for advice in found["recommendations"]) == 4


@pytest.mark.parametrize(
    ("kind", "first", "days"), [("daily", "2026-03-20", 1), ("weekly", "2026-03-14", 7), ("monthly", "2026-02-19", 30)]
)
def test_the_period_is_whole_days_of_the_patients_zone(
    rose: Client, admin: Client, patient: dict[str, Any], kind: str, first: str, days: int
) -> None:
    profile(subject_of(rose), AT - timedelta(days=90), "Europe/Berlin")
    period = report(admin, patient, kind)["period"]
    assert (period["first_day"], period["last_day"], period["days"]) == (first, "2026-03-20", days)
    assert (period["timezone"], period["ends_at"]) == ("Europe/Berlin", "2026-03-20T23:00:00.000Z")
    late = report(admin, patient, kind, AT.replace(hour=23, minute=30))["period"]
    assert late["last_day"] == "2026-03-21"


def test_a_week_across_the_change_of_clocks_has_seven_local_days(
    rose: Client, admin: Client, patient: dict[str, Any]
) -> None:
    profile(subject_of(rose), AT - timedelta(days=90), "Europe/Berlin")
    period = report(admin, patient, "weekly", datetime(2026, 3, 31, 12, tzinfo=UTC))["period"]
    assert (period["starts_at"], period["ends_at"]) == ("2026-03-24T23:00:00.000Z", "2026-03-31T22:00:00.000Z")


def test_a_weekly_report_counts_the_week_beside_the_one_before(
    rose: Client, carer: Client, admin: Client, patient: dict[str, Any]
) -> None:
    subject = subject_of(rose)
    steady_weeks(subject, AT)
    put(subject, AT - timedelta(days=8), NightIncident, incident_type="DISORIENTATION", resolved=True,
        occurred_at=AT - timedelta(days=8))  # fmt: skip
    put(subject, AT - timedelta(days=1), NightIncident, incident_type="FALL", distress_level=9,
        caregivers_alerted=["carer@example.com"], occurred_at=AT - timedelta(days=1))  # fmt: skip
    put(subject, AT - timedelta(days=2), CognitiveAssessment, cognitive_level="moderate", trend="stable")
    visit(carer, patient, AT - timedelta(days=3), 40)
    visit(carer, patient, AT - timedelta(days=1), 20)
    visit(admin, patient, AT - timedelta(days=2), 0)
    visit(carer, patient, AT - timedelta(days=9), 20)
    found = report(admin, patient)
    assert found["activity"] == {
        "total": 20, "before": 20, "days_with_activity": 7, "days_without_activity": 0, "minutes": 0,
        "kinds": {"meal": 11, "walk": 9},
    }  # fmt: skip
    assert (found["mood"]["readings"], found["mood"]["median"], found["mood"]["highest"]) == (7, 3.0, 4.0)
    assert found["mood"]["by_part_of_day"]["afternoon"] == {"readings": 7, "median": 3.0}
    assert found["conversations"] == {"total": 7, "before": 7, "tones": {"calm": 7}}
    night = found["night"]
    assert (night["incidents"], night["before"], night["by_type"], night["unresolved"]) == (1, 1, {"FALL": 1}, 1)
    assert night["list"][0]["caregivers_alerted"] == 1
    assert found["sessions"] == {
        "total": 3,
        "minutes": 60,
        "by_type": {"interaction": 3},
        "caregivers": [
            {"caregiver": "carer@example.com", "sessions": 2, "minutes": 60, "last_seen": "2026-03-19T18:20:00.000Z"},
            {"caregiver": "admin@example.com", "sessions": 1, "minutes": 0, "last_seen": "2026-03-18T18:00:00.000Z"},
        ],
    }
    assert found["journal"] == {"entries": 1, "about": {"rest": 1, "sleep": 1}}
    assert (found["cognition"]["cognitive_level"], found["cognition"]["trend"]) == ("moderate", "stable")
    assert [one["metric"] for one in found["unusual"]["anomalies"]] == ["night_incidents"]
    assert found["unusual"]["risk_level"] == "high"
    assert found["recommendations"][0] == "Look into the night incidents that nobody marked as resolved: 1."


def test_reminders_are_kept_or_missed(rose: Client, admin: Client, patient: dict[str, Any]) -> None:
    subject = subject_of(rose)
    reminder = put(subject, AT - timedelta(days=20), Reminder, title="Tea", starts_at="2026-03-01T09:00",
                   timezone="UTC", rrule="FREQ=DAILY")  # fmt: skip
    for ago in range(1, 6):
        claim(subject, reminder.id, AT - timedelta(days=ago))
    claim(subject, reminder.id, AT - timedelta(days=9))
    claim(subject, reminder.id, AT - timedelta(days=6), missed=2)
    claim(subject, "a reminder that is gone", AT - timedelta(days=3), missed=1)
    claim(subject, reminder.id, AT - timedelta(days=12), missed=4)
    found = report(admin, patient)
    assert found["reminders"] == {"due": 8, "kept": 5, "missed": 3}
    assert "Find out why reminders were missed: 3." in found["recommendations"]


def test_a_model_may_word_the_summary_and_nothing_else(rose: Client, admin: Client, patient: dict[str, Any]) -> None:
    steady_weeks(subject_of(rose), AT)
    ours = report(admin, patient)
    with model(Step(input={"summary": "A quiet week with 7 talks."})):
        worded = report(admin, patient)
    assert worded["summary"] == "A quiet week with 7 talks."
    assert {**worded, "summary": ""} == {**ours, "summary": ""}
    with model(Step(input={"summary": "40 talks."}), Step(input={"summary": "41 talks."})):
        assert report(admin, patient) == ours


def test_a_patient_who_does_not_exist_is_not_found(admin: Client) -> None:
    answer = call(admin, REPORT, {"report_type": "daily", "patient_id": "nobody"})
    assert (answer.status, answer.body) == (404, {"error": "Patient not found"})


def test_without_sessions_and_patients_the_team_has_nothing_to_show(admin: Client) -> None:
    answer = call(admin, TEAM)
    assert (answer.status, answer.body) == (
        200,
        {
            "period_days": 7,
            "insights": {
                "sessions": {
                    "total": 0, "complete": True, "minutes": 0, "per_day": 0.0, "trend": "insufficient_data",
                },
                "caregivers": [],
                "patients": {
                    "looked_at": 0,
                    "complete": True,
                    "with_sessions": 0,
                    "without_sessions": [],
                    "wellbeing": {
                        "median_anxiety": None, "patients_with_readings": 0, "activities": 0, "night_incidents": 0,
                        "most_anxious": [], "most_restless": [],
                    },
                },
                "recommendations": ["Sessions and wellbeing call for nothing special."],
            },
            "generated_at": "2026-03-20T18:00:00.000Z",
        },
    )  # fmt: skip


def test_the_team_is_seen_across_all_patients(
    rose: Client, carer: Client, admin: Client, make_patient: MakePatient, patient: dict[str, Any]
) -> None:
    otto = make_patient(admin, name="Otto", caregivers=["carer@example.com"])
    ida = make_patient(admin, name="Ida")
    put(otto["id"], AT - timedelta(days=30), AnxietyTrend, level=1)
    for ago in (2, 1):
        put(otto["id"], AT - timedelta(days=ago), AnxietyTrend, level=8)
        put(subject_of(rose), AT - timedelta(days=ago), AnxietyTrend, level=2)
    put(ida["id"], AT - timedelta(days=1), NightIncident, incident_type="FALL")
    visit(carer, patient, AT - timedelta(days=2), 60)
    visit(carer, otto, AT - timedelta(days=1), 20)
    visit(admin, otto, AT, 0)
    visit(carer, otto, AT - timedelta(days=10), 20)
    found = call(admin, TEAM, {"days": 7}).body["insights"]
    assert (found["sessions"]["total"], found["sessions"]["minutes"], found["sessions"]["per_day"]) == (3, 80, 0.43)
    assert found["caregivers"] == [
        {
            "caregiver": "carer@example.com", "sessions": 2, "minutes": 80, "minutes_per_session": 40.0, "patients": 2,
            "days_active": 2,
        },
        {
            "caregiver": "admin@example.com", "sessions": 1, "minutes": 0, "minutes_per_session": 0.0, "patients": 1,
            "days_active": 1,
        },
    ]  # fmt: skip
    patients = found["patients"]
    assert (patients["looked_at"], patients["complete"], patients["with_sessions"]) == (3, True, 2)
    assert patients["without_sessions"] == [{"patient_id": ida["id"], "name": "Ida"}]
    wellbeing = patients["wellbeing"]
    assert (wellbeing["median_anxiety"], wellbeing["patients_with_readings"]) == (5, 2)
    assert [(one["name"], one["median_anxiety"]) for one in wellbeing["most_anxious"]] == [("Otto", 8)]
    assert [(one["name"], one["night_incidents"]) for one in wellbeing["most_restless"]] == [("Ida", 1)]
    assert found["recommendations"] == [
        "Plan a session for the patients without one: 1.",
        "Review the care of the patients whose median anxiety is 6 or more: 1.",
        "Nothing was recorded about 1 of the patients: ask whether the companion is in use.",
    ]


def test_how_many_patients_were_looked_at_is_said(
    admin: Client, make_patient: MakePatient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(team, "PAGE", 2)
    for n in range(5):
        make_patient(admin, name=f"Patient {n}")
    assert call(admin, TEAM).body["insights"]["patients"]["looked_at"] == 5
    monkeypatch.setattr(team, "MOST_PATIENTS", 3)
    found = call(admin, TEAM).body["insights"]
    assert (found["patients"]["looked_at"], found["patients"]["complete"]) == (3, False)
    assert found["recommendations"][-1].startswith("Only the first 3 patients were looked at")


@pytest.mark.parametrize(("days", "period"), [(1, 1), (365, 365), (30.0, 30)])
def test_the_period_may_be_a_day_or_a_year(admin: Client, days: float, period: int) -> None:
    answer = call(admin, TEAM, {"days": days})
    assert (answer.status, answer.body["period_days"]) == (200, period)


@pytest.mark.parametrize("days", [0, 366, -1, 1.5, "7", None, True])
def test_other_periods_are_refused(admin: Client, days: object) -> None:
    answer = call(admin, TEAM, {"days": days})
    assert answer.status == 400
    assert answer.body["error"].startswith("days: ")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "report_type"),
        ({"report_type": "yearly", "patient_id": "p"}, "report_type"),
        ({"report_type": "daily"}, "patient_id"),
        ({"report_type": "daily", "patient_id": ""}, "patient_id"),
        ({"report_type": "daily", "patient_id": 5}, "patient_id"),
    ],
)
def test_a_wrong_field_of_a_report_is_named(admin: Client, body: dict[str, Any], field: str) -> None:
    answer = call(admin, REPORT, body)
    assert answer.status == 400
    assert answer.body["error"].startswith(f"{field}: ")


@pytest.mark.parametrize("path", [REPORT, TEAM])
def test_only_administrators_may(rose: Client, carer: Client, mirror: Client, path: str) -> None:
    for client in (rose, carer):
        answer = client.post(path, {"days": "x"})
        assert (answer.status, answer.body) == (403, {"error": "Unauthorized - Admin access required"})
    answer = mirror.post(path, {"days": "x"})
    assert (answer.status, answer.body) == (401, {"error": "Unauthorized"})
