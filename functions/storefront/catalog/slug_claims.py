"""Slugs as items of their own, so that each is one category's or one brand's."""

from collections.abc import Iterator

from quintet.errors import ErrorType
from quintet.models import new_id
from quintet.store import Transaction
from storefront.catalog.slugs import MAX_LENGTH, slugify
from storefront.catalog.taxonomy import SlugClaim, Space

SLUG_EXISTS = ErrorType(409, "slug_exists", "Slug already exists")
NAMESAKES = 20
"""Slugs tried for a name that others have too, before a random one."""


def claim(tx: Transaction, space: Space, slug: str, owner: str) -> None:
    """Make a slug its owner's, refused with `slug_exists` when it is another's."""
    tx.create(SlugClaim(space=space, slug=slug, owner_id=owner), SLUG_EXISTS)


def release(tx: Transaction, space: Space, slug: str) -> None:
    """Give up the slug of something that is replaced in the same transaction, as it was read."""
    tx.remove(SlugClaim.key(space=space, slug=slug))


def candidates(name: str) -> Iterator[str]:
    """Slugs for a name: `laptops`, `laptops-2`, … and in the end one nobody else has."""
    plain = slugify(name)
    yield plain
    for number in range(2, NAMESAKES + 1):
        yield f"{plain[: MAX_LENGTH - 3].rstrip('-')}-{number}"
    yield f"{plain[: MAX_LENGTH - 13].rstrip('-')}-{new_id()[-12:]}"
