"""The report on one patient: what a day, a week or a month held, beside the same time before it.

Pure: it is put together from what was read already. A period is whole days of the person's zone and ends with the
present one, which is not over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from statistics import median
from typing import Any, Literal

from memory_mirror.care.anomalies import Findings, judged, plain
from memory_mirror.care.insights import by_part, journal_labels, levels, most_common, trends_of
from memory_mirror.care.observations import Observations, Reminded, said
from memory_mirror.care.sessions import PatientSession
from memory_mirror.life.diary import CognitiveAssessment
from memory_mirror.night.entities import NightIncident
from memory_mirror.times.moments import iso

ReportType = Literal["daily", "weekly", "monthly"]
DAYS: Mapping[ReportType, int] = {"daily": 1, "weekly": 7, "monthly": 30}
MOST_LISTED = 20
"""Incidents, anomalies and caregivers that a report lists one by one; the numbers count all of them."""


def report_of(
    seen: Observations,
    before: Observations,
    month: Observations,
    sessions: Sequence[PatientSession],
    reminded: Reminded,
    assessment: CognitiveAssessment | None,
) -> dict[str, Any]:
    """The report's sections.

    `seen` are the period's observations, `before` those of the equally long time before, `month` those that norms and
    trends are taken from.
    """
    unusual = judged(month.series(), seen.today)
    listed = [anomaly for anomaly in unusual.anomalies if anomaly.date >= seen.first]
    return {
        "period": period(seen),
        "summary": summary(seen, before, sessions, reminded),
        "activity": _activity(seen, before),
        "mood": _mood(seen, before, month),
        "conversations": {
            "total": len(seen.conversations),
            "before": len(before.conversations),
            "tones": _counts(one.emotional_tone for one in seen.conversations),
        },
        "night": _night(seen, before),
        "reminders": {
            "due": reminded.kept + reminded.missed,
            "kept": reminded.kept,
            "missed": reminded.missed,
        },
        "sessions": sessions_of(sessions),
        "journal": {"entries": len(seen.journal), "about": _counts(journal_labels(seen.journal))},
        "cognition": _cognition(assessment),
        "unusual": {
            "risk_level": unusual.risk,
            "anomalies": [
                {"type": one.type, "metric": one.metric, "date": one.date.isoformat(), "description": one.description}
                for one in listed[:MOST_LISTED]
            ],
        },
        "recommendations": recommended(unusual, seen, reminded, sessions),
    }


def period(seen: Observations) -> dict[str, Any]:
    """Where the period begins and ends (exclusive), in local days and as instants."""
    begins = datetime.combine(seen.first, time(), seen.zone)
    ends = datetime.combine(seen.today + timedelta(days=1), time(), seen.zone)
    return {
        "first_day": seen.first.isoformat(),
        "last_day": seen.today.isoformat(),
        "days": seen.days,
        "timezone": seen.zone.key,
        "starts_at": iso(begins),
        "ends_at": iso(ends),
    }


def sessions_of(sessions: Sequence[PatientSession]) -> dict[str, Any]:
    """Sessions that began in the period, and each caregiver's part in them, the longest first."""
    found: dict[str, dict[str, Any]] = {}
    for one in sessions:
        mine = found.setdefault(
            one.caregiver_id,
            {"caregiver": one.caregiver_email, "sessions": 0, "minutes": 0, "last_seen": iso(one.last_seen)},
        )
        mine["sessions"] += 1
        mine["minutes"] += one.seconds
        mine["last_seen"] = max(mine["last_seen"], iso(one.last_seen))
    for mine in found.values():
        mine["minutes"] = round(mine["minutes"] / 60)
    by_time = sorted(found.values(), key=lambda mine: (-mine["minutes"], -mine["sessions"], mine["caregiver"]))
    return {
        "total": len(sessions),
        "minutes": round(sum(one.seconds for one in sessions) / 60),
        "by_type": _counts(one.session_type for one in sessions),
        "caregivers": by_time[:MOST_LISTED],
    }


