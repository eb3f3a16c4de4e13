"""Alerts: how far each one has come, what its condition is measured by, and the notices of its stages.

Access patterns:
    the alert of a condition    ALERT#<subject> / <condition id>, there while the condition holds

A stage is told in the transaction that moves the alert on, so that of any number of runs one tells it.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from memory_mirror.accounts.access import Person
from memory_mirror.alerts import rules
from memory_mirror.alerts.entities import AlertCondition
from memory_mirror.alerts.rules import Act, Met, Observed, Raised, Terms
from memory_mirror.audit.trail import tentatively
from memory_mirror.care import sessions
from memory_mirror.clock.due import due, is_due, minute
from memory_mirror.clock.occurrences import missed_since
from memory_mirror.home.entities import SmartDevice
from memory_mirror.life.diary import ActivityLog, AnxietyTrend, Conversation
from memory_mirror.messages.notices import SYSTEM, Notice, tell
from memory_mirror.night.entities import NightIncident
from memory_mirror.records.record import Record, every, recent
from memory_mirror.service import store
from memory_mirror.times.moments import Moment
from quintet.models.time import rfc3339
from quintet.store import ConditionFailed, Entity, Keys, Transaction

ALERT = "alert"
"""The type of an alert's notifications."""
EVERY = timedelta(minutes=5)
"""How often the clock looks."""
MOST_READ = 1000
"""Records of a kind, the newest, that one look takes into account."""
MOST_LATE = timedelta(days=7)
"""How long an observation made offline may take to arrive and still count."""


class AlertState(Entity):
    """An alert: that a condition holds, and whom that was told."""

    kind: ClassVar[str] = "alert"
    keys: ClassVar[Keys] = Keys("ALERT#{subject}", "{condition_id}")

    subject: str
    condition_id: str
    since: Moment
    """Since when the condition holds."""
    first_at: Moment
    last_at: Moment
    told: int = 1
    """Stages that were told."""
    acknowledged_at: Moment | None = None

    @property
    def raised(self) -> Raised:
        return Raised(self.told, self.first_at, self.last_at, self.acknowledged_at)


@dataclass(frozen=True, slots=True)
class Told:
    """A stage of an alert that this run told."""

    condition: AlertCondition
    stage: int
    notices: list[Notice]


def check(condition: AlertCondition, at: datetime) -> Told | None:
    """Look at a condition and do what is to be done; answers the stage that was told, None when there was none.

    When another run moves the alert on at the same time, this one leaves it alone: the next look goes on from there.
    """
    terms = _terms(condition)
    met = rules.evaluate(terms, observe(condition, at), at)
    state = store.get(AlertState, subject=condition.subject, condition_id=condition.id)
    opened_at = sessions.last_opened(condition.subject) if state and met else None
    cooldown = timedelta(minutes=condition.cooldown_minutes)
    raised = state.raised if state else None
    todo = rules.act(raised, met, opened_at=opened_at, at=at, cooldown=cooldown, window=terms.window)
    try:
        with tentatively():
            return _done(condition, todo, state, met, opened_at, at)
    except ConditionFailed:
        return None


def looked(condition: AlertCondition, at: datetime) -> None:
    """Write down that a condition was looked at, at most every five minutes, so that who waited longest comes first."""
    if is_due(condition, at):
        later = condition.model_copy(update={"next_due": minute(at + EVERY)})
        with suppress(ConditionFailed):  # it was changed, or looked at by another run
            store.replace(condition, later, refused=None)


def enabled(at: datetime) -> Iterator[AlertCondition]:
    """All enabled conditions, those that were not looked at for longest first."""
    return due(AlertCondition, at + 2 * EVERY)


def _done(
    condition: AlertCondition,
    todo: Act,
    state: AlertState | None,
    met: Met | None,
    opened_at: datetime | None,
    at: datetime,
) -> Told | None:
    """Commit what is to be done. Raises `ConditionFailed` when another run did something first."""
    tx = store.transaction()
    told = None
    if todo == "reset" and state is not None:
        tx.delete(state, refused=None)
    elif todo == "acknowledge" and state is not None:
        tx.replace(state, state.model_copy(update={"acknowledged_at": opened_at}), refused=None)
    elif todo in ("raise", "escalate") and met is not None:
        stage = _move(tx, condition, state if todo == "escalate" else None, state, met, at)
        told = Told(condition, stage.told, _notices(tx, condition, stage, met, at))
    tx.commit()
    return told


def _terms(condition: AlertCondition) -> Terms:
    return Terms(condition.alert_kind, condition.threshold, condition.window_hours, condition.created_date)


def _move(
    tx: Transaction, condition: AlertCondition, going: AlertState | None, old: AlertState | None, met: Met, at: datetime
) -> AlertState:
    """Add the alert's next stage to a transaction: of the one that is `going`, else the first of a new one."""
    new = AlertState(
        subject=condition.subject,
        condition_id=condition.id,
        since=going.since if going else met.since,
        first_at=going.first_at if going else at,
        last_at=at,
        told=going.told + 1 if going else 1,
    )
    if old is None:
        tx.create(new)
    else:
        tx.replace(old, new, refused=None)
    return new


def _notices(tx: Transaction, condition: AlertCondition, stage: AlertState, met: Met, at: datetime) -> list[Notice]:
    person = Person(condition.subject)
    maker = [condition.created_by] if "@" in condition.created_by else []
    contacts = condition.contacts or person.caregivers or maker
    name = person.patient.name if person.patient else ""
    title = f"Alert: {condition.name} ({name})" if name else f"Alert: {condition.name}"
    lines = [met.reason, f"Since {rfc3339(stage.since)}."]
    if stage.told > 1:
        lines.append(f"Nobody has opened a session since the first notice of {rfc3339(stage.first_at)}.")
    lines.append(f"Please look after {name or 'the person'}, and open a session to say that you do.")
    return [
        tell(tx, condition.subject, one, title, "\n".join(lines), ALERT, related_id=condition.id)
        for one in rules.recipients(contacts, stage.told)
    ]


def observe(condition: AlertCondition, at: datetime) -> Observed:
    """What a condition's kind asks for, of its window: one or a few Queries."""
    subject, begin = condition.subject, at - timedelta(hours=condition.window_hours)
    match condition.alert_kind:
        case "anxiety_average" | "anxiety_peak":
            found = recent(AnxietyTrend, subject, MOST_READ, begin)
            return Observed(readings=[(one.recorded_at, one.level) for one in found])
        case "inactivity":
            return Observed(last_sign=_last_sign(subject))
        case "missed_reminder":
            return Observed(
                missed=[(datetime.fromisoformat(one.last), one.count) for one in missed_since(subject, begin)]
            )
        case "night_incident":
            # An incident that goes on is seen again and again under its first record.
            incidents = recent(NightIncident, subject, MOST_READ, begin - MOST_LATE)
            return Observed(incidents=[max(one.occurred_at, one.last_seen_at) for one in incidents])
        case "device_offline":
            devices = [one for one in every(SmartDevice, subject) if not one.online]
            return Observed(offline=[(one.last_seen_at or one.updated_date, one.name) for one in devices])


def _last_sign(subject: str) -> datetime | None:
    """When the person last did something, or spoke. What the system does by itself is no sign."""
    done = [one.created_date for one in recent(ActivityLog, subject, 50) if not _automatic(one)][:1]
    said = [one.said_at or one.created_date for one in recent(Conversation, subject, 20)]
    return max((*done, *said), default=None)


def _automatic(record: Record) -> bool:
    return record.created_by.split(":")[0] == SYSTEM
