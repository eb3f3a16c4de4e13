"""Web addresses as callers may write them."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator

from quintet.models.text import Length, Line

MAX_URL: Final = 2048
"""Characters of an address, as browsers and servers take them."""


def web_address(url: str) -> str:
    """`url` itself. Raises ValueError for what is no address of the web, or tells a user's name."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    except ValueError:
        sound = False
    if not sound or any(char.isspace() for char in url):
        raise ValueError("must be a web address starting with http:// or https://")
    return url


WebAddress = Annotated[Line, AfterValidator(web_address), Length(1, MAX_URL)]
"""A model field holding the address of a page or a picture; whoever fetches it asks `quintet.net.guard` first."""
