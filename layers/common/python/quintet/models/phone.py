"""Phone numbers in the international form of ITU-T E.164, checked against the numbering plan of their country.

The plans are those of Google's libphonenumber (`phonenumberslite`). It costs some 40 ms at its first use, so it is
imported where a number is read and nowhere else.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

_MOST_CHARACTERS = 64
# What people put between digits. Letters are refused: the library would dial them, and drop an extension.
_WRITTEN = re.compile(r"\+?[0-9 ./()\u2010-\u2015\u2212-]+")
_NO_NUMBER = "must be an international phone number, such as +14155550123"
_NOT_MOBILE = "must be a mobile number: no landline, premium, toll-free, shared-cost or satellite one"
_NO_COUNTRY = "001"
_NOT_IN_USE = "is not a phone number of its country"


def parse_phone(text: str, default_region: str | None = None) -> str:
    """The number in E.164: `+`, country code, national number, without the trunk zero some people type.

    Separators, full-width digits, and invisible marks that come along when a number is copied (U+202A, U+200B) do not
    matter. A number without `+` is refused unless `default_region` (ISO 3166-1, such as `IN`) says whose it is.
    Raises ValueError for what is no number, and for one that its country's plan does not have.
    """
    if len(text) > _MOST_CHARACTERS:
        raise ValueError(_NO_NUMBER)
    visible = "".join(char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) != "Cf")
    number = visible.strip()
    if _WRITTEN.fullmatch(number) is None or not (default_region or number.startswith("+")):
        raise ValueError(_NO_NUMBER)
    import phonenumbers

    try:
        found = phonenumbers.parse(number, default_region)
    except phonenumbers.NumberParseException:
        raise ValueError(_NO_NUMBER) from None
    if not phonenumbers.is_valid_number(found):
        raise ValueError(_NOT_IN_USE)
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def region_of(number: str) -> str:
    """The ISO 3166-1 code of the country an E.164 number belongs to; `001` for satellite and other global networks.

    Countries that share a code are told apart: `JM` for +1 876, `US` for +1 415. Raises ValueError for a number that
    `parse_phone` would refuse.
    """
    import phonenumbers

    region = phonenumbers.region_code_for_number(phonenumbers.parse(parse_phone(number)))
    if region is None:
        raise ValueError(_NOT_IN_USE)
    return region


def textable(number: str) -> str:
    """A number that text messages reach at an ordinary price: a mobile one, or one of a plan that does not tell mobile
    numbers apart (as North America's).

    Raises ValueError for landlines, premium, shared-cost, toll-free, personal, satellite and other special numbers,
    besides what `parse_phone` refuses.
    """
    canonical = parse_phone(number)
    import phonenumbers

    found = phonenumbers.parse(canonical)
    types = phonenumbers.PhoneNumberType
    ordinary = phonenumbers.number_type(found) in (types.MOBILE, types.FIXED_LINE_OR_MOBILE)
    if not ordinary or phonenumbers.region_code_for_number(found) == _NO_COUNTRY:
        raise ValueError(_NOT_MOBILE)
    return canonical


Phone = Annotated[
    str,
    AfterValidator(parse_phone),
    WithJsonSchema({"type": "string", "pattern": r"^\+[1-9][0-9]{6,14}$", "examples": ["+14155550123"]}),
]
"""A model field holding an E.164 number."""

MobilePhone = Annotated[
    str,
    AfterValidator(textable),
    WithJsonSchema({"type": "string", "pattern": r"^\+[1-9][0-9]{6,14}$", "examples": ["+14155550123"]}),
]
"""A model field holding an E.164 number that text messages reach at an ordinary price."""
