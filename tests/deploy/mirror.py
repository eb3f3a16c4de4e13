"""What Memory Mirror's story and the effects of its clock have in common: people, calls, mails."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from tests.deploy.front import Answer, Front
from tests.deploy.stories import Stage

API = "/functions"
ROSE, CARL, EMMA, LATE = "rose@example.com", "carl@example.com", "emma@example.com", "late@example.com"
PASSWORD = "a-garden-of-roses"
PLACE = {"era": "1960s", "sentiment": "positive"}
THING = "quintet-dev-memory-mirror-{subject}_{device}"
"""How docs/operations.md names a device's thing."""


def at(moment: datetime) -> dict[str, str]:
    """A moment as reminders and schedules have it."""
    return {"starts_at": moment.strftime("%Y-%m-%dT%H:%M:00"), "timezone": "UTC"}


def thing(stage: Stage, device: str) -> str:
    return THING.format(subject=stage.notes[ROSE], device=device)


def login(front: Front, email: str, password: str = PASSWORD) -> Front:
    return front.as_caller(ok(front.post("/auth/login", {"email": email, "password": password}))["access_token"])


def make(who: Front, entity: str, /, **fields: Any) -> str:
    """A new record's id."""
    return str(ok(who.post(f"/entities/{entity}", fields))["id"])


def call(who: Front, function: str, /, **body: Any) -> Any:
    return ok(who.post(f"{API}/{function}", body or None))


def mails(stage: Stage, email: str) -> list[str]:
    return [json.dumps(mail) for mail in stage.cloud.mails() if email in mail["To"]]


def count(stage: Stage, words: str, email: str) -> int:
    """How many mails to an address contain some words."""
    return sum(words in text for text in mails(stage, email))


def ok(answer: Answer) -> Any:
    assert answer.status < 400, answer
    return answer.data
