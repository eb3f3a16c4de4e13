"""The embedded AWS's own process, run by the interpreter of its own environment (see `ministack.py`).

It holds the state folder's lock while it runs, and stops (saving its state) when its standard input closes: so it
ends with the process that started it, however that one ended.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import threading
import time
from pathlib import Path

PATIENCE = 20.0
"""Seconds to wait for a former instance that is still saving."""


def main(lock: Path) -> None:
    with lock.open("w") as held:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    sys.exit("another instance holds this state folder")
                time.sleep(0.1)
        threading.Thread(target=_stop_with_parent, daemon=True).start()
        from ministack.app import main as serve

        sys.argv = ["ministack"]
        serve()


def _stop_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
