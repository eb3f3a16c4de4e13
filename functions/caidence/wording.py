"""What people write, by the sentence: split, begun with a capital, ended with a mark, and cut to a length.

No model and no knowledge of a language is behind it, but for the abbreviations that end in a dot.
"""

import re
import unicodedata
from typing import Final

_ABBREVIATIONS: Final = """
abs abt al apt approx art aug ave bd blvd bzgl bzw ca capt cf co corp dec dept dez dipl dr eds eg est evtl feb fig fr
gen ggf gov ing inc inkl jan jr lt ltd mio mme mr mrd mrs ms mt nov nr oct okt op pp prof rd rev sen sep sept sgt sr sra
st str tel vgl vol vs zzgl
"""
"""Words that have a dot without a sentence being over. Units and `no.` are not there: they end sentences as well."""
_MONTHS: Final = (
    "jan(?:uar|uary)?|feb(?:ruar|ruary)?|mär(?:z)?|mar(?:ch)?|apr(?:il)?|mai|may|jun[ie]?|jul[iy]?|aug(?:ust)?|"
    "sep(?:t|tember)?|o[kc]t(?:ober)?|nov(?:ember)?|de[zc](?:ember)?"
)
_BREAK: Final = re.compile(r"[.!?…]+[\"'”’»)\]]*\s+|[。！？।]+[」』”’）]*\s*|\s*\n\s*")
"""Where a sentence may be over: a mark before white space, a mark of scripts without spaces, or a new line."""
_ORDINAL: Final = re.compile(rf"(?:{_MONTHS}|quartal|jahrhundert|etage|stock|platz)\b", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"(?:^|[\s(])(?:no|nr|p|s|vol|max)$", re.IGNORECASE)
_LAST_WORD: Final = re.compile(r"([^\s(\[\"'“„«]+)$")
_ADDRESS: Final = re.compile(r"(?:https?://|www\.)\S+$|\S+@\S+\.\w+$|#\w+$", re.IGNORECASE)
_ENDS: Final = ".!?…:。！？।"
_CLOSING: Final = "\"'”’»)]」』）"
_REGIONAL: Final = range(0x1F1E6, 0x1F200)
_SKIN: Final = range(0x1F3FB, 0x1F400)
_JOINER: Final = "\N{ZERO WIDTH JOINER}"


def sentences(text: str) -> list[str]:
    """The sentences of a text, each with its mark and without white space around it; none is empty.

    A dot within a number, an address, an abbreviation or after an initial or a German ordinal ends none: `10.30`,
    `www.sol.example`, `Dr. Sol`, `J. Sol`, `3. Mai`.
    """
    found, begun = [], 0
    for match in _BREAK.finditer(text):
        if "\n" not in match[0] and _goes_on(text[begun : match.start()], match[0], text[match.end() :]):
            continue
        found.append(text[begun : match.end()])
        begun = match.end()
    return [part.strip() for part in (*found, text[begun:]) if part.strip()]


def _goes_on(before: str, mark: str, after: str) -> bool:
    """Whether a sentence goes on behind a mark, by the words on both sides of it."""
    if mark[0] not in ".…" or not after:
        return False
    if after[:1].islower():
        first = after.split(maxsplit=1)[0]
        return not any(char.isupper() or char in "./@" for char in first.rstrip(".!?"))
    if mark.rstrip() != ".":
        return False
    last = _LAST_WORD.search(before)
    word = last[1] if last else ""
    if word.isdigit():
        listed = before.strip() == word
        return listed or (len(word) <= 2 and _ORDINAL.match(after) is not None)
    if after[:1].isdigit() and _NUMBERED.search(before):
        return True
    initial = len(word) == 1 and word.isupper() and word != "I"
    return initial or word.casefold() in _ABBREVIATIONS.split() or re.fullmatch(r"(?:\w\.)+\w", word) is not None


def sentence(text: str) -> str:
    """The text as a sentence: with a capital at its beginning and a mark at its end. Empty stays empty."""
    return ended(capital(text.strip()))


def capital(text: str) -> str:
    """The text with a capital at its beginning, unless its first word is written in a way of its own: iPhone,
    www.sol.example, @sol."""
    first = text.split(maxsplit=1)[0] if text.strip() else ""
    own = any(char.isupper() for char in first[1:]) or bool(_ADDRESS.match(first)) or re.search(r"\w\.\w{2}", first)
    upper = text[:1].upper()
    return text if own or len(upper) != 1 else upper + text[1:]


def ended(text: str) -> str:
    """The text with a mark at its end, unless there is one, also within a quotation, or it ends with an address, a
    hashtag or an emoji."""
    bare = text.rstrip(_CLOSING)
    if not bare or bare[-1] in _ENDS or _ADDRESS.search(text) or unicodedata.category(text[-1]) in {"So", "Mn", "Sk"}:
        return text
    return f"{text}."


def cut(text: str, most: int) -> str:
    """At most so many characters (code points): as it is, or its first words with `…` behind them.

    Where no space is near, it is cut within a word, but never within a number or an emoji.
    """
    if len(text) <= most:
        return text
    if most < 1:
        return ""
    at = next((place for place in range(most - 1, most // 2, -1) if text[place].isspace()), 0)
    head = (text[:at] if at else text[: _whole(text, most - 1)]).rstrip()
    return f"{head.rstrip('.,;:!?…-–—([') or head}…"


def _whole(text: str, at: int) -> int:
    """The last place not behind `at` where nothing is torn that is read as one; `at` itself where all is one."""
    place = at
    while place > 0 and _torn(text, place):
        place -= 1
    return place or at


def _torn(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if before == _JOINER or after == _JOINER or unicodedata.category(after).startswith("M") or ord(after) in _SKIN:
        return True
    if ord(before) in _REGIONAL and ord(after) in _REGIONAL:
        return True
    return after.isdigit() and (before.isdigit() or before in ".,")
