"""Sums of the system's own custom metrics (`quintet.log.METRICS`), read from Amazon CloudWatch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from quintet.log import NAMESPACE
from quintet.net import aws
from quintet.providers.errors import aws_errors
from quintet.settings import settings

_SERVICE = "CloudWatch"
_DAY = 86_400


def daily_sums(names: Sequence[str], since: datetime, until: datetime) -> dict[str, dict[datetime, float]]:
    """By metric and day, what was written between two instants; a day without anything is absent.

    Days begin at the time of day of `since`, which is a whole hour in UTC and at most 455 days ago, as long as
    CloudWatch keeps hours. Every name costs 10 US dollars per million calls. Raises Rejected, Throttled or Unavailable.
    """
    queries = [_query(f"m{number}", name) for number, name in enumerate(names)]
    found: dict[str, dict[datetime, float]] = {name: {} for name in names}
    with aws_errors(_SERVICE):
        pages = (
            aws.client("cloudwatch")
            .get_paginator("get_metric_data")
            .paginate(MetricDataQueries=queries, StartTime=since, EndTime=until + timedelta(minutes=1))
        )
        for page in pages:
            for result in page["MetricDataResults"]:
                name = names[int(result["Id"][1:])]
                found[name].update(zip(result["Timestamps"], result["Values"], strict=True))
    return found


def _query(id: str, name: str) -> dict[str, Any]:
    dimensions = [{"Name": "service", "Value": settings().system}]
    metric = {"Namespace": NAMESPACE, "MetricName": name, "Dimensions": dimensions}
    return {"Id": id, "MetricStat": {"Metric": metric, "Period": _DAY, "Stat": "Sum"}}
