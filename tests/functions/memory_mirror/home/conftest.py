"""Fixtures of the smart home's tests: simulated devices, and records of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from infra.local.devices import Devices
from memory_mirror.home import routines, shadows
from memory_mirror.home.control import thing_name
from memory_mirror.home.entities import SmartDevice, SmartHomeRoutine
from memory_mirror.life.diary import ActivityLog
from memory_mirror.records.record import create, new, recent
from memory_mirror.service import store
from quintet.auth import tokens
from quintet.models.time import FrozenClock, frozen
from quintet.settings import use
from quintet.testing import Client
from quintet.testing.client import Answer
from tests.functions.memory_mirror.conftest import subject_of

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 1, 16, 0, tzinfo=UTC)


@pytest.fixture
def home(mirror: Client, tmp_path: Path) -> Iterator[Devices]:
    """The devices' stand-in, in force for the functions."""
    server = Devices(tmp_path / "devices.jsonl")
    server.start()
    with use({"QUINTET_IOT_ENDPOINT": server.url}):
        yield server
    server.stop()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions have all the time they need, so that a slow machine fails no test."""
    monkeypatch.setattr(shadows, "BUDGET", 20.0)
    monkeypatch.setattr(shadows, "SECONDS", 10.0)
    monkeypatch.setattr(shadows, "GRACE", 10.0)
    monkeypatch.setattr(routines, "LOOKING", 20.0)
    monkeypatch.setattr(routines, "LOOK", 10.0)


@pytest.fixture
def hasty(patient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions wait half a second for a device."""
    monkeypatch.setattr(shadows, "BUDGET", 0.5)


@contextmanager
def stopped(client: Client, at: datetime) -> Iterator[FrozenClock]:
    """Stop the clock at a moment, of which the client's session is then, too."""
    token = client.token
    assert token is not None
    said = jwt.decode(token, options={"verify_signature": False})
    claims = {name: said[name] for name in ("role", "email", "name", "confirmed")}
    with frozen(at) as clock:
        client.token, _ = tokens.issue(said["sub"], claims, timedelta(hours=12))
        try:
            yield clock
        finally:
            client.token = token


def device(owner: Client, kind: str = "light", **fields: Any) -> SmartDevice:
    """A stored device of the account."""
    values = {"name": f"The {kind}", "type": kind, **fields}
    return create(new(SmartDevice, subject_of(owner), "rose@example.com", **values))


def routine(owner: Client, *steps: tuple[SmartDevice, str, dict[str, Any]], **fields: Any) -> SmartHomeRoutine:
    """A stored routine of the account."""
    told = [{"device_id": one.id, "action": action, "parameters": parameters} for one, action, parameters in steps]
    values = {"name": "Morning Calm", "steps": told, **fields}
    return create(new(SmartHomeRoutine, subject_of(owner), "rose@example.com", **values))


def thing(one: SmartDevice) -> str:
    return thing_name(one.subject, one.id)


def control(client: Client, one: SmartDevice | str, action: str = "turn_on", **body: Any) -> Answer:
    device_id = one if isinstance(one, str) else one.id
    return client.post("/functions/controlSmartDevice", {"device_id": device_id, "action": action, **body})


def stored(one: SmartDevice) -> SmartDevice:
    """A device's record as it now is."""
    found = store.get(SmartDevice, subject=one.subject, id=one.id)
    assert found is not None
    return found


def logged(owner: Client, kind: str = "device_command") -> list[ActivityLog]:
    """What the account's log holds of a kind, newest first."""
    return recent(ActivityLog, subject_of(owner), 100, activity_type=kind)
