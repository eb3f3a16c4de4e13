"""The person, those who care for them, and their settings."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from memory_mirror.records.fields import Emails, Era, FreeValue, Long, Short, Tags, Words
from memory_mirror.records.record import Record, Resource, listed
from quintet.models import Email, Length, Line
from quintet.models.locale import Language, Zone
from quintet.store import Index, Keys

Cognition = Literal["mild", "moderate", "advanced", "severe"]


class LovedOne(BaseModel):
    """Somebody who matters to the person."""

    model_config = ConfigDict(defer_build=True, extra="forbid")

    name: Short
    relation: Words = ""


class UserProfile(Record):
    """Who the person is: what conversation, stories and music are fitted to. The newest one counts."""

    kind: ClassVar[str] = "UserProfile"
    keys: ClassVar[Keys] = listed("UserProfile")
    resource: ClassVar[Resource | None] = "contact_info"

    full_name: Short
    preferred_name: Words = ""
    birth_year: Annotated[int, Field(ge=1890, le=2100)] | None = None
    birthplace: Words = ""
    language: Language = "en"
    timezone: Zone = "UTC"
    favourite_era: Era | None = None
    occupation: Words = ""
    interests: Tags = Field(default_factory=list)
    favourite_music: Tags = Field(default_factory=list)
    loved_ones: Annotated[list[LovedOne], Field(max_length=50)] = Field(default_factory=list)
    comforts: Tags = Field(default_factory=list)
    """What calms them: a cup of tea, the garden, a hymn."""
    topics_to_avoid: Tags = Field(default_factory=list)
    cognitive_level: Cognition | None = None
    about: Long = ""


class Patient(Record):
    """A person who is cared for, and by whom. Its subject is the account `user_id`, else the patient itself.

    GSI3 lists all patients for the administrators' reports.
    """

    kind: ClassVar[str] = "Patient"
    keys: ClassVar[Keys] = listed("Patient", gsi3=Index("PATIENTS", "{id}", order="ascending"))
    resource: ClassVar[Resource | None] = "contact_info"
    hidden: ClassVar[frozenset[str]] = frozenset({"subject", "version", "made_by"})

    name: Short
    caregivers: Emails = Field(default_factory=list)
    user_id: str | None = None
    date_of_birth: Annotated[Line, Length(0, 10)] = ""
    diagnosis: Words = ""
    notes: Long = ""
    made_by: str = "user"
    """The role of the account that made the record."""


class EmergencyContact(Record):
    """Whom to call."""

    kind: ClassVar[str] = "EmergencyContact"
    keys: ClassVar[Keys] = listed("EmergencyContact")
    resource: ClassVar[Resource | None] = "contact_info"

    name: Short
    relation: Words = ""
    phone: Annotated[Line, Length(0, 40)] = ""
    email: Email | None = None
    priority: Annotated[int, Field(ge=1, le=100)] = 1


class AppSetting(Record):
    """One setting of the account's app; settings synchronised offline keep when each was changed."""

    kind: ClassVar[str] = "AppSetting"
    keys: ClassVar[Keys] = listed("AppSetting", "setting")
    indexed: ClassVar[tuple[str, ...]] = ("setting",)
    shown_as: ClassVar[Mapping[str, str]] = {"setting": "key"}
    own: ClassVar[bool] = True

    setting: Short
    value: FreeValue = None
