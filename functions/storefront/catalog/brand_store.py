"""Writing brands together with their slugs."""

from typing import Any

from quintet.errors import ApiError
from quintet.models import new_id, now
from storefront.catalog.slug_claims import SLUG_EXISTS, candidates, claim, release
from storefront.catalog.taxonomy import Brand, sort_key
from storefront.service import store


def create_brand(fields: dict[str, Any], slug: str | None) -> Brand:
    """A new brand; without a slug it gets a free one made from its name. Raises `slug_exists`."""
    moment = now()
    brand = Brand(id=new_id(), slug="", sort=sort_key(fields["name"]), created_at=moment, updated_at=moment, **fields)
    for attempt in [slug] if slug else candidates(brand.name):
        brand = brand.model_copy(update={"slug": attempt})
        tx = store.transaction()
        tx.create(brand)
        claim(tx, "brand", attempt, brand.id)
        try:
            tx.commit()
        except ApiError as error:
            if slug or not SLUG_EXISTS.matches(error):
                raise
        else:
            return brand
    raise SLUG_EXISTS()


def change_brand(old: Brand, fields: dict[str, Any]) -> Brand:
    """`old` with other fields. Raises `slug_exists`, and `conflict` when someone else changed it meanwhile."""
    new = old.model_copy(update={**fields, "sort": sort_key(fields["name"]), "updated_at": now()})
    tx = store.transaction()
    tx.replace(old, new)
    if new.slug != old.slug:
        claim(tx, "brand", new.slug, new.id)
        release(tx, "brand", old.slug)
    tx.commit()
    return new
