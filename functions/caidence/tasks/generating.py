"""Tasks that generate: exactly what the direct operations do, each once however often its job is tried."""

from caidence.access.callers import User
from caidence.content import generation as content
from caidence.content.generation import ContentWish
from caidence.content.operations import ContentReply
from caidence.presentations import generation as presentations
from caidence.presentations.generation import PresentationWish
from caidence.presentations.operations import PresentationReply
from caidence.tasks.registry import JOBS, Acting, Offer, Place, in_organization
from quintet.jobs import Work


def _for_content(caller: User, wish: ContentWish, within: Place | None) -> Place:
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


@JOBS.task("generate_presentation", PresentationWish)
def generate_presentation(work: Work, wish: PresentationWish) -> PresentationReply:
    acting = Acting.of(work)
    return PresentationReply.of(presentations.generate(wish, acting.user(), id=acting.once or work.id))


CONTENT = Offer(generate_content, _for_content, "content:write")
PRESENTATION = Offer(generate_presentation, _for_presentations)
