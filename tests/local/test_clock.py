"""Schedules run on the laptop's clock and on request."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from infra.local.clock import Clock
from infra.local.outbox import Outbox
from infra.local.routes import LocalRoutes
from tests.local.fakes import FakeOperation, fake_systems, ignore, served

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class Job:
    """A scheduled function that remembers its events and can be held up."""

    def __init__(self, schedule: str = "rate(1 minute)", **options: Any) -> None:
        self.events: list[Mapping[str, Any]] = []
        self.go = threading.Event()
        self.go.set()
        self.operation = FakeOperation("jobs.sweep", None, "", self._run, schedule=schedule, **options)

    def _run(self, event: Mapping[str, Any], _context: Any) -> Any:
        self.go.wait(60)
        self.events.append(event)
        return {"swept": len(self.events)}


@contextmanager
def clock(*operations: FakeOperation, said: list[str] | None = None) -> Iterator[Clock]:
    running = Clock(fake_systems(*operations), (said if said is not None else []).append)
    try:
        yield running
    finally:
        running.stop()


def test_a_schedule_fires_when_it_is_due_with_an_eventbridge_event() -> None:
    job = Job()
    with clock(job.operation) as running:
        assert running.fire(NOON) == []
        assert running.fire(NOON + timedelta(seconds=59)) == []
        assert running.fire(NOON + timedelta(seconds=60)) == ["fake/jobs.sweep"]

    assert [event["detail-type"] for event in job.events] == ["Scheduled Event"]


def test_a_run_that_takes_longer_than_its_period_is_not_run_twice_at_once() -> None:
    job = Job()
    job.go.clear()
    with clock(job.operation) as running:
        running.fire(NOON)
        assert running.fire(NOON + timedelta(minutes=1)) == ["fake/jobs.sweep"]
        assert running.fire(NOON + timedelta(minutes=2)) == []
        job.go.set()

    assert len(job.events) == 1


def test_a_failing_schedule_is_reported_and_fires_again() -> None:
    def fail(_event: Any, _context: Any) -> None:
        raise RuntimeError("no luck")

    said: list[str] = []
    with clock(FakeOperation("jobs.fail", None, "", fail, schedule="rate(1 minute)"), said=said) as running:
        running.fire(NOON)
        running.fire(NOON + timedelta(minutes=1))
    with clock(FakeOperation("jobs.fail", None, "", fail, schedule="rate(1 minute)"), said=said) as running:
        running.fire(NOON)

    assert said == ["schedule fake/jobs.fail: RuntimeError: no luck"]


def test_a_schedule_that_makes_no_sense_is_an_error() -> None:
    with clock(Job("every now and then").operation) as running, pytest.raises(ValueError, match="every now and then"):
        running.fire(NOON)


def test_posting_to_a_schedule_runs_it_now_and_answers_its_result(tmp_path: Any) -> None:
    job, plain = Job(), FakeOperation("things.get", "GET", "/x", lambda _e, _c: {"statusCode": 200})
    systems = fake_systems(job.operation, plain)
    running = Clock(systems, ignore)
    with served(systems, LocalRoutes(systems, Outbox(tmp_path / "outbox"), running)) as port:
        base = f"http://127.0.0.1:{port}/_local/schedules"
        ran = httpx.post(f"{base}/fake/jobs.sweep")
        again = httpx.post(f"{base}/fake/jobs.sweep", json={"day": "2026-11-21"})
        bad = httpx.post(f"{base}/fake/jobs.sweep", content=b"[1]")
        unscheduled = httpx.post(f"{base}/fake/things.get")
        wrong_method = httpx.get(f"{base}/fake/jobs.sweep")
    running.stop()

    assert (ran.status_code, ran.json()) == (200, {"swept": 1})
    assert (again.status_code, again.json()) == (200, {"swept": 2})
    assert job.events[1]["detail"] == {"day": "2026-11-21"}
    assert bad.status_code == 400
    assert unscheduled.status_code == 404
    assert unscheduled.json()["message"] == "no scheduled operation fake/things.get; there are: fake/jobs.sweep"
    assert wrong_method.status_code == 404
