"""Whose a slug is: each is one category's or one brand's."""

from collections.abc import Callable
from typing import ClassVar, TypeVar

from quintet.errors import ApiError, ErrorType
from quintet.models.slugs import candidates
from quintet.store import Entity, Keys, Transaction
from storefront.catalog.taxonomy import Brand, Category
from storefront.service import store

SLUG_EXISTS = ErrorType(409, "slug_exists", "Slug already exists")


class SlugClaim(Entity):
    """Whose a slug is in its space: among categories (`category`) or among brands (`brand`)."""

    kind: ClassVar[str] = "slug"
    keys: ClassVar[Keys] = Keys("SLUG#{space}#{slug}", "SLUG")

    space: str
    slug: str
    owner_id: str


Named = TypeVar("Named", Category, Brand)


def create_named(new: Named, slug: str | None, join: Callable[[Transaction], None] = lambda _: None) -> Named:
    """Store a new category or brand under `slug`, or without one under a free slug made from its name.

    `join` adds to the transaction what must be stored with it. Raises `slug_exists`, and what `join` has refused.
    """
    for attempt in [slug] if slug else candidates(new.name):
        named = new.model_copy(update={"slug": attempt})
        tx = store.transaction()
        tx.create(named)
        _claim(tx, named)
        join(tx)
        try:
            tx.commit()
        except ApiError as error:
            if slug or not SLUG_EXISTS.matches(error):
                raise
        else:
            return named
    raise SLUG_EXISTS()


def change_slug(tx: Transaction, old: Named, new: Named) -> None:
    """Where `new`, which takes the place of `old` in the same transaction, has another slug: trade one for the other.

    The transaction is refused with `slug_exists` when it is taken.
    """
    if new.slug != old.slug:
        _claim(tx, new)
        tx.remove(SlugClaim.key(space=old.kind, slug=old.slug))


def _claim(tx: Transaction, owner: Category | Brand) -> None:
    tx.create(SlugClaim(space=owner.kind, slug=owner.slug, owner_id=owner.id), SLUG_EXISTS)
