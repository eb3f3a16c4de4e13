"""Slugs: the readable part of a web address, made from a name."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator

from quintet.models.ids import new_id
from quintet.models.text import Length, Line

MAX_LENGTH = 80
NAMESAKES = 20
"""Slugs tried for a name that others have too, before a random one."""

# Letters that Unicode does not decompose into an ASCII letter and a mark.
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "&": " and "}
)
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def slugify(name: str) -> str:
    """`name` as lower-case ASCII letters, digits and single hyphens: `Café & Tea` → `cafe-and-tea`.

    At most MAX_LENGTH characters, never empty: a name without a Latin letter or digit gets a slug
    derived from its hash. The slug of a slug is itself.
    """
    folded = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS)).casefold()
    ascii_only = folded.translate(_LETTERS).encode("ascii", "ignore").decode().replace("'", "")
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_only)[: MAX_LENGTH + 1].strip("-")[:MAX_LENGTH].strip("-")
    return slug or "n-" + hashlib.blake2s(name.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def candidates(name: str) -> Iterator[str]:
    """Slugs for a name: `laptops`, `laptops-2`, … and in the end one nobody else has."""
    plain = slugify(name)
    yield plain
    for number in range(2, NAMESAKES + 1):
        yield f"{plain[: MAX_LENGTH - 3].rstrip('-')}-{number}"
    yield f"{plain[: MAX_LENGTH - 13].rstrip('-')}-{new_id()[-12:]}"


def _checked(text: str) -> str:
    if not _SLUG.fullmatch(text):
        raise ValueError("must be lower-case letters, digits and single hyphens")
    return text


Slug = Annotated[Line, AfterValidator(_checked), Length(1, MAX_LENGTH)]
"""A slug as somebody chose it."""
