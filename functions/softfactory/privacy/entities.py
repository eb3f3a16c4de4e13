"""What is kept of copies that were asked for and of erasures under way."""

from datetime import datetime
from typing import ClassVar, Final

from pydantic import Field

from quintet.models import epoch, now
from quintet.store import Entity, Keys

EXPORT_DAYS: Final = 7
"""How long a copy can be downloaded."""


class DataExport(Entity):
    """The copy of a user's data that was asked for last: its job, and the objects that the job writes."""

    kind: ClassVar[str] = "data_export"
    keys: ClassVar[Keys] = Keys("USER#{user_id}", "EXPORT")

    user_id: str
    job_id: str
    asked_at: datetime = Field(default_factory=now)
    expires_at: int = Field(default_factory=lambda: epoch() + EXPORT_DAYS * 86_400)
    told: bool = False
    """Whether somebody who asked was told that it failed."""
    replaces: str | None = None
    """The job of the copy before it, which stays until this one is complete."""

    @property
    def archive(self) -> str:
        """The key of its object."""
        return f"exports/{self.job_id}.zip"

    @property
    def checkpoint(self) -> str:
        """The key of how far it is, while it is written."""
        return f"exports/{self.job_id}.part"

    @property
    def note(self) -> str:
        """The id of the note that has its objects deleted."""
        return f"export-{self.job_id}"


class Erasure(Entity):
    """An erasure under way, with what is needed to find what is left when the account is gone."""

    kind: ClassVar[str] = "erasure"
    keys: ClassVar[Keys] = Keys("ERASURES", "{user_id}", order="ascending")

    user_id: str
    email: str
    begun_at: datetime = Field(default_factory=now)
    held_until: int = 0
    """Until when (epoch seconds) a run is at it; past that, when the last one left it."""
    epochs: int = 0
    """How many of the account's epochs have no sessions left."""
