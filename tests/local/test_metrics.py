"""The laptop's CloudWatch gets the metrics that functions log."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.local.metrics import Metrics, metric_data
from quintet import log
from quintet.net import aws
from quintet.providers.metrics import daily_sums
from quintet.settings import Settings

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def line(at: datetime, values: dict[str, Any], service: str = "demo") -> str:
    metrics = [{"Name": name, "Unit": "Count"} for name in values]
    directive = {"Namespace": "Quintet", "Dimensions": [["service"]], "Metrics": metrics}
    told = {"Timestamp": int(at.timestamp() * 1000), "CloudWatchMetrics": [directive]}
    return json.dumps({"_aws": told, "service": service, **values}, separators=(",", ":"))


def test_a_minutes_values_of_a_metric_are_published_together() -> None:
    lines = [line(NOON, {"Requests": [1.0], "LatencyMs": 5.0}), line(NOON, {"LatencyMs": [7.0, 3.0]}),
             line(NOON + timedelta(minutes=1), {"Requests": [1.0]})]  # fmt: skip
    data = metric_data(["\n".join(lines)])["Quintet"]
    found = [(d["MetricName"], d["Timestamp"], d["StatisticValues"]) for d in data]
    noon = int(NOON.timestamp())
    assert found == [
        ("Requests", noon, {"SampleCount": 1, "Sum": 1.0, "Minimum": 1.0, "Maximum": 1.0}),
        ("LatencyMs", noon, {"SampleCount": 3, "Sum": 15.0, "Minimum": 3.0, "Maximum": 7.0}),
        ("Requests", noon + 60, {"SampleCount": 1, "Sum": 1.0, "Minimum": 1.0, "Maximum": 1.0}),
    ]
    assert {tuple(d["Dimensions"][0].values()) for d in data} == {("service", "demo")}


@pytest.mark.parametrize("text", ["", "no JSON", "[]", '{"_aws": {}}', '{"_aws": {"CloudWatchMetrics": 7}}'])
def test_what_is_no_metric_line_is_passed_over(text: str) -> None:
    assert metric_data([text, text + "\n" + text]) == {}


def test_what_functions_log_can_be_read_as_metrics(
    table: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POWERTOOLS_METRICS_DISABLED", raising=False)
    metrics = Metrics(lambda _: None)
    for size in (100, 20):
        log.metrics("notes.read", {"Requests": 1, "BytesOut": size, "Colour": 7})
    print("another line")
    for text in capsys.readouterr().out.splitlines():
        metrics.heed(text)
    metrics.start(aws.client("cloudwatch"))
    metrics.stop()
    present = datetime.now(UTC)
    first = present.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)  # midnight may be just past
    sums = daily_sums(["Requests", "BytesOut", "Colour"], first, present)
    assert {name: sum(days.values()) for name, days in sums.items()} == {"Requests": 2, "BytesOut": 120, "Colour": 0}


def test_a_cloudwatch_that_is_down_is_reported_and_stops_nothing() -> None:
    class Down:
        def put_metric_data(self, **_: Any) -> None:
            raise OSError("refused")

    said: list[str] = []
    metrics = Metrics(said.append)
    metrics.heed(line(NOON, {"Requests": [1.0]}))
    metrics.start(Down())
    metrics.stop()
    assert said == ["metrics were not published: OSError: refused"]
