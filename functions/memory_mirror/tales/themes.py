"""What a text is about: the themes of stories, recognised in all the product's languages."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from memory_mirror.tales.sentences import sections
from memory_mirror.tales.telltale import Telltales

THEMES = ("garden", "seaside", "kitchen", "family", "music", "nature", "journey", "animals", "celebration")
ANY = "any"
"""The theme of a story about something else."""


def themes_in(text: str) -> frozenset[str]:
    """The themes that a text touches."""
    return frozenset(theme for theme, words in _words().items() if words.found_in(text))


def theme_of(text: str) -> str:
    """The theme that a text names, the first in the list among several; `any` when it names none."""
    plain = text.strip().casefold()
    if plain in THEMES:
        return plain
    found = themes_in(text)
    return next((theme for theme in THEMES if theme in found), ANY)


def commonest(texts: Iterable[str]) -> str | None:
    """The theme that most of some texts touch; None when they touch none."""
    counts = dict.fromkeys(THEMES, 0)
    for text in texts:
        for theme in themes_in(text):
            counts[theme] += 1
    best = max(THEMES, key=lambda theme: counts[theme])
    return best if counts[best] else None


@cache
def _words() -> dict[str, Telltales]:
    found = sections((Path(__file__).parent / "themes.txt").read_text(encoding="utf-8"))
    return {theme: Telltales.of(word for row in found[theme] for word in row.split()) for theme in THEMES}
