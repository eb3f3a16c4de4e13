"""What identifies a person in running text, replaced by what kind of thing it was: `[email]`, `[number]`, `[link]`.

It errs on the side of replacing: a model understands a sentence without the number in it. Dates and years stay, since
memories are made of them. Postal addresses are found where they are written in the usual forms of en, fr, es, de, zh,
ja and ko; in other forms they are not.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

LONGEST = 8000
"""Characters of a text that are looked at; the rest is cut off before."""

_EMAIL = (
    r"[A-Za-z0-9À-ɏ.!#$%&'*+/=?^_`{|}~-]{1,64}[@＠][A-Za-z0-9À-ɏ-]{1,63}(?:\.[A-Za-z0-9À-ɏ-]{1,63}){1,8}"
    r"""|"[^"\n]{1,64}"@[A-Za-z0-9.-]{1,255}"""
)
_LINK = r"\b[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s<>\"]+|\bwww\.[^\s<>\"]+|\bdata:[\w/+.-]{1,80};base64,[\w+/=]+"
_ID = (
    r"(?<![A-Za-z0-9])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![A-Za-z0-9])"
    r"|(?<![A-Za-z0-9_-])(?=[A-Za-z_-]*[0-9])(?=[0-9_-]*[A-Za-z])[A-Za-z0-9_-]{20,}"
)
_NUMBER = r"(?<![A-Za-z\d])(?:\+|\(|＋)?\d(?:[ \u00a0().\-/\u2010-\u2015]{0,3}\d){6,24}(?![A-Za-z\d])"
_NAME = r"[A-ZÀ-Þ][\w'’.-]{0,30}"
_ADDRESSES = (
    (  # 12 Elm Street; 221B Baker St; 12 elm street
        rf"(?<!\w)\d{{1,5}}[A-Za-z]?,?\s(?:(?:{_NAME}\s){{1,4}}(?:St|Ave|Rd|Ln|Blvd)\b\.?|(?:(?:{_NAME}\s){{1,4}}|[a-z]+\s)"
        r"(?i:street|avenue|road|lane|drive|boulevard|court|terrace|square|crescent|close)\b)"
    ),
    (  # 12 bis, rue de la Paix
        r"(?<!\w)\d{1,4}(?:\s?(?:bis|ter))?,?\s(?i:rue|avenue|boulevard|chemin|allée|impasse|quai|route)\s"
        rf"(?:(?:de|du|des|la|le|les)\s|[dl]['’]){{0,3}}{_NAME}(?:\s{_NAME}){{0,3}}"
    ),
    # calle Mayor 12
    rf"\b(?i:calle|avenida|avda\.?|plaza|paseo|camino)\s(?:[\w'’-]{{1,30}}\s){{0,4}}?{_NAME},?\s(?:n\.?º\s?)?\d{{1,4}}(?!\d)",
    # Hauptstraße 5a; Am Alten Weg 3
    r"(?<!\w)[\w-]{2,40}(?:straße|strasse|str\.|weg|platz|allee|gasse)\s\d{1,4}\s?[a-z]?(?!\w)",
    rf"(?<!\w)(?:{_NAME}\s){{1,3}}(?:Straße|Strasse|Str\.|Weg|Platz|Allee|Gasse)\s\d{{1,4}}\s?[a-z]?(?!\w)",
    r"[\u4e00-\u9fff]{1,12}[路街道巷弄]\s?\d{1,5}\s?[号號]",
    r"[\u4e00-\u9fff\u3040-\u30ff]{0,20}\d{1,4}(?:丁目|番地)[\d\-ー−番地号]{0,12}",
    r"[가-힣]{1,10}[시구군]\s[가-힣]{1,10}[로길]\s?\d{1,4}(?:-\d{1,4})?",
)
_YEAR = re.compile(r"1[89]\d\d|20\d\d")
_SEPARATORS = re.compile(r"\D+")
_UNSEEN = frozenset([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x2060, 0xFEFF, 0x180E])


def scrubbed(text: str) -> str:
    """`text` without e-mail addresses, links, ids, phone and other long numbers, postal addresses, and characters
    that are not seen: what a reader does not see must not speak to the model either."""
    text = _visible(text[:LONGEST])
    for pattern, instead in _patterns():
        text = pattern.sub(instead, text)
    return _number().sub(_masked, text)


def _visible(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(character for character in text if character in "\n\t" or _is_seen(character))


def _is_seen(character: str) -> bool:
    # Joiners stay: scripts such as Arabic's, and families of emoji, are written with them.
    code = ord(character)
    return unicodedata.category(character) not in {"Cc", "Cs", "Co"} and not (
        code in _UNSEEN or 0xE0000 <= code <= 0xE007F
    )


def _masked(match: re.Match[str]) -> str:
    return match[0] if _is_date(match[0]) else "[number]"


def _is_date(number: str) -> bool:
    """Whether a row of digits is a day, with or without an hour, or nothing but years."""
    groups = [group for group in _SEPARATORS.split(number) if group]
    if len(groups) > 1 and all(_YEAR.fullmatch(group) for group in groups):
        return True
    if len(groups) not in {3, 4} or any(len(group) > 2 for group in groups[3:]):
        return False
    first, second, third = groups[:3]
    if not (len(second) <= 2 and 1 <= int(second) <= 31):
        return False
    year, day = (first, third) if len(first) == 4 else (third, first)
    return _YEAR.fullmatch(year) is not None and len(day) <= 2 and 1 <= int(day) <= 31


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    return [
        (re.compile(_LINK, re.IGNORECASE), "[link]"),
        (re.compile(_EMAIL), "[email]"),
        (re.compile(_ID), "[id]"),
        *((re.compile(one), "[address]") for one in _ADDRESSES),
    ]


@cache
def _number() -> re.Pattern[str]:
    return re.compile(_NUMBER)
