"""Fields of people and tenants as callers may write them."""

import unicodedata
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from quintet.models import Length, Line, Text


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

Description = Annotated[Text, Length(0, 5000)]
Handle = Annotated[
    Line, AfterValidator(plain_handle), Length(1, 100), Field(description="Without regard to case and a leading `@`")
]
"""What somebody is called on a social platform."""
