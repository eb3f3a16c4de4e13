"""Keeps secrets out of logs: by the name of the key they stand under, and by their shape in text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quintet.log.keys import is_secret_key
from quintet.log.pairs import MASK, mask_pairs
from quintet.log.shapes import mask_shapes

__all__ = ["MASK", "is_secret_key", "redact", "redact_text"]

_MAX_DEPTH = 12
_LONG_NUMBER = 10**13
"""No card number has fewer than 14 digits."""


def redact(value: Any) -> Any:
    """A copy of `value` with every secret replaced by `***`, at any depth; other values unchanged.

    Mappings (their keys too), sequences and strings are searched, other objects are answered as they are.
    """
    return _redact(value, 0)


def redact_text(text: str) -> str:
    """`text` without secrets: values of secret keys in any notation (`quintet.log.pairs`) and secrets known by their
    shape (`quintet.log.shapes`). Takes time in proportion to the text, whatever is in it."""
    return mask_shapes(mask_pairs(text))


def _redact(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return redact_text(value) if len(value) > 3 else value
    if depth > _MAX_DEPTH:
        return MASK
    if isinstance(value, Mapping):
        return {_redact_key(str(key)): _redact_entry(str(key), entry, depth + 1) for key, entry in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redact(item, depth + 1) for item in value]
    if isinstance(value, int) and value >= _LONG_NUMBER and redact_text(str(value)) == MASK:
        return MASK
    return value


def _redact_key(key: str) -> str:
    return redact_text(key) if len(key) > 15 else key


def _redact_entry(key: str, value: Any, depth: int) -> Any:
    # That a secret is absent is no secret, and often the very thing looked for.
    return MASK if value is not None and is_secret_key(key) else _redact(value, depth)
