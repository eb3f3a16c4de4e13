"""Presentations: generated, listed and read. In development without a token they are the default account's."""

from typing import Self

from pydantic import BaseModel, ConfigDict

from caidence.access.callers import User
from caidence.access.places import page_of_places
from caidence.envelope import Id
from caidence.presentations import generation, places
from caidence.presentations.entities import Presentation, Slide
from caidence.presentations.generation import PresentationWish
from caidence.presentations.material import known_to
from caidence.presentations.places import PRESENTATION_NOT_FOUND
from caidence.service import api as platform
from quintet.api import Reply
from quintet.models import Page, SkipQuery, Timestamp

api = platform.section("presentation")


class PresentationReply(BaseModel):
    """A presentation, slide by slide."""

    model_config = ConfigDict(defer_build=True)

    id: str
    organization_id: str | None
    user_id: str
    title: str
    source_type: str
    slides: list[Slide]
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, presentation: Presentation) -> Self:
        return cls.model_validate(presentation.model_dump(exclude={"version", "place", "answered_by"}))


@api.post(
    "/presentation/generate",
    needs={"table:write", "model"},
    idempotent=True,
    example={"title": "Summer launch of Sol Citrus", "source_type": "campaign"},
)
def generate(body: PresentationWish, caller: User) -> Reply[PresentationReply]:
    """Generate a presentation and keep it

    With what is stored of the campaign that the title names, of figures for a report, and of texts about it, as far as
    the caller may read them. `X-Answer-Source` says who wrote it: the model, or a fallback that outlines by the
    kind of source.
    """
    made = generation.generate(body, caller.account, known_to(caller, body.title, body.source_type))
    return Reply(PresentationReply.of(made), headers={"X-Answer-Source": made.answered_by})


@api.get("/presentation", needs={"table:read"})
def list_presentations(query: SkipQuery, caller: User) -> Page[PresentationReply]:
    """List presentations, newest first

    All of them for root and super admins; for others those of their organization, then their own from before they
    belonged to it. Who belongs to none sees their own.
    """
    return page_of_places(caller, Presentation, query).map(PresentationReply.of)


@api.get("/presentation/{presentation_id}", errors=[PRESENTATION_NOT_FOUND], needs={"table:read"}, etag=True)
def get(presentation_id: Id, caller: User) -> PresentationReply:
    """Get a single presentation by its id"""
    return PresentationReply.of(places.found(caller, presentation_id))
