"""What one million requests cost in AWS, from the benchmark's calls and AWS's published prices.

`python -m tests.deploy.costs` prints the table of docs/operations.md. Units are read off docs/benchmarks.md, where
every operation's DynamoDB calls are measured; time and log volume are assumed as said there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from infra.local.environment import ROOT

MILLION = 1_000_000
# US dollars in us-east-1, from the pricing pages of API Gateway, Lambda, DynamoDB and CloudWatch, November 2026.
HTTP_API = 1.00
"""A million requests of an HTTP API."""
LAMBDA_REQUESTS, LAMBDA_GB_SECOND = 0.20, 0.0000133334
"""A million invocations; a gigabyte-second on arm64."""
READ_UNITS, WRITE_UNITS = 0.125, 0.625
"""A million on-demand request units."""
LOGS_GB = 0.50
"""A gigabyte taken in by CloudWatch Logs."""

MEMORY_GB = 0.5
BASE_MS, REQUEST_MS = 5.0, 6.0
"""Billed milliseconds of a warm call: its own, and for each request to DynamoDB."""
LOGGED_BYTES = 1300
"""The function's report and metrics line and the API's access log line."""

_ROW = re.compile(r"^\| (\w+\.\w+) \| (.+?) \| (.+?) \| ([\d.]+) \| ([\d.]+) \|$", re.MULTILINE)


@dataclass(frozen=True)
class Measured:
    """One operation of the benchmark: its route's method, requests and units of one call."""

    method: str
    requests: int
    reads: float
    writes: float


def measured() -> dict[str, list[Measured]]:
    """The benchmark's operations by the title of their system."""
    text = (ROOT / "docs/benchmarks.md").read_text().partition("## What each operation asks of DynamoDB")[2]
    found = {}
    for part in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        title, _, rest = part.partition("\n")
        listed = [
            Measured(route.split()[0], _requests(requests), float(reads), float(writes))
            for _, route, requests, reads, writes in _ROW.findall(rest)
        ]
        found[title.strip()] = [one for one in listed if one.method.isupper()]
    return found


def rows() -> list[str]:
    """The table's rows: for each system, the mixes of calls."""
    found = []
    for title, operations in measured().items():
        mixes = {
            "every operation equally often": operations,
            "reading alone": [one for one in operations if one.method == "GET"],
            "changing alone": [one for one in operations if one.method != "GET"],
        }
        found += [_row(title, mix, chosen) for mix, chosen in mixes.items()]
    return found


def table() -> str:
    """The whole table, in US dollars."""
    head = ["system", "a million calls,", "API", "Lambda", "DynamoDB", "logs", "together"]
    return "\n".join([f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}", *rows()])


def _row(title: str, mix: str, operations: list[Measured]) -> str:
    requests, reads, writes = (
        _mean(one.requests for one in operations), _mean(one.reads for one in operations),
        _mean(one.writes for one in operations),
    )  # fmt: skip
    seconds = (BASE_MS + REQUEST_MS * requests) / 1000
    parts = (
        HTTP_API,
        LAMBDA_REQUESTS + MILLION * seconds * MEMORY_GB * LAMBDA_GB_SECOND,
        reads * READ_UNITS + writes * WRITE_UNITS,
        LOGGED_BYTES * MILLION / 1e9 * LOGS_GB,
    )
    return f"| {title} | {mix} | " + " | ".join(f"{value:.2f}" for value in (*parts, sum(parts))) + " |"


def _requests(text: str) -> int:
    """`2 GetItem, Query` is 3."""
    if text == "none":
        return 0
    return sum(int(match[1] or 1) for match in re.finditer(r"(?:(\d+) )?\w+(?:,|$)", text))


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed)


if __name__ == "__main__":
    print(table())
