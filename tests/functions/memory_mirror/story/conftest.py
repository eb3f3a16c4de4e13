"""Fixtures of memories, stories and music: Rose, whose life is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from memory_mirror.model import entities
from memory_mirror.model.records import Record, create, new
from quintet.testing import Client
from tests.functions.memory_mirror.conftest import subject_of
from tests.functions.memory_mirror.story.lives import INTERESTS, MEMORIES, NAMES

Keep = Callable[..., Record]


@pytest.fixture
def keep(rose: Client) -> Keep:
    """`keep("Memory", title=…)` stores a record of Rose's."""

    def store(kind: str, **fields: Any) -> Record:
        return create(new(entities.KINDS[kind], subject_of(rose), "rose@example.com", **fields))

    return store


Settle = Callable[..., list[str]]


@pytest.fixture
def settle(keep: Keep) -> Settle:
    """`settle("de", cognitive_level="mild")` gives Rose a profile and three good memories in a language: their ids."""

    def live(language: str = "en", **profile: Any) -> list[str]:
        fields: dict[str, Any] = {
            "full_name": f"{NAMES[language]} Miller", "language": language, "interests": list(INTERESTS[language]),
            "favourite_era": "1950s", **profile,
        }  # fmt: skip
        keep("UserProfile", **fields)
        return [
            keep("Memory", title=title, content=text, era=era, sentiment="positive").id
            for title, text, era in MEMORIES[language]
        ]

    return live
