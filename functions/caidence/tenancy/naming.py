"""Organizations and brands under slugs of their own: a slug is claimed in the transaction that writes its owner.

An organization's slug is unique among all, a brand's within its organization: what other customers call their brands
stands in nobody's way, and is nobody's business.
"""

from collections.abc import Callable
from typing import TypeVar

from caidence.directory.entities import Brand, Organization, SlugClaim
from caidence.service import store
from quintet.api import ApiError, ErrorType
from quintet.models.slugs import candidates
from quintet.store import Transaction

SLUG_EXISTS = ErrorType(409, "slug_exists", "Slug already exists")


def nothing_more(_: Transaction) -> None:
    """What is stored with a row that comes alone."""


Named = TypeVar("Named", Organization, Brand)


def create_named(new: Named, slug: str | None, join: Callable[[Transaction], None] = nothing_more) -> Named:
    """Store a new organization or brand under `slug`, or without one under a free slug made from its name.

    `join` adds what must be stored with it. Raises `slug_exists`, and what `join` has refused.
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


def rename(tx: Transaction, old: Named, new: Named) -> None:
    """Where `new`, which takes the place of `old` in the transaction, has another slug: trade one for the other."""
    if new.slug != old.slug:
        _claim(tx, new)
        tx.remove(SlugClaim.key(kind_of=_space(old), slug=old.slug))


def _claim(tx: Transaction, owner: Organization | Brand) -> None:
    tx.create(SlugClaim(kind_of=_space(owner), slug=owner.slug, owner_id=owner.id), SLUG_EXISTS)


def _space(owner: Organization | Brand) -> str:
    return "brand of " + owner.organization_id if isinstance(owner, Brand) else "organization"
