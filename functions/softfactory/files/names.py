"""Names of files as their owners gave them, made safe to show, to log and to save under."""

from __future__ import annotations

import unicodedata
from typing import Final

LONGEST: Final = 255
"""Bytes of a name in UTF-8, as file systems have it."""
_LONGEST_EXTENSION: Final = 16
_DROPPED: Final = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_TURNS: Final = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c")
"""Marks that turn the direction of what follows: `gpj.exe` would be shown for `exe.jpg`."""


def clean(given: str, extension: str) -> str:
    """A file's own name: without folders, control characters and turns of direction, in Unicode NFC, of at most
    `LONGEST` bytes with its ending kept. What leaves nothing is called `file` with this extension.
    """
    name = given.replace("\\", "/").rpartition("/")[2]
    name = unicodedata.normalize("NFC", name)
    name = "".join(char for char in name if unicodedata.category(char) not in _DROPPED and char not in _TURNS)
    name = " ".join(name.split()).rstrip(". ")
    if not name.strip("._- \u200b\u200c\u200d\ufeff\u2060\u3164"):
        return "file" + extension
    return _shortened(name)


def _shortened(name: str) -> str:
    if len(name.encode()) <= LONGEST:
        return name
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending.encode()) > _LONGEST_EXTENSION:
        stem, dot, ending = name, "", ""
    room = LONGEST - len((dot + ending).encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip() + dot + ending
