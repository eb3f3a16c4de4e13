"""Contents too large for an item, kept in several that nobody finds but through the item that names them.

An item holds 400 KB. The parts are written first, under a name of their own, and count once an item names them; parts
that never come to be named, or whose item is gone, expire with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from quintet.models.ids import new_id
from quintet.store.calls import batch_get, batch_write
from quintet.store.codec import decode_item, encode_item
from quintet.store.entity import Key

LARGEST = 300_000
"""Bytes of content that an item keeps beside what else it says; also the size of a part."""


def keep(content: bytes, expires_at: int) -> str:
    """Write content in parts, twenty-five a round trip; answers the name by which `recall` finds them.

    `expires_at` is the epoch second after which the table may forget them.
    """
    pieces = [content[start : start + LARGEST] for start in range(0, len(content), LARGEST)]
    name = f"{new_id()}.{len(pieces)}"
    items = [
        {"PK": key.pk, "SK": key.sk, "kind": "part", "content": piece, "expires_at": expires_at}
        for key, piece in zip(_keys(name), pieces, strict=True)
    ]
    batch_write([{"PutRequest": {"Item": encode_item(item)}} for item in items])
    return name


def recall(name: str) -> bytes:
    """The content that was kept under a name. Raises LookupError when a part of it is gone."""
    keys = _keys(name)
    found = [decode_item(item) for item in batch_get([key.attributes() for key in keys], consistent=True)]
    if len(found) < len(keys):
        message = f"{len(keys) - len(found)} of {len(keys)} parts are gone"
        raise LookupError(message)
    return b"".join(item["content"] for item in sorted(found, key=lambda item: str(item["SK"])))


def _keys(name: str) -> Sequence[Key]:
    unique, _, count = name.partition(".")
    return [Key(f"PARTS#{unique}", f"{place:03d}") for place in range(int(count))]
