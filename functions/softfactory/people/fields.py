"""Fields of accounts as callers may write them."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from quintet.models import Length, Line, Text
from quintet.models.ids import is_id
from quintet.net.guard import MAX_URL


def _canonical(text: str) -> str:
    lowered = text.strip().lower()
    if not is_id(lowered):
        raise ValueError("must be an id")
    return lowered


def _uncommon(password: str) -> str:
    from quintet.auth.common import is_common

    if is_common(unicodedata.normalize("NFKC", password)):  # it is hashed in this form
        raise ValueError("is too common, please choose another one")
    return password


def _web_address(url: str) -> str:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    except ValueError:
        sound = False
    if not sound or any(char.isspace() for char in url):
        raise ValueError("must be a web address starting with http:// or https://")
    return url


Id = Annotated[str, AfterValidator(_canonical), WithJsonSchema({"type": "string", "format": "uuid"})]
"""The id of anything, in a path, a query or a body."""
Password = Annotated[str, Field(min_length=8, max_length=128), AfterValidator(_uncommon)]
Name = Annotated[Line, Length(1, 200)]
Bio = Annotated[Text, Length(0, 2000)]
WebAddress = Annotated[Line, AfterValidator(_web_address), Length(1, MAX_URL)]
