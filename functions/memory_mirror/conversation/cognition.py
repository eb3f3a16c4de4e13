"""How somebody speaks, measured: signs of cognitive decline in the turns of a conversation, as pure functions.

Each sign is a share or a rate with the counts it rests on: repeated statements and questions, searching for words,
variety of words, disorientation, and staying with the subject. They are the signs that speech studies of Alzheimer's
disease report (K. C. Fraser, J. A. Meltzer and F. Rudzicz, 2016); variety is the moving-average type-token ratio
(M. A. Covington and J. D. McFall, 2010), which does not fall with length alone. The weights are ours. This estimates
how to talk with somebody; it is no diagnosis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Final, Literal

from memory_mirror.accounts.people import Cognition
from memory_mirror.conversation.speech import Spoken, overlap
from memory_mirror.feelings import analyse

Confidence = Literal["none", "low", "medium", "high"]
Direction = Literal["improving", "stable", "declining", "insufficient_data"]

LEAST_TURNS, LEAST_WORDS = 4, 30
"""Below these there is too little to judge by."""
ENOUGH_TURNS, ENOUGH_WORDS = 12, 150
_WINDOW = 25
"""Words over which variety is measured."""
_SAME = 0.72
"""Share of letter pairs in common from which two sentences say the same."""
_DISORIENTED = frozenset({"confusion", "time_confusion", "going_home", "looking_for_family", "duties", "lost_things"})
_LEVELS: tuple[tuple[float, Cognition], ...] = ((25, "mild"), (48, "moderate"), (70, "advanced"))
_LEAST_EARLIER = 2
_MOST_EARLIER = 6
_LEAST_CHANGE = 8.0
"""Points of the score that count as a change when earlier ones hardly differ."""
_PER_DEVIATION = 1.4826


@dataclass(frozen=True, slots=True)
class Sign:
    """One measured sign: `value` as a share or rate, `strength` 0–1, resting on `count` of `of`."""

    name: str
    value: float
    strength: float
    weight: float
    count: int
    of: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the turns show: `score` 0 (no sign) to 100; None with too little to judge by."""

    score: float | None
    level: Cognition | None
    confidence: Confidence
    turns: int
    words: int
    signs: tuple[Sign, ...]


SIGNS: Final = (
    "repeated_statements", "repeated_questions", "word_finding", "word_variety", "disorientation", "loses_thread",
)  # fmt: skip


def assess(turns: Sequence[tuple[str, str]], language: str) -> Assessment:
    """Judge the turns `(role, text)` of a conversation, oldest first; those of the role `user` are the person's."""
    own = [Spoken.of(text, language) for role, text in turns if role == "user" and text.strip()]
    words = sum(len(turn.tokens) for turn in own)
    if not own:
        return Assessment(None, None, "none", 0, 0, ())
    signs = (
        _repeated(own),
        _asked_again(own),
        _searching(own, words),
        _variety(own),
        _disoriented(own, language),
        _thread(turns, language),
    )
    confidence = _confidence(len(own), words)
    known = [sign for sign in signs if sign.of]
    weights = sum(sign.weight for sign in known)
    score = round(100 * sum(sign.weight * sign.strength for sign in known) / weights, 1) if weights else 0.0
    if confidence == "low":
        return Assessment(None, None, "low", len(own), words, signs)
    return Assessment(score, level_of(score), confidence, len(own), words, signs)


def level_of(score: float) -> Cognition:
    """The level of a score."""
    return next((level for end, level in _LEVELS if score < end), "severe")


def trend(score: float | None, earlier: Sequence[float]) -> Direction:
    """Where the score goes, compared with earlier ones (newest first); a higher score is worse.

    A change is what exceeds twice the usual deviation of the earlier scores, and 8 points.
    """
    known = list(earlier[:_MOST_EARLIER])
    if score is None or len(known) < _LEAST_EARLIER:
        return "insufficient_data"
    middle = median(known)
    spread = _PER_DEVIATION * median(abs(value - middle) for value in known)
    needed = max(_LEAST_CHANGE, 2 * spread)
    if abs(score - middle) <= needed:
        return "stable"
    return "declining" if score > middle else "improving"


def _confidence(turns: int, words: int) -> Confidence:
    if turns < LEAST_TURNS or words < LEAST_WORDS:
        return "low"
    return "high" if turns >= ENOUGH_TURNS and words >= ENOUGH_WORDS else "medium"


def _repeated(own: Sequence[Spoken]) -> Sign:
    """Statements that were made before in nearly the same words."""
    said = [turn for turn in own if not turn.asks and len(turn.tokens) > 2]
    again = _again(said)
    return _sign("repeated_statements", again, len(said), most=0.5, weight=22)


def _asked_again(own: Sequence[Spoken]) -> Sign:
    asked = [question for turn in own for question in turn.questions]
    again = _again(asked)
    share = again / len(asked) if asked else 0.0
    # One question asked twice means little; three of four mean much.
    return Sign("repeated_questions", round(share, 3), min(1.0, again / 3) * min(1.0, 2 * share), 20, again, len(asked))


def _again(said: Sequence[Spoken]) -> int:
    return sum(
        1 for place, turn in enumerate(said) if any(overlap(turn.pairs, one.pairs) >= _SAME for one in said[:place])
    )


def _searching(own: Sequence[Spoken], words: int) -> Sign:
    """Fillers, empty words and breaks, in a hundred words."""
    pauses = sum(turn.pauses for turn in own)
    rate = 100 * pauses / words if words else 0.0
    return Sign("word_finding", round(rate, 2), min(1.0, max(0.0, rate - 2) / 10), 16, pauses, words)


def _variety(own: Sequence[Spoken]) -> Sign:
    tokens = [token for turn in own for token in turn.tokens]
    if len(tokens) < _WINDOW:
        return Sign("word_variety", 0.0, 0.0, 14, 0, 0)
    windows = [tokens[start : start + _WINDOW] for start in range(len(tokens) - _WINDOW + 1)]
    ratio = fmean(len(set(window)) / _WINDOW for window in windows)
    return Sign(
        "word_variety", round(ratio, 3), min(1.0, max(0.0, 0.78 - ratio) / 0.38), 14, len(set(tokens)), len(tokens)
    )


def _disoriented(own: Sequence[Spoken], language: str) -> Sign:
    lost = sum(1 for turn in own if _DISORIENTED.intersection(analyse(turn.text, language).themes))
    return _sign("disorientation", lost, len(own), most=0.5, weight=22)


def _thread(turns: Sequence[tuple[str, str]], language: str) -> Sign:
    """Answers that share nothing with what was just said, nor with what the person said before."""
    said = [(role, Spoken.of(text, language)) for role, text in turns if text.strip()]
    answers = lost = 0
    own: list[Spoken] = []
    for place, (role, turn) in enumerate(said):
        if role == "user":
            if place and said[place - 1][0] != "user" and len(turn.tokens) > 3:
                answers += 1
                before = frozenset[str]().union(said[place - 1][1].telling, *(one.telling for one in own[-2:]))
                lost += not (turn.telling & before)
            own.append(turn)
    # Fresh subjects are no sign by themselves: only when most answers leave the thread.
    share = lost / answers if answers else 0.0
    return Sign("loses_thread", round(share, 3), max(0.0, share - 0.6) / 0.4, 6, lost, answers)


def _sign(name: str, count: int, of: int, *, most: float, weight: float) -> Sign:
    share = count / of if of else 0.0
    return Sign(name, round(share, 3), min(1.0, share / most), weight, count, of)
