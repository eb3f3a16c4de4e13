"""Slugs: the readable part of a web address made from a name."""

from __future__ import annotations

import hashlib
import re
import unicodedata

MAX_LENGTH = 80

# Letters that Unicode does not decompose into an ASCII letter and a mark.
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "&": " and "}
)


def slugify(name: str) -> str:
    """`name` as lower-case ASCII letters, digits and single hyphens: `Café & Tea` → `cafe-and-tea`.

    At most MAX_LENGTH characters, never empty: a name without a Latin letter or digit gets a slug
    derived from its hash. The slug of a slug is itself.
    """
    folded = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS)).casefold()
    ascii_only = folded.translate(_LETTERS).encode("ascii", "ignore").decode().replace("'", "")
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_only)[: MAX_LENGTH + 1].strip("-")[:MAX_LENGTH].strip("-")
    return slug or "n-" + hashlib.blake2s(name.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
