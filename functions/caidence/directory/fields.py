"""Fields of people and tenants as callers may write them."""

import unicodedata
from typing import Annotated, Final

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


def plain_handle(text: str) -> str:
    """A handle as it is stored and compared: trimmed, without `@`, in one case. Raises ValueError for what is none."""
    handle = unicodedata.normalize("NFC", text.strip().removeprefix("@").casefold())
    kinds = [unicodedata.category(char)[0] for char in handle]
    if not any(kind in "LN" for kind in kinds):
        raise ValueError("must have a letter or a digit")
    if any(kind not in "LNM" and char not in _PUNCTUATION for kind, char in zip(kinds, handle, strict=True)):
        raise ValueError("must be a handle, such as @ana.cooks: letters, digits, dots, hyphens and underscores")
    return handle


_PUNCTUATION: Final = frozenset("._-\u00b7")
"""What the platforms allow in handles beside letters and digits; the middle dot is YouTube's."""

Password = Annotated[str, Field(min_length=8, max_length=128), AfterValidator(_uncommon)]
FullName = Annotated[Line, Length(1, 200)]
Name = Annotated[Line, Length(1, 200)]
"""The name of an organization, a brand or a team."""
Description = Annotated[Text, Length(0, 5000)]
WebAddress = Annotated[Line, AfterValidator(_web_address), Length(1, MAX_URL)]
Handle = Annotated[
    Line, AfterValidator(plain_handle), Length(1, 100), Field(description="Without regard to case and a leading `@`")
]
"""What somebody is called on a social platform."""
