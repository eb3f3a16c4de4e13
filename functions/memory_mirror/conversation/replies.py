"""The companion's reply without a language model: composed from the feeling, her own words, and what is dear to her.

It opens by meeting the feeling, gives back her words where that comforts, answers the theme, and leads on: away from
what hurts, to a memory that fits, to the era she is in. The further the decline, the shorter it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from memory_mirror.accounts.people import Cognition
from memory_mirror.conversation.phrases import addressed, distinct, filled, phrases, pick, seed_of
from memory_mirror.feelings import THEMES, TONES, Feeling
from memory_mirror.life.zones import Guidance, mentions

_SENTENCE = re.compile(r"[^.!?。！？؟]+(?:[.!?。！？؟]+[”»“\"」]?\s*|$)")
_ASKS = ("?", "？", "؟")
_ORDER: Final = (
    "pain", "fear", "suspicion", "lost_things", "going_home", "looking_for_family", "grief", "duties",
    "time_confusion", "loneliness", "confusion", "sleep", "food", "boredom", "memories", "music", "outdoors", "family",
    "gratitude",
)  # fmt: skip
"""Which theme is answered when there are several."""
_OF_THE_ANGRY: Final = ("pain", "suspicion", "lost_things")
_OF_THE_PAST: Final = frozenset({"memories", "music", "family", "duties"})
_MIRRORED_TONES = frozenset({"nostalgic", "happy", "calm"})
_MIRRORED_THEMES = frozenset({"going_home", "looking_for_family", "duties", "memories", "music", "outdoors", "family"})
_LONGEST_MIRROR = 60
_SHORT: frozenset[Cognition] = frozenset({"advanced", "severe"})


@dataclass(frozen=True, slots=True)
class Moment:
    """What a reply is composed from. `earlier` are the last replies, newest first; `weekday` is 0 for Monday."""

    message: str
    feeling: Feeling
    language: str
    guidance: Guidance = field(default_factory=Guidance)
    era: str = "present"
    level: Cognition = "mild"
    name: str = ""
    loved: tuple[str, ...] = ()
    memory: str | None = None
    """The title of a memory that may be offered."""
    earlier: tuple[str, ...] = ()
    weekday: int = 0


def composed(moment: Moment) -> str:
    """A reply in the moment's language, unlike the earlier ones."""
    return distinct(lambda attempt: _composed(moment, attempt), moment.earlier)


def _composed(moment: Moment, attempt: int) -> str:
    words = phrases(moment.language)
    seed = seed_of(moment.message, len(moment.earlier)) + attempt
    theme = _theme(moment)
    opening = pick(words["opening"][moment.feeling.approach], seed, moment.earlier)
    if moment.name and seed % 2 == 0 and not any(moment.name in text for text in moment.earlier[:1]):
        opening = addressed(opening, moment.name, moment.language)
    lead = _lead(moment, words, seed)
    body = _body(moment, words, theme, seed)
    if lead:
        body = _statements(body)  # one question at a time
    mirror = _mirror(moment, words, theme, seed) if moment.level == "mild" else ""
    parts = [opening, mirror, body, lead]
    if moment.level in _SHORT:
        parts = [opening, lead or _first(body)]
    return _joined([part for part in parts if part], moment.language)


def _theme(moment: Moment) -> str | None:
    """The theme to answer; none of those that a talk gone astray brought up."""
    if moment.guidance.astray:
        return None
    order = _OF_THE_ANGRY if moment.feeling.tone == "angry" else _ORDER
    return next((theme for theme in order if theme in moment.feeling.themes), None)


def _body(moment: Moment, words: dict[str, Any], theme: str | None, seed: int) -> str:
    if theme == "time_confusion":
        day = words["weekdays"][moment.weekday]
        return filled(pick(words["today"], seed, moment.earlier), moment.language, weekday=day)
    if theme:
        return pick(words["theme"][theme], seed, moment.earlier)
    return pick(words["follow"][moment.feeling.tone], seed, moment.earlier)


def _mirror(moment: Moment, words: dict[str, Any], theme: str | None, seed: int) -> str:
    """Her own sentence given back, where hearing it again does good."""
    if moment.guidance.astray or seed % 3 == 2:
        return ""
    if theme not in _MIRRORED_THEMES and moment.feeling.tone not in _MIRRORED_TONES:
        return ""
    if moment.feeling.tone in ("afraid", "angry", "sad"):
        return ""
    said = [sentence.strip(" .!。！…\n") for sentence in _SENTENCE.findall(moment.message)]
    fitting = [one for one in said if 8 <= len(one) * _width(moment.language) <= _LONGEST_MIRROR]
    if not fitting or any(char in fitting[0] for char in "“”«»„「」{}<>@/¡"):
        return ""
    quote = words["quote"].format(words=fitting[0])
    return filled(pick(words["mirror"], seed, moment.earlier), moment.language, quote=quote)


def _width(language: str) -> int:
    return 3 if language in ("zh", "ja", "ko") else 1


def _lead(moment: Moment, words: dict[str, Any], seed: int) -> str:
    """Where the reply leads: a comforting topic, a memory, somebody dear, the era; or nowhere."""
    guide, language = moment.guidance, moment.language
    if guide.steers:
        topic = _unsaid(guide.topics, moment.earlier, seed)
        return filled(pick(words["steer"], seed, moment.earlier), language, topic=topic)
    if moment.feeling.tone in ("afraid", "angry") or "pain" in moment.feeling.themes:
        return ""
    if moment.memory:
        return filled(pick(words["recall"], seed, moment.earlier), language, title=moment.memory)
    dear = next((name for name in moment.loved if mentions(moment.message, name)), None)
    if dear:
        return filled(pick(words["loved"], seed, moment.earlier), language, loved=dear)
    past = moment.feeling.tone == "nostalgic" or not _OF_THE_PAST.isdisjoint(moment.feeling.themes)
    fits = past and moment.feeling.sentiment != "negative" and moment.era in words["era"]
    return pick(words["era"][moment.era], seed, moment.earlier) if fits else ""


def _unsaid(topics: Sequence[str], earlier: Sequence[str], seed: int) -> str:
    """The first topic that was not led to lately, or one in turn when all were."""
    fresh = [topic for topic in topics if not any(topic in text for text in earlier[:4])]
    return fresh[0] if fresh else topics[seed % len(topics)]


def _statements(text: str) -> str:
    """A text without its questions; all of it when it is nothing but questions."""
    kept = [one for one in _SENTENCE.findall(text) if not one.rstrip(" ”»“」").endswith(_ASKS)]
    return "".join(kept).strip() or text


def _first(text: str) -> str:
    found = _SENTENCE.match(text)
    return found[0].strip() if found else text


def _joined(parts: Sequence[str], language: str) -> str:
    return ("" if language in ("zh", "ja") else " ").join(parts)


__all__ = ["THEMES", "TONES", "Moment", "composed"]
