"""Insights: reckoned from what is stored, with the counts they rest on, worded by a model at most."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from memory_mirror.care.entities import CareJournalEntry
from memory_mirror.life.diary import AnxietyTrend
from memory_mirror.night.entities import NightIncident
from quintet.models.time import frozen
from quintet.testing import Client
from quintet.testing.client import Answer
from tests.functions.memory_mirror.care.callers import present
from tests.functions.memory_mirror.care.weeks import profile, put, steady_weeks
from tests.functions.memory_mirror.conftest import MakePatient, SignIn, subject_of
from tests.support.calls import recorded

ANOMALIES, INSIGHTS = "/functions/detectBehaviorAnomalies", "/functions/generateCareInsights"
AT = datetime(2026, 3, 20, 18, 0, tzinfo=UTC)
LACKING = "Too little data to judge {}: {} of the 7 days needed are recorded."


def ask(client: Client, path: str, **options: Any) -> Answer:
    with frozen(AT):
        return present(client).post(path, **options)


def test_without_data_nothing_is_made_up(rose: Client) -> None:
    answer = ask(rose, ANOMALIES)
    lacking = ["logged activities", "mean anxiety", "conversations", "night incidents"]
    expected = {"anomalies": [], "risk_level": "low", "recommendations": [LACKING.format(what, 0) for what in lacking]}
    assert (answer.status, answer.body) == (200, expected)


def test_steady_weeks_hold_nothing_unusual(rose: Client) -> None:
    steady_weeks(subject_of(rose), AT)
    assert ask(rose, ANOMALIES).body == {
        "anomalies": [],
        "risk_level": "low",
        "recommendations": ["Nothing unusual was found; carry on as you do."],
    }


def test_a_bad_night_after_steady_weeks_stands_out(rose: Client) -> None:
    subject = subject_of(rose)
    profile(subject, AT - timedelta(days=40))
    steady_weeks(subject, AT)
    night = AT.replace(hour=23) - timedelta(days=1)  # half past midnight in Berlin: the day the report is made on
    put(subject, night, NightIncident, incident_type="DISORIENTATION", distress_level=8, occurred_at=night)
    body = ask(rose, ANOMALIES).body
    (anomaly,) = body["anomalies"]
    assert anomaly == {
        "type": "unusually_high",
        "metric": "night_incidents",
        "date": "2026-03-20",
        "value": 1.0,
        "expected": 0.0,
        "score": 99.0,
        "n_days": 27,
        "description": "Night incidents on 2026-03-20: 1 a night, usually about 0 (27 days).",
    }
    assert body["risk_level"] == "high"
    assert len(body["recommendations"]) == 1


def test_days_are_those_of_the_persons_zone(rose: Client) -> None:
    subject = subject_of(rose)
    profile(subject, AT - timedelta(days=40), "Pacific/Auckland")
    steady_weeks(subject, AT)
    night = AT.replace(hour=13) - timedelta(days=1)  # two in the morning of the 20th in Auckland
    put(subject, night, NightIncident, incident_type="FALL", occurred_at=night)
    assert [one["date"] for one in ask(rose, ANOMALIES).body["anomalies"]] == ["2026-03-20"]


def test_a_caregiver_asks_about_her_patient_and_nobody_elses(
    rose: Client, carer: Client, sign_in: SignIn, make_patient: MakePatient
) -> None:
    patient = make_patient(rose, caregivers=["carer@example.com"])
    steady_weeks(subject_of(rose), AT, days=3)
    mine = ask(rose, ANOMALIES).body
    assert ask(carer, ANOMALIES).body == mine
    assert ask(carer, ANOMALIES, headers={"X-Patient-Id": patient["id"]}).body == mine
    stranger = sign_in("caregiver")
    for path in (ANOMALIES, INSIGHTS):
        answer = ask(stranger, path, headers={"X-Patient-Id": patient["id"]})
        assert (answer.status, answer.body) == (404, {"error": "Patient not found"})
    assert ask(stranger, ANOMALIES).body != mine


def test_insights_say_what_the_weeks_held_and_on_what_they_rest(rose: Client) -> None:
    subject = subject_of(rose)
    steady_weeks(subject, AT)
    put(subject, AT, CareJournalEntry, content="Quiet evening.", category="sleep")
    answer = ask(rose, INSIGHTS)
    body = answer.body
    assert (answer.status, answer.headers["x-answer-source"]) == (200, "fallback")
    assert set(body) == {"insights", "trends", "recommendations", "generated_at"}
    assert body["generated_at"] == "2026-03-20T18:00:00.000Z"
    found = {one["category"]: one for one in body["insights"]}
    assert list(found) == ["summary", "journal", "activity", "conversation", "anxiety", "night"]
    assert found["journal"]["finding"].startswith("5 journal entries in 28 days, most about sleep (5), rest (4)")
    assert found["activity"] == {
        "category": "activity",
        "title": "How active the days are",
        "finding": "80 activities on 28 days of 28, most often meal (44), walk (36).",
        "count": 80,
        "n_days": 28,
    }
    assert found["conversation"]["finding"] == (
        "28 conversations on 28 days of 28; the past that came up: 1960s (28); the tone was most often calm (28)."
    )
    assert found["anxiety"]["finding"] == "Median 3 and highest 4 of 10 in 28 readings over 28 days."
    assert found["night"]["finding"] == "No night incidents in 28 days."
    assert body["trends"]["anxiety"]["direction"] == "steady"
    assert body["trends"]["anxiety"]["n_days"] == 27
    assert body["recommendations"] == ["Nothing unusual was found; carry on as you do."]


def test_insights_without_data_say_so(rose: Client) -> None:
    body = ask(rose, INSIGHTS).body
    assert [one["count"] for one in body["insights"]] == [0] * 6
    assert "No journal entries in the last 28 days: nothing can be said of them." in [
        one["finding"] for one in body["insights"]
    ]
    assert body["trends"]["activity"] == {"direction": "insufficient_data", "n_days": 0, "needed_days": 10}
    assert LACKING.format("mean anxiety", 0) in body["recommendations"]


def test_hard_evenings_are_found(rose: Client) -> None:
    subject = subject_of(rose)
    for ago in range(9, -1, -1):
        for hour, level in ((10, 2.0), (19, 6.0)):
            at = AT.replace(hour=hour) - timedelta(days=ago + 1)
            put(subject, at, AnxietyTrend, level=level, recorded_at=at)
    body = ask(rose, INSIGHTS).body
    told = [one for one in body["insights"] if one["title"] == "The evening is the hardest time"]
    assert [(one["finding"], one["count"]) for one in told] == [
        ("In the evening the median is 6 (10 readings), at other times 2 (10 readings).", 10)
    ]
    assert any(advice.startswith("Keep evenings bright") for advice in body["recommendations"])


def test_the_cost_does_not_grow_with_older_data(rose: Client) -> None:
    subject = subject_of(rose)
    with recorded() as few:
        ask(rose, ANOMALIES)
    for ago in range(60, 40, -1):
        steady_weeks(subject, AT - timedelta(days=ago), days=1)
    with recorded() as many:
        ask(rose, ANOMALIES)
    assert many.names.count("Query") == few.names.count("Query")


@pytest.mark.parametrize("path", [ANOMALIES, INSIGHTS])
def test_who_is_not_signed_in_is_told_so(mirror: Client, path: str) -> None:
    answer = mirror.post(path)
    assert (answer.status, answer.body) == (401, {"error": "Unauthorized"})


def test_a_caregiver_of_several_is_asked_whom_she_means(
    rose: Client, carer: Client, admin: Client, make_patient: MakePatient
) -> None:
    for client in (rose, admin):
        make_patient(client, caregivers=["carer@example.com"])
    for path in (ANOMALIES, INSIGHTS):
        answer = ask(carer, path)
        assert answer.status == 400
        assert answer.body["error"].startswith("X-Patient-Id: ")
