"""What is hashed: an entry as a leaf, which names people by commitments alone.

A leaf is JSON (names sorted, no spaces, UTF-8): `id`, `timestamp`, `action`, `resource` and `request_id` as they are,
and for each of the entry's three parts about people a commitment, HMAC-SHA256 under a random salt of its own. Who has
part and salt can prove what the leaf says; without them it says nothing, and its bytes never change.
"""

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime
from os import urandom
from types import MappingProxyType
from typing import Any, Final, Literal

from quintet.models import rfc3339

PartName = Literal["user", "client", "subject"]
PARTS: Final[Mapping[PartName, tuple[str, ...]]] = MappingProxyType(
    {
        "user": ("user_id",),
        "client": ("ip_address", "impersonator_id"),
        "subject": ("resource_id", "before", "after"),
    }
)
"""The parts about people and what each holds: whose account acted, who sat at the keyboard, and what it was done to."""
SALT_BYTES: Final = 16


def new_salt() -> str:
    return b64encode(urandom(SALT_BYTES)).decode()


def commitment(salt: str, part: Mapping[str, Any]) -> str:
    """What a leaf holds in place of a part, in base64."""
    return b64encode(hmac.digest(b64decode(salt), canonical(part), "sha256")).decode()


def leaf_of(
    *, id: str, at: datetime, action: str, resource: str, request_id: str, commitments: Mapping[PartName, str]
) -> str:
    """A leaf as text."""
    said = {"id": id, "timestamp": rfc3339(at), "action": action, "resource": resource, "request_id": request_id}
    return canonical({**said, **commitments}).decode()


def canonical(value: Any) -> bytes:
    """JSON with sorted names and no spaces, in UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
