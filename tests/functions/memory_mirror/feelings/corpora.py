"""The labelled sentences: per language a file of text, sentiment, tone, anxiety band, and whether it was tuned on.

Written for these tests by hand in each language, by those who wrote the lexicons. Lines of the part `held` were not
used to tune them, but for a few words that both came to share: they say, a little kindly, how well the rules carry
over.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

BANDS = {"low": (0.0, 3.5), "mid": (1.5, 7.0), "high": (5.0, 10.0)}


@dataclass(frozen=True)
class Labelled:
    """One sentence with what it should be read as."""

    language: str
    text: str
    sentiment: str
    tone: str
    band: str
    part: str


@cache
def corpus(language: str) -> tuple[Labelled, ...]:
    """The sentences of a language."""
    path = Path(__file__).parent / "corpus" / f"{language}.tsv"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return tuple(Labelled(language, *line.split("\t")) for line in lines)
