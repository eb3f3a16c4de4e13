"""Writing brands together with their slugs."""

from typing import Any

from quintet.models import new_id, now
from storefront.catalog.slugs import change_slug, create_named
from storefront.catalog.taxonomy import Brand, sort_key
from storefront.service import store


def create_brand(fields: dict[str, Any], slug: str | None) -> Brand:
    """A new brand; without a slug it gets a free one made from its name. Raises `slug_exists`."""
    moment = now()
    brand = Brand(id=new_id(), slug="", sort=sort_key(fields["name"]), created_at=moment, updated_at=moment, **fields)
    return create_named(brand, slug)


def change_brand(old: Brand, fields: dict[str, Any]) -> Brand:
    """`old` with other fields. Raises `slug_exists`, and `conflict` when someone else changed it meanwhile."""
    new = old.model_copy(update={**fields, "sort": sort_key(fields["name"]), "updated_at": now()})
    tx = store.transaction()
    tx.replace(old, new)
    change_slug(tx, old, new)
    tx.commit()
    return new
