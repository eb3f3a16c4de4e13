"""What EventBridge Scheduler does in AWS: fires the operations' schedules."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from infra.local.cron import Cron, Rate, parse
from infra.local.gateway import context
from infra.local.systems import Generation, Operation, Systems

Report = Callable[[str], None]


class UnknownOperation(Exception):
    """No such system, or no such scheduled operation in it; the text says which there are."""


class Clock:
    """Runs scheduled operations: all when they are due, and any at once on request."""

    def __init__(self, systems: Systems, report: Report) -> None:
        self.systems, self._report = systems, report
        self._last: dict[tuple[str, str], datetime] = {}
        self._running: dict[tuple[str, str], Future[Any]] = {}
        self._parsed: dict[str, Rate | Cron] = {}
        self._pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="schedule")
        self._stopped = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._tick, name="clock", daemon=True).start()

    def stop(self) -> None:
        """Fire nothing more and wait for what runs."""
        self._stopped.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def run(self, system: str, operation_id: str, detail: Mapping[str, Any] | None = None) -> Any:
        """Run a scheduled operation now and return its result. Raises `UnknownOperation`."""
        generation = self.systems.now()
        scheduled = {
            f"{found.name}/{operation.id}": operation
            for found in generation.systems.values()
            for operation in found.operations
            if operation.schedule
        }
        operation = scheduled.get(f"{system}/{operation_id}")
        if operation is None:
            known = ", ".join(sorted(scheduled)) or "none"
            raise UnknownOperation(f"no scheduled operation {system}/{operation_id}; there are: {known}")
        return self._invoke(generation, system, operation, detail)

    def fire(self, now: datetime) -> list[str]:
        """Start what is due at `now`; an operation still running from its last time is left to finish."""
        started: list[str] = []
        generation = self.systems.now()
        for system in generation.systems.values():
            for operation in system.operations:
                key = (system.name, operation.id)
                if not operation.schedule or not self._due(key, operation.schedule, now):
                    continue
                running = self._running.get(key)
                if running is None or running.done():
                    self._running[key] = self._pool.submit(self._fired, generation, system.name, operation)
                    started.append(f"{system.name}/{operation.id}")
        return started

    def _due(self, key: tuple[str, str], expression: str, now: datetime) -> bool:
        schedule = self._parsed.get(expression)
        if schedule is None:
            schedule = self._parsed[expression] = parse(expression)
        due = schedule.due(self._last.setdefault(key, now), now)
        if due:
            self._last[key] = now
        return due

    def _tick(self) -> None:
        while not self._stopped.wait(1.0 - time.time() % 1.0):
            try:
                self.fire(datetime.now(UTC))
            except Exception as error:
                self._report(f"schedules: {type(error).__name__}: {error}")

    def _fired(self, generation: Generation, system: str, operation: Operation) -> None:
        try:
            self._invoke(generation, system, operation, None)
        except Exception as error:
            self._report(f"schedule {system}/{operation.id}: {type(error).__name__}: {error}")

    def _invoke(
        self, generation: Generation, system: str, operation: Operation, detail: Mapping[str, Any] | None
    ) -> Any:
        from quintet.testing.events import schedule_event

        with self.systems.environment(generation, system):
            return operation(schedule_event(detail), context(system, operation))
