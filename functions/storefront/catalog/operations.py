"""The public catalogue: products, categories and brands, for anyone."""

from typing import Annotated

from pydantic import Field

from quintet.api import ErrorType, Path, Reply
from quintet.models import Page, PageQuery
from storefront.catalog.products import PRODUCT_NOT_FOUND, Product, is_public
from storefront.catalog.replies import BrandReply, CategoryReply, ProductReply, product_etag
from storefront.catalog.taxonomy import CATEGORY_NOT_FOUND, Brand, Category, is_shown
from storefront.service import api, store

PRODUCT_ID_REQUIRED = ErrorType(400, "invalid_request", "Product ID is required")
CATEGORY_ID_REQUIRED = ErrorType(400, "invalid_request", "Category ID is required")

SHARED = "public, max-age=30"
"""Browsers and caches may keep a product for half a minute, then ask again with its ETag; an order checks prices."""

Keyword = Annotated[str | None, Field(max_length=200, description="Words that all occur in name, description or SKU")]


@api.get("/catalog/products", needs={"table:read"})
def list_products(query: PageQuery, keyword: Keyword = None) -> Page[ProductReply]:
    """List products

    Newest first. With `keyword` those in which every word occurs, as a whole or at the beginning of a word, in
    name, description or SKU; case and accents do not matter. Products with all the words in the name come first.
    """
    if keyword is None or not keyword.strip():
        return store.page(Product, "gsi2", query).map(ProductReply.model_validate)
    from storefront.catalog.product_search import found_products

    return found_products(keyword, query).map(ProductReply.model_validate)


@api.get("/catalog/products/{id}", errors=[PRODUCT_NOT_FOUND], needs={"table:read"}, etag=True)
def get_product(id: Annotated[str, Path(PRODUCT_ID_REQUIRED)]) -> Reply[ProductReply]:
    """Get a product"""
    # An eventually consistent read costs half and is at most a moment behind, like every cache between us.
    product = store.require(Product, PRODUCT_NOT_FOUND, id=id, consistent=False)
    if not is_public(product):
        raise PRODUCT_NOT_FOUND()
    headers = {"Cache-Control": SHARED, "ETag": product_etag(product)}
    return Reply(ProductReply.model_validate(product), headers=headers)


@api.get("/catalog/products/category/{id}", errors=[CATEGORY_NOT_FOUND], needs={"table:read"})
def list_products_by_category(id: Annotated[str, Path(CATEGORY_ID_REQUIRED)], query: PageQuery) -> Page[ProductReply]:
    """List the products of a category

    Newest first, with those of the categories below it. An inactive category hides everything below it.
    """
    from storefront.catalog.category_listing import products_below

    category = store.require(Category, CATEGORY_NOT_FOUND, id=id, consistent=False)
    if not is_shown(category):
        raise CATEGORY_NOT_FOUND()
    return products_below(category, query).map(ProductReply.model_validate)


@api.get("/catalog/categories", needs={"table:read"})
def list_categories(query: PageQuery) -> Page[CategoryReply]:
    """List categories

    In alphabetical order, without inactive ones and those below them.
    """
    return store.page(Category, "gsi1", query).map(CategoryReply.model_validate)


@api.get("/catalog/brands", needs={"table:read"})
def list_brands(query: PageQuery) -> Page[BrandReply]:
    """List brands

    Active ones in alphabetical order.
    """
    return store.page(Brand, "gsi1", query).map(BrandReply.model_validate)
