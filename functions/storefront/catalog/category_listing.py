"""The products of a category and of everything public below it, as one list."""

from quintet.models import Page, PageQuery
from quintet.store.merge import merged_page
from storefront.catalog.category_store import below
from storefront.catalog.category_tree import shown_below
from storefront.catalog.products import Product
from storefront.catalog.taxonomy import Category
from storefront.service import store


def products_below(category: Category, query: PageQuery) -> Page[Product]:
    """A page of the public products, newest first; a category without children is one plain listing."""
    if not category.children:
        return store.page(Product, "gsi3", query, category_id=category.id)
    listings = [{"category_id": listed} for listed in shown_below(category, below(category))]
    return merged_page(store, Product, "gsi3", query, listings, scope=f"category|{category.id}")
