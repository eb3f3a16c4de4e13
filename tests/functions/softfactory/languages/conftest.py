"""What the tests of the interface's texts share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from quintet.models.time import FrozenClock
from quintet.testing import Client
from quintet.testing.client import Answer


@pytest.fixture(autouse=True)
def _at_noon(noon: FrozenClock) -> None:
    """The clock stands still."""


def good(answer: Answer) -> Any:
    assert answer.status == 200, answer
    return answer.body


def send(client: Client, language: str, translations: Mapping[str, object]) -> Any:
    """What a write answers."""
    return good(client.post("/api/i18n/strings", {"language": language, "translations": translations}))


def write(client: Client, language: str, translations: dict[str, str]) -> None:
    """Store texts, all of them."""
    assert send(client, language, translations) == {"updated_count": len(translations), "errors": []}


def said(client: Client, language: str, key: str) -> str:
    """A text as it is read by its key."""
    value: str = good(client.get(f"/api/i18n/strings/{language}/{key}"))["value"]
    return value
