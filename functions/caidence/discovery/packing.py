"""What the service answers, small enough to be stored in an item: JSON, compressed, in base 64."""

import base64
import json
import zlib
from typing import Any, Final

LARGEST: Final = 300_000
"""Characters of a packed value that an item holds."""


def packed(value: Any) -> str | None:
    """A value as text; None for one that is too large to be stored."""
    text = base64.b64encode(zlib.compress(json.dumps(value).encode(), 6)).decode()
    return text if len(text) <= LARGEST else None


def unpacked(text: str) -> Any:
    return json.loads(zlib.decompress(base64.b64decode(text)))
