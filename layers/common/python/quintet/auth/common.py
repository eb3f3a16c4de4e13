"""The passwords everyone tries first, refused when an account is made."""

from __future__ import annotations

from functools import cache
from importlib import resources

_FILE = "common_passwords.txt"


def is_common(password: str) -> bool:
    """Whether `password`, its letters' case aside, is among the most used of those leaked, or one character repeated.

    The list holds only passwords of 8 characters and more; shorter ones the length rule refuses.
    """
    folded = password.casefold()
    return len(set(folded)) == 1 or folded in _passwords()


@cache
def _passwords() -> frozenset[str]:
    text = resources.files("quintet.auth").joinpath(_FILE).read_text("utf-8")
    _notice, _, passwords = text.partition("\n\n")
    return frozenset(passwords.split())
