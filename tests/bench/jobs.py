"""Jobs for `child.py`: what to run, in which environment, and how its cost is measured."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

CHILD = Path(__file__).with_name("child.py")
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass(frozen=True)
class Job:
    """One handler and one event, with the answers AWS gives to it; no event: importing the module is all."""

    name: str
    python: Path
    path: Sequence[str]
    module: str
    attribute: str = ""
    event: Mapping[str, Any] | None = None
    first: Sequence[Mapping[str, Any]] = ()
    again: Sequence[Mapping[str, Any]] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    expect: int = 200


@dataclass(frozen=True)
class Figure:
    """Measured milliseconds: the median, the middle half around it, and of how many."""

    median: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Figure:
        quarters = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3
        return cls(statistics.median(values), quarters[0], quarters[2], len(values))


class Failed(Exception):
    """A child did not do what its job says."""


def run(job: Job, calls: int = 0, batches: int = 0) -> tuple[float, list[float]]:
    """CPU milliseconds (user and system) of the whole child, and of each warm batch per call."""
    with tempfile.TemporaryDirectory(prefix="quintet-bench-") as folder:
        given, found = Path(folder, "job.json"), Path(folder, "result.json")
        values = {**asdict(job), "python": "", "env": {**CREDENTIALS, **job.env}, "calls": calls, "batches": batches}
        given.write_text(json.dumps(values))
        errors = Path(folder, "errors.txt")
        with errors.open("wb") as stderr:
            # -P: no script folder on the path, as in Lambda; a clean environment: no PYTHON* of the caller.
            child = subprocess.Popen(
                [job.python, "-P", CHILD, given, found],
                stdout=subprocess.DEVNULL, stderr=stderr, env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"},
            )  # fmt: skip
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise Failed(f"{job.name}: {errors.read_text()[-2000:]}")
        batched: list[float] = json.loads(found.read_text()) if calls else []
        return (usage.ru_utime + usage.ru_stime) * 1000, batched


def cold(jobs: Sequence[Job], rounds: int) -> dict[str, Figure]:
    """CPU of fresh interpreters; the jobs take turns, so that whatever slows the machine slows all of them."""
    found: dict[str, list[float]] = {job.name: [] for job in jobs}
    for job in jobs:
        run(job)  # compiles what is not compiled yet
    for _ in range(rounds):
        for job in jobs:
            found[job.name].append(run(job)[0])
    return {name: Figure.of(values) for name, values in found.items()}


def warm(jobs: Sequence[Job], rounds: int, calls: int, batches: int) -> dict[str, Figure]:
    """CPU per call of a process that is warm; the jobs take turns."""
    found: dict[str, list[float]] = {job.name: [] for job in jobs}
    for _ in range(rounds):
        for job in jobs:
            found[job.name] += run(job, calls, batches)[1]
    return {name: Figure.of(values) for name, values in found.items()}
