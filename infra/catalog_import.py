"""Imports a catalogue file into the shop: `python -m infra.catalog_import products.csv [--port 8000]`.

The shop is the laptop's of that port, running or not; `--table` and `--region` name one in AWS instead. Progress and
the summary go to standard output, refused rows to standard error; the exit status is 1 when there were any, 2 when
nothing could be imported at all.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from infra.local.instance import Failure
from infra.target import add_options, system_at

if TYPE_CHECKING:
    from storefront.catalog_import.importing import Outcome, Summary

SYSTEM = "storefront"
WIDTH = 30
"""Characters of the progress bar."""


class Progress:
    """A bar on a terminal, nothing elsewhere; refused rows are told as they come."""

    def __init__(self, lines: int, out: TextIO, errors: TextIO) -> None:
        self._lines, self._out, self._errors = max(lines, 1), out, errors
        self._bar = out.isatty()
        self._drawn, self.done, self.started = 0.0, 0, time.monotonic()

    def __call__(self, outcome: Outcome) -> None:
        self.done += 1
        if outcome.message:
            self._clear()
            kind = "refused" if outcome.result == "refused" else "note"
            print(f"line {outcome.line}: {kind}: {outcome.message}", file=self._errors, flush=True)
        self._draw(outcome.line)

    def finish(self) -> float:
        """Take the bar away; answers the seconds since the start."""
        self._clear()
        return time.monotonic() - self.started

    def _draw(self, line: int) -> None:
        now = time.monotonic()
        if not self._bar or now - self._drawn < 0.1:
            return
        self._drawn = now
        part = min(line / self._lines, 1.0)
        filled = round(part * WIDTH)
        rate = self.done / (now - self.started + 1e-9)
        bar = "#" * filled + "." * (WIDTH - filled)
        self._out.write(f"\r\x1b[K{bar} {part:4.0%}  {self.done} products, {rate:.0f}/s")
        self._out.flush()

    def _clear(self) -> None:
        if self._bar:
            self._out.write("\r\x1b[K")
            self._out.flush()
            self._drawn = 0.0


def run(file: Path, currency: str, out: TextIO, errors: TextIO) -> int:
    """Import `file` into the system whose settings are in force; answers the exit status."""
    from storefront.catalog_import.importing import import_catalog
    from storefront.catalog_import.rows import UnusableFile

    try:
        with file.open("rb") as raw:
            progress = Progress(sum(1 for _ in raw), out, errors)
        with file.open(encoding="utf-8", newline="") as stream:
            summary = import_catalog(stream, progress, currency)
    except UnusableFile as problem:
        return _unusable(file, str(problem), errors)
    except UnicodeDecodeError:
        return _unusable(file, "It is not UTF-8 text; export or save it as UTF-8", errors)
    except OSError as problem:
        return _unusable(file, problem.strerror or str(problem), errors)
    print(told(summary, progress.finish()), file=out)
    return 1 if summary.refused else 0


def told(summary: Summary, seconds: float) -> str:
    """The summary in one line."""
    counts = f"{summary.created} created, {summary.updated} updated, {summary.unchanged} unchanged"
    return f"{counts}, {summary.refused} refused in {seconds:.1f} s"


def _unusable(file: Path, problem: str, errors: TextIO) -> int:
    print(f"{file}: {problem}", file=errors)
    return 2


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="infra.catalog_import", description=__doc__)
    parser.add_argument("file", type=Path, help="our columns, or a product export of Shopify's")
    parser.add_argument("--currency", default="USD", help="of prices for which the file names none")
    add_options(parser)
    given = parser.parse_args(arguments)
    try:
        with system_at(SYSTEM, given):
            return run(given.file, given.currency.upper(), sys.stdout, sys.stderr)
    except Failure as failure:
        return _unusable(given.file, str(failure), sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
