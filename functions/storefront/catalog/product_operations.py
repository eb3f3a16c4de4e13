"""Managing products of any status."""

from typing import Annotated, Any

from quintet.api import Header, Reply, matches
from quintet.models import Page, PageQuery
from quintet.store import STALE
from storefront import service
from storefront.access.callers import ProductManager
from storefront.catalog.product_body import ProductBody
from storefront.catalog.product_store import SKU_EXISTS, archive, change_product, unusable
from storefront.catalog.product_store import create_product as create
from storefront.catalog.products import PRODUCT_NOT_FOUND, Product
from storefront.catalog.replies import ProductReply, product_etag
from storefront.service import store

api = service.api.section("products")


@api.get("/admin/products", needs={"table:read"}, extension=True)
def list_products(query: PageQuery, caller: ProductManager) -> Page[ProductReply]:
    """List products of any status

    Newest first.
    """
    return store.page(Product, "gsi1", query).map(ProductReply.model_validate)


@api.post(
    "/admin/products",
    status=201,
    errors=[SKU_EXISTS],
    needs={"table:write"},
    extension=True,
    idempotent=True,
    etag=True,
)
def create_product(body: ProductBody, caller: ProductManager) -> Reply[ProductReply]:
    """Create a product

    It is a draft unless `status` says otherwise, and has no stock yet.
    """
    fields = body.fields()
    _check(fields)
    return _reply(create(fields))


@api.put(
    "/admin/products/{id}",
    errors=[PRODUCT_NOT_FOUND, SKU_EXISTS, STALE, service.api.errors.precondition],
    needs={"table:write"},
    extension=True,
    etag=True,
)
def update_product(
    id: str,
    body: ProductBody,
    caller: ProductManager,
    if_match: Annotated[str | None, Header("If-Match")] = None,
) -> Reply[ProductReply]:
    """Update a product

    A new SKU takes the stock along. With `If-Match` only when the product still has that ETag.
    """
    product = store.require(Product, PRODUCT_NOT_FOUND, id=id)
    if if_match is not None and not matches(if_match, product_etag(product), weak=False):
        raise service.api.errors.precondition()
    fields = body.fields()
    _check({"sale_price": product.sale_price, **fields})
    return _reply(change_product(product, fields))


@api.delete(
    "/admin/products/{id}",
    status=204,
    errors=[PRODUCT_NOT_FOUND, STALE],
    needs={"table:write"},
    extension=True,
)
def archive_product(id: str, caller: ProductManager) -> None:
    """Archive a product

    It leaves the shop but stays in orders; archiving it again changes nothing.
    """
    archive(store.require(Product, PRODUCT_NOT_FOUND, id=id))


def _check(fields: dict[str, Any]) -> None:
    problems = unusable(fields)
    if problems:
        raise service.api.errors.invalid_body(details=problems)


def _reply(product: Product) -> Reply[ProductReply]:
    return Reply(ProductReply.model_validate(product), headers={"ETag": product_etag(product)})
