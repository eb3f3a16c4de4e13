"""Demo data of presentations: one outline for a campaign."""

from typing import Final

from caidence.directory.entities import User
from caidence.presentations import generation
from caidence.presentations.generation import PresentationWish

_LAUNCH: Final = "01930000-0000-7000-8000-000000000221"
"""A fixed id, so that a seeding that was interrupted and is begun again makes nothing twice."""


def seed_presentations(author: User) -> None:
    """Outline the talk for a launch, where their presentations stand; one that is there stays as it is."""
    generation.generate(
        PresentationWish(title="Summer launch of Sol Citrus", source_type="campaign"), author, id=_LAUNCH
    )
