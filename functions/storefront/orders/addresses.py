"""Postal addresses: the documented fields, the countries and states they may name, and a check field by field."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict

from quintet.models.text import clean_line

REQUIRED = ("first_name", "last_name", "address1", "city", "postal_code", "country")

_ZIP = re.compile(r"[0-9]{5}(-[0-9]{4})?")
_PHONE = re.compile(r"\+?[0-9()./ #x-]*[0-9][0-9()./ #x-]*", re.IGNORECASE)


class AddressInput(BaseModel):
    """An address as a client sends it: nothing is checked yet but that every field is text."""

    model_config = ConfigDict(defer_build=True)

    first_name: str | None = ""
    last_name: str | None = ""
    company: str | None = ""
    address1: str | None = ""
    address2: str | None = ""
    city: str | None = ""
    state: str | None = ""
    postal_code: str | None = ""
    country: str | None = ""
    phone_number: str | None = ""


@dataclass(frozen=True, slots=True)
class UpTo:
    """How many characters a field may have."""

    characters: int


class Address(BaseModel):
    """A checked address: trimmed, complete, codes in upper case, absent optional fields empty."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    first_name: Annotated[str, UpTo(100)]
    last_name: Annotated[str, UpTo(100)]
    company: Annotated[str, UpTo(100)]
    address1: Annotated[str, UpTo(200)]
    address2: Annotated[str, UpTo(200)]
    city: Annotated[str, UpTo(100)]
    state: Annotated[str, UpTo(100)]
    postal_code: Annotated[str, UpTo(20)]
    country: Annotated[str, UpTo(2)]
    phone_number: Annotated[str, UpTo(30)]


LIMITS: dict[str, int] = {
    name: limit.characters
    for name, field in Address.model_fields.items()
    for limit in field.metadata
    if isinstance(limit, UpTo)
}
"""The fields of an address and how many characters each may have."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; `message` continues the field's name: "is required"."""

    field: str
    message: str


class InvalidAddress(ValueError):
    """An address that cannot be delivered to; `errors` has at most one entry per field."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__("Invalid address")
        self.errors = errors

    @property
    def details(self) -> list[dict[str, str]]:
        """The errors as plain data: `[{"field": "city", "message": "is required"}]`."""
        return [{"field": error.field, "message": error.message} for error in self.errors]


@cache
def _places() -> dict[str, dict[str, str]]:
    data: dict[str, dict[str, str]] = json.loads(Path(__file__).with_name("places.json").read_text(encoding="utf-8"))
    return data


def countries() -> dict[str, str]:
    """ISO 3166-1 alpha-2 codes with their short English names."""
    return _places()["countries"]


def us_states() -> dict[str, str]:
    """USPS state codes (Publication 28, appendix B) with their names.

    The fifty states, the District of Columbia, territories, freely associated states, and the three
    military "states" AA, AE and AP.
    """
    return _places()["us_states"]


def us_state_code(text: str) -> str | None:
    """The USPS code for a code or name in any case (`ny`, `New York`), or None."""
    code = text.upper()
    if code in us_states():
        return code
    wanted = text.casefold()
    return next((code for code, name in us_states().items() if name.casefold() == wanted), None)


def check_address(given: AddressInput | Address, *, prefix: str = "") -> Address:
    """The address cleaned and checked; raises InvalidAddress listing every field that is wrong.

    `prefix` goes in front of the field names reported, such as `shipping_address.`. Checking a
    checked address changes nothing.
    """
    values: dict[str, str] = {}
    errors: dict[str, str] = {}
    for field, limit in LIMITS.items():
        try:
            values[field] = clean_line(getattr(given, field) or "")
        except ValueError as error:
            values[field], errors[field] = "", str(error)
            continue
        if len(values[field]) > limit and field not in _FORMS and field != "state":
            errors[field] = f"must be at most {limit} characters"
        elif not values[field] and field in REQUIRED:
            errors[field] = "is required"
    for field, check in _FORMS.items():
        if field not in errors and (values[field] or field == "state"):
            try:
                values[field] = check(values)
            except ValueError as error:
                errors[field] = str(error)
    if errors:
        raise InvalidAddress([FieldError(prefix + field, errors[field]) for field in LIMITS if field in errors])
    return Address(**values)


def _country(values: dict[str, str]) -> str:
    code = values["country"].upper()
    if code not in countries():
        raise ValueError("must be an ISO 3166 alpha-2 country code, such as US")
    return code


def _state(values: dict[str, str]) -> str:
    if values["country"] == "US":
        if not values["state"]:
            raise ValueError("is required for US addresses")
        code = us_state_code(values["state"])
        if code is None:
            raise ValueError("must be a US state or territory, such as NY")
        return code
    if len(values["state"]) > LIMITS["state"]:
        raise ValueError(f"must be at most {LIMITS['state']} characters")
    return values["state"]


def _postal_code(values: dict[str, str]) -> str:
    if len(values["postal_code"]) > LIMITS["postal_code"]:
        raise ValueError(f"must be at most {LIMITS['postal_code']} characters")
    if values["country"] == "US" and not _ZIP.fullmatch(values["postal_code"]):
        raise ValueError("must be a US ZIP code, such as 10001 or 10001-1234")
    return values["postal_code"]


def _phone_number(values: dict[str, str]) -> str:
    if len(values["phone_number"]) > LIMITS["phone_number"] or not _PHONE.fullmatch(values["phone_number"]):
        raise ValueError("must be a phone number, such as 555-0100 or +1 212 555 0100")
    return values["phone_number"]


# In this order: the state and the postal code look at the country, once it is in upper case.
_FORMS: dict[str, Callable[[dict[str, str]], str]] = {
    "country": _country,
    "state": _state,
    "postal_code": _postal_code,
    "phone_number": _phone_number,
}
