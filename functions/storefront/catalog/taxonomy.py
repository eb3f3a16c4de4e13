"""Categories and brands: what products are sorted by."""

from typing import ClassVar

from quintet.errors import ErrorType
from quintet.models import Timestamp
from quintet.store import Entity, Index, Keys
from quintet.store.folding import fold

CATEGORY_NOT_FOUND = ErrorType(404, "category_not_found", "Category not found")
BRAND_NOT_FOUND = ErrorType(404, "brand_not_found", "Brand not found")


def sort_key(name: str) -> str:
    """What a name is sorted by: case and accents do not matter."""
    return fold(name).strip()


def is_shown(category: "Category") -> bool:
    """Whether a category is public: it and every category above it is active."""
    return category.active and not category.hidden


def is_active(brand: "Brand") -> bool:
    return brand.active


class Category(Entity):
    """A node of the catalogue's tree.

    `path` holds the ids from the top down to this one, `hidden` whether one above it is inactive, `children` how
    many lie directly below: with it a reader of the eventually consistent tree knows whether it saw everything.
    """

    kind: ClassVar[str] = "category"
    keys: ClassVar[Keys] = Keys(
        "CATEGORY#{id}",
        "CATEGORY",
        gsi1=Index("CATEGORIES#public", "{sort}#{id}", when=is_shown, counted=True, order="ascending"),
        gsi2=Index("CATEGORIES#tree", "{path}", order="ascending"),
    )

    id: str
    name: str
    sort: str
    slug: str
    description: str = ""
    parent_id: str | None = None
    image_url: str = ""
    active: bool = True
    path: str
    hidden: bool = False
    children: int = 0
    created_at: Timestamp
    updated_at: Timestamp


class Brand(Entity):
    """A maker of products."""

    kind: ClassVar[str] = "brand"
    keys: ClassVar[Keys] = Keys(
        "BRAND#{id}",
        "BRAND",
        gsi1=Index("BRANDS#public", "{sort}#{id}", when=is_active, counted=True, order="ascending"),
        gsi2=Index("BRANDS", "{sort}#{id}", order="ascending"),
    )

    id: str
    name: str
    sort: str
    slug: str
    description: str = ""
    logo_url: str = ""
    active: bool = True
    created_at: Timestamp
    updated_at: Timestamp
