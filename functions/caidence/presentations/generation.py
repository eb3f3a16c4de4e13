"""Generating presentations: outlined by the language model or from the house's outlines, and stored.

The operation and the jobs that generate presentations use the same function.
"""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from caidence.access.places import place_of
from caidence.activity.log import record
from caidence.directory.entities import User
from caidence.once import once
from caidence.presentations.entities import Presentation, Slide
from caidence.presentations.outlines import Known, outline
from quintet.answers import Prompt, ask
from quintet.models import Length, Line
from quintet.store import Transaction

PRESENTATION: Final = Prompt("caidence", "presentation.v1", max_tokens=3000, seconds=22, rules="rules.v1")


class PresentationWish(BaseModel):
    """What is to be presented, and what kind of material it is made from."""

    model_config = ConfigDict(defer_build=True)

    title: Annotated[Line, Length(1, 200)]
    source_type: Annotated[Line, Length(1, 50), Field(examples=["campaign"])]


class Deck(BaseModel):
    """What the language model answers."""

    model_config = ConfigDict(defer_build=True)

    slides: Annotated[list[Slide], Field(min_length=3, max_length=10)]


def generate(
    wish: PresentationWish,
    user: User,
    known: Known | None = None,
    *,
    organization_id: str | None = None,
    id: str | None = None,
) -> Presentation:
    """Outline a presentation for a user, of what is known (`material`), and store it where theirs stand, or in another
    organization that is named.

    With an `id` it is made once: what is there under it already is the answer, and nothing is asked again. It never
    fails for the language model's sake; `answered_by` tells who wrote it.
    """
    home, place = organization_id or user.organization_id, organization_id or place_of(user)

    def make(made: str) -> Presentation:
        answer = ask(PRESENTATION, Deck, {"title": wish.title, "source_type": wish.source_type, "known": known})
        row = Presentation(
            id=made, place=place, organization_id=home, user_id=user.id, title=wish.title,
            source_type=wish.source_type, answered_by=answer.source,
            slides=answer.value.slides if answer.value else outline(wish.title, wish.source_type, known),
        )  # fmt: skip
        row.updated_at = row.created_at
        return row

    def tell(tx: Transaction, _: Presentation) -> None:
        record(tx, user, "presentation.generated", f"Generated the presentation {wish.title}", organization_id=home)

    return once(Presentation, id, make, tell, place=place)
