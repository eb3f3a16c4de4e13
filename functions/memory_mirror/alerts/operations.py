"""Alerts that the clock sends, when their conditions hold.

The operation may also be called over HTTP, by anybody, as the document has it. So its reply names conditions by id and
counts them, and tells nothing of the people they are about; and however often or at once it is called, each stage of
an alert is told once.
"""

import time

from pydantic import BaseModel, ConfigDict

from memory_mirror import service
from memory_mirror.alerts.entities import AlertKind
from memory_mirror.alerts.states import check, enabled, looked
from memory_mirror.messages.notices import deliver
from quintet import log
from quintet.api import RateLimit
from quintet.models import now

api = service.api.section("notifications")

LOOK = 100.0
"""Seconds for looking at alert conditions, which are five minutes apart."""


class RaisedAlert(BaseModel):
    """A stage of an alert that was told."""

    model_config = ConfigDict(defer_build=True)

    condition_id: str
    kind: AlertKind
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
