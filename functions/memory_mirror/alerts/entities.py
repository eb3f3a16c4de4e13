"""Alert conditions as they are stored."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from memory_mirror.clock.due import Clocked, due_times, minute
from memory_mirror.records.fields import Emails, Short
from memory_mirror.records.record import Resource, listed
from quintet.store import Keys

AlertKind = Literal[
    "anxiety_average", "anxiety_peak", "inactivity", "missed_reminder", "night_incident", "device_offline"
]


class AlertCondition(Clocked):
    """What caregivers want to be told of. GSI3 orders the enabled ones by when they are looked at next."""

    kind: ClassVar[str] = "AlertCondition"
    keys: ClassVar[Keys] = listed("AlertCondition", "enabled", gsi3=due_times("AlertCondition"))
    resource: ClassVar[Resource | None] = "health_data"
    indexed: ClassVar[tuple[str, ...]] = ("enabled",)
    hidden: ClassVar[frozenset[str]] = frozenset({"subject", "version", "due_shard", "next_due"})
    shown_as: ClassVar[Mapping[str, str]] = {"alert_kind": "kind"}

    name: Short
    alert_kind: AlertKind
    threshold: Annotated[float, Field(ge=0, le=100_000)] = 1
    window_hours: Annotated[float, Field(gt=0, le=24 * 90)] = 24
    cooldown_minutes: Annotated[int, Field(ge=0, le=60 * 24 * 7)] = 60
    enabled: bool = True
    contacts: Emails = Field(default_factory=list)
    next_due: str | None = None
    due_shard: str | None = None

    def first_due(self, at: datetime) -> str | None:
        return (self.next_due or minute(at)) if self.enabled else None

    def due_from(self, at: datetime) -> str | None:
        return minute(at) if self.enabled else None
