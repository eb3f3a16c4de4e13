"""Tasks that generate: exactly what the direct operations do, each once however often its job is tried."""

from typing import Any

from pydantic import BaseModel

from caidence.access.callers import User
from caidence.content import generation as content
from caidence.content.generation import ContentWish
from caidence.content.operations import ContentReply
from caidence.design import generation as design
from caidence.design.composing import AspectRatio
from caidence.design.generation import DesignWish
from caidence.design.operations import DesignReply
from caidence.presentations import generation as presentations
from caidence.presentations.generation import PresentationWish
from caidence.presentations.material import known_to
from caidence.presentations.operations import PresentationReply
from caidence.tasks.registry import Place, effect_id, in_organization, offer
from quintet.jobs import Work

Told = dict[str, Any]
"""What the direct operation replies, with `answer_source` in the place of its header `X-Answer-Source`."""


def _where(caller: User, wish: ContentWish | DesignWish, within: Place | None) -> Place:
    return in_organization(caller, wish.organization_id, wish.brand_id, within)


def _for_presentations(caller: User, _: PresentationWish, within: Place | None) -> Place:
    return within or Place(caller.organization_id, None, caller.account.scopes)


def _content(work: Work, caller: User, place: Place, wish: ContentWish) -> Told:
    made = content.generate(wish, caller.account, place.organization(), place.brand_id, id=effect_id(work))
    return _told(ContentReply.of(made), made.answered_by)


class DesignErrand(DesignWish):
    """A design as jobs take it: square unless said otherwise."""

    aspect_ratio: AspectRatio = "1:1"


def _design(work: Work, caller: User, place: Place, wish: DesignErrand) -> Told:
    made = design.generate(wish, caller.account, place.organization(), place.brand_id, id=effect_id(work))
    return _told(DesignReply.of(made), made.answered_by)


def _presentation(work: Work, caller: User, place: Place, wish: PresentationWish) -> Told:
    own = place.organization_id == caller.organization_id
    known = known_to(caller, wish.title, wish.source_type) if own else {}
    made = presentations.generate(
        wish, caller.account, known, organization_id=place.organization_id, id=effect_id(work)
    )  # fmt: skip
    return _told(PresentationReply.of(made), made.answered_by)


def _told(reply: BaseModel, answered_by: str) -> Told:
    return {**reply.model_dump(mode="json", by_alias=True), "answer_source": answered_by}


CONTENT = offer("generate_content", ContentWish, _content, _where, "content:write")
DESIGN = offer("generate_design", DesignErrand, _design, _where, "design_studio:write")
PRESENTATION = offer("generate_presentation", PresentationWish, _presentation, _for_presentations)
