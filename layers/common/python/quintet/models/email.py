"""E-mail addresses, in the one form under which they are stored, compared and written to."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

_MAX_ADDRESS = 254  # RFC 5321 section 4.5.3.1.3, less the angle brackets
_MAX_LOCAL = 64  # RFC 5321 section 4.5.3.1.1
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")  # RFC 5322 dot-atom
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_MESSAGE = "must be an e-mail address"


def normalise_email(value: str) -> str:
    """The canonical form of an address: trimmed, NFKC, case-folded, its domain in A-labels.

    Quoted local parts, comments, address literals and names without a dot are refused: nobody
    signs up with them, and they are how header injection and open redirects to other mail
    servers get in. Raises ValueError.
    """
    if len(value) > 2 * _MAX_ADDRESS:
        raise ValueError(_MESSAGE)
    address = unicodedata.normalize("NFKC", value.strip()).casefold()
    local, at, domain = address.rpartition("@")
    if not at or len(local) > _MAX_LOCAL or _LOCAL.fullmatch(local) is None:
        raise ValueError(_MESSAGE)
    domain = _ascii_domain(domain)
    labels = domain.split(".")
    if len(labels) < 2 or labels[-1].isdigit() or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(_MESSAGE)
    address = f"{local}@{domain}"
    if len(address) > _MAX_ADDRESS:
        raise ValueError(_MESSAGE)
    return address


def _ascii_domain(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise ValueError(_MESSAGE) from None


Email = Annotated[
    str,
    AfterValidator(normalise_email),
    WithJsonSchema({"type": "string", "format": "email", "maxLength": _MAX_ADDRESS}),
]
"""A model field holding an address in canonical form."""
