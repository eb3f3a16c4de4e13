"""What a catalogue file yields: products ready to store, or the line and the reason of a refusal."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from quintet.models import Length, Line, Money, Text
from quintet.models.money import EXPONENTS
from storefront.catalog.fields import Sku, web_address
from storefront.catalog.products import MAX_UNIT_PRICE, Status

_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,10})?")


class RowProblem(ValueError):
    """A cell that cannot be used; the message names its column."""


@dataclass(frozen=True, slots=True)
class RowError:
    """A refusal: `line` is the physical line in the file, from 1, on which the row starts."""

    line: int
    message: str


class ImportedProduct(BaseModel):
    """One product of a catalogue file.

    `category` is the path from the top; `quantity` is None when the file does not say, which leaves
    the stock as it is. `left_out` names the fields for which the file has no column at all: a product that exists
    already keeps what it has there.
    """

    model_config = ConfigDict(defer_build=True, frozen=True)

    line: int
    sku: Sku
    name: Annotated[Line, Length(1, 200)]
    description: Annotated[Text, Length(0, 20_000)] = ""
    base_price: Money
    sale_price: Money | None = None
    status: Status = "active"
    brand: Annotated[Line, Length(0, 100)] = ""
    category: tuple[Annotated[Line, Length(1, 100)], ...] = ()
    images: Annotated[
        tuple[Annotated[str, AfterValidator(web_address), Length(1, 2048)], ...], Field(max_length=250)
    ] = ()
    attributes: dict[Annotated[Line, Length(1, 100)], Annotated[Line, Length(0, 500)]] = Field(default_factory=dict)
    quantity: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
    left_out: frozenset[str] = frozenset()


Batch = Sequence[ImportedProduct | RowError]
"""Products that stand or fall together, or what is wrong with them."""


def build(line: int, **fields: Any) -> ImportedProduct:
    """The product; raises RowProblem naming the first field that is not acceptable."""
    try:
        return ImportedProduct(line=line, **fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RowProblem(f"{where}: {first['msg'].removeprefix('Value error, ')}") from None


def attempt(line: int, make: Callable[[], ImportedProduct]) -> ImportedProduct | RowError:
    """What `make` answers, or the RowError for the RowProblem it raises."""
    try:
        return make()
    except RowProblem as problem:
        return RowError(line, str(problem))


def parse_amount(text: str, currency: str, column: str, *, whole_is_minor: bool) -> Money:
    """A price cell as Money.

    With a decimal point it is in major units: `999.99` USD is 99999. A whole number is in minor units
    when `whole_is_minor`, else in major ones. Raises RowProblem for anything else, for more decimals
    than the currency has, for an unknown currency, and beyond MAX_UNIT_PRICE.
    """
    if currency not in EXPONENTS:
        raise RowProblem(f"currency: {currency} is not an ISO 4217 currency code")
    if not _NUMBER.fullmatch(text):
        raise RowProblem(f"{column}: {text or 'nothing'} is not a price such as 999.99")
    minor = Decimal(text)
    if "." in text or not whole_is_minor:
        minor = minor.scaleb(EXPONENTS[currency])
    if minor != int(minor):
        raise RowProblem(f"{column}: {text} has more decimals than {currency}")
    if minor > MAX_UNIT_PRICE:
        raise RowProblem(f"{column}: {text} is too large")
    return Money(amount=int(minor), currency=currency)


def parse_quantity(text: str, column: str) -> int | None:
    """A stock cell: None when empty; a stock below zero (oversold) counts as none left."""
    if not text:
        return None
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise RowProblem(f"{column}: {text} is not a whole number")
    return max(int(text), 0)


def parse_status(text: str) -> Status:
    """A status cell, in any case; empty means active. Raises RowProblem."""
    wanted = text.lower() or "active"
    for status in get_args(Status):
        if status == wanted:
            return status  # type: ignore[no-any-return]
    raise RowProblem(f"status: {text} is none of {', '.join(get_args(Status))}")


def parse_path(text: str) -> tuple[str, ...]:
    """A category cell: `Electronics > Laptops` is a path from the top."""
    return tuple(part.strip() for part in text.split(">") if part.strip())


def parse_attributes(text: str) -> dict[str, str]:
    """An attributes cell: a JSON object of plain values, or `color=silver;ram=16GB`. Raises RowProblem."""
    if text.startswith("{"):
        return _json_attributes(text)
    attributes: dict[str, str] = {}
    for pair in filter(None, map(str.strip, text.split(";"))):
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise RowProblem(f"attributes: {pair} is not of the form name=value")
        attributes[name.strip()] = value.strip()
    return attributes


def _json_attributes(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise RowProblem("attributes: not a JSON object") from None
    if any(isinstance(value, dict | list) or value is None for value in found.values()):
        raise RowProblem("attributes: values must be text, numbers or true and false")
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in found.items()}
