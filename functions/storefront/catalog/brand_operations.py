"""Managing brands."""

from pydantic import BaseModel, ConfigDict

from quintet.models.slugs import Slug
from quintet.store import STALE
from storefront import service
from storefront.access.callers import ProductManager
from storefront.catalog.brand_store import change_brand
from storefront.catalog.brand_store import create_brand as create
from storefront.catalog.fields import Description, Picture, Title
from storefront.catalog.replies import BrandReply
from storefront.catalog.slugs import SLUG_EXISTS
from storefront.catalog.taxonomy import BRAND_NOT_FOUND, Brand
from storefront.service import store

api = service.api.section("brands")


class BrandBody(BaseModel):
    """A brand. What is left out has its default in a new one and stays as it is in an old one."""

    model_config = ConfigDict(defer_build=True)

    name: Title
    slug: Slug | None = None
    description: Description = ""
    logo_url: Picture = ""
    active: bool = True


@api.post("/admin/brands", status=201, errors=[SLUG_EXISTS], needs={"table:write"}, extension=True, idempotent=True)
def create_brand(body: BrandBody, caller: ProductManager) -> BrandReply:
    """Create a brand

    Without `slug` it gets a free one made from its name.
    """
    return BrandReply.model_validate(create(body.model_dump(exclude={"slug"}), body.slug))


@api.put("/admin/brands/{id}", errors=[BRAND_NOT_FOUND, SLUG_EXISTS, STALE], needs={"table:write"}, extension=True)
def update_brand(id: str, body: BrandBody, caller: ProductManager) -> BrandReply:
    """Update a brand"""
    old = store.require(Brand, BRAND_NOT_FOUND, id=id)
    fields = body.model_dump(exclude_unset=True)
    if fields.get("slug", "") is None:
        del fields["slug"]
    return BrandReply.model_validate(change_brand(old, fields))
