"""`make check`: every check that CI runs, one after the other, each with its time; all run even when one fails."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass

from infra.local.environment import ROOT

SOURCES = ("layers", "functions", "infra", "tests")
LIMIT = 30 * 60
"""Seconds one step may take."""


@dataclass(frozen=True)
class Step:
    """One check: a name for people and the command behind it."""

    name: str
    command: tuple[str, ...]


def steps() -> list[Step]:
    python = (sys.executable, "-m")
    sam = str(ROOT / ".quintet" / "envs" / "sam" / "bin" / "sam")
    return [
        Step("format", (*python, "ruff", "format", "--check", "--quiet", ".")),
        Step("lint", (*python, "ruff", "check", "--quiet", ".")),
        Step("types", (*python, "mypy", *SOURCES)),
        Step("template", (sam, "validate", "--lint", "--template", "template.yaml", "--region", "us-east-1")),
        Step("tests", (*python, "pytest", "-n", "auto", "--dist", "worksteal", "-q")),
    ]


def main() -> int:
    """0 when every step passed."""
    rows = []
    for step in steps():
        print(f"── {step.name} ", flush=True)
        started = time.monotonic()
        passed = _passes(step)
        rows.append((step.name, "passed" if passed else "FAILED", time.monotonic() - started))
    print()
    for name, outcome, seconds in rows:
        print(f"  {name:10} {outcome:7} {seconds:6.1f} s")
    return int(any(outcome == "FAILED" for _, outcome, _ in rows))


def _passes(step: Step) -> bool:
    try:
        done = subprocess.run(step.command, cwd=ROOT, env=os.environ, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        print(f"{step.name} took longer than {LIMIT // 60} minutes and was ended")
        return False
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
