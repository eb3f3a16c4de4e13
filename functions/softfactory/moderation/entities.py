"""Reports as they are stored, and how the content stands that they are about."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from quintet.models import new_id, now
from quintet.store import Entity, Index, Keys

ContentType = Literal["post", "comment", "recipe", "message", "profile"]
Status = Literal["pending", "approved", "rejected"]
Priority = Literal["normal", "high"]


class Report(Entity):
    """That somebody has reported a content. `reported_by` is None once that account was erased, and `reason` and
    `details` are empty."""

    kind: ClassVar[str] = "report"
    keys: ClassVar[Keys] = Keys(
        "REPORT#{id}",
        "REPORT",
        gsi1=Index("REPORTS", "{id}", counted=True),
        gsi2=Index("REPORTS#{status}#{priority}", "{id}", counted=True),
        gsi3=Index("REPORTER#{reported_by}#REPORTS", "{id}"),
    )

    id: str = Field(default_factory=new_id)
    content_type: ContentType
    content_id: str
    excerpt: str
    reason: str
    author_id: str | None = None
    """Whose the content is; None once that account was erased."""
    reported_by: str | None = None
    details: str = ""
    status: Status = "pending"
    priority: Priority = "normal"
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason_for_rejection: str | None = None
    created_at: datetime = Field(default_factory=now)


class Standing(Entity):
    """How often a content was reported, by different people, and whether it was taken down."""

    kind: ClassVar[str] = "content_standing"
    keys: ClassVar[Keys] = Keys("CONTENT#{content_type}#{content_id}", "STANDING")

    content_type: ContentType
    content_id: str
    reporters: int = 0
    removed_at: datetime | None = None
    removed_by: str | None = None


class Filed(Entity):
    """That somebody has reported a content, and with which report."""

    kind: ClassVar[str] = "report_filed"
    keys: ClassVar[Keys] = Keys("CONTENT#{content_type}#{content_id}", "REPORTER#{user_id}")

    content_type: ContentType
    content_id: str
    user_id: str
    report_id: str


class Reported(Entity):
    """That a content of somebody was reported, so that their erasure finds the report."""

    kind: ClassVar[str] = "reported"
    keys: ClassVar[Keys] = Keys("USER#{author_id}", "REPORTED#{report_id}")

    author_id: str
    report_id: str
