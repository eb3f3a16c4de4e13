"""How to begin a talk: sentences to say, the way to go about it, and what to stay away from; in eight languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from memory_mirror.accounts.people import Cognition
from memory_mirror.conversation.phrases import filled, phrases, pick, seed_of
from memory_mirror.feelings import TONES, analyse, fold
from memory_mirror.languages.spoken import LANGUAGES
from memory_mirror.life.zones import Guidance

_SYNONYMS: Final = {
    "afraid": "scared fearful frightened terrified panicked fear panic",
    "anxious": "worried nervous agitated restless stressed uneasy anxiety worry tense distressed",
    "angry": "mad furious irritated frustrated upset_angry anger annoyed aggressive",
    "sad": "unhappy depressed down tearful grieving sadness sorrow low upset crying",
    "lonely": "alone isolated abandoned loneliness",
    "confused": "disoriented lost muddled confusion bewildered forgetful",
    "nostalgic": "reminiscing wistful nostalgia",
    "happy": "joyful glad cheerful excited content_happy joy pleased positive grateful loving",
    "calm": "peaceful relaxed neutral content fine okay serene tired sleepy",
}
_MOMENTS: Final = {
    "morning": (
        "morning", "breakfast", "manana", "desayuno", "matin", "morgen", "fruhstuck", "早上",
        "早晨", "朝", "아침", "صباح",
    ),
    "noon": (
        "noon", "lunch", "midday", "mediodia", "almuerzo", "midi", "dejeuner", "mittag",
        "中午", "昼", "점심", "ظهر", "غداء",
    ),
    "afternoon": (
        "afternoon", "tarde", "apres-midi", "nachmittag", "下午", "午後", "오후", "عصر",
    ),
    "evening": (
        "evening", "dinner", "supper", "sundown", "atardecer", "cena", "soir", "abend", "傍晚",
        "晚饭", "夕方", "夕食", "저녁", "مساء", "عشاء",
    ),
    "night": (
        "night", "bedtime", "sleep", "noche", "nuit", "coucher", "nacht", "schlafen", "夜里",
        "晚上", "夜", "밤", "ليل", "نوم",
    ),
}  # fmt: skip
_MOST: Final[dict[Cognition, int]] = {"mild": 5, "moderate": 4, "advanced": 3, "severe": 2}
_TROUBLED = frozenset({"afraid", "anxious", "angry", "sad", "lonely", "confused"})
HIGH = 6.0
"""The anxiety from which reassurance comes before anything else."""


@dataclass(frozen=True, slots=True)
class Situation:
    """How somebody is, and what is known that helps to talk with them. `hour` is that of their own clock."""

    tone: str
    anxiety: float
    context: str
    hour: int
    language: str
    guidance: Guidance
    level: Cognition = "mild"
    topics: tuple[str, ...] = ()
    """Interests, music and comforts of the profile."""
    memory: str | None = None
    turn: int = 0
    """Changes from day to day, so that the sentences do, too."""


@dataclass(frozen=True, slots=True)
class Openers:
    """Sentences to begin with, how to go about it, and what to avoid."""

    starters: tuple[str, ...]
    approach: str
    avoid: tuple[str, ...]


def tone_of(label: str, anxiety: float | None = None) -> str:
    """The tone that a free label of an emotion means; high anxiety makes a calm one anxious."""
    plain = fold(label).text.strip()
    words = set(re.findall(r"[^\W_]+", plain))
    tone = next((tone for tone in TONES if tone == plain or words & {tone, *_SYNONYMS[tone].split()}), None)
    tone = tone or _felt(label)
    return "anxious" if anxiety is not None and anxiety >= HIGH and tone not in _TROUBLED else tone


def _felt(label: str) -> str:
    """What a label in any language means: a lone word does not tell its language, so that each is tried."""
    readings = (analyse(label, language) for language in LANGUAGES)
    return next((read.tone for read in readings if read.triggers), "calm")


def moment_of(context: str, hour: int) -> str:
    """The part of the day: what the context names, else what the hour says."""
    plain = fold(context).text
    # The longer word first: an afternoon is no noon.
    named = sorted(((word, part) for part, words in _MOMENTS.items() for word in words), key=lambda one: -len(one[0]))
    found = next((part for word, part in named if word in plain), None)
    if found:
        return found
    parts = ((5, "night"), (11, "morning"), (14, "noon"), (18, "afternoon"), (22, "evening"))
    return next((part for end, part in parts if hour < end), "night")


def openers(situation: Situation) -> Openers:
    """Sentences, approach and topics to avoid for a situation; fewer sentences the further the decline."""
    words = phrases(situation.language)
    moment = moment_of(situation.context, situation.hour)
    seed = seed_of(situation.tone, situation.context, situation.turn)
    own = words["starters"][situation.tone]
    chosen = [own[(seed + place) % len(own)] for place in range(len(own))]
    if situation.anxiety >= HIGH:
        chosen.insert(0, pick(words["opening"]["reassure"], seed))
    elif situation.tone not in _TROUBLED:
        chosen.insert(0, words["moments"][moment])
    topic = _topic(situation, seed)
    if topic:
        chosen.insert(2, filled(pick(words["topic_starter"], seed), situation.language, topic=topic))
    if situation.memory and situation.anxiety < HIGH:
        chosen.insert(2, filled(pick(words["recall"], seed), situation.language, title=situation.memory))
    approach = words["approach"][situation.tone]
    if situation.anxiety >= HIGH and situation.tone != "anxious":
        approach = f"{words['approach']['anxious']} {approach}"
    return Openers(tuple(dict.fromkeys(chosen))[: _MOST[situation.level]], approach, _avoid(situation, words, moment))


def _topic(situation: Situation, seed: int) -> str | None:
    """A topic to offer: one of the zones' comforting ones, else an interest that nothing speaks against."""
    own = [topic for topic in situation.topics if not situation.guidance.harms(topic)]
    offered = list(dict.fromkeys([*situation.guidance.topics, *own]))
    return offered[seed % len(offered)] if offered else None


def _avoid(situation: Situation, words: dict[str, dict[str, list[str]]], moment: str) -> tuple[str, ...]:
    """The person's own topics first, then what holds for everybody in such a moment."""
    general = list(words["avoid"]["always"])
    if situation.anxiety >= HIGH:
        general += words["avoid"]["high"]
    if situation.tone == "confused":
        general += words["avoid"]["time"]
    if moment in ("evening", "night"):
        general += words["avoid"]["evening"]
    return tuple(dict.fromkeys([*situation.guidance.avoid, *general]))
