"""Managing the tree of categories."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from quintet.models.slugs import Slug
from quintet.store import STALE
from storefront import service
from storefront.access.callers import ProductManager
from storefront.catalog.category_store import change_category
from storefront.catalog.category_store import create_category as create
from storefront.catalog.category_tree import CYCLE, TOO_DEEP, TOO_LARGE
from storefront.catalog.fields import Description, Picture, Reference, Title
from storefront.catalog.replies import CategoryReply
from storefront.catalog.slugs import SLUG_EXISTS
from storefront.catalog.taxonomy import CATEGORY_NOT_FOUND, Category
from storefront.service import store

api = service.api.section("categories")


class CategoryBody(BaseModel):
    """A category. What is left out has its default in a new one and stays as it is in an old one."""

    model_config = ConfigDict(defer_build=True)

    name: Title
    slug: Slug | None = None
    description: Description = ""
    parent_id: Reference | None = None
    image_url: Picture = ""
    active: bool = True


@api.post(
    "/admin/categories",
    status=201,
    errors=[SLUG_EXISTS, TOO_DEEP, STALE],
    needs={"table:write"},
    extension=True,
    idempotent=True,
)
def create_category(body: CategoryBody, caller: ProductManager) -> CategoryReply:
    """Create a category

    Without `slug` it gets a free one made from its name; without `parent_id` it lies at the top.
    """
    fields = body.model_dump(exclude={"slug", "parent_id"})
    return CategoryReply.model_validate(create(fields, _parent(body.parent_id), body.slug))


@api.put(
    "/admin/categories/{id}",
    errors=[CATEGORY_NOT_FOUND, SLUG_EXISTS, CYCLE, TOO_DEEP, TOO_LARGE, STALE],
    needs={"table:write"},
    extension=True,
)
def update_category(id: str, body: CategoryBody, caller: ProductManager) -> CategoryReply:
    """Update a category

    Moving it takes everything below it along; an inactive category hides everything below it.
    """
    old = store.require(Category, CATEGORY_NOT_FOUND, id=id)
    fields: dict[str, Any] = {"parent_id": old.parent_id, **body.model_dump(exclude_unset=True)}
    if fields.get("slug", "") is None:
        del fields["slug"]
    parent = _parent(fields.pop("parent_id"))
    return CategoryReply.model_validate(change_category(old, fields, parent))


def _parent(id: str | None) -> Category | None:
    if not id:
        return None
    found = store.get(Category, id=id)
    if found is None:
        raise service.api.errors.invalid_body(details=[{"field": "parent_id", "message": "There is no such category"}])
    return found
