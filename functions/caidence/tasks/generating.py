"""Tasks that generate: exactly what the direct operations do, each once however often its job is tried."""

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
from caidence.tasks.registry import JOBS, Acting, Offer, Place, in_organization
from quintet.jobs import Work


def _where(caller: User, wish: ContentWish | DesignWish, within: Place | None) -> Place:
    return in_organization(caller, wish.organization_id, wish.brand_id, within)


def _for_presentations(caller: User, _: PresentationWish, __: Place | None) -> Place:
    return Place(caller.organization_id, None, caller.account.scopes)


@JOBS.task("generate_content", ContentWish)
def generate_content(work: Work, wish: ContentWish) -> ContentReply:
    acting = Acting.of(work)
    made = content.generate(
        wish, acting.user(), acting.organization(), acting.brand_id, id=acting.once or work.id
    )  # fmt: skip
    return ContentReply.of(made)


class DesignErrand(DesignWish):
    """A design as jobs take it: square unless said otherwise."""

    aspect_ratio: AspectRatio = "1:1"


@JOBS.task("generate_design", DesignErrand)
def generate_design(work: Work, wish: DesignErrand) -> DesignReply:
    acting = Acting.of(work)
    made = design.generate(
        wish, acting.user(), acting.organization(), acting.brand_id, id=acting.once or work.id
    )  # fmt: skip
    return DesignReply.of(made)


@JOBS.task("generate_presentation", PresentationWish)
def generate_presentation(work: Work, wish: PresentationWish) -> PresentationReply:
    acting = Acting.of(work)
    known = known_to(acting.caller(), wish.title, wish.source_type)
    return PresentationReply.of(presentations.generate(wish, acting.user(), known, id=acting.once or work.id))


CONTENT = Offer(generate_content, _where, "content:write")
DESIGN = Offer(generate_design, _where, "design_studio:write")
PRESENTATION = Offer(generate_presentation, _for_presentations)
