"""A description made livelier without a language model: its own facts, fewer empty words, a point first, a way to go.

Nothing is added that the text does not say but an invitation at its end, and that in English texts alone.
"""

import hashlib
import re
from typing import Final

_SENTENCE: Final = re.compile(r"(?<=[.!?。！？])\s+|(?<=[。！？])|\n+")
_PLAIN: Final = (
    (r"\bin order to\b", "to"),
    (r"\bdue to the fact that\b", "because"),
    (r"\bat this point in time\b", "now"),
    (r"\bin the near future\b", "soon"),
    (r"\ba (?:large|great) number of\b", "many"),
    (r"\bis able to\b", "can"),
    (r"\bare able to\b", "can"),
    (r"\bmake use of\b", "use"),
    (r"\b(?:utilize|utilise|leverage)\b", "use"),
    (r"\b(?:utilizing|utilising|leveraging)\b", "using"),
    (r"\bprior to\b", "before"),
    (r"\b(?:very|really|quite|basically|actually|simply|just) (?=[a-z])", ""),
    (r"\bhigh[- ]quality\b", "carefully made"),
    (
        r"\bwe are (?:happy|proud|pleased|excited|delighted|thrilled) to (?:announce|present|introduce|launch)\b",
        "here comes",
    ),
    (r"\bwe (?:want|would like) to\b", "we will"),
    (r"\bthis campaign (?:is about|aims to|will|is to)\b", "we will"),
    (r"\bthe (?:goal|aim|purpose) of this campaign is to\b", "we will"),
)
"""Wordy phrases, and what to say instead."""
_CONCRETE: Final = re.compile(
    r"\d|%|[€$£₹]|\b(?:free|new|first|only|until|today|tomorrow|never|limited)\b", re.IGNORECASE
)
_STARTS_BARE: Final = re.compile(
    r"(?:it|they|this|these|that|those|he|she|also|and|but|so|then|there|which|because)\b", re.IGNORECASE
)
_HELD_BACK: Final = re.compile(rf"(?:{_STARTS_BARE.pattern})|.*\bbudget\b", re.IGNORECASE)
"""Sentences that do not begin a text: those that point back, and those that are not for the reader."""
_ENGLISH: Final = re.compile(
    r"\b(?:the|and|for|with|our|your|is|are|we|you|of|to|in|on|a|an|new|campaign|from|by)\b", re.IGNORECASE
)
_INVITING: Final = re.compile(
    r"\b(?:join|visit|discover|try|see|get|book|sign up|order|come|find out|learn more|shop|subscribe|register|follow)"
    r"\b[^.!?]*[.!?]?$",
    re.IGNORECASE,
)
_INVITATIONS: Final = (
    "Come and see for yourself.",
    "Be there from the start.",
    "Try it, and tell us what you think.",
    "Take a closer look.",
)
_OPENINGS: Final = ("One thing first: ", "Here is the point: ")
_LONG: Final = 26
"""Words of a sentence that is broken where it can be."""


def enhanced(text: str) -> str:
    """The description, livelier. A text in another language than English keeps its words, and is tidied."""
    sentences = [_tidy(part) for part in _SENTENCE.split(text) if part.strip()]
    if not sentences or len(_ENGLISH.findall(text)) * 8 < len(text.split()):
        return " ".join(sentences) or text
    plain = [_broken(_ended(_capital(_plain(one)))) for one in sentences]
    best = _strongest(plain)
    ordered = [plain[best], *plain[:best], *plain[best + 1 :]]
    drawn = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
    if len(ordered[0].split()) < _LONG and not _CONCRETE.search(ordered[0]):
        opening = _OPENINGS[drawn % len(_OPENINGS)]
        ordered[0] = opening + _small(ordered[0])
    if not _INVITING.search(ordered[-1]):
        ordered.append(_INVITATIONS[drawn % len(_INVITATIONS)])
    return " ".join(ordered)


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
    return _tidy(sentence)


def _broken(sentence: str) -> str:
    """A long sentence in two, where a new thought begins."""
    if len(sentence.split()) <= _LONG:
        return sentence
    halves = re.split(r",? (?:and|but|so) (?=(?:we|it|they|you|our|the)\b)|; ", sentence, maxsplit=1)
    if len(halves) < 2 or min(len(half.split()) for half in halves) < 5:
        return sentence
    return f"{halves[0]}. {_capital(halves[1])}"


def _tidy(text: str) -> str:
    one = " ".join(text.split())
    one = re.sub(r"([!?])[!?]+", r"\1", one)
    return re.sub(r"\s+([,.!?;:])", r"\1", one)


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?", "…", ":", '"', "”")) else f"{sentence}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _small(text: str) -> str:
    first = text.split(" ", 1)[0]
    common = first.lower() in {
        "a",
        "an",
        "the",
        "our",
        "we",
        "this",
        "it",
        "with",
        "in",
        "on",
        "for",
        "from",
        "here",
        "every",
    }
    return text[:1].lower() + text[1:] if common else text
