"""The rules' small pattern language, turned into regular expressions.

A pattern is a row of elements, each standing directly after the one before:

    fell            the word itself
    fall*  *fallen  a word that begins, or ends, so
    cant|can_not    either; `_` is a space within an alternative
    [just]          perhaps
    {body}          any entry of the language's set `body`
    ..   ...        up to three words between, or up to six (in joined text: six letters, or twelve)
    ^    $          the beginning, or the end, of the sentence

Before the first element `~` marks a pattern whose words may tell of the past, and `!` one that no negation undoes
(because it holds one itself: `cant breathe`). What a gap skipped is captured, so that a negation in it can be seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from memory_mirror.safety.folding import fold

Sets = Mapping[str, Sequence[str]]
_Word = Callable[[str, str], str]

_GAPS_SPACED = {"..": r"((?:\S+ ){0,3})", "...": r"((?:\S+ ){0,6})"}
_GAPS_JOINED = {"..": r"([^,]{0,6})", "...": r"(.{0,12})"}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern; `past` and `certain` are its marks `~` and `!`."""

    expression: re.Pattern[str]
    past: bool = False
    certain: bool = False


def compiled(pattern: str, sets: Sets, *, is_spaced: bool, prefix: str = "") -> Pattern:
    """One pattern ready to search with; raises KeyError for a set that does not exist.

    `prefix` is an expression that may stand at the front of any word (the proclitics of Arabic).
    """
    marks = pattern[: len(pattern) - len(pattern.lstrip("~!"))]
    expression = re.compile(_source(pattern, sets, is_spaced=is_spaced, prefix=prefix))
    return Pattern(expression, past="~" in marks, certain="!" in marks)


def joint(patterns: Sequence[str], sets: Sets, *, is_spaced: bool, prefix: str = "") -> re.Pattern[str]:
    """Several patterns as one expression; it never matches when there are none."""
    sources = [_source(pattern, sets, is_spaced=is_spaced, prefix=prefix) for pattern in patterns]
    return re.compile("|".join(sources) if sources else r"(?!)")


def _source(pattern: str, sets: Sets, *, is_spaced: bool, prefix: str) -> str:
    elements = fold(pattern.lstrip("~!")).split()
    first, last = ("^" if elements[0] == "^" else ""), ("$" if elements[-1] == "$" else "")
    elements = [element for element in elements if element not in ("^", "$")]
    if is_spaced:
        return first + " " + "".join(_spaced_element(element, sets, prefix) for element in elements) + last
    return first + "".join(_joined_element(element, sets) for element in elements) + last


def _spaced_element(element: str, sets: Sets, prefix: str) -> str:
    if element in _GAPS_SPACED:
        return r"(?:, )?" + _GAPS_SPACED[element]
    if element.startswith("["):
        return rf"(?:{_alternatives(element[1:-1], sets, _spaced_word, prefix)} (?:, )?)?"
    return rf"{_alternatives(element, sets, _spaced_word, prefix)} (?:, )?"


def _joined_element(element: str, sets: Sets) -> str:
    if element in _GAPS_JOINED:
        return _GAPS_JOINED[element]
    if element.startswith("["):
        return rf"(?:{_alternatives(element[1:-1], sets, _joined_word, '')})?,?"
    return _alternatives(element, sets, _joined_word, "") + ",?"


def _alternatives(element: str, sets: Sets, word: _Word, prefix: str) -> str:
    entries: list[str] = []
    for part in element.split("|"):
        entries += [fold(entry).replace(" ", "_") for entry in sets[part[1:-1]]] if part.startswith("{") else [part]
    return "(?:" + "|".join(word(entry, prefix) for entry in sorted(entries, key=len, reverse=True)) + ")"


def _spaced_word(entry: str, prefix: str) -> str:
    words = [re.escape(word).replace(r"\*", r"[^\s,]*") for word in entry.split("_")]
    return prefix + " ".join(words)


def _joined_word(entry: str, prefix: str) -> str:
    return prefix + re.escape(entry.replace("_", ""))