def summary(seen: Observations, before: Observations, sessions: Sequence[PatientSession], reminded: Reminded) -> str:
    """The period in a few sentences of numbers."""
    days = "Today so far" if seen.days == 1 else f"The last {seen.days} days"
    mood = levels(seen.readings)
    happened = (
        f"{len(seen.activities)} activities ({len(before.activities)} before), "
        f"{len(seen.conversations)} conversations ({len(before.conversations)} before), "
        f"{len(seen.incidents)} night incidents ({len(before.incidents)} before)"
    )
    told = [f"{days}: {happened}."]
    if mood["readings"]:
        middle, most = plain(mood["median"]), plain(mood["highest"])
        told.append(f"Anxiety: median {middle}, highest {most} of 10 in {mood['readings']} readings.")
    else:
        told.append("Anxiety was not measured.")
    told.append(f"Reminders: {reminded.kept} kept, {reminded.missed} missed.")
    told.append(f"Care: {len(sessions)} sessions, {round(sum(one.seconds for one in sessions) / 60)} minutes.")
    return " ".join(told)


def recommended(
    unusual: Findings, seen: Observations, reminded: Reminded, sessions: Sequence[PatientSession]
) -> list[str]:
    """What to do: first what the numbers of the period call for, then what is unusual."""
    found = []
    open_ones = sum(not one.resolved for one in seen.incidents)
    if open_ones:
        found.append(f"Look into the night incidents that nobody marked as resolved: {open_ones}.")
    if reminded.missed:
        found.append(f"Find out why reminders were missed: {reminded.missed}.")
    if not sessions and seen.days > 1:
        found.append("No caregiver tracked a session in this time: plan a visit or a call.")
    return list(dict.fromkeys([*found, *unusual.recommendations]))


def _activity(seen: Observations, before: Observations) -> dict[str, Any]:
    days = seen.per_day(seen.activities, lambda one: one.created_date)
    minutes = sum(one.duration_minutes or 0 for one in seen.activities)
    return {
        "total": len(seen.activities),
        "before": len(before.activities),
        "days_with_activity": len(days),
        "days_without_activity": seen.days - len(days),
        "minutes": round(minutes),
        "kinds": _counts(one.activity_type for one in seen.activities),
    }


def _mood(seen: Observations, before: Observations, month: Observations) -> dict[str, Any]:
    return {
        **levels(seen.readings),
        "before": levels(before.readings),
        "by_part_of_day": {
            part: {"readings": len(values), "median": round(median(values), 2) if values else None}
            for part, values in by_part(seen).items()
        },
        "anxious_conversations": sum((one.anxiety_level or 0) >= 7 for one in seen.conversations),
        "trend": trends_of(month.series())["anxiety"],
    }


def _night(seen: Observations, before: Observations) -> dict[str, Any]:
    return {
        "incidents": len(seen.incidents),
        "before": len(before.incidents),
        "nights_with_incidents": len(seen.per_day(seen.incidents, lambda one: one.occurred_at)),
        "awake_at_night": sum(seen.local(said(one)).hour < 6 for one in seen.conversations),
        "by_type": _counts(one.incident_type for one in seen.incidents),
        "highest_distress": max((one.distress_level for one in seen.incidents), default=None),
        "unresolved": sum(not one.resolved for one in seen.incidents),
        "list": [_incident(one) for one in seen.incidents[:MOST_LISTED]],
    }


def _incident(one: NightIncident) -> dict[str, Any]:
    return {
        "id": one.id,
        "type": one.incident_type,
        "distress_level": one.distress_level,
        "occurred_at": iso(one.occurred_at),
        "last_seen_at": iso(one.last_seen_at),
        "sightings": one.sightings,
        "caregivers_alerted": len(one.caregivers_alerted),
        "resolved": one.resolved,
    }


def _cognition(assessment: CognitiveAssessment | None) -> dict[str, Any] | None:
    if assessment is None:
        return None
    return {
        "cognitive_level": assessment.cognitive_level,
        "trend": assessment.trend,
        "assessed_at": iso(assessment.created_date),
    }


def _counts(values: Iterable[str]) -> dict[str, int]:
    return dict(most_common(values, most=MOST_LISTED))
