"""Runs a module of a system on the laptop's data: `python -m infra.local.run storefront storefront.some_module ARG…`.

It works beside a running `make serve` of the same port, and starts the embedded AWS for itself when none runs.
"""

from __future__ import annotations

import argparse
import os
import runpy
import sys

from infra.local.environment import State, variables
from infra.local.instance import Failure, beside
from infra.local.systems import FUNCTIONS, LAYER


def main() -> int:
    """The module's own exit status; 1 with one line when there is nothing to run it on."""
    parser = argparse.ArgumentParser(prog="infra.local.run", description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("system")
    parser.add_argument("module")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    sys.path[:0] = [str(FUNCTIONS), str(LAYER)]
    try:
        with beside(State.of(given.port), lambda _progress: None) as endpoints:
            os.environ.update(variables(given.system, endpoints, os.environ))
            os.environ.setdefault("POWERTOOLS_METRICS_DISABLED", "true")
            sys.argv = [given.module, *given.arguments]
            runpy.run_module(given.module, run_name="__main__")
    except Failure as failure:
        print(f"Quintet cannot start: {failure}", file=sys.stderr)
        return 1
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    return 0


if __name__ == "__main__":
    sys.exit(main())
