"""Demo data of the design studio: posters of a brand in three formats."""

from typing import Any, Final

from caidence.design import generation
from caidence.design.generation import DesignWish
from caidence.directory.entities import Brand, User

_POSTERS: Final[tuple[dict[str, Any], ...]] = (
    {
        "title": "Squeezed this morning",
        "style": "minimal",
        "aspect_ratio": "4:5",
        "brand_colors": ["#F28C28", "#2E7D32"],
        "prompt": "A glass of orange juice in the morning sun",
    },
    {
        "title": "Summer starts in the grove",
        "style": "organic",
        "aspect_ratio": "16:9",
        "brand_colors": ["#F28C28", "#2E7D32"],
        "prompt": "Andalusian hills at sunrise",
    },
    {
        "title": "Never sugary",
        "style": "bold",
        "aspect_ratio": "9:16",
        "brand_colors": ["#2E7D32", "#F28C28", "#FFF3E0"],
        "prompt": "A loud poster for a story",
    },
)


def seed_designs(author: User, brand: Brand) -> None:
    """Generate the posters of a brand; it needs the system's bucket. They have fixed ids, so that a seeding that was
    interrupted and is begun again makes nothing twice, and what is there stays as it is."""
    for number, poster in enumerate(_POSTERS, 211):
        poster_id = f"01930000-0000-7000-8000-000000000{number}"
        wish = DesignWish.model_validate(poster)
        generation.generate(wish, author, brand.organization_id, brand.id, id=poster_id)
