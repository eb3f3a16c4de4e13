"""What a person's place and speech are called: time zones of the IANA database, and languages by BCP 47."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}\Z")


def check_timezone(name: str) -> None:
    """Raises `ValueError` when a name is not a zone of the IANA time zone database."""
    if name not in _zone_names():
        raise ValueError("must be an IANA time zone, such as Europe/Berlin")


@cache
def _zone_names() -> frozenset[str]:
    from zoneinfo import available_timezones

    return frozenset(available_timezones() - {"Factory", "localtime"})


def _zone(name: str) -> str:
    check_timezone(name)
    return name


def _language(code: str) -> str:
    if _LANGUAGE.match(code) is None:
        raise ValueError("must be a BCP-47 language code such as en or pt-BR")
    return code


Zone = Annotated[str, AfterValidator(_zone), WithJsonSchema({"type": "string", "examples": ["Europe/Madrid"]})]
"""An IANA time zone."""
Language = Annotated[str, AfterValidator(_language), WithJsonSchema({"type": "string", "examples": ["en"]})]
"""The code of a language."""
