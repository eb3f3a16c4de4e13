"""`make serve`: the whole of Quintet on http://127.0.0.1:8000, until Ctrl-C."""

from __future__ import annotations

import argparse
import errno
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from infra.local import absent
from infra.local.accounts import Account, seed
from infra.local.clock import Clock
from infra.local.console import Console, FunctionLog, redirect
from infra.local.environment import HOST, State, told_address
from infra.local.gateway import Gateway
from infra.local.instance import Failure, embedded_aws
from infra.local.metrics import Metrics
from infra.local.outbox import Outbox
from infra.local.queues import Queues
from infra.local.resources import Resources
from infra.local.routes import LocalRoutes
from infra.local.server import Server
from infra.local.sockets import Sockets
from infra.local.standins import addresses
from infra.local.streams import Streams
from infra.local.systems import FUNCTIONS, Systems

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    """Serve until a signal stops it: 0 then, 1 with one line when it cannot start."""
    parser = argparse.ArgumentParser(prog="make serve", description=__doc__)
    parser.add_argument("--port", type=_port, default=8000)
    parser.add_argument("--functions", type=Path, default=FUNCTIONS, help="the folder of the systems to serve")
    options = parser.parse_args()
    console = Console(sys.stdout)
    for stop in STOPS:
        signal.signal(stop, _stop)
    try:
        _serve(State.of(options.port), console, options.functions)
    except Failure as failure:
        print(f"Quintet cannot start: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        console.say("  stopped; nothing is lost")
    return 0


def _serve(state: State, console: Console, functions: Path) -> None:
    started = time.monotonic()
    server = _bind(state.port, console)
    try:
        with embedded_aws(state, console.step, functions) as endpoints:
            metrics = Metrics(console.step)
            redirect(FunctionLog(state.function_log, console, metrics.heed))
            systems = Systems(endpoints, functions)
            clock = Clock(systems, console.step)
            sockets = server.sockets = Sockets(systems, state.port, console.step)
            resources = Resources(endpoints.aws)
            queues = Queues(systems, resources.client("sqs"), resources.queue, console.step)
            streams = Streams(systems, resources.client, state.streams, console.step)
            systems.extra += [queues.settings, sockets.settings, told_address(state.port, systems.inherited)]
            local = LocalRoutes(systems, Outbox(state.outbox), clock, sockets)
            server.answer = Gateway(systems, local).answer
            queues.ensure()
            local.accounts += _seed(systems, console)
            _print_addresses(state.port, systems, local.accounts, console, time.monotonic() - started)
            metrics.start(resources.client("cloudwatch"))
            with _background(server, clock, queues, streams, metrics):
                server.serve_until_stopped()
    finally:
        server.server_close()


def _bind(port: int, console: Console) -> Server:
    """The server, bound: early callers wait in the queue until it serves. Raises `Failure` on a taken port."""
    try:
        return Server(HOST, port, console.called)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Failure(f"port {port} is taken; try another: make serve PORT={port + 1}") from None
        raise Failure(f"port {port} cannot be opened: {error.strerror}") from None


def _seed(systems: Systems, console: Console) -> list[Account]:
    generation = systems.now()
    accounts: list[Account] = []
    for system in generation.systems.values():
        if system.api is None:
            console.step(f"{system.name:15} cannot be imported: {system.error}")
            continue
        try:
            seeded = seed(systems, generation, system.name)
            accounts += seeded
            data = "demo data in place" if seeded else "no demo data"
            console.step(f"{system.name:15} {len(system.operations)} operations, {data}")
        except Exception as error:
            console.step(f"{system.name:15} demo data failed: {type(error).__name__}: {error}")
    return accounts


@contextmanager
def _background(server: Server, clock: Clock, queues: Queues, streams: Streams, metrics: Metrics) -> Iterator[None]:
    clock.start()
    queues.start()
    streams.start()
    try:
        yield
    finally:
        if server.sockets is not None:
            with server.lingering():  # operations of $disconnect may send to others
                server.sockets.stop()
        queues.stop()
        streams.stop()
        clock.stop()
        metrics.stop()


def _print_addresses(port: int, systems: Systems, accounts: list[Account], console: Console, took: float) -> None:
    base = f"http://{HOST}:{port}"
    console.say(f"\nQuintet is ready after {took:.1f} s. Ctrl-C stops it.\n")
    rows = [("everything", f"{base}/", "")]
    for system in systems.now().systems.values():
        rows.append((system.name, f"{base}/{system.name}/docs", f"openapi: /{system.name}/openapi.json"))
        if any(operation.socket for operation in system.operations):
            rows.append((f"{system.name} sockets", f"ws://{HOST}:{port}/{system.name}/ws", "WebSocket"))
    rows.append(("outbox", f"{base}/_local/outbox", "e-mail, SMS, WhatsApp and push that was sent"))
    rows += addresses(systems.endpoints.standins)
    rows += absent.rows(systems.now().systems, os.environ)
    rows += [(f"{one.system} login", one.login, f"{one.password} ({one.role})") for one in accounts]
    console.table(rows)
    console.say("")


def _stop(_signal: int, _frame: Any) -> NoReturn:
    for again in STOPS:
        signal.signal(again, signal.SIG_IGN)  # a second Ctrl-C must not cut the saving short
    raise KeyboardInterrupt


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text} is no port")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
