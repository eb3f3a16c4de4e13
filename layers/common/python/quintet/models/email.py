"""E-mail addresses, in the one form under which they are stored, compared and written to."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from quintet.models.domains import ascii_domain

_MAX_ADDRESS = 254  # RFC 5321 section 4.5.3.1.3, less the angle brackets
_MAX_LOCAL = 64  # RFC 5321 section 4.5.3.1.1
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")  # RFC 5322 dot-atom
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_MESSAGE = "must be an e-mail address"
# Full-width forms are how an East Asian keyboard writes ASCII; every other letter beyond ASCII is a letter of its own.
_HALF_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(0x5E)}


def normalise_email(value: str) -> str:
    """The canonical form of an address: trimmed, in lower case, its domain in A-labels (IDNA 2008, RFC 5891).

    No letter becomes another: `straße.de` is `xn--strae-oqa.de` and not `strasse.de`, and a local part beyond ASCII,
    which SES cannot deliver to, is refused. So are quoted local parts, comments, address literals and names without a
    dot: nobody signs up with them, and they are how header injection and open redirects to other mail servers get in.
    Raises ValueError.
    """
    if len(value) > 2 * _MAX_ADDRESS:
        raise ValueError(_MESSAGE)
    local, at, domain = value.strip().translate(_HALF_WIDTH).rpartition("@")
    # Asked before lower case is: that would make a k of U+212A, the Kelvin sign.
    if not at or not local.isascii() or len(local) > _MAX_LOCAL:
        raise ValueError(_MESSAGE)
    try:
        local, domain = local.lower(), ascii_domain(domain)
    except ValueError:
        raise ValueError(_MESSAGE) from None
    if _LOCAL.fullmatch(local) is None:
        raise ValueError(_MESSAGE)
    labels = domain.split(".")
    if len(labels) < 2 or labels[-1].isdigit() or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(_MESSAGE)
    address = f"{local}@{domain}"
    if len(address) > _MAX_ADDRESS:
        raise ValueError(_MESSAGE)
    return address


Email = Annotated[
    str,
    AfterValidator(normalise_email),
    WithJsonSchema({"type": "string", "format": "email", "maxLength": _MAX_ADDRESS}),
]
"""A model field holding an address in canonical form."""
