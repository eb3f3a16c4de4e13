"""Fields of people and tenants as callers may write them."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field

from quintet.models import Length, Line, Text
from quintet.net.guard import MAX_URL


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


Password = Annotated[str, Field(min_length=8, max_length=128), AfterValidator(_uncommon)]
FullName = Annotated[Line, Length(1, 200)]
Name = Annotated[Line, Length(1, 200)]
"""The name of an organization, a brand or a team."""
Description = Annotated[Text, Length(0, 5000)]
WebAddress = Annotated[Line, AfterValidator(_web_address), Length(1, MAX_URL)]
