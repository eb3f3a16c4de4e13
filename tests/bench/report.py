"""The report: Markdown tables from what was measured."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.bench.jobs import Figure
from tests.bench.listing import Listed
from tests.bench.meter import Usage

BASELINE = "baseline"
OURS = "Quintet"
MOST_COLD, MOST_WARM = 1.10, 0.4


@dataclass(frozen=True)
class Measured:
    """One handler: whose it is, what it does, what it asks of AWS, and its figures in milliseconds of CPU."""

    framework: str
    operation: str
    requests: Sequence[str]
    cold: Figure
    warm: Figure


@dataclass(frozen=True)
class Spent:
    """What one operation of a system consumes."""

    system: str
    operation: str
    route: str
    usage: Usage


def report(
    baseline: Figure, measured: Sequence[Measured], spent: Sequence[Spent], listed: Sequence[Listed],
    versions: Mapping[str, str],
) -> str:  # fmt: skip
    """The whole document."""
    return "\n".join(
        [
            *_preface(versions),
            *_cold(baseline, measured),
            *_warm(measured),
            *_lists(listed),
            *_units(spent),
        ]
    )


def _preface(versions: Mapping[str, str]) -> list[str]:
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    packages = ", ".join(f"{name} {version}" for name, version in versions.items())
    return [
        "# Benchmarks",
        "",
        "Written by `make bench`. Absolute times are those of one machine on one day; compare the rows of one run.",
        "",
        f"Machine: {os.cpu_count()} cores, {platform.machine()}, CPython {python}, {packages}.",
        "",
        "How it is measured: every handler runs in a process of its own, in an environment that holds what Lambda has",
        "on its path and no more, with compiled bytecode. What AWS answers was recorded from the same handler running",
        "against moto and is played back beneath the HTTP client, so all of signing, serialising and parsing is real",
        "and only the network, TLS included, is left out. Times are CPU (user and system). The handlers take turns.",
        "",
        "The three shops have the same data and ask DynamoDB for the same things: one `GetItem`; one `Query` whose",
        "first row is the list's counter; and for an order the cart, products and stock in one batch, and one",
        "transaction. Those for FastAPI and Chalice are in `tests/bench/shops/`, written as their documentation",
        "teaches, and leave out what they do not bring: idempotency keys, promotions, listings for the staff,",
        "structured logs and metrics, secrets from Secrets Manager, and the confirming e-mail with its outbox, which",
        "is why ours has more requests.",
        "",
    ]


def _cold(baseline: Figure, measured: Sequence[Measured]) -> list[str]:
    head = ["handler", "CPU ms", "middle half", "ratio", "requests of the first call"]
    rows: list[list[str]] = [["import boto3, make a client, define a model", *_figure(baseline), "1.00", ""]]
    for m in measured:
        ratio = f"{m.cold.median / baseline.median:.2f}"
        rows.append([f"{m.framework}: {m.operation}", *_figure(m.cold), ratio, ", ".join(m.requests)])
    return [
        "## Cold start",
        "",
        "CPU of a fresh interpreter that imports one handler and answers its first event, as a ratio to one that only",
        f"imports boto3, makes a DynamoDB client and defines one pydantic model (aim: at most {MOST_COLD:.2f}).",
        f"Medians of {baseline.count} processes each.",
        "",
        *_table(head, rows),
        "",
    ]


def _warm(measured: Sequence[Measured]) -> list[str]:
    operations = list(dict.fromkeys(m.operation for m in measured))
    frameworks = list(dict.fromkeys(m.framework for m in measured))
    found = {(m.framework, m.operation): m for m in measured}
    rows = []
    for operation in operations:
        cells = [operation]
        for framework in frameworks:
            m = found.get((framework, operation))
            cells.append(f"{m.warm.median:.2f} ({m.warm.low:.2f}–{m.warm.high:.2f})" if m else "")
        rows.append(cells)
    return [
        "## Warm calls",
        "",
        f"CPU milliseconds per call, median (middle half) of {measured[0].warm.count} batches; aim for ours of",
        f"`get product`: at most {MOST_WARM} ms.",
        "",
        *_table(["operation", *frameworks], rows),
        "",
    ]


def _lists(listed: Sequence[Listed]) -> list[str]:
    rows = [
        [f"{one.length:,}", one.query.replace("&", ", "), one.usage.summary, f"{one.usage.reads:g}",
         f"{one.body / 1024:.1f}", f"{one.milliseconds:.1f}"]
        for one in listed
    ]  # fmt: skip
    return [
        "## Page 1 of a short and of a long list",
        "",
        "The products of the shop with an exact total, at two lengths (aim: the same cost). The table is moto's; rows",
        "and counters were written in batches. CPU is the handler's without the time moto spends answering.",
        "",
        *_table(["products", "page", "requests", "read units", "reply KB", "CPU ms"], rows),
        "",
    ]


def _units(spent: Sequence[Spent]) -> list[str]:
    lines = [
        "## What each operation asks of DynamoDB",
        "",
        "Requests and units of one successful call, from the sizes of the items it met and DynamoDB's published rules:",
        "4 KB a read unit (half when eventually consistent), 1 KB a write unit, twice in a transaction, and the writes",
        "to the indexes that follow. Administrative operations start with reading the caller's roles.",
        "",
    ]
    for system in dict.fromkeys(s.system for s in spent):
        rows = [
            [s.operation, s.route, s.usage.summary, f"{s.usage.reads:g}", f"{s.usage.writes:g}"]
            for s in spent
            if s.system == system
        ]
        head = ["operation", "route", "requests", "read units", "write units"]
        lines += [f"### {system}", "", *_table(head, rows), ""]
    return lines


def _figure(figure: Figure) -> tuple[str, str]:
    return f"{figure.median:.0f}", f"{figure.low:.0f}–{figure.high:.0f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]
