"""Care across all patients: what caregivers did in some days, and how the patients fare.

What caregivers did comes from at most `MOST_SESSIONS` sessions, read month by month. How patients fare is read from
the newest records of at most `MOST_PATIENTS` of them, within `SECONDS`. How much was looked at, and whether that was
all, is part of the answer.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from statistics import median
from typing import Any

from memory_mirror.accounts.access import all_patients
from memory_mirror.accounts.people import Patient
from memory_mirror.care.sessions import PatientSession, sessions_between
from memory_mirror.care.statistics import TooLittle, counted, trend
from memory_mirror.life.diary import ActivityLog, AnxietyTrend
from memory_mirror.night.entities import NightIncident
from memory_mirror.records.record import recent

MOST_PATIENTS = 200
"""Patients that are looked at one by one; each costs three Queries and an audit event."""
MOST_RECORDS = 100
"""Records of each kind that are read of a patient."""
MOST_SESSIONS = 20_000
"""Sessions that are counted, the oldest first; some fifteen megabytes."""
SECONDS = 15.0
MOST_LISTED = 20
PAGE = 50
ANXIOUS = 6.0
"""Median anxiety from which a patient is named."""


@dataclass(slots=True)
class Work:
    """What one caregiver did."""

    email: str = ""
    sessions: int = 0
    seconds: int = 0
    patients: set[str] = field(default_factory=set)
    days: set[date] = field(default_factory=set)

    def add(self, session: PatientSession) -> None:
        self.email = session.caregiver_email
        self.sessions += 1
        self.seconds += session.seconds
        self.patients.add(session.patient_id)
        self.days.add(session.day)

    def told(self) -> dict[str, Any]:
        return {
            "caregiver": self.email,
            "sessions": self.sessions,
            "minutes": round(self.seconds / 60),
            "minutes_per_session": round(self.seconds / 60 / self.sessions, 1) if self.sessions else None,
            "patients": len(self.patients),
            "days_active": len(self.days),
        }


@dataclass(frozen=True, slots=True)
class Wellbeing:
    """How one patient fared, from at most `MOST_RECORDS` records of each kind."""

    patient: Patient
    levels: list[float]
    activities: int
    incidents: int

    def told(self) -> dict[str, Any]:
        return {
            "patient_id": self.patient.id,
            "name": self.patient.name,
            "median_anxiety": round(median(self.levels), 2) if self.levels else None,
            "readings": len(self.levels),
            "activities": self.activities,
            "night_incidents": self.incidents,
        }


def team_insights(first: date, last: date, since: datetime) -> dict[str, Any]:
    """Caregivers' work and patients' wellbeing from `first` to `last` (UTC days); records made since `since` count."""
    sessions = list(islice(sessions_between(first, last), MOST_SESSIONS))
    looked_at, complete = _looked_at(since)
    tended = {session.patient_id for session in sessions}
    untended = [one for one in looked_at if one.patient.id not in tended]
    found = {
        "sessions": _sessions(sessions, first, last),
        "caregivers": _caregivers(sessions),
        "patients": {
            "looked_at": len(looked_at),
            "complete": complete,
            "with_sessions": len(tended),
            "without_sessions": [
                {"patient_id": one.patient.id, "name": one.patient.name} for one in untended[:MOST_LISTED]
            ],
            "wellbeing": _wellbeing(looked_at),
        },
    }
    return {**found, "recommendations": _recommended(looked_at, untended, complete=complete)}


def _sessions(sessions: list[PatientSession], first: date, last: date) -> dict[str, Any]:
    """All sessions, and whether they are becoming more or fewer over the days that are over."""
    line = trend(counted((session.day for session in sessions), first, last - timedelta(days=1)))
    return {
        "total": len(sessions),
        "complete": len(sessions) < MOST_SESSIONS,
        "minutes": round(sum(session.seconds for session in sessions) / 60),
        "per_day": round(len(sessions) / ((last - first).days + 1), 2),
        "trend": "insufficient_data" if isinstance(line, TooLittle) else line.direction,
    }


def _caregivers(sessions: Iterable[PatientSession]) -> list[dict[str, Any]]:
    work: dict[str, Work] = defaultdict(Work)
    for session in sessions:
        work[session.caregiver_id].add(session)
    by_time = sorted(work.values(), key=lambda one: (-one.seconds, -one.sessions, one.email))
    return [one.told() for one in by_time[:MOST_LISTED]]


def _looked_at(since: datetime) -> tuple[list[Wellbeing], bool]:
    """Patients in the order of their ids, and whether they are all there are."""
    found: list[Wellbeing] = []
    ends = time.monotonic() + SECONDS
    for patient in _patients():
        if len(found) == MOST_PATIENTS or time.monotonic() >= ends:
            return found, False
        readings = recent(AnxietyTrend, patient.subject, MOST_RECORDS, since)
        found.append(
            Wellbeing(
                patient,
                [one.level for one in readings],
                len(recent(ActivityLog, patient.subject, MOST_RECORDS, since)),
                len(recent(NightIncident, patient.subject, MOST_RECORDS, since)),
            )
        )
    return found, True


def _patients() -> Iterator[Patient]:
    after = ""
    while page := all_patients(after, PAGE):
        yield from page
        after = page[-1].id


def _wellbeing(looked_at: list[Wellbeing]) -> dict[str, Any]:
    """All patients together (the median of their medians, so that each counts the same), and those worst off."""
    medians = [median(one.levels) for one in looked_at if one.levels]
    anxious = sorted((one for one in looked_at if one.levels), key=lambda one: (-median(one.levels), one.patient.id))
    restless = sorted((one for one in looked_at if one.incidents), key=lambda one: (-one.incidents, one.patient.id))
    return {
        "median_anxiety": round(median(medians), 2) if medians else None,
        "patients_with_readings": len(medians),
        "activities": sum(one.activities for one in looked_at),
        "night_incidents": sum(one.incidents for one in looked_at),
        "most_anxious": [one.told() for one in anxious[:MOST_LISTED] if median(one.levels) >= ANXIOUS],
        "most_restless": [one.told() for one in restless[:MOST_LISTED]],
    }


def _recommended(looked_at: list[Wellbeing], untended: list[Wellbeing], *, complete: bool) -> list[str]:
    found = []
    if untended:
        found.append(f"Plan a session for the patients without one: {len(untended)}.")
    anxious = sum(bool(one.levels) and median(one.levels) >= ANXIOUS for one in looked_at)
    if anxious:
        found.append(f"Review the care of the patients whose median anxiety is {ANXIOUS:g} or more: {anxious}.")
    unheard = sum(not (one.levels or one.activities) for one in looked_at)
    if unheard:
        found.append(f"Nothing was recorded about {unheard} of the patients: ask whether the companion is in use.")
    if not complete:
        found.append(f"Only the first {len(looked_at)} patients were looked at; their reports tell more of the others.")
    return found or ["Sessions and wellbeing call for nothing special."]
