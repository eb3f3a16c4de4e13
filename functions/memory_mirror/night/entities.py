"""Incidents of the night as they are stored."""

from typing import Annotated, ClassVar

from pydantic import Field

from memory_mirror.records.fields import Emails, Level, Long, Short, Tags, Words
from memory_mirror.records.record import Record, Resource, listed
from memory_mirror.times.moments import Moment
from quintet.models import now
from quintet.store import Keys


class NightIncident(Record):
    """Something that happened in the night; repeated signs of one incident raise its `level` and `sightings`."""

    kind: ClassVar[str] = "NightIncident"
    keys: ClassVar[Keys] = listed("NightIncident", "incident_type")
    resource: ClassVar[Resource | None] = "health_data"
    indexed: ClassVar[tuple[str, ...]] = ("incident_type",)

    incident_type: Short
    """Upper snake case: FALL, DISORIENTATION."""
    distress_level: Level = 0
    transcript: Long = ""
    response: Long = ""
    source: Words = ""
    evidence: Tags = Field(default_factory=list)
    caregivers_alerted: Emails = Field(default_factory=list)
    occurred_at: Moment = Field(default_factory=now)
    last_seen_at: Moment = Field(default_factory=now)
    sightings: Annotated[int, Field(ge=1)] = 1
    resolved: bool = False
