"""`make reset`: empties what the instance of a port keeps; the installed environments stay."""

from __future__ import annotations

import argparse
import fcntl
import shutil
import sys

from infra.local.environment import State


def main() -> int:
    """0 when the data is gone, 1 with one line when the instance still runs."""
    parser = argparse.ArgumentParser(prog="make reset", description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    state = State.of(parser.parse_args().port)
    if in_use(state):
        print(f"Quintet runs on port {state.port}; stop it first (Ctrl-C), then reset", file=sys.stderr)
        return 1
    shutil.rmtree(state.home, ignore_errors=True)
    print(f"The data of port {state.port} is gone; `make serve` begins anew")
    return 0


def in_use(state: State) -> bool:
    """Whether an embedded AWS holds the state folder."""
    if not state.lock.exists():
        return False
    with state.lock.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


if __name__ == "__main__":
    sys.exit(main())
