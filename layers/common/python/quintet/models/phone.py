"""Phone numbers in the international form of ITU-T E.164."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

_SEPARATORS = str.maketrans("", "", " -.()\u00a0")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def normalise_phone(value: str) -> str:
    """`+` and 7 to 15 digits, the separators people type taken out.

    Raises ValueError for anything else; a national number (no `+`) has no country and is refused.
    """
    number = value.strip().translate(_SEPARATORS)
    if _E164.fullmatch(number) is None:
        raise ValueError("must be an international phone number, such as +14155550123")
    return number


Phone = Annotated[
    str,
    AfterValidator(normalise_phone),
    WithJsonSchema({"type": "string", "pattern": r"^\+[1-9][0-9]{6,14}$", "examples": ["+14155550123"]}),
]
"""A model field holding an E.164 number."""
