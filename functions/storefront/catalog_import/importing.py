"""Importing a catalogue file: each product is made, brought up to date, left alone, or refused, whole.

A product is known by its SKU. What the file has no column for stays as it is in a product that exists already, so
that a list of prices changes prices only. Doing an import again changes nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal, TextIO

from pydantic import ValidationError

from quintet.errors import ApiError, ErrorType
from quintet.models import now, rfc3339
from quintet.store import STALE, equals
from storefront.catalog.fields import MOST_IMAGES
from storefront.catalog.product_body import ProductBody
from storefront.catalog.product_store import SKU_EXISTS, change_product, create_product, mixed_currencies
from storefront.catalog.products import Product, Stock
from storefront.catalog_import.imported_product import ImportedProduct, RowError
from storefront.catalog_import.places import Places
from storefront.catalog_import.reading import read_catalog
from storefront.service import store

AT_ONCE = 50
"""Products looked up in one round trip."""
MIXED = ErrorType(400, "invalid_request", "The prices are in two currencies")
TRIES = 3
"""How often a product is tried that someone else changes at the same moment."""

Result = Literal["created", "updated", "unchanged", "refused"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: `line` is the physical line on which it starts, `message` why, where there is a why."""

    line: int
    result: Result
    message: str = ""


@dataclass(slots=True)
class Summary:
    """How many products came out how."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0

    def count(self, outcome: Outcome) -> None:
        setattr(self, outcome.result, getattr(self, outcome.result) + 1)


Report = Callable[[Outcome], None]


def import_catalog(stream: TextIO, report: Report, currency: str = "USD") -> Summary:
    """Import a file of one of the kinds `read_catalog` knows; `report` hears of every row as it is done.

    `currency` is that of prices the file names none for. Raises `UnusableFile` when nothing can be read at all.
    """
    summary, places = Summary(), Places()
    items = read_catalog(stream, currency)
    while part := list(islice(items, AT_ONCE)):
        for outcome in _part(part, places):
            summary.count(outcome)
            report(outcome)
    return summary


def _part(part: list[ImportedProduct | RowError], places: Places) -> Iterator[Outcome]:
    known = dict(_known([item.sku for item in part if isinstance(item, ImportedProduct)]))
    for item in part:
        if isinstance(item, RowError):
            yield Outcome(item.line, "refused", item.message)
        else:
            yield _imported(item, known.get(item.sku), places)


def _known(skus: Iterable[str]) -> Iterator[tuple[str, tuple[Product, Stock]]]:
    """The products that have these SKUs, with their stock: two round trips."""
    stocks = [stock for stock in store.get_all([Stock.ref(sku=sku) for sku in skus]) if stock]
    products = store.get_all([Product.ref(id=stock.product_id) for stock in stocks])
    yield from ((stock.sku, (product, stock)) for product, stock in zip(products, stocks, strict=True) if product)


def _imported(item: ImportedProduct, known: tuple[Product, Stock] | None, places: Places) -> Outcome:
    try:
        result = _insisted(item, _fields(item, places), known)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return Outcome(item.line, "refused", f"{where}: {first['msg'].removeprefix('Value error, ')}")
    except ApiError as error:
        return Outcome(item.line, "refused", error.message)
    dropped = len(item.images) - MOST_IMAGES
    note = f"images: the first {MOST_IMAGES} of {len(item.images)} were taken" if dropped > 0 else ""
    return Outcome(item.line, result, note)


def _insisted(item: ImportedProduct, fields: dict[str, Any], known: tuple[Product, Stock] | None) -> Result:
    """Write a product, and read it again when someone else was faster."""
    for _ in range(TRIES - 1):
        try:
            return _written(item, fields, known)
        except ApiError as error:
            if not (STALE.matches(error) or SKU_EXISTS.matches(error)):
                raise
            known = dict(_known([item.sku])).get(item.sku)
    return _written(item, fields, known)


def _fields(item: ImportedProduct, places: Places) -> dict[str, Any]:
    """The fields the file gives, checked like those of an API call before anything is made for them."""
    given = item.model_dump(include={"sku", "name", "description", "base_price", "sale_price", "status", "attributes"})
    given["SalePrice"] = given.pop("sale_price")
    given["images"] = list(item.images[:MOST_IMAGES])
    fields = ProductBody.model_validate(given).fields()
    return {**fields, "brand_id": places.brand(item.brand), "category_id": places.category(item.category)}


def _written(item: ImportedProduct, fields: dict[str, Any], known: tuple[Product, Stock] | None) -> Result:
    if known is None:
        create_product(fields, item.quantity or 0)
        return "created"
    product, stock = known
    kept = {_FIELD.get(name, name) for name in item.left_out}
    changes = {name: value for name, value in fields.items() if name not in kept and getattr(product, name) != value}
    quantity = None if item.quantity == stock.quantity else item.quantity
    if changes:
        _check_currency(product.model_copy(update=changes))
        change_product(product, changes, quantity)
    elif quantity is not None:
        counted = {"quantity": quantity, "updated_at": rfc3339(now())}
        where = [equals("product_id", product.id)]
        store.update(Stock, stock.own_key(), put=counted, where=where, refused=STALE)
    else:
        return "unchanged"
    return "updated"


def _check_currency(product: Product) -> None:
    """Refuse a kept sale price in another currency than the new base price."""
    for problem in mixed_currencies(product.base_price, product.sale_price):
        raise MIXED(f"{problem['field']}: {problem['message']}")


_FIELD = {"brand": "brand_id", "category": "category_id"}
"""Where a product keeps a field of the file under another name."""
