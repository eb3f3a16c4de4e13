"""Signs of danger in words: which classes of signs a message shows, once denials and tales are taken away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from memory_mirror.safety import folding
from memory_mirror.safety.lexicon import LANGUAGES, Lexicon, hints, lexicon

_NOT_MEANT = "·"
_TALE_REACH = 90
"""Letters within which `when I was young` makes a phrase part of a tale; a transcript may hold no full stop at all."""

_TALE_REACH_JOINED = 30
_OPINION_REACH = 24
"""Letters in which `I don't think` stands before what it denies."""

_LATIN = ("en", "es", "fr", "de")
_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f]")
_HANGUL = re.compile("[\uac00-\ud7a3\u1100-\u11ff]")
_KANA = re.compile("[\u3040-\u30ff]")
_HAN = re.compile("[\u3400-\u9fff]")


def languages_of(folded: str, hint: str | None = None) -> list[str]:
    """The languages folded text may be in, likeliest first; more than one where its words do not decide.

    `hint` is the language its speaker usually speaks; a script or words that say otherwise win over it. People living
    with dementia fall back to the language they learnt first, so the hint alone never decides.
    """
    if _HANGUL.search(folded):
        return ["ko"]
    if _KANA.search(folded):
        return ["ja"]
    if _HAN.search(folded):
        return ["ja", "zh"] if hint == "ja" else ["zh", "ja"]
    if _ARABIC.search(folded):
        return ["ar"]
    return _latin(folded, hint if hint in _LATIN else None)


def _latin(folded: str, hint: str | None) -> list[str]:
    words = set(re.findall(r"[^\W\d_]+", folded))
    scores = {language: len(words & hints(language)) for language in _LATIN}
    ranked = sorted(_LATIN, key=lambda language: (-scores[language], language != hint))
    best = scores[ranked[0]]
    close = [language for language in ranked if scores[language] >= max(1, best - 1)] if best else ranked
    return close if hint is None or hint in close else [*close, hint]


def signs(text: str, hint: str | None = None) -> tuple[tuple[str, ...], str | None]:
    """The classes of signs in a text, and the language they are in (the likeliest one when there are none).

    Each sentence is read in every language it may be in, so what a sentence adds never depends on its neighbours.
    Without a word the language is None.
    """
    folded = folding.fold(text)
    hint = hint if hint in LANGUAGES else None
    found = [pair for sentence in folding.sentences(folded) for pair in _read(sentence, hint)]
    if found:
        return tuple(dict.fromkeys(name for name, _ in found)), found[0][1]
    return (), languages_of(folded, hint)[0] if re.search(r"[^\W\d_]", folded) else None


@lru_cache(maxsize=512)
def _read(sentence: str, hint: str | None) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, language) for language in languages_of(sentence, hint) for name in _signs_in(sentence, lexicon(language))
    )


def _signs_in(sentence: str, rules: Lexicon) -> Iterator[str]:
    text = rules.figurative.sub(f" {_NOT_MEANT} " if rules.is_spaced else _NOT_MEANT, _prepared(sentence, rules))
    told = not rules.now.search(text)
    quoted = _spans(rules.quoted, text) if told else []
    past = _spans(rules.past, text) if told else []
    for name, pattern in rules.danger:
        memories = past if pattern.past or name in rules.undated else []
        if any(
            not (_remembered(found, memories, rules) or _told_by_another(text, found, quoted, rules))
            and (pattern.certain or not _denied(text, found, rules))
            for found in pattern.expression.finditer(text)
        ):
            yield name


def _spans(expression: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    return [found.span() for found in expression.finditer(text)]


def _reach(rules: Lexicon) -> int:
    return _TALE_REACH if rules.is_spaced else _TALE_REACH_JOINED


def _remembered(found: re.Match[str], memories: list[tuple[int, int]], rules: Lexicon) -> bool:
    """Whether a phrase stands close enough to a word of memory to belong to it."""
    reach = _reach(rules)
    return any(found.start() - reach < end and found.end() + reach > start for start, end in memories)


def _told_by_another(text: str, found: re.Match[str], quoted: list[tuple[int, int]], rules: Lexicon) -> bool:
    """Whether a phrase stands close to a word of quotation, in the same clause and before the speaker's own turn."""
    for start, end in quoted:
        is_before = end <= found.start() + 1
        between = text[end - 1 : found.start() + 1] if is_before else text[found.end() - 1 : start + 1]
        if len(between) < _reach(rules) and "," not in between:
            turn = rules.turns.search(text, end - 1) if is_before else rules.turns.search(between)
            if turn is None or (is_before and turn.start() > found.start()):
                return True
    return False


def _prepared(sentence: str, rules: Lexicon) -> str:
    if not rules.is_spaced:
        return folding.joined(sentence)
    return " ".join(_corrected(word, rules) for word in folding.spaced(sentence, rules.apostrophe).split(" "))


def _corrected(word: str, rules: Lexicon) -> str:
    """A word, or the frequent word of danger it is a misspelling of."""
    word = folding.unstretched(word)
    if len(word) < 5 or word in rules.fuzzy or word in rules.real_words:
        return word
    return next((right for right in rules.fuzzy if _one_slip_apart(word, right)), word)


def _one_slip_apart(word: str, right: str) -> bool:
    """Whether one letter was left out, put in, changed or swapped with its neighbour (Damerau 1964), not the first."""
    if word[0] != right[0] or abs(len(word) - len(right)) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(word, right, strict=False)) if a != b), None)
    if start is None:
        return True
    a, b = word[start:], right[start:]
    swapped = a[:2] == b[1::-1] and a[2:] == b[2:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or swapped


def _denied(text: str, found: re.Match[str], rules: Lexicon) -> bool:
    negation = rules.negation
    skipped = " ".join(gap for gap in found.groups() if gap)
    if skipped and negation.before.search(f" {skipped}"):
        return True
    start, end = (found.start() + 1, found.end() - 1) if rules.is_spaced else found.span()
    blank = f" {_NOT_MEANT} " if rules.is_spaced else _NOT_MEANT
    before = _clause(negation.inert.sub(blank, text[:start]), rules, last=True)
    if negation.subjects.search(found.group()):
        return bool(negation.opinions.search(before[-_OPINION_REACH:]))
    after = _clause(text[end:], rules, last=False)
    if rules.is_spaced:
        before = " " + " ".join(before.split()[-negation.reach_before :]) + " "
        after = " " + " ".join(after.split()[: negation.reach_after]) + " "
    else:
        before, after = before[-negation.reach_before :], after[: negation.reach_after]
    return bool(negation.before.search(before)) or bool(negation.reach_after and negation.after.search(after))


def _clause(text: str, rules: Lexicon, *, last: bool) -> str:
    """What stands in the same clause, at the end (or the beginning) of a text: up to a comma or a word of contrast."""
    parts = rules.breaks.sub(" , " if rules.is_spaced else ",", text).split(",")
    return parts[-1] if last else parts[0]
