"""Sessions: continued within half an hour, one however many calls come at once, and only a carer's answers an alert."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from memory_mirror.care import sessions as care_sessions
from memory_mirror.care.sessions import PatientSession, last_opened, sessions_between, sessions_since
from memory_mirror.service import store
from memory_mirror.times.moments import iso
from quintet.models import now
from quintet.models.time import frozen
from quintet.testing import Client
from quintet.testing.client import Answer
from tests.functions.memory_mirror.care.callers import present
from tests.functions.memory_mirror.conftest import MakePatient, SignIn, subject_of
from tests.support.aws import in_threads
from tests.support.calls import recorded

TRACK = "/functions/trackPatientSession"
START = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


@pytest.fixture
def patient(rose: Client, carer: Client, make_patient: MakePatient) -> dict[str, Any]:
    """Rose, whom carer@example.com cares for."""
    return make_patient(rose, caregivers=["carer@example.com"])


def track(client: Client, patient: dict[str, Any], **more: str) -> Answer:
    return present(client).post(TRACK, {"patient_id": patient["id"], **more})


def sessions(client: Client) -> list[PatientSession]:
    return sessions_since(subject_of(client), datetime(2026, 1, 1, tzinfo=UTC))


def test_a_first_call_starts_a_session_and_says_whose(rose: Client, carer: Client, patient: dict[str, Any]) -> None:
    with frozen(START):
        answer = track(carer, patient)
    (session,) = sessions(rose)
    shown = rose.get(f"/entities/Patient/{patient['id']}").body
    expected = {"session_id": session.id, "patient": shown, "started_at": "2026-03-03T09:00:00.000Z"}
    assert (answer.status, answer.body) == (200, expected)
    assert (session.session_type, session.caregiver_email, session.calls, session.seconds) == (
        "interaction", "carer@example.com", 1, 0,
    )  # fmt: skip


def test_calls_within_half_an_hour_are_one_session(rose: Client, carer: Client, patient: dict[str, Any]) -> None:
    with frozen(START) as clock:
        first = track(carer, patient).body
        for minutes in (10, 30, 29):
            clock.advance(minutes=minutes)
            assert track(carer, patient).body == first
    (session,) = sessions(rose)
    assert (session.calls, session.seconds, session.last_seen) == (4, 69 * 60, START + timedelta(minutes=69))


def test_after_half_an_hour_without_a_call_another_session_starts(
    rose: Client, carer: Client, patient: dict[str, Any]
) -> None:
    with frozen(START) as clock:
        first = track(carer, patient).body
        clock.advance(minutes=30, seconds=1)
        second = track(carer, patient).body
    assert second["session_id"] != first["session_id"]
    assert second["started_at"] == "2026-03-03T09:30:01.000Z"
    assert [session.id for session in sessions(rose)] == [second["session_id"], first["session_id"]]


def test_another_purpose_or_another_carer_is_another_session(
    rose: Client, carer: Client, admin: Client, patient: dict[str, Any]
) -> None:
    with frozen(START):
        ids = {
            track(carer, patient).body["session_id"],
            track(carer, patient, session_type="care").body["session_id"],
            track(carer, patient, session_type="assessment").body["session_id"],
            track(admin, patient).body["session_id"],
        }
    assert len(ids) == 4
    assert {session.id for session in sessions(rose)} == ids


def test_a_carers_call_answers_alerts_and_the_persons_own_does_not(
    rose: Client, carer: Client, patient: dict[str, Any]
) -> None:
    with frozen(START) as clock:
        assert track(rose, patient).status == 200
        assert last_opened(subject_of(rose)) is None
        track(carer, patient)
        assert last_opened(subject_of(rose)) == START
        clock.advance(minutes=7)
        track(carer, patient)
        assert last_opened(subject_of(rose)) == START + timedelta(minutes=7)


def test_everybodys_sessions_are_listed_by_day(
    rose: Client, carer: Client, admin: Client, make_patient: MakePatient, patient: dict[str, Any]
) -> None:
    other = make_patient(admin, name="Otto", caregivers=["carer@example.com"])
    with frozen(START) as clock:
        for _ in range(3):
            track(carer, patient)
            track(carer, other)
            track(admin, patient)
            clock.advance(minutes=20)
        clock.advance(days=40)
        track(carer, patient)
    found = list(sessions_between(date(2026, 3, 1), date(2026, 4, 30)))
    assert [(one.day, one.calls, one.seconds) for one in found] == [(date(2026, 3, 3), 3, 40 * 60)] * 3 + [
        (date(2026, 4, 12), 1, 0)
    ]
    assert {one.id for one in found if one.patient_id == patient["id"]} == {one.id for one in sessions(rose)}
    assert list(sessions_between(date(2026, 3, 4), date(2026, 4, 11))) == []
    assert len(list(sessions_between(date(2026, 3, 3), date(2026, 3, 3)))) == 3


def test_sixteen_calls_at_once_are_one_session(rose: Client, carer: Client, patient: dict[str, Any]) -> None:
    answers = in_threads(16, lambda _: track(carer, patient))
    bodies = [answer.body for answer in answers if isinstance(answer, Answer) and answer.status == 200]
    assert len(bodies) == 16, answers
    assert len({body["session_id"] for body in bodies}) == 1
    (session,) = sessions(rose)
    assert session.calls == 16


def test_sixteen_calls_at_once_after_a_session_ended_start_one_more(
    rose: Client, carer: Client, patient: dict[str, Any]
) -> None:
    with frozen(START) as clock:
        track(carer, patient)
        clock.advance(hours=2)
        answers = in_threads(16, lambda _: track(carer, patient))
        assert {answer.status for answer in answers if isinstance(answer, Answer)} == {200}
        assert [session.calls for session in sessions(rose)] == [16, 1]
        assert last_opened(subject_of(rose)) == START + timedelta(hours=2)


def test_a_clock_that_is_behind_shortens_nothing(rose: Client, carer: Client, patient: dict[str, Any]) -> None:
    with frozen(START + timedelta(minutes=5)):
        track(carer, patient)
    with frozen(START):
        track(carer, patient)
    (session,) = sessions(rose)
    assert (session.calls, session.seconds, session.last_seen) == (2, 0, START + timedelta(minutes=5))


def test_an_earlier_call_than_the_last_answer_starts_a_session_all_the_same(
    rose: Client, carer: Client, patient: dict[str, Any]
) -> None:
    with frozen(START):
        track(carer, patient)
    with frozen(START - timedelta(hours=3)):
        assert track(carer, patient, session_type="care").status == 200
    assert len(sessions(rose)) == 2
    assert last_opened(subject_of(rose)) == START


def test_a_session_that_was_erased_is_not_continued(rose: Client, carer: Client, patient: dict[str, Any]) -> None:
    first = track(carer, patient).body
    store.delete(sessions(rose)[0])
    second = track(carer, patient).body
    assert second["session_id"] != first["session_id"]
    assert [session.id for session in sessions(rose)] == [second["session_id"]]


def test_a_call_costs_the_same_after_many(carer: Client, patient: dict[str, Any]) -> None:
    costs = []
    with frozen(START) as clock:
        for _ in range(6):
            track(carer, patient)
            clock.advance(hours=1)
            with recorded() as calls:
                track(carer, patient)
            costs.append(sorted(calls.names))
            clock.advance(hours=1)
    assert all(cost == costs[0] for cost in costs)


def test_a_patient_of_somebody_else_is_not_found(sign_in: SignIn, patient: dict[str, Any]) -> None:
    for stranger in (sign_in("caregiver"), sign_in("user")):
        answer = track(stranger, patient)
        assert (answer.status, answer.body) == (404, {"error": "Patient not found"})
        assert track(stranger, {"id": "no-such-patient"}).body == {"error": "Patient not found"}
    assert list(store.each(PatientSession, "gsi1", month=iso(now())[:7])) == []


def test_who_is_not_signed_in_is_told_so_whatever_the_body(mirror: Client) -> None:
    answer = mirror.post(TRACK, {"patient_id": 7})
    assert (answer.status, answer.body) == (401, {"error": "Unauthorized"})


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "patient_id"), ({"patient_id": ""}, "patient_id"), ({"patient_id": 7}, "patient_id"),
     ({"patient_id": "p", "session_type": "party"}, "session_type")],
)  # fmt: skip
def test_a_wrong_field_is_named(carer: Client, body: dict[str, Any], field: str) -> None:
    answer = carer.post(TRACK, body)
    assert answer.status == 400
    assert answer.body["error"].startswith(f"{field}: ")


def test_half_an_hour_is_what_is_promised() -> None:
    assert timedelta(minutes=30) == care_sessions.OPEN_FOR
