"""What CloudWatch does with the metric lines that functions log: makes metrics of them, within a second or two.

On AWS the lines (Embedded Metric Format) are read from the log; here from what functions print.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

MARK = '"CloudWatchMetrics"'
"""What every metric line has, and hardly any other."""
PAUSE = 1.0
"""Seconds between two publications."""
MOST_AT_ONCE = 500
"""Metrics in one PutMetricData; CloudWatch takes 1,000."""

_Place = tuple[str, tuple[tuple[str, str], ...], str, str, int]
"""Namespace, dimensions, name, unit and minute of a metric's values."""


class Metrics:
    """Collects metric lines and publishes what they say to the embedded CloudWatch."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self._lines: deque[str] = deque()
        self._report, self._stopped = report, threading.Event()
        self._client: Any = None
        self._thread: threading.Thread | None = None

    def heed(self, text: str) -> None:
        """Take what a function printed, if it is a metric line."""
        if MARK in text:
            self._lines.append(text)

    def start(self, client: Any) -> None:
        """Publish from now on, with this client of CloudWatch."""
        self._client = client
        self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Publish the rest and no more."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def publish(self) -> None:
        """Publish what was collected so far."""
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        for namespace, data in metric_data(lines).items():
            for first in range(0, len(data), MOST_AT_ONCE):
                self._client.put_metric_data(Namespace=namespace, MetricData=data[first : first + MOST_AT_ONCE])

    def _run(self) -> None:
        last = False
        while not last:
            last = self._stopped.wait(PAUSE)
            try:
                self.publish()
            except Exception as error:
                self._report(f"metrics were not published: {type(error).__name__}: {error}")


def metric_data(texts: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """By namespace, what PutMetricData takes for some metric lines: a minute's values of a metric in one."""
    values: dict[_Place, list[float]] = defaultdict(list)
    for text in texts:
        for line in text.splitlines():
            for place, found in _read(line):
                values[place] += found
    data: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for (namespace, dimensions, name, unit, minute), found in values.items():
        data[namespace].append(
            {
                "MetricName": name,
                "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions],
                "Timestamp": minute * 60,
                "Unit": unit,
                "StatisticValues": {
                    "SampleCount": len(found), "Sum": sum(found), "Minimum": min(found), "Maximum": max(found),
                },
            }
        )  # fmt: skip
    return dict(data)


def _read(line: str) -> Iterable[tuple[_Place, list[float]]]:
    """The values of one line, by where they belong; nothing of a line that is none."""
    try:
        entry = json.loads(line)
        told = entry["_aws"]
        minute = int(told["Timestamp"]) // 60_000
        for directive in told["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                dimensions = tuple((name, str(entry[name])) for name in names)
                for metric in directive["Metrics"]:
                    name, unit = metric["Name"], metric.get("Unit", "None")
                    yield (directive["Namespace"], dimensions, name, unit, minute), _numbers(entry, name)
    except (ValueError, KeyError, TypeError):
        return


def _numbers(entry: Mapping[str, Any], name: str) -> list[float]:
    value = entry[name]
    return [float(each) for each in (value if isinstance(value, list) else [value])]
