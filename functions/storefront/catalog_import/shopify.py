"""Shopify's product CSV: several rows per handle, each a variant, a further image, or both.

Columns as in Shopify's help page "Using CSV files to import and export products", under their former
names (Handle, Variant SKU, Image Src …) and their present ones (URL handle, SKU, Product image URL …).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from quintet.models import Money
from quintet.models.slugs import slugify
from storefront.catalog.products import Status
from storefront.catalog_import.html_text import html_to_text
from storefront.catalog_import.imported_product import (
    Batch,
    ImportedProduct,
    RowError,
    RowProblem,
    attempt,
    build,
    parse_amount,
    parse_path,
    parse_quantity,
    parse_status,
)
from storefront.catalog_import.rows import Row

_HANDLE = ("handle", "url handle")
_SKU = ("variant sku", "sku")
_PRICE = ("variant price", "price")
_COMPARE_AT = ("variant compare at price", "compare-at price")
_QUANTITY = ("variant inventory qty", "inventory quantity")
_IMAGE = ("image src", "product image url")
_IMAGE_POSITION = ("image position",)
_VARIANT_IMAGE = ("variant image", "variant image url")
_OPTIONS = ("option1", "option2", "option3")
_NO_OPTION = "Default Title"
COLUMNS_OF = {
    "description": {"body (html)", "description"},
    "sale_price": set(_COMPARE_AT),
    "status": {"status", "published", "published on online store"},
    "brand": {"vendor"},
    "category": {"product category", "type"},
    "images": {*_IMAGE, *_VARIANT_IMAGE},
    "attributes": {f"{option} value" for option in _OPTIONS},
}
"""The columns of each field that may be left out."""


def recognises(header: Iterable[str]) -> bool:
    """Whether a header (lower case) is one of Shopify's."""
    names = set(header)
    return "title" in names and not names.isdisjoint((*_HANDLE, *_PRICE))


def batches(rows: Iterable[Row], currency: str) -> Iterator[Batch]:
    """One batch per handle: a product per variant, or everything that is wrong with the handle.

    Shopify's file names no currency; all prices are in `currency`, in major units.
    """
    for handle, group in _by_handle(rows).items():
        errors = [RowError(row.line, row.problem) for row in group if row.problem]
        readable = [row for row in group if not row.problem]
        if errors or not readable:
            yield errors
            continue
        head = readable[0]
        variants = [row for row in readable if row is head or _is_variant(row)]
        images = _images(readable)
        made = [attempt(row.line, partial(_product, handle, head, row, images, currency)) for row in variants]
        failed = [item for item in made if isinstance(item, RowError)]
        yield failed or [item for item in made if isinstance(item, ImportedProduct)]


def _by_handle(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The rows of each product, in order of first appearance.

    A row without a handle starts a product when it has a title, and else continues the one before,
    as does a row that cannot be read: it may well be one of its variants.
    """
    groups: dict[str, list[Row]] = {}
    current = ""
    for row in rows:
        handle = row.get(*_HANDLE)
        if handle:
            current = handle
        elif row.get("title"):
            current = slugify(row.get("title"))
        groups.setdefault(current, []).append(row)
    return groups


def _is_variant(row: Row) -> bool:
    return bool(row.get(*_PRICE, *_SKU, "option1 value"))


def _images(rows: list[Row]) -> list[str]:
    """All the product's images by their position; without one, in the order of the rows."""
    placed: list[tuple[int, int, str]] = []
    for index, row in enumerate(rows):
        position = row.get(*_IMAGE_POSITION)
        if url := row.get(*_IMAGE):
            placed.append((int(position) if position.isdecimal() else index + 1, index, url))
    return [url for _, _, url in sorted(placed)]


def _product(handle: str, head: Row, row: Row, images: list[str], currency: str) -> ImportedProduct:
    if not head.get("title"):
        raise RowProblem("Title: the first row of a product must have one")
    options = _chosen_options(head, row)
    base, sale = _prices(row, currency)
    own_image = row.get(*_VARIANT_IMAGE)
    return build(
        row.line,
        sku=_sku(handle, row, options),
        name=" - ".join(filter(None, [head.get("title"), " / ".join(options.values())])),
        description=html_to_text(head.get("body (html)", "description")),
        base_price=base,
        sale_price=sale,
        status=_status(head),
        brand=head.get("vendor"),
        category=_category(head),
        images=tuple(dict.fromkeys(filter(None, [own_image, *images]))),
        attributes=options,
        quantity=parse_quantity(row.get(*_QUANTITY), "Inventory quantity"),
    )


def _chosen_options(head: Row, row: Row) -> dict[str, str]:
    """The variant's options by name. Names stand on the product's first row only, or on each."""
    options: dict[str, str] = {}
    for option in _OPTIONS:
        value = row.get(f"{option} value")
        if value and value != _NO_OPTION:
            name = row.get(f"{option} name") or head.get(f"{option} name")
            options[name or option.capitalize()] = value
    return options


def _prices(row: Row, currency: str) -> tuple[Money, Money | None]:
    """Base and sale price: what Shopify calls the compare-at price is the base price of a sale."""
    price = parse_amount(row.get(*_PRICE), currency, "Price", whole_is_minor=False)
    if text := row.get(*_COMPARE_AT):
        compare_at = parse_amount(text, currency, "Compare-at price", whole_is_minor=False)
        if compare_at > price:
            return compare_at, price
    return price, None


def _sku(handle: str, row: Row, options: dict[str, str]) -> str:
    """The SKU, or one made of handle and options where the shop never gave any.

    Exports put an apostrophe in front of a SKU that a spreadsheet would take for a number.
    """
    given = row.get(*_SKU).removeprefix("'")
    return given or "-".join([handle, *(slugify(value) for value in options.values())])


def _status(head: Row) -> Status:
    """Active, draft or archived; hidden from the online store, or unlisted, makes a product a draft."""
    stated = head.get("status").lower()
    status: Status = "draft" if stated == "unlisted" else parse_status(stated)
    hidden = head.get("published", "published on online store").lower() == "false"
    return "draft" if hidden and status == "active" else status


def _category(head: Row) -> tuple[str, ...]:
    """Shopify's own taxonomy where the shop uses it, else the product type."""
    path = parse_path(head.get("product category"))
    return path if path and path != ("Uncategorized",) else parse_path(head.get("type"))
