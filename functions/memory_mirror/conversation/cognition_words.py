"""An assessment in words for families and care teams: indicators with their counts, adaptations, the reasoning."""

from typing import Any, Final

from memory_mirror.accounts.people import Cognition
from memory_mirror.conversation.cognition import LEAST_TURNS, LEAST_WORDS, Assessment, Direction, Sign

_WORDS: Final = {
    "repeated_statements": "{count} of {of} statements repeat an earlier one",
    "repeated_questions": "{count} of {of} questions were asked before",
    "word_finding": "{count} breaks or filler words in {of} words ({value:g} in a hundred)",
    "word_variety": "{value:.0%} of the words in any stretch of 25 differ ({count} different ones of {of})",
    "disorientation": "{count} of {of} turns speak of being lost in time or place, of going home or of missing people",
    "loses_thread": "{count} of {of} longer answers leave the subject",
}
_STRENGTHS: Final = ((0.15, "none"), (0.5, "some"))
_ADAPTATIONS: Final[dict[Cognition, tuple[str, ...]]] = {
    "mild": (
        "Speak naturally, one subject at a time.",
        "Give time for an answer; offer a word only when it is welcome.",
        "Talk about stories, plans of the day and interests.",
    ),
    "moderate": (
        "Use short sentences and name people and things instead of he, she or it.",
        "Offer two choices rather than an open question.",
        "Use pictures, music and objects to start a talk.",
    ),
    "advanced": (
        "One short sentence or one request at a time, with a gesture.",
        "Answer the feeling before the words; repeat calmly in the same words.",
        "Prefer familiar songs, pictures and touch to questions.",
    ),
    "severe": (
        "Speak little: name, smile, touch, a familiar melody.",
        "Watch face and hands for comfort and discomfort.",
        "Keep surroundings quiet, warm and the same.",
    ),
}  # fmt: skip
_FOR_SIGN: Final = {
    "repeated_questions": "Answer a repeated question as if it were the first time, then lead to something pleasant.",
    "repeated_statements": "Welcome a story that is told again, and ask about another part of it.",
    "word_finding": "Wait while a word is looked for; look at or show the thing meant.",
    "disorientation": "Do not correct time or place; speak of the feeling of home and of safe places.",
    "loses_thread": "Gently take up the last thing said when the subject is lost.",
}
_LONGEST_REASON = 3


def indicators(found: Assessment) -> list[dict[str, Any]]:
    """Each sign that could be measured, with its strength and counts."""
    return [
        {
            "name": sign.name,
            "strength": strength(sign),
            "value": sign.value,
            "count": sign.count,
            "of": sign.of,
            "description": described(sign),
        }
        for sign in found.signs
        if sign.of
    ]


def strength(sign: Sign) -> str:
    """`none`, `some` or `strong`."""
    return next((name for end, name in _STRENGTHS if sign.strength < end), "strong")


def described(sign: Sign) -> str:
    """The sign in a sentence with its counts."""
    return _WORDS[sign.name].format(count=sign.count, of=sign.of, value=sign.value)


def adaptations(level: Cognition, found: Assessment) -> list[str]:
    """How to talk at a level, then what the strongest signs ask for."""
    signs = sorted((sign for sign in found.signs if strength(sign) != "none"), key=lambda sign: -sign.strength)
    return [*_ADAPTATIONS[level], *(_FOR_SIGN[sign.name] for sign in signs if sign.name in _FOR_SIGN)]


def reasoning(level: Cognition, found: Assessment, direction: Direction, earlier: int) -> str:
    """Why this level, on how much it rests, and what it is compared with."""
    rests = f"{found.turns} turns with {found.words} words"
    if found.score is None:
        return (
            f"Too little to judge by: {rests} of the person; at least {LEAST_TURNS} turns with {LEAST_WORDS} words are "
            f"needed. The level shown ({level}) is the last one known, not a new estimate."
        )
    signs = sorted(
        (sign for sign in found.signs if strength(sign) != "none"), key=lambda one: -one.strength * one.weight
    )
    told = "; ".join(described(sign) for sign in signs[:_LONGEST_REASON]) or "no sign stands out"
    return (
        f"Score {found.score:g} of 100 from {rests} ({found.confidence} confidence): {told}. "
        f"{_compared(direction, earlier)} This says how to talk with the person; it is no diagnosis."
    )


def _compared(direction: Direction, earlier: int) -> str:
    if direction == "insufficient_data":
        return f"With {earlier} earlier assessments there is no trend to tell yet."
    return f"Compared with {earlier} earlier assessments the trend is {direction}."
