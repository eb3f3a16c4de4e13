"""The companion's own sentences in eight languages, and how they are chosen so that they do not repeat.

One data file per language; all have the same sections (a test holds them to it). Choosing is deterministic: the same
talk gets the same words, and what was said lately is passed over while there is something else.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from memory_mirror.eras.decades import decade
from memory_mirror.languages.spoken import DEFAULT, LANGUAGES

Phrases = dict[str, Any]

_STARTS_LOW = frozenset({"es", "fr", "de", "en"})
_ALWAYS_CAPITAL = ("I ", "I'")


@cache
def phrases(language: str) -> Phrases:
    """The sentences of one of the product's languages; those of English for any other."""
    code = language if language in LANGUAGES else DEFAULT
    path = Path(__file__).with_name("data") / f"{code}.json"
    found: Phrases = json.loads(path.read_text(encoding="utf-8"))
    return found


def seed_of(*parts: object) -> int:
    """A number that stays the same for the same parts, on every machine."""
    return zlib.crc32("\x1f".join(map(str, parts)).encode())


def pick(variants: Sequence[str], seed: int, earlier: Sequence[str] = ()) -> str:
    """One of some sentences: the first from a place given by `seed` on that no earlier text holds.

    When all were said, the one said the longest ago; `earlier` is newest first.
    """
    turned = [variants[(seed + place) % len(variants)] for place in range(len(variants))]
    said = {variant: _last_said(variant, earlier) for variant in turned}
    return max(turned, key=lambda variant: said[variant])


def _last_said(variant: str, earlier: Sequence[str]) -> int:
    """How many texts ago a sentence was said; a large number when never."""
    core = _core(variant)
    return next((age for age, text in enumerate(earlier) if core in text.casefold()), len(earlier) + 1)


def _core(variant: str) -> str:
    """The longest stretch of a template that stands in every text made of it; the first letter may change its case."""
    pieces = [piece for part in variant.split("{") for piece in part.split("}")[-1:]]
    return max(pieces, key=len).strip()[1:].casefold()


def filled(template: str, language: str, **values: str) -> str:
    """A template with its values, and what the language then contracts: `de el jardín` is `del jardín`."""
    text = template.format(**values)
    if language == "es":
        text = text.replace(" de el ", " del ").replace(" a el ", " al ")
    return text


def addressed(text: str, name: str, language: str) -> str:
    """A sentence that begins with somebody's name."""
    start: str = phrases(language)["address"].format(name=name)
    return start + (_lowered(text) if language in _STARTS_LOW else text)


def _lowered(text: str) -> str:
    if text.startswith(_ALWAYS_CAPITAL):
        return text
    place = next((place for place, char in enumerate(text) if char.isalpha()), 0)
    return text[:place] + text[place].lower() + text[place + 1 :]


def era_name(era: str, language: str) -> str | None:
    """A decade as the language writes it; None for the present."""
    start = decade(era)
    if era == "present" or start is None:
        return None
    name: str = phrases(language)["decade"].format(start=start, two=f"{start % 100:02d}")
    return name


def distinct(make: Callable[[int], str], earlier: Sequence[str], tries: int = 12) -> str:
    """The first of `make(0)`, `make(1)`, … that is none of the earlier texts; the last try when all are."""
    known = {" ".join(text.split()) for text in earlier}
    text = ""
    for attempt in range(tries):
        text = make(attempt)
        if text not in known:
            return text
    return text


__all__ = ["Phrases", "addressed", "distinct", "era_name", "filled", "phrases", "pick", "seed_of"]
