"""From a text to its feeling: each lexicon hit weighed by negation, emphasis and clause, then summed up.

Pure and deterministic. The weights are ours: tuned on the labelled sentences of the tests, whose held-back part
reports how well they carry over.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from memory_mirror.feelings.folding import Folded, fold
from memory_mirror.feelings.lexicon import Lexicon, lexicon
from memory_mirror.languages.spoken import spoken

TONES: Final = ("afraid", "anxious", "angry", "sad", "lonely", "confused", "nostalgic", "happy", "calm")
"""Every tone there is; of equal ones the earlier counts."""
THEMES: Final = (
    "going_home", "looking_for_family", "duties", "lost_things", "suspicion", "loneliness", "pain", "confusion",
    "time_confusion", "food", "sleep", "memories", "family", "music", "grief", "fear", "outdoors", "gratitude",
    "boredom",
)  # fmt: skip

_POSITIVE = frozenset({"happy", "calm", "nostalgic"})
_TURNED = {"happy": "sad", "calm": "anxious", "nostalgic": "confused"}
"""What the denial of a feeling means; denying a bad one is calm."""
_TONE_OF_THEME = {
    "fear": "afraid", "going_home": "anxious", "looking_for_family": "anxious", "duties": "anxious",
    "suspicion": "anxious", "pain": "sad", "grief": "sad", "loneliness": "lonely", "lost_things": "confused",
    "confusion": "confused", "time_confusion": "confused", "boredom": "sad", "memories": "nostalgic",
    "gratitude": "happy",
}  # fmt: skip
_THEME_OF_TONE = {"afraid": "fear", "lonely": "loneliness", "confused": "confusion"}
_DISTRESSING = frozenset(_TONE_OF_THEME) - {"memories", "gratitude", "boredom"}
_ANXIETY_OF_TONE = {"afraid": 3.0, "anxious": 2.0, "confused": 1.3, "lonely": 0.9, "angry": 1.0, "sad": 0.8}
_ANXIETY_OF_THEME = {
    "going_home": 0.8, "looking_for_family": 0.8, "duties": 1.6, "lost_things": 0.9, "suspicion": 1.0, "pain": 0.9,
    "confusion": 0.5, "time_confusion": 0.7, "grief": 0.3,
}  # fmt: skip
APPROACHES: Final = {
    "afraid": "reassure", "anxious": "reassure", "angry": "acknowledge", "sad": "comfort", "lonely": "comfort",
    "confused": "guide_gently", "nostalgic": "reminisce", "happy": "share_joy", "calm": "engage",
}  # fmt: skip
_VALIDATED = ("going_home", "looking_for_family", "duties", "grief")

_STOPS = re.compile(r"[.,;:!?…。、，！？；：؟،؛\n]")
_SENTENCES = re.compile(r"[^.!?…。！？؟\n]+[.!?…。！？؟]*")
_TOKENS = re.compile(r"[\w']+")
_SHOUTED = re.compile(r"\b[A-ZÀ-Þ]{3,}\b")
_GLAD_SIGNS = "😀😃😄😁😊🙂😍🥰😘❤♥💕🌸🎉👍☺"
_SAD_SIGNS = "😢😭😞😔☹🙁💔😿"
_FEARFUL_SIGNS = "😨😱😰😧"
_ANGRY_SIGNS = "😠😡🤬"
_NOTABLE = 10
_MILD = 1.5
_LONGEST = 5_000
"""Characters that are looked at; a longer text is told by its beginning."""


@dataclass(frozen=True, slots=True)
class Feeling:
    """What a text feels like; `anxiety` is 0–10, `triggers` are phrases of the text as they were written."""

    sentiment: str
    tone: str
    anxiety: float
    themes: tuple[str, ...]
    approach: str
    triggers: tuple[str, ...]
    language: str


def analyse(text: str, language: str | None = None) -> Feeling:
    """The feeling of a text, in its own language: the one it is written in, else `language` (BCP 47), else English."""
    code = spoken(text, language)
    words = lexicon(code)
    folded = fold(text[:_LONGEST])
    scores, notable = _scores(folded, words)
    themes, stretches = _themes(folded, words)
    repeated = _asks_again(folded.text)
    if repeated:
        scores["confused"] += 1.0
    _read_signs(text, scores)
    tone = _tone(scores, themes)
    if tone in _THEME_OF_TONE and _THEME_OF_TONE[tone] not in themes:
        themes = (*themes, _THEME_OF_TONE[tone])
    return Feeling(
        sentiment=_sentiment(scores, themes),
        tone=tone,
        anxiety=_anxiety(scores, themes, _urgency(text, folded.text, words) + (0.8 if repeated else 0.0)),
        themes=themes,
        approach=_approach(tone, themes),
        triggers=_phrases(folded, [*notable, *stretches]),
        language=code,
    )


def _scores(folded: Folded, words: Lexicon) -> tuple[dict[str, float], list[tuple[int, int]]]:
    scores: dict[str, float] = defaultdict(float)
    notable = []
    for hit in words.feelings.finditer(folded.text):
        word = words.words[hit.lastgroup or ""]
        before, after = _clause(folded.text, hit.start(), hit.end())
        weight = word.weight * _emphasis(before + " " + after[:12], words)
        if not word.fixed and _negated(before, after, words):
            scores[_TURNED.get(word.feeling, "calm")] += min(weight, 1.0)
            continue
        scores[word.feeling] += weight
        notable.append(hit.span())
    return scores, notable


def _clause(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after a stretch in its clause."""
    before = _STOPS.split(text[max(0, start - 80) : start])[-1]
    return before, _STOPS.split(text[end : end + 40], maxsplit=1)[0]


