"""Reading a catalogue file: our own columns or Shopify's, told apart by the header."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from storefront.catalog_import import own_columns, shopify
from storefront.catalog_import.imported_product import Batch, ImportedProduct, RowError
from storefront.catalog_import.rows import UnusableFile, left_out, read_rows


def read_catalog(stream: TextIO, currency: str = "USD") -> Iterator[ImportedProduct | RowError]:
    """The products of a catalogue file, or what is wrong, by physical line number.

    All or nothing per product: when one variant of a handle is refused, or repeats a SKU seen before,
    only the errors of that handle come. The stream holds text opened with `newline=""`; `currency` is
    that of prices the file gives none for. Raises UnusableFile, before anything else, when the header
    is of neither kind.
    """
    header, rows = read_rows(stream)
    if own_columns.recognises(header):
        return _marked(_distinct(own_columns.batches(rows, currency)), left_out(header, own_columns.COLUMNS_OF))
    if shopify.recognises(header):
        return _marked(_distinct(shopify.batches(rows, currency)), left_out(header, shopify.COLUMNS_OF))
    raise UnusableFile(
        f"The header is not a product export of Shopify's and lacks {', '.join(sorted(own_columns.REQUIRED))}"
    )


def _distinct(batches: Iterator[Batch]) -> Iterator[ImportedProduct | RowError]:
    seen: dict[str, int] = {}
    for batch in batches:
        repeated: list[RowError] = []
        here: dict[str, int] = {}
        for item in batch:
            if isinstance(item, ImportedProduct):
                earlier = seen.get(item.sku) or here.get(item.sku)
                if earlier:
                    repeated.append(RowError(item.line, f"sku: {item.sku} was already used on line {earlier}"))
                here[item.sku] = item.line
        if not repeated:
            seen |= here
        yield from repeated or batch


def _marked(
    items: Iterator[ImportedProduct | RowError], left_out: frozenset[str]
) -> Iterator[ImportedProduct | RowError]:
    for item in items:
        if isinstance(item, ImportedProduct) and left_out:
            yield item.model_copy(update={"left_out": left_out})
        else:
            yield item
