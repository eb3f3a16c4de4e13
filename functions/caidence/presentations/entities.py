"""Presentations as they are stored."""

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from quintet.models import Length, Line, Text, new_id, now
from quintet.store import Entity, Index, Keys


class Slide(BaseModel):
    """One slide, and what its speaker says; a hundred presentations of ten such slides fit into one reply."""

    model_config = ConfigDict(defer_build=True)

    title: Annotated[Line, Length(1, 120)]
    bullets: Annotated[list[Annotated[Line, Length(1, 120)]], Field(max_length=5)]
    notes: Annotated[Text, Length(0, 500)]


class Presentation(Entity):
    """An outline of slides. `place` is its organization, or its author where there is none."""

    kind: ClassVar[str] = "presentation"
    keys: ClassVar[Keys] = Keys(
        "PRESENTATIONS#{place}", "{id}", counted=True, gsi1=Index("PRESENTATIONS", "{id}", counted=True, shards=4)
    )

    id: str = Field(default_factory=new_id)
    place: str
    organization_id: str | None = None
    user_id: str
    title: str
    source_type: str
    slides: list[Slide]
    answered_by: str
    """Who wrote it: `model` or `fallback`."""
    created_at: datetime = Field(default_factory=now)
    updated_at: datetime = Field(default_factory=now)