def _negated(before: str, after: str, words: Lexicon) -> bool:
    if words.negated_before:
        near = before[-words.window :] if words.unspaced else " ".join(_TOKENS.findall(before)[-words.window :])
        if words.negated_before.search(near):
            return True
    if words.negated_after:
        near = after[: words.window] if words.unspaced or words.language == "ko" else after[:10]
        return words.negated_after.search(near) is not None
    return False


def _emphasis(near: str, words: Lexicon) -> float:
    if words.weaker.search(near):
        return 0.7
    return 1.4 if words.stronger.search(near) else 1.0


def _themes(folded: Folded, words: Lexicon) -> tuple[tuple[str, ...], list[tuple[int, int]]]:
    """The themes in the order they come up, and where the distressing ones stand."""
    found = []
    for theme, pattern in words.themes.items():
        hit = pattern.search(folded.text)
        if hit:
            found.append((hit.start(), THEMES.index(theme), theme, hit.span()))
    found.sort()
    return tuple(theme for *_, theme, _ in found), [span for *_, theme, span in found if theme in _DISTRESSING]


def _asks_again(text: str) -> bool:
    """Whether a question is asked twice in nearly the same words."""
    asked = [_grams(sentence) for sentence in _SENTENCES.findall(text) if sentence.rstrip()[-1:] in ("?", "？", "؟")]
    pairs = ((a, b) for place, a in enumerate(asked[:20]) for b in asked[:place])
    return any(a and b and len(a & b) >= 0.6 * min(len(a), len(b)) for a, b in pairs)


def _grams(sentence: str) -> set[str]:
    letters = "".join(_TOKENS.findall(sentence))
    return {letters[place : place + 2] for place in range(len(letters) - 1)}


def _read_signs(text: str, scores: dict[str, float]) -> None:
    signs = (("happy", _GLAD_SIGNS), ("sad", _SAD_SIGNS), ("afraid", _FEARFUL_SIGNS), ("angry", _ANGRY_SIGNS))
    for feeling, known in signs:
        count = sum(text.count(sign) for sign in known)
        if count:
            scores[feeling] += min(count, 2)


def _tone(scores: dict[str, float], themes: tuple[str, ...]) -> str:
    known = [(scores[tone], -place, tone) for place, tone in enumerate(TONES) if scores.get(tone)]
    if known:
        return max(known)[2]
    found = [_TONE_OF_THEME[theme] for theme in themes if theme in _TONE_OF_THEME]
    return min(found, key=TONES.index, default="calm")


def _sentiment(scores: dict[str, float], themes: tuple[str, ...]) -> str:
    good = sum(score for tone, score in scores.items() if tone in _POSITIVE)
    bad = sum(score for tone, score in scores.items() if tone not in _POSITIVE)
    if bad and bad == scores.get("anxious", 0.0) <= _MILD and "duties" in themes and not good:
        return "neutral"  # a duty that calls is no unhappiness yet
    if not good and not bad:
        painful = {"pain", "grief", "fear", "loneliness", "lost_things", "suspicion"}
        return "negative" if painful.intersection(themes) else "neutral"
    if good and bad and 1 / 2.2 <= good / bad <= 2.2:
        return "mixed"
    return "positive" if good > bad else "negative"


def _urgency(text: str, folded: str, words: Lexicon) -> float:
    calls = min(2, sum(1 for _ in words.urgent.finditer(folded)))
    marks = min(3, text.count("!") + text.count("！"))
    return 0.5 * calls + 0.3 * marks + (0.8 if _SHOUTED.search(text) else 0.0)


def _anxiety(scores: dict[str, float], themes: tuple[str, ...], urgency: float) -> float:
    """0–10, rising ever more slowly with the evidence; urgency alone is no anxiety."""
    raw = sum(_ANXIETY_OF_TONE.get(tone, 0.0) * score for tone, score in scores.items())
    raw += sum(_ANXIETY_OF_THEME.get(theme, 0.0) for theme in themes)
    if raw:
        raw += urgency
    raw -= 0.7 * (scores.get("happy", 0.0) + scores.get("calm", 0.0))
    return round(10 * (1 - math.exp(-max(0.0, raw) / 7)), 1)


def _approach(tone: str, themes: tuple[str, ...]) -> str:
    if tone in _POSITIVE:
        return APPROACHES[tone]
    if "pain" in themes:
        return "check_comfort"
    if tone != "afraid" and any(theme in _VALIDATED for theme in themes):
        return "validate"
    return APPROACHES[tone]


def _phrases(folded: Folded, stretches: list[tuple[int, int]]) -> tuple[str, ...]:
    """The stretches as written, in order, each once, without those that lie within another."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(set(stretches), key=lambda each: (each[0], -each[1])):
        if not kept or end > kept[-1][1]:
            kept.append((start, end))
    phrases = dict.fromkeys(folded.written(start, end) for start, end in kept if end > start)
    return tuple(phrase for phrase in phrases if phrase)[:_NOTABLE]
