"""Which mood automations a mood and a level of anxiety call for."""

import unicodedata
from collections.abc import Sequence


def fits(moods: Sequence[str], least: float, most: float, mood: str, level: float) -> bool:
    """Whether an automation is for this mood and level; one without moods is for all, and both ends count."""
    return least <= level <= most and (not moods or spelled(mood) in {spelled(one) for one in moods})


def spelled(mood: str) -> str:
    """A mood's label without differences that nobody means: case, width, surrounding and double spaces."""
    return " ".join(unicodedata.normalize("NFKC", mood).casefold().split())
