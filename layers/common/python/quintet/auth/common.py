"""The passwords everyone tries first, refused when one is chosen."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, Field

_FILE = "common_passwords.txt"


def is_common(password: str) -> bool:
    """Whether `password`, its letters' case aside, is among the most used of those leaked, or one character repeated.

    The list holds only passwords of 8 characters and more; shorter ones the length rule refuses.
    """
    folded = password.casefold()
    return len(set(folded)) == 1 or folded in _passwords()


def _uncommon(password: str) -> str:
    if is_common(unicodedata.normalize("NFKC", password)):  # it is hashed in this form
        raise ValueError("is too common, please choose another one")
    return password


Password = Annotated[str, Field(min_length=8, max_length=128), AfterValidator(_uncommon)]
"""A model field holding a new password."""


@cache
def _passwords() -> frozenset[str]:
    from importlib import resources  # some 10 ms, for those alone who choose a password

    text = resources.files("quintet.auth").joinpath(_FILE).read_text("utf-8")
    _notice, _, passwords = text.partition("\n\n")
    return frozenset(passwords.split())
