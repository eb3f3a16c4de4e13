"""Insights: unusual days, what the last weeks say, how care goes across all patients, and the report on one patient.

The numbers are reckoned from stored records with robust statistics; a language model may only word the summaries, and
a wording with a number that is not in the data is not used. What there is too little of is said.

Most a call reads: 500 records of each of five kinds for anomalies and insights; a report adds the time before, the
period's sessions, and 300 occurrences of each of 50 reminders; see team for all patients.
"""

from collections import Counter
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from memory_mirror import service
from memory_mirror.accounts.access import Person, patient_of, person
from memory_mirror.care.anomalies import WINDOW, Kind, MetricName, Risk, judged
from memory_mirror.care.entities import CareJournalEntry
from memory_mirror.care.insights import insights_of
from memory_mirror.care.observations import observe, reminded_since
from memory_mirror.care.report import DAYS, ReportType, report_of
from memory_mirror.care.sessions import sessions_since
from memory_mirror.care.team import team_insights
from memory_mirror.guards.wording import Worded, faithful
from memory_mirror.life.diary import CognitiveAssessment
from memory_mirror.records.record import recent
from memory_mirror.service import Admin, User, not_found
from memory_mirror.times.moments import Moment
from quintet.answers import Prompt, ask
from quintet.api import Reply
from quintet.models import now

api = service.api.section("insights")

INSIGHTS = Prompt("memory_mirror", "insights.v1")
REPORT = Prompt("memory_mirror", "report.v1")
LANGUAGE = "en"
"""What care teams are written to in."""
MOST_TEXTS, LONGEST_TEXT = 100, 2000
"""Journal entries whose texts are looked through for themes, and characters of each."""


def _whole(value: float) -> float:
    if value != int(value):
        raise ValueError("must be a whole number of days")
    return value


class LookBack(BaseModel):
    """How many days to look back."""

    model_config = ConfigDict(defer_build=True)

    days: Annotated[float, Field(ge=1, le=365), AfterValidator(_whole)] = 7


class ReportRequest(BaseModel):
    """Which report, on whom."""

    model_config = ConfigDict(defer_build=True)

    report_type: ReportType
    patient_id: Annotated[str, Field(min_length=1, max_length=200)]


class AnomalyReply(BaseModel):
    """Something unusual, with its evidence: `score` is in robust standard deviations from the person's own norm."""

    model_config = ConfigDict(defer_build=True)

    type: Kind
    metric: MetricName
    date: date
    value: float
    expected: float
    score: float
    n_days: int
    description: str


class AnomaliesReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    anomalies: list[AnomalyReply]
    risk_level: Risk
    recommendations: list[str]


class InsightReply(BaseModel):
    """A finding, how many records it rests on, and out of how many days."""

    model_config = ConfigDict(defer_build=True)

    category: Literal["summary", "journal", "activity", "conversation", "anxiety", "night", "unusual"]
    title: str
    finding: str
    count: int
    n_days: int


class InsightsReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    insights: list[InsightReply]
    trends: dict[str, Any]
    recommendations: list[str]
    generated_at: Moment


class TeamReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    period_days: int
    insights: dict[str, Any]
    generated_at: Moment


class ReportReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    report_type: ReportType
    patient_id: str
    report: dict[str, Any]
    generated_at: Moment


@api.post("/detectBehaviorAnomalies", errors=[not_found("Patient")], needs={"table:read"})
def detect_behavior_anomalies(caller: User) -> AnomaliesReply:
    """Find unusual days and drifts of the last 28 days

    Activities, anxiety, conversations and night incidents of each day are compared with the person's own norm.
    """
    seen = observe(person(caller), WINDOW)
    found = judged(seen.series(), seen.today)
    return AnomaliesReply(
        anomalies=[AnomalyReply.model_validate(asdict(one)) for one in found.anomalies],
        risk_level=found.risk,
        recommendations=found.recommendations,
    )


@api.post("/generateCareInsights", errors=[not_found("Patient")], needs={"table:read", "model"})
def generate_care_insights(caller: User) -> Reply[InsightsReply]:
    """Tell the care team what the last 28 days say: journal, activity, conversations, mood and nights"""
    seen = observe(person(caller), WINDOW)
    found = insights_of(seen, _themes(seen.journal), judged(seen.series(), seen.today))
    told = [insight.told() for insight in found.insights]
    facts = {
        "language": LANGUAGE,
        "insights": told,
        "trends": found.trends,
        "recommendations": found.recommendations,
    }
    answer = ask(INSIGHTS, Worded, facts, lambda worded: faithful(worded, facts))
    if answer.value is not None:
        told[0]["finding"] = answer.value.summary
    reply = InsightsReply(
        insights=[InsightReply.model_validate(one) for one in told],
        trends=found.trends,
        recommendations=found.recommendations,
        generated_at=now(),
    )
    return Reply(reply, headers=answer.headers)


@api.post("/generateCaregiverInsights", needs={"table:read"})
def generate_caregiver_insights(caller: Admin, body: LookBack | None = None) -> TeamReply:
    """Tell how care goes across all patients: caregivers' sessions and patients' wellbeing

    The period is whole days in UTC and ends with the present one.
    """
    at, days = now(), int(body.days if body else 7)
    first = at.date() - timedelta(days=days - 1)
    insights = team_insights(first, at.date(), datetime.combine(first, time(), UTC))
    return TeamReply(period_days=days, insights=insights, generated_at=at)


@api.post("/generateCaregiverReport", errors=[not_found("Patient")], needs={"table:read", "model"})
def generate_caregiver_report(body: ReportRequest, caller: Admin) -> Reply[ReportReply]:
    """Report on a patient's day, week or month

    1, 7 or 30 whole days of the patient's time zone, the present one included, beside as many days before them.
    """
    patient = patient_of(caller, body.patient_id)
    who, days = Person(patient.subject, patient.id), DAYS[body.report_type]
    read = observe(who, max(2 * days, WINDOW))
    first = read.today - timedelta(days=days - 1)
    begins = datetime.combine(first, time(), read.zone)
    report = report_of(
        seen=read.within(first, read.today),
        before=read.within(first - timedelta(days=days), first - timedelta(days=1)),
        month=read.within(read.today - timedelta(days=WINDOW - 1), read.today),
        sessions=sessions_since(patient.subject, begins),
        reminded=reminded_since(patient.subject, begins),
        assessment=next(iter(recent(CognitiveAssessment, patient.subject, 1)), None),
    )
    facts = {"language": LANGUAGE, **report}
    answer = ask(REPORT, Worded, facts, lambda worded: faithful(worded, facts))
    if answer.value is not None:
        report["summary"] = answer.value.summary
    reply = ReportReply(report_type=body.report_type, patient_id=patient.id, report=report, generated_at=now())
    return Reply(reply, headers=answer.headers)


def _themes(journal: list[CareJournalEntry]) -> Counter[str]:
    """What the newest journal texts speak of, each theme once an entry."""
    from memory_mirror.feelings import analyse

    return Counter(
        theme
        for entry in journal[:MOST_TEXTS]
        for theme in set(analyse(f"{entry.title} {entry.content}"[:LONGEST_TEXT]).themes)
    )
