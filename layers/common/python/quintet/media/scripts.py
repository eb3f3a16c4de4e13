"""Text as it stands on paper, for what draws letters one after the other from the left, as Pillow and fpdf2 do.

Unicode stores a text in the order in which it is spoken. Arabic letters join their neighbours, Hebrew and Arabic run
from the right (Unicode's bidirectional algorithm, UAX #9), and some Indic vowels stand before the consonant that they
follow in speech. What needs a full shaping engine (conjuncts of Indic scripts, stacked marks) is drawn unjoined, which
stays readable.
"""

import unicodedata
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from quintet.media.fonts import has_glyph

LEADING_VOWELS: Final = frozenset("\u093f\u09bf\u09c7\u09c8\u0a3f\u0abf\u0bc6\u0bc7\u0bc8\u0d46\u0d47\u0d48")
"""Vowel signs that are drawn before the consonants they are spoken after (IndicPositionalCategory Left)."""

VIRAMAS: Final = frozenset("\u094d\u09cd\u0a4d\u0acd\u0d4d")
"""Signs that tie a consonant to the next one, so that a leading vowel stands before both. Tamil ties none."""

NON_JOINER: Final = "\u200c"
"""Parts two letters that would join, and is not drawn itself."""

UNKNOWN: Final = "\ufffd"


def drawable(text: str) -> str:
    """One line of text, ready to be drawn from the left: joined, in the order of sight, and of letters that a face has.

    A letter that no face has becomes U+FFFD; what only decorates (emoji, marks, controls) is left out.
    """
    plain = _known(unicodedata.normalize("NFC", text))
    return _from_the_left(_joined(_leading(plain)).replace(NON_JOINER, ""))


def runs_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction is Hebrew, Arabic or another that runs from the right (UAX #9, P2)."""
    for char in text:
        match unicodedata.bidirectional(char):
            case "R" | "AL":
                return True
            case "L":
                return False
    return False


def _known(text: str) -> str:
    kept: list[str] = []
    for char in text:
        if char != NON_JOINER and unicodedata.category(char) == "Cf":
            continue
        if char == NON_JOINER or has_glyph(char):
            kept.append(char)
        elif char.isspace():
            kept.append(" ")
        elif unicodedata.category(char)[0] in "LN":
            kept.append(UNKNOWN)
    return " ".join("".join(kept).split())


def _leading(text: str) -> str:
    """Vowel signs before the cluster of consonants that they belong to."""
    drawn: list[str] = []
    for char in text:
        for sign in unicodedata.normalize("NFD", char) if _splits(char) else char:
            if sign in LEADING_VOWELS and drawn:
                drawn.insert(_cluster(drawn), sign)
            else:
                drawn.append(sign)
    return "".join(drawn)


def _splits(char: str) -> bool:
    """Whether a vowel sign has a part before its consonant and one behind it."""
    parts = unicodedata.normalize("NFD", char)
    return len(parts) > 1 and parts[0] in LEADING_VOWELS


def _cluster(drawn: list[str]) -> int:
    """Where the last cluster begins: a consonant, with those that a virama ties to it before."""
    start = len(drawn) - 1
    while start > 0 and unicodedata.category(drawn[start])[0] == "M":
        start -= 1
    while start > 1 and drawn[start - 1] in VIRAMAS:
        start -= 2
    return start


class _Forms:
    """How an Arabic letter is drawn by its neighbours, out of Unicode's presentation forms."""

    __slots__ = ("ligatures", "of")

    def __init__(self) -> None:
        of: dict[str, dict[str, str]] = {}
        ligatures: dict[str, dict[str, str]] = {}
        for code in (*range(0xFB50, 0xFBFF), *range(0xFE80, 0xFEFD)):
            kind, *letters = unicodedata.decomposition(chr(code)).split() or [""]
            spelled = "".join(chr(int(letter, 16)) for letter in letters)
            if len(spelled) == 1:
                of.setdefault(spelled, {}).setdefault(kind.strip("<>"), chr(code))
            elif len(spelled) == 2 and spelled[0] == "\u0644":  # lam and alef are always one sign
                ligatures.setdefault(spelled, {})[kind.strip("<>")] = chr(code)
        self.of: Mapping[str, Mapping[str, str]] = MappingProxyType(of)
        self.ligatures: Mapping[str, Mapping[str, str]] = MappingProxyType(ligatures)

    def ties_on(self, char: str) -> bool:
        """Whether a letter joins the one that follows it."""
        return char == "\u0640" or "initial" in self.of.get(char, {})

    def ties_back(self, char: str) -> bool:
        """Whether a letter joins the one that it follows."""
        return char == "\u0640" or "final" in self.of.get(char, {})


@cache
def _forms() -> _Forms:
    return _Forms()


def _joined(text: str) -> str:
    """Arabic letters in the forms that their neighbours ask for; marks between them do not part them."""
    if not any("\u0600" <= char <= "\u06ff" for char in text):
        return text
    forms = _forms()
    letters = [index for index, char in enumerate(text) if unicodedata.category(char) != "Mn"]
    drawn = list(text)
    skipped = -1
    for place, index in enumerate(letters):
        if index == skipped:
            continue
        char = text[index]
        before = text[letters[place - 1]] if place else ""
        after = text[letters[place + 1]] if place + 1 < len(letters) else ""
        tied = forms.ties_on(before) and forms.ties_back(char)
        if char + after in forms.ligatures and letters[place + 1] == index + 1:
            skipped = index + 1
            drawn[index], drawn[skipped] = forms.ligatures[char + after]["final" if tied else "isolated"], ""
            continue
        ties = forms.ties_on(char) and forms.ties_back(after)
        form = ("medial" if ties else "final") if tied else ("initial" if ties else "isolated")
        drawn[index] = forms.of.get(char, {}).get(form, char)
    return "".join(drawn)


def _from_the_left(text: str) -> str:
    """The order of sight. A mark then comes before the letter that bears it, where fonts that run from the right, whose
    marks take no room, have it drawn."""
    if not any(unicodedata.bidirectional(char) in {"R", "AL", "AN"} for char in text):
        return text
    from fpdf.bidi import BidiParagraph

    return str(BidiParagraph(text=text).get_reordered_string())
