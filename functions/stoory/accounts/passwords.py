"""What a brand's password must be made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

MIN_LENGTH = 8
MAX_LENGTH = 256
"""Longer ones only keep the hash function busy."""


class WeakPassword(ValueError):
    """The password breaks a rule; the text names the first one."""


def check_password(password: str) -> None:
    """Raises WeakPassword unless it has 8 characters and among them an upper-case and a lower-case letter and a digit.

    Letters and digits of every script count.
    """
    if len(password) < MIN_LENGTH:
        raise WeakPassword(f"Password must be at least {MIN_LENGTH} characters")
    if len(password) > MAX_LENGTH:
        raise WeakPassword(f"Password must be at most {MAX_LENGTH} characters")
    kinds = (str.isupper, str.islower, str.isdecimal)
    if not all(any(kind(char) for char in password) for kind in kinds):
        raise WeakPassword("Password must contain uppercase, lowercase, and number")


def _strong(password: str) -> str:
    check_password(password)
    return password


NewPassword = Annotated[
    str,
    AfterValidator(_strong),
    Field(
        description="With an upper-case and a lower-case letter and a digit",
        json_schema_extra={"minLength": MIN_LENGTH, "maxLength": MAX_LENGTH},
    ),
]
"""A password that somebody chooses, in a body."""
