"""Quoting a person's memories: whole sentences, short enough to follow, and none that could hurt."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from memory_mirror.languages.spoken import detect
from memory_mirror.tales.sentences import sections
from memory_mirror.tales.telltale import Telltales

LONGEST_TITLE = 80
READ = 4000
"""Characters of a text among which a quotation is looked for."""
_HOMONYMS = ("en", "fr", "de")
_ENDS = ".!?…。！？؟"
_SENTENCE = re.compile(r"[^.!?…。！？؟\n]+(?:[.!?…。！？؟]+[\"'”’»」』)]*|\n|$)")
_QUOTES = str.maketrans(dict.fromkeys('“”„«»『』「」《》"{}', None))


def grave(text: str) -> bool:
    """Whether a text speaks of loss, violence or illness.

    `war` is a grave word in English and a harmless one in German: such words count in their own language, and where
    the language cannot be told.
    """
    rows = _grave()
    if rows["always"].found_in(text):
        return True
    return any(rows[language].found_in(text) for language in _HOMONYMS if detect(text) in (language, None))


def unhappy(text: str) -> bool:
    """Whether a text speaks of sorrow, fear or anger."""
    return _grave()["unhappy"].found_in(text)


def title(text: str) -> str:
    """A title as it is quoted: one line, no quotation marks of its own, no full stop."""
    plain = " ".join(text.translate(_QUOTES).split())
    return _shortened(plain, LONGEST_TITLE).rstrip(".。, ") or "…"


def quote(text: str, longest: int, avoids: Callable[[str], bool], sentences: int = 1) -> str:
    """The first sentences of a text that hurt nobody, at most `longest` characters; empty when there are none.

    Sentences that are grave, or touch what the person avoids, are left out. One sentence that is too long is cut
    after a word.
    """
    found, length = list[str](), 0
    for sentence in _sentences(text):
        if grave(sentence) or avoids(sentence):
            continue
        if length + len(sentence) > longest:
            if not found:
                found.append(_shortened(sentence, longest))
            break
        found.append(sentence)
        length += len(sentence)
        if len(found) == sentences:
            break
    return closed((" " if text.isascii() or " " in text else "").join(found))


def _sentences(text: str) -> list[str]:
    plain = text[:READ].translate(_QUOTES)
    return [said for match in _SENTENCE.finditer(plain) if (said := " ".join(match[0].split())).strip(_ENDS + " ")]


def _shortened(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    if " " in cut[longest // 2 :]:
        cut = cut[: cut.rindex(" ")]
    return cut.rstrip(" ,;:-、，؛،") + "…"


def closed(text: str) -> str:
    """A quotation ends with a sentence's end."""
    if not text or text[-1] in _ENDS:
        return text
    return text + ("。" if re.search("[\u3040-\u30ff\u4e00-\u9fff]$", text) else ".")


@cache
def _grave() -> dict[str, Telltales]:
    found = sections((Path(__file__).parent / "grave.txt").read_text(encoding="utf-8"))
    return {name: Telltales.of(word for row in rows for word in row.split()) for name, rows in found.items()}
