"""Demo data of generated content: pieces for a brand's channels, composed from briefs as a laptop composes them."""

from typing import Final

from caidence.content import generation
from caidence.content.generation import ContentWish
from caidence.directory.entities import Brand, User

_PIECES: Final = (
    {
        "title": "Squeezed this morning",
        "platform": "instagram",
        "content_type": "caption",
        "prompt": "Write a caption for the launch of our cold-pressed orange juice. Mention the small groves. "
        "Bright, honest, never sugary.",
    },
    {
        "title": "Your first crate is on its way",
        "platform": "email",
        "content_type": "newsletter",
        "prompt": "Welcome to the grove. Every crate is pressed on the day it ships. Reply and tell us which fruit you "
        "would like next.",
    },
    {
        "title": "From grove to glass in a day",
        "platform": "linkedin",
        "content_type": "article",
        "prompt": "How a family grove ships on the day it picks. What cold pressing keeps. Why fresh tastes better.",
    },
)


def seed_content(author: User, brand: Brand) -> None:
    """Generate the pieces for a brand. They have fixed ids, so that a seeding that was interrupted and is begun again
    makes nothing twice, and what is there stays as it is."""
    for number, piece in enumerate(_PIECES, 201):
        piece_id = f"01930000-0000-7000-8000-000000000{number}"
        wish = ContentWish.model_validate(piece)
        generation.generate(wish, author, brand.organization_id, brand.id, id=piece_id)
