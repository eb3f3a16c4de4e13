"""Keyword search over the public products: which words find one, and one page of what words find."""

from collections.abc import Sequence

from quintet.models import Page, PageQuery
from quintet.store.words import Change, WordIndex
from storefront.catalog.products import Product, is_public
from storefront.service import store

INDEX = WordIndex("products")


def indexed(product: Product, *, new: bool = False) -> Change:
    """The change of the index that goes with writing a product: only public ones can be found."""
    return INDEX.prepare(product.id, _texts(product), new=new)


def found_products(keyword: str, query: PageQuery) -> Page[Product]:
    """A page of the public products that have every word of `keyword`, those with all of them in the name first."""
    return INDEX.page(keyword, query, _loaded, _texts)


def _texts(product: Product) -> list[str]:
    return [product.name, product.sku, product.description] if is_public(product) else []


def _loaded(ids: Sequence[str]) -> list[Product | None]:
    return store.get_all([Product.ref(id=found) for found in ids], consistent=False)
