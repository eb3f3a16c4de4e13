"""What a person sees in the terminal: progress, the table of addresses, one line per call, errors with their stack.

The functions log JSON lines to standard output, as Lambda wants it. Here these go to a file, and only errors are
shown, readably.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TextIO

from infra.local.gateway import Call, Reply, elapsed

LARGEST_LOG = 20 * 1024 * 1024


class Console:
    """The terminal, shared by threads."""

    def __init__(self, out: TextIO) -> None:
        self._out, self._lock = out, threading.Lock()
        self._colour = out.isatty()

    def say(self, text: str) -> None:
        with self._lock:
            print(text, file=self._out, flush=True)

    def step(self, text: str) -> None:
        """A line of progress."""
        self.say(f"  {text}")

    def table(self, rows: Iterable[Sequence[str]]) -> None:
        """Rows in aligned columns."""
        lines = [tuple(row) for row in rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        text = "\n".join(
            "  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        )
        self.say(text)

    def called(self, call: Call, reply: Reply, started: float) -> None:
        """One line for a call that was answered."""
        colour = {2: "32", 3: "36", 4: "33", 5: "31"}.get(reply.status // 100, "0")
        status = f"\x1b[{colour}m{reply.status}\x1b[0m" if self._colour else str(reply.status)
        note = f"  {reply.note}" if reply.note else ""
        self.say(f"  {time.strftime('%H:%M:%S')} {status} {call.method:6} {call.path}  {elapsed(started)}{note}")


class FunctionLog:
    """Stands in for standard output: keeps what functions log in a file and shows errors on the console.

    `heed` is told of all of it.
    """

    encoding = "utf-8"

    def __init__(self, path: Path, console: Console, heed: Callable[[str], None] = lambda _: None) -> None:
        if path.exists() and path.stat().st_size > LARGEST_LOG:
            path.replace(path.with_suffix(".log.1"))
        self._file = path.open("a", buffering=1, encoding=self.encoding)
        self._console, self._heed = console, heed

    def write(self, text: str) -> int:
        self._file.write(text)
        self._heed(text)
        if '"level":"ERROR"' in text or '"level":"CRITICAL"' in text:
            for line in text.splitlines():
                self._show(line)
        return len(text)

    def flush(self) -> None:
        self._file.flush()

    def isatty(self) -> bool:
        return False

    def close(self) -> None:
        self._file.close()

    def _show(self, line: str) -> None:
        try:
            entry = json.loads(line)
        except ValueError:
            return
        if isinstance(entry, dict) and entry.get("level") in ("ERROR", "CRITICAL"):
            shown = f"  {entry.get('operation', '')} {entry.get('message', '')}".rstrip()
            self._console.say(f"{shown}\n{entry['exception']}" if entry.get("exception") else shown)


def redirect(log: FunctionLog) -> None:
    """Send what functions print to their log."""
    sys.stdout = log
