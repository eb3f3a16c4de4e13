"""Runs every benchmark, prints the tables and writes them to docs/benchmarks.md (`make bench`)."""

from __future__ import annotations

import argparse
import contextlib
import io
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TypeVar

_ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(_ROOT / "layers/common/python"), str(_ROOT / "functions")]

from quintet.api import Api  # noqa: E402 (needs the path above)
from tests.bench import environments, jobs, listing, people_scenes, plain_shops, scenes, walk  # noqa: E402 (needs the path above)
from tests.bench.jobs import Job  # noqa: E402
from tests.bench.report import BASELINE, OURS, Measured, Spent, report  # noqa: E402

T = TypeVar("T")

TARGET = _ROOT / "docs" / "benchmarks.md"
NAMES = ("boto3", "pydantic", "aws-lambda-powertools", "fastapi", "mangum", "chalice")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--cold-rounds", type=int, default=11, help="fresh processes per handler")
    parser.add_argument("--warm-rounds", type=int, default=6, help="warm processes per handler")
    parser.add_argument("--calls", type=int, default=60, help="calls per warm batch")
    parser.add_argument("--long-list", type=int, default=10_000, help="products in the long list")
    options = parser.parse_args()
    base = Job(BASELINE, environments.lambda_python(), [plain_shops.SHOPS], "baseline")
    handlers = _step("recording what AWS answers", _handlers)
    todo = [job for _, _, job, _ in handlers]
    cold = _step("cold starts", lambda: jobs.cold([base, *todo], options.cold_rounds))
    warm = _step("warm calls", lambda: jobs.warm(todo, options.warm_rounds, options.calls, 3))
    spent = _step("DynamoDB units of every operation", _spent)
    listed = _step("short and long lists", lambda: listing.measure((100, options.long_list)))
    measured = [Measured(f, o, requests, cold[job.name], warm[job.name]) for f, o, job, requests in handlers]
    text = report(cold[BASELINE], measured, spent, listed, _versions())
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(text, encoding="utf-8")
    print(text)


def _handlers() -> list[tuple[str, str, Job, list[str]]]:
    """(framework, operation, job, AWS requests of a first call) of everything measured in a process of its own."""
    ours = [(OURS, operation, job) for operation, job in (*scenes.jobs(), *people_scenes.jobs())]
    found = [*ours, *plain_shops.jobs()]
    return [(f, o, job, [e["request"].rpartition(".")[2] for e in job.first]) for f, o, job in found]


def _spent() -> list[Spent]:
    found = []
    for system in walk.SYSTEMS:
        api: Api = import_module(f"{system}.service").api
        used = walk.measure(system)
        for o in api.load():
            route = f"{o.method} {o.path}" if o.method else o.schedule or o.socket or str(o.queue or o.stream or "")
            found.append(Spent(api.title, o.id, route, used[o.id]))
    return found


def _versions() -> dict[str, str]:
    """The versions that were measured, asked of the environments they were measured in."""
    script = (
        "import importlib.metadata as m, sys\n"
        "for d in m.distributions():\n"
        "  if d.name.lower().replace('_', '-') in sys.argv[1:]: print(d.name.lower().replace('_', '-'), d.version)"
    )
    found: dict[str, str] = {}
    for python in (environments.lambda_python(), environments.frameworks_python()):
        lines = subprocess.run([python, "-c", script, *NAMES], check=True, capture_output=True, text=True, timeout=60)
        found |= dict(line.split() for line in lines.stdout.splitlines())
    return {name: found[name] for name in NAMES if name in found}


def _step(title: str, work: Callable[[], T]) -> T:
    """Run one part; what its handlers log stays out of sight."""
    print(f"{title} …", end=" ", file=sys.stderr, flush=True)
    started = time.monotonic()
    with contextlib.redirect_stdout(io.StringIO()):
        found = work()
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return found


if __name__ == "__main__":
    main()
