"""Our own catalogue columns: one row per product, the columns in any order and case.

`base_price` and `SalePrice`: a whole number is in minor units (99999), one with a decimal point in major units
(999.99), both of `currency`. `status` is `draft`, `active` or `archived`. `images` are separated by `|`, `category`
may be a path (`Electronics > Laptops`), `attributes` is `color=silver;ram=16GB` or a JSON object. Besides `sku`,
`name`, `description`, `brand` and `quantity`. Only REQUIRED must be there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from storefront.catalog_import.imported_product import (
    Batch,
    ImportedProduct,
    RowError,
    attempt,
    build,
    parse_amount,
    parse_attributes,
    parse_path,
    parse_quantity,
    parse_status,
)
from storefront.catalog_import.rows import Row

REQUIRED = frozenset({"sku", "name", "base_price"})

COLUMNS_OF = {
    "description": {"description"},
    "sale_price": {"saleprice", "sale_price"},
    "status": {"status"},
    "brand": {"brand"},
    "category": {"category"},
    "images": {"images"},
    "attributes": {"attributes"},
}
"""The columns of each field that may be left out."""


def recognises(header: Iterable[str]) -> bool:
    """Whether a header (lower case) has the columns this dialect cannot do without."""
    return set(header) >= REQUIRED


def batches(rows: Iterable[Row], currency: str) -> Iterator[Batch]:
    """Each row as a batch of its own; `currency` is used where the row names none."""
    for row in rows:
        if row.problem:
            yield [RowError(row.line, row.problem)]
            continue
        yield [attempt(row.line, partial(_product, row, currency))]


def _product(row: Row, default_currency: str) -> ImportedProduct:
    currency = (row.get("currency") or default_currency).upper()
    sale = row.get("saleprice", "sale_price")
    return build(
        row.line,
        sku=row.get("sku"),
        name=row.get("name"),
        description=row.get("description"),
        base_price=parse_amount(row.get("base_price"), currency, "base_price", whole_is_minor=True),
        sale_price=parse_amount(sale, currency, "SalePrice", whole_is_minor=True) if sale else None,
        status=parse_status(row.get("status")),
        brand=row.get("brand"),
        category=parse_path(row.get("category")),
        images=tuple(url.strip() for url in row.get("images").split("|") if url.strip()),
        attributes=parse_attributes(row.get("attributes")),
        quantity=parse_quantity(row.get("quantity"), "quantity"),
    )
