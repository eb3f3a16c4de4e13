"""Slugs: the readable part of a web address made from a name, each one category's or one brand's."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import ClassVar, TypeVar

from quintet.errors import ApiError, ErrorType
from quintet.models import new_id
from quintet.store import Entity, Keys, Transaction
from storefront.catalog.taxonomy import Brand, Category
from storefront.service import store

MAX_LENGTH = 80
NAMESAKES = 20
"""Slugs tried for a name that others have too, before a random one."""
SLUG_EXISTS = ErrorType(409, "slug_exists", "Slug already exists")

# Letters that Unicode does not decompose into an ASCII letter and a mark.
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "&": " and "}
)


def slugify(name: str) -> str:
    """`name` as lower-case ASCII letters, digits and single hyphens: `Café & Tea` → `cafe-and-tea`.

    At most MAX_LENGTH characters, never empty: a name without a Latin letter or digit gets a slug
    derived from its hash. The slug of a slug is itself.
    """
    folded = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS)).casefold()
    ascii_only = folded.translate(_LETTERS).encode("ascii", "ignore").decode().replace("'", "")
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_only)[: MAX_LENGTH + 1].strip("-")[:MAX_LENGTH].strip("-")
    return slug or "n-" + hashlib.blake2s(name.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


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
    for attempt in [slug] if slug else _candidates(new.name):
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


def _candidates(name: str) -> Iterator[str]:
    """Slugs for a name: `laptops`, `laptops-2`, … and in the end one nobody else has."""
    plain = slugify(name)
    yield plain
    for number in range(2, NAMESAKES + 1):
        yield f"{plain[: MAX_LENGTH - 3].rstrip('-')}-{number}"
    yield f"{plain[: MAX_LENGTH - 13].rstrip('-')}-{new_id()[-12:]}"
