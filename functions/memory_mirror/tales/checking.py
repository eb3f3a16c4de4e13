"""What a language model's text must be before a frail person hears it: in the right language, short, and kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from memory_mirror.guards.replies import fault
from memory_mirror.tales.quoting import grave

_GAPS = re.compile(r"\{[a-z_]*\}|\[[A-Z_ ]+\]|https?://|\S+@\S+\.\S+")


def check(texts: Iterable[str], language: str, avoids: Callable[[str], bool], longest: int) -> None:
    """Raises ValueError, saying what is wrong, for a text that must not be told; paragraphs are judged one by one."""
    for text in texts:
        if len(text) > longest:
            raise ValueError(f"a text is longer than {longest} characters")
        if _GAPS.search(text):
            raise ValueError("a text has a placeholder, a link or an address")
        for paragraph in filter(None, (part.strip() for part in text.split("\n\n"))):
            wrong = fault(paragraph, language)
            if wrong:
                raise ValueError(f"a paragraph is not acceptable: {wrong}")
        if grave(text):
            raise ValueError("a text speaks of death, war or illness")
        if avoids(text):
            raise ValueError("a text speaks of a topic that the person avoids")
