"""The corpus of phrases: what they are, which danger they show, and whether the lexicon was adjusted to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "es", "fr", "de", "zh", "ja", "ko", "ar")
CORPUS = Path(__file__).parent / "corpus"


@dataclass(frozen=True, slots=True)
class Phrase:
    """`kind` is what it shows (NONE for no danger); `tag` danger, calm, negated, past, quoted, lyrics, figurative."""

    text: str
    kind: str
    tag: str
    split: str
    language: str

    @property
    def is_danger(self) -> bool:
        return self.kind != "NONE"


@cache
def phrases(language: str) -> tuple[Phrase, ...]:
    """The phrases of one language in their order."""
    lines = (CORPUS / f"{language}.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return tuple(Phrase(text, kind, tag, split, language) for text, kind, tag, split in rows)


def all_phrases() -> Iterator[Phrase]:
    for language in LANGUAGES:
        yield from phrases(language)
