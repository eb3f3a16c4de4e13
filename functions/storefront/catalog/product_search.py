"""Keyword search over the public products: which words find one, and one page of what words find."""

from quintet.models import Page, PageQuery
from quintet.store import cursors
from quintet.store.words import Change, WordIndex
from storefront.catalog.products import Product, is_public
from storefront.service import store

INDEX = WordIndex("products")


def indexed(product: Product, *, new: bool = False) -> Change:
    """The change of the index that goes with writing a product: only public ones can be found."""
    texts = [product.name, product.sku, product.description] if is_public(product) else []
    return INDEX.prepare(product.id, texts, new=new)


def found_products(keyword: str, query: PageQuery) -> Page[Product]:
    """A page of the public products that have every word of `keyword`, those with all of them in the name first."""
    scope = f"keyword|{' '.join(sorted(keyword.split()))}"
    number = query.page
    if query.cursor:
        number, _ = cursors.read(query.cursor, scope)
    ids, total = INDEX.search(keyword, (number - 1) * query.page_size, query.page_size)
    products = store.get_all([Product.ref(id=found) for found in ids], consistent=False)
    more = number * query.page_size < total
    cursor = cursors.write(number + 1, {}, scope) if more else None
    return Page([p for p in products if p and is_public(p)], total, number, query.page_size, cursor)
