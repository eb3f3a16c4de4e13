"""Fields of creators as callers may write them."""

import unicodedata
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from quintet.models import Length, Line, Text

_PUNCTUATION: Final = frozenset("._-\u00b7")
"""What the platforms allow beside letters and digits; the middle dot is YouTube's."""
_WORDS: Final = frozenset("LNM")
"""Unicode's letters, numbers and the marks that belong to them."""


def plain_handle(text: str) -> str:
    """A handle as it is stored and compared: trimmed, without `@`, in one case. Raises ValueError for what is none."""
    handle = unicodedata.normalize("NFC", text.strip().removeprefix("@").casefold())
    kinds = [unicodedata.category(char)[0] for char in handle]
    if not any(kind in "LN" for kind in kinds):
        raise ValueError("must have a letter or a digit")
    if any(kind not in _WORDS and char not in _PUNCTUATION for kind, char in zip(kinds, handle, strict=True)):
        raise ValueError("must be a handle, such as @ana.cooks: letters, digits, dots, hyphens and underscores")
    return handle


def _to_hundredths(rate: float) -> float:
    if round(rate, 2) != rate:
        raise ValueError("must have at most two decimals")
    return rate


def _to_ten_thousandths(rate: float) -> float:
    return round(rate, 4)


Handle = Annotated[
    Line, AfterValidator(plain_handle), Length(1, 100), Field(description="Without regard to case and a leading `@`")
]
Platform = Annotated[Line, AfterValidator(str.casefold), Length(1, 50)]
CreatorName = Annotated[Line, Length(0, 200)]
Bio = Annotated[Text, Length(0, 5000)]
Category = Annotated[Line, Length(0, 100)]
Tier = Annotated[Line, Length(0, 50), Field(description="Such as nano, micro, mid, macro or mega")]
Notes = Annotated[Text, Length(0, 5000)]
Followers = Annotated[int, Field(ge=0, le=10_000_000_000)]
EngagementRate = Annotated[
    float, Field(ge=0, le=10_000, description="In percent, kept to four decimals"), AfterValidator(_to_ten_thousandths)
]
CommissionRate = Annotated[
    float, Field(ge=0, le=100, description="In percent of a sale, with two decimals"), AfterValidator(_to_hundredths)
]
