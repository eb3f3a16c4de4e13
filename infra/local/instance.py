"""One running laptop: the embedded AWS with its resources, and what works on it."""

from __future__ import annotations

import json
import os
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from infra.local.environment import Endpoints, State, isolate
from infra.local.ministack import Failure, MiniStack
from infra.local.outbox import Outbox, Recorder
from infra.local.resources import Resources
from infra.local.standins import secrets_for, standing_in
from infra.local.systems import FUNCTIONS

Progress = Callable[[str], None]


@contextmanager
def embedded_aws(state: State, progress: Progress, functions: Path = FUNCTIONS) -> Iterator[Endpoints]:
    """The embedded AWS with every system's resources in it; its state is saved at the end. Raises `Failure`.

    In this process the caller's AWS credentials are gone afterwards, too.
    """
    started = time.monotonic()
    systems = sorted(found.parent.name for found in functions.glob("*/service.py"))
    with MiniStack(state) as aws, standing_in(state, systems) as standins:
        recorder = Recorder(Outbox(state.outbox), aws.url)
        recorder.start()
        endpoints = Endpoints(aws.url, recorder.url, standins)
        isolate(os.environ, endpoints)
        progress(f"embedded AWS    up after {time.monotonic() - started:.1f} s")
        try:
            Resources(aws.url).create(systems, secrets_for)
            progress("resources       table, bucket, secret and sender of each system")
            state.running.write_text(json.dumps(asdict(endpoints)))
            yield endpoints
        finally:
            state.running.unlink(missing_ok=True)
            recorder.shutdown()
            recorder.server_close()


@contextmanager
def beside(state: State, progress: Progress) -> Iterator[Endpoints]:
    """The endpoints of the instance that runs, or of one started for the block when none does."""
    endpoints = running(state)
    if endpoints is None:
        with embedded_aws(state, progress) as endpoints:
            yield endpoints
    else:
        isolate(os.environ, endpoints)
        yield endpoints


def running(state: State) -> Endpoints | None:
    """The endpoints of the instance of this port, None when it does not run."""
    try:
        endpoints = Endpoints(**json.loads(state.running.read_text()))
        with _open(f"{endpoints.aws}/_ministack/health"):
            return endpoints
    except (OSError, ValueError, TypeError):
        return None


def _open(url: str) -> Any:
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5)


__all__ = ["Failure", "beside", "embedded_aws", "running"]
