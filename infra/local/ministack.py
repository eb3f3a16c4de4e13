"""Starts and stops the embedded AWS (MiniStack) as a child process with its state in the instance's folder."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from types import TracebackType

from infra.local.environment import DUMMY_AWS, HOST, ROOT, State

PYTHON = ROOT / ".quintet" / "envs" / "ministack" / "bin" / "python"
START_WITHIN = 60.0
STOP_WITHIN = 30.0


class Failure(Exception):
    """Why the laptop cannot run, in one line for a person."""


class MiniStack:
    """The embedded AWS, as a context: running inside, stopped with everything saved after.

    It listens on 127.0.0.1 only. Its port is kept near the gateway's (presigned URLs so survive a restart) and is
    any free one when that is taken.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self.port = free_port(20000 + state.port % 10000)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def __enter__(self) -> MiniStack:
        if not PYTHON.exists():
            raise Failure("the embedded AWS is not installed; start with `make serve`")
        self.state.make()
        with self.state.aws_log.open("wb") as log:
            self._process = subprocess.Popen(
                [str(PYTHON), "-P", str(ROOT / "infra/local/embedded.py"), str(self.state.lock)],
                env=self._environment(),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the gateway, which stops first
            )
        try:
            self._await_ready(self._process)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _tb: TracebackType | None
    ) -> None:
        self._stop()

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL") if name in os.environ}
        return {
            **kept,
            **DUMMY_AWS,
            "BIND_HOST": HOST,
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_HOST": HOST,
            "MINISTACK_REGION": DUMMY_AWS["AWS_REGION"],
            "IOT_MTLS_ENABLED": "0",  # both of these listeners would otherwise open on every interface
            "SFTP_ENABLED": "0",
            "DOCKER_HOST": "unix:///nonexistent",  # never look for containers
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self.state.aws / "state"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self.state.aws / "s3"),
            "TMPDIR": str(self.state.home / "tmp"),
            "LOG_LEVEL": "WARNING",
        }

    def _await_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_WITHIN
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise Failure(f"the embedded AWS stopped at once: {_last_line(self.state)} (see {_shown(self.state)})")
            try:
                with _direct().open(f"{self.url}/_ministack/ready", timeout=2):
                    return
            except (OSError, urllib.error.URLError):
                time.sleep(0.05)
        raise Failure(f"the embedded AWS did not answer within {START_WITHIN:.0f} s (see {_shown(self.state)})")

    def _stop(self) -> None:
        process = self._process
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._process = None


def free_port(preferred: int = 0) -> int:
    """A port of 127.0.0.1 that nothing listens on: `preferred` if it is free."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise Failure("this machine has no free port")


def _direct() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _last_line(state: State) -> str:
    lines = state.aws_log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "no reason given"


def _shown(state: State) -> str:
    return str(state.aws_log.relative_to(ROOT)) if state.aws_log.is_relative_to(ROOT) else str(state.aws_log)
