"""Outside services that nothing stands in for on a laptop: what is answered without them, and how to bring one in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Absent:
    """One such service."""

    name: str
    system: str
    setting: str
    """The variable that brings it in when the developer sets it; empty where only AWS has it."""
    without: str
    """What is answered without it."""


ABSENT = (
    Absent(
        "language model",
        "memory_mirror",
        "QUINTET_BEDROCK_URL",
        "not configured: answers are computed from stored data (X-Answer-Source: fallback)",
    ),
    Absent("youtube", "memory_mirror", "", "not configured: the library and a list of era songs"),
    Absent("translation", "memory_mirror", "", "not available: 503, unless the text is in that language already"),
)


def rows(systems: Collection[str], inherited: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Rows for the table of URLs."""
    found = []
    for one in ABSENT:
        if one.system in systems:
            url = inherited.get(one.setting, "") if one.setting else ""
            found.append((one.name, url or "-", "" if url else one.without))
    return found
