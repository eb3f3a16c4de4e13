"""Notifications that the clock sends: reminders when they are due, alerts when their conditions hold.

Both operations may also be called over HTTP, by anybody, as the document has it. So their replies name records by id
and count them, and tell nothing of the people they are about; and however often or at once they are called, each
occurrence and each stage of an alert is told once.
"""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from memory_mirror import service
from memory_mirror.alerts.rules import Kind
from memory_mirror.alerts.states import check, enabled, looked
from memory_mirror.clock.occurrences import fire_due
from memory_mirror.entities.kinds import Reminder
from memory_mirror.messages.notices import Notice, deliver
from memory_mirror.reminders.reminding import remind
from memory_mirror.times.moments import Moment
from memory_mirror.times.recurrence import Occurrence
from quintet import log
from quintet.api import RateLimit
from quintet.models import now

api = service.api.section("notifications")

PATIENCE = 35.0
"""Seconds within which a run claims another reminder; what is left waits for the next."""
MAILING = 45.0
"""Seconds after its begin within which a run sends another e-mail; the rest goes with the outbox's sweep."""
LOOK = 100.0
"""Seconds for looking at alert conditions, which are five minutes apart."""


class ToldReminder(BaseModel):
    """One occurrence that was told."""

    model_config = ConfigDict(defer_build=True)

    reminder_id: str
    occurrence: str
    """The local time that names it, such as `2026-03-29T02:30`."""
    due_at: Moment
    caught_up: bool
    """Whether it comes more than a minute late."""


class RemindersReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    triggered: int
    reminders: list[ToldReminder]
    timestamp: Moment


@api.post("/triggerReminders", schedule="rate(1 minute)", needs={"table:write", "email"}, timeout=55)
def trigger_reminders() -> RemindersReply:
    """Tell the reminders that are due

    Each occurrence is told once, however many runs there are at once: in the app to the person, by e-mail to the
    reminder's recipients. Up to two hours late it is caught up; what is older is noted as missed. The reply names
    reminders by id only.
    """
    at, began = now(), time.monotonic()
    fired = list(fire_due(Reminder, at, lambda tx, reminder, _: remind(tx, reminder), seconds=PATIENCE))
    _mail((one.result for one in fired), began + MAILING)
    told = [_told(one.record, one.occurrence, at) for one in fired]
    return RemindersReply(triggered=len(told), reminders=told, timestamp=at)


def _told(reminder: Reminder, occurrence: Occurrence, at: datetime) -> ToldReminder:
    return ToldReminder(
        reminder_id=reminder.id,
        occurrence=occurrence.local.isoformat(timespec="minutes"),
        due_at=occurrence.instant,
        caught_up=at - occurrence.instant > timedelta(minutes=1),
    )


def _mail(told: Iterable[list[Notice]], ends: float) -> None:
    for notices in told:
        if time.monotonic() >= ends:
            return
        deliver(notices)


class RaisedAlert(BaseModel):
    """A stage of an alert that was told."""

    model_config = ConfigDict(defer_build=True)

    condition_id: str
    kind: Kind
    tier: int
    """1 for the first contact, 2 for the next, and so on."""
    escalated: bool
    notified: int
    """How many were told."""


class AlertsReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    checked: int
    triggered: int
    alerts: list[RaisedAlert]


@api.post(
    "/checkAlertConditions",
    schedule="rate(5 minutes)",
    needs={"table:write", "email"},
    timeout=180,
    limit=RateLimit(60, per=60, by="ip"),
)
def check_alert_conditions() -> AlertsReply:
    """Look at all enabled alert conditions and tell those that hold

    The first contact is told at once; while the condition holds and no caregiver opens a session, each cooldown brings
    the next contact and then all of them. Without contacts the person's caregivers are told. However many runs there
    are at once, each stage is told once. The reply names conditions by id only.
    """
    at, ends = now(), time.monotonic() + LOOK
    checked, alerts, failures = 0, [], []
    for condition in enabled(at):
        if time.monotonic() >= ends:
            log.logger().error("alert conditions were left unlooked at for lack of time", extra={"checked": checked})
            break
        try:
            told = check(condition, at)
            looked(condition, at)
        except Exception as error:
            log.logger().exception("an alert condition was not checked", extra={"condition_id": condition.id})
            failures.append(error)
            continue
        checked += 1
        if told is not None:
            deliver(told.notices)
            alerts.append(
                RaisedAlert(
                    condition_id=condition.id,
                    kind=condition.alert_kind,
                    tier=told.stage,
                    escalated=told.stage > 1,
                    notified=len(told.notices),
                )
            )
    if failures and not checked:
        raise failures[0]
    return AlertsReply(checked=checked, triggered=len(alerts), alerts=alerts)
