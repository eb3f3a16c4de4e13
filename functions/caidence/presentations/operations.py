"""Presentations: generated, listed and read. In development without a token they are the default account's."""

from typing import Self

from pydantic import BaseModel, ConfigDict

from caidence.access.callers import User
from caidence.envelope import Id
from caidence.presentations import generation
from caidence.presentations.entities import Presentation, Slide
from caidence.presentations.generation import PresentationWish, place_of
from caidence.service import api as platform
from caidence.service import store
from quintet.api import ErrorType, Reply
from quintet.models import Page, SkipQuery, Timestamp

api = platform.section("presentation")

PRESENTATION_NOT_FOUND = ErrorType(404, "presentation_not_found", "Presentation not found")


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

    What nobody has said yet stands in square brackets. `X-Answer-Source` says who wrote it: the language model, or a
    fallback that outlines by the kind of source.
    """
    made = generation.generate(body, caller.account)
    return Reply(PresentationReply.of(made), headers={"X-Answer-Source": made.answered_by})


@api.get("/presentation", needs={"table:read"})
def list_presentations(query: SkipQuery, caller: User) -> Page[PresentationReply]:
    """List presentations, newest first

    All of them for super admins, for others those of their organization; who belongs to none sees their own.
    """
    if caller.is_super:
        return store.page(Presentation, "gsi1", query).map(PresentationReply.of)
    return store.page(Presentation, "main", query, place=place_of(caller.account)).map(PresentationReply.of)


@api.get("/presentation/{presentation_id}", errors=[PRESENTATION_NOT_FOUND], needs={"table:read"}, etag=True)
def get(presentation_id: Id, caller: User) -> PresentationReply:
    """Get a single presentation by its id"""
    place = place_of(caller.account)
    if caller.is_super:
        found = store.query(Presentation, "gsi1", begins=presentation_id, limit=1).items
        place = found[0].place if found else place
    return PresentationReply.of(store.require(Presentation, PRESENTATION_NOT_FOUND, place=place, id=presentation_id))
