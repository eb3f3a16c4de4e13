"""Fields of the catalogue as staff may write them."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from quintet.models import Entries, Length, Line, Money, Text
from storefront.catalog.products import MAX_UNIT_PRICE

_WEB_ADDRESS = re.compile(r"https?://[^\s/?#]+([/?#]\S*)?", re.IGNORECASE)


def web_address(url: str) -> str:
    """`url` itself; raises ValueError when it is no address of the web."""
    if not _WEB_ADDRESS.fullmatch(url):
        raise ValueError("must be a web address starting with http:// or https://")
    return url


def _optional_web_address(url: str) -> str:
    return web_address(url) if url else url


def _reachable(sku: str) -> str:
    """`sku` itself, which is part of paths: what no path can name (RFC 3986, section 5.2.4, for dots) is refused."""
    if not sku.isprintable() or sku in (".", ".."):
        raise ValueError("must have only visible characters and plain spaces, and be neither '.' nor '..'")
    return sku


def _price(price: Money) -> Money:
    if not 0 < price.amount <= MAX_UNIT_PRICE:
        raise ValueError(f"must be from 1 to {MAX_UNIT_PRICE} minor units")
    return price


Sku = Annotated[Line, Length(1, 100), AfterValidator(_reachable), Field(examples=["LAPTOP-001"])]
ProductName = Annotated[Line, Length(1, 200)]
ProductDescription = Annotated[Text, Length(0, 20_000)]
Price = Annotated[Money, AfterValidator(_price)]
"""A price above zero; nothing dearer than what an order can add up exactly."""

MOST_IMAGES = 20
Images = Annotated[list[Annotated[Line, AfterValidator(web_address), Length(1, 2048)]], Field(max_length=MOST_IMAGES)]
Attributes = Annotated[
    dict[Annotated[Line, Length(1, 100)], Annotated[Line, Length(0, 500)]],
    Entries(50),
    Field(examples=[{"color": "silver", "ram": "16GB"}]),
]
Reference = Annotated[Line, Length(0, 100)]
"""The id of a brand or category; empty for none."""

Title = Annotated[Line, Length(1, 100)]
"""The name of a category or brand."""

Description = Annotated[Text, Length(0, 5000)]
Picture = Annotated[Line, AfterValidator(_optional_web_address), Length(0, 2048)]
"""The web address of a picture; empty for none."""
