"""A description made livelier without a language model: its own facts, fewer empty words, a point first, a way to go.

Nothing is added that the text does not say but an invitation at its end, and that in English texts alone that are not
about grave matters or people in need.
"""

import hashlib
import re
from typing import Final

from caidence.reading.tact import is_sensitive
from caidence.wording import capital, ended, sentences

_PLAIN: Final = (
    (r"\bin order to\b", "to"),
    (r"\bdue to the fact that\b", "because"),
    (r"\bat this point in time\b", "now"),
    (r"\ba (?:large|great) number of\b", "many"),
    (r"\b(?:is|are) able to\b", "can"),
    (r"\bmakes use of\b", "uses"),
    (r"\bmake use of\b", "use"),
    (r"\b(?:utilize|utilise)\b|(?<=\bto )leverage\b|(?<=\bwe )leverage\b|(?<=\bwill )leverage\b", "use"),
    (r"\b(?:utilizes|utilises)\b", "uses"),
    (r"\b(?:utilizing|utilising)\b", "using"),
    (r"\bprior to\b", "before"),
    (r"\bwe are (?:very |so )?(?:happy|proud|pleased|excited|delighted|thrilled) to announce that\s+", ""),
    (r"\bthis campaign aims to\b", "we want to"),
    (r"\bthe (?:goal|aim|purpose) of this campaign is to\b", "we want to"),
)
"""Wordy phrases, and what says the same in fewer words."""
_FILLER: Final = re.compile(r"\b(?<!\bthe )(?:very|really|basically|actually) (?=[a-z])", re.IGNORECASE)
_NEGATION: Final = re.compile(
    r"\b(?:not|no|never|nor|neither|none|nothing|without|hardly|cannot)\b|n['’]t\b", re.IGNORECASE
)
"""Where one of them stands, `very` and `actually` are what is negated."""
_CONDITION: Final = re.compile(
    r"\b(?:if|when|unless|because|although|while|until|either|both|whether)\b", re.IGNORECASE
)
_CONCRETE: Final = re.compile(
    r"\d|%|[€$£₹]|\b(?:free|new|first|only|until|today|tomorrow|never|limited)\b", re.IGNORECASE
)
_STARTS_BARE: Final = re.compile(
    r"(?:it|its|they|their|this|these|that|those|he|she|his|her|also|and|but|so|then|there|which|because|however|first|"
    r"firstly|second|secondly|next|finally|please|both)\b",
    re.IGNORECASE,
)
_HELD_BACK: Final = re.compile(rf"(?:{_STARTS_BARE.pattern})|.*\bbudget\b", re.IGNORECASE)
"""Sentences that do not begin a text: those that point back, and those that are not for the reader."""
_ENGLISH: Final = re.compile(r"\b(?:the|and|with|our|your|are|we|you|of|from|this|is|to|it|for)\b", re.IGNORECASE)
_OTHER: Final = re.compile(
    r"\b(?:der|die|das|und|ist|sind|wir|für|mit|nicht|ein|eine|unser\w*|auf|von|zu|le|la|les|et|est|nous|pour|avec|el|"
    r"los|las|para|con|una|il|gli|che|sono|het|een|voor|met)\b",
    re.IGNORECASE,
)
_INVITING: Final = re.compile(
    r"\b(?:join|visit|discover|try|see|get|book|sign up|order|come|find out|learn more|shop|subscribe|register|follow|"
    r"call|write|contact|donate|apply|reply|ask|give)\b[^.!?]*[.!?]?$|\?$|\S+@\S+$|(?:www\.|https?://)\S+$",
    re.IGNORECASE,
)
_INVITATIONS: Final = ("Take a closer look.", "Find out more.")
_ITEM: Final = re.compile(r"\s*(?:[-*•–·]|\d{1,2}[.)])\s+")
_LONG: Final = 26
"""Words of a sentence that is broken where it can be."""


def enhanced(text: str) -> str:
    """The description, livelier. Its lines stay lines; a text in another language than English, or in none that is
    known, keeps its words, and is tidied."""
    lines = [_tidy(line) for line in text.strip().split("\n")]
    if not _is_english(text):
        return "\n".join(lines)
    plain = [_item(line) if _ITEM.match(line) else _paragraph(line, alone=len(lines) == 1) for line in lines]
    if not is_sensitive(text) and not _ITEM.match(lines[-1]) and not _INVITING.search(plain[-1]):
        drawn = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
        plain[-1] = f"{ended(plain[-1])} {_INVITATIONS[drawn % len(_INVITATIONS)]}".strip()
    return "\n".join(plain)


def _is_english(text: str) -> bool:
    english = len(_ENGLISH.findall(text))
    return english * 8 >= len(text.split()) and english > 2 * len(_OTHER.findall(text))


def _item(line: str) -> str:
    """An entry of a list, as it is but for its wordy phrases."""
    mark = _ITEM.match(line)
    return f"{mark[0]}{capital(_plain(line[mark.end() :]))}" if mark else line


def _paragraph(line: str, alone: bool) -> str:
    """A line's sentences; where it is all there is, the most concrete one first. A heading stays as it is."""
    found = sentences(line)
    if not alone and len(found) == 1 and ended(line) != line:
        return capital(_plain(line))
    plain = [_broken(ended(capital(_plain(one)))) for one in found]
    best = _strongest(plain) if alone and plain and not is_sensitive(line) else 0
    return " ".join([*plain[best : best + 1], *plain[:best], *plain[best + 1 :]])


def _strongest(sentences: list[str]) -> int:
    """The sentence to begin with: one that says something concrete and can stand first; else the first as it is."""
    marks = [0 if _HELD_BACK.match(one) else len(_CONCRETE.findall(one)) for one in sentences]
    best = max(range(len(marks)), key=lambda place: (marks[place], -place))
    # What follows a sentence that points back must keep its place behind the one it points to.
    moves = best == 0 or not any(_STARTS_BARE.match(one) for one in sentences[best + 1 : best + 2])
    return best if marks[best] and moves else 0


def _plain(sentence: str) -> str:
    for pattern, instead in _PLAIN:
        sentence = re.sub(pattern, instead, sentence, flags=re.IGNORECASE)
    if not _NEGATION.search(sentence):
        sentence = _FILLER.sub("", sentence)
    return _tidy(sentence)


def _broken(sentence: str) -> str:
    """A long sentence in two, where a new thought begins that hangs on nothing before."""
    if len(sentence.split()) <= _LONG or _NEGATION.search(sentence) or _CONDITION.search(sentence):
        return sentence
    halves = re.split(r", and (?=(?:we|it|they|you)\b)|; ", sentence, maxsplit=1)
    if len(halves) < 2 or min(len(half.split()) for half in halves) < 5:
        return sentence
    return f"{halves[0]}. {capital(halves[1])}"


def _tidy(text: str) -> str:
    one = re.sub(r"[^\S\n]+", " ", text.strip())
    one = re.sub(r"([!?])[!?]+", r"\1", one)
    return re.sub(r"\s+([,.!?;:])(?=\s|$)", r"\1", one)
