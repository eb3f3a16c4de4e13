"""Which system a command line tool works on: the laptop's of some port, or a table in an AWS account."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from infra.local.environment import State, variables
from infra.local.instance import beside
from infra.local.systems import FUNCTIONS, LAYER

DEFAULT_PORT = 8000


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that name the target."""
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="the laptop's instance to work on")
    parser.add_argument("--table", help="work on this table in AWS instead, with the caller's credentials")
    parser.add_argument("--region", default="us-east-1", help="of that table")


@contextmanager
def system_at(system: str, given: argparse.Namespace) -> Iterator[None]:
    """Put a system in force for the block, so that its own code works on the target's data.

    A laptop's instance is used beside its running server, or started for the block. Raises
    `infra.local.instance.Failure` when it cannot start.
    """
    sys.path[:0] = [str(FUNCTIONS), str(LAYER)]
    if given.table:
        os.environ.update(QUINTET_SYSTEM=system, QUINTET_TABLE=given.table, AWS_REGION=given.region)
        yield
        return
    with beside(State.of(given.port), lambda _progress: None) as endpoints:
        os.environ.update(variables(system, endpoints, os.environ))
        yield
