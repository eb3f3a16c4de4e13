"""Makes the virtual environments from their locks, with nothing but the standard library and pip.

`bootstrap.py dev ministack sam` makes those that are missing or older than their lock, side by side. A stamp in each
says which lock and Python it was made from, so a run that has nothing to do takes a few milliseconds. `serve` is the
part of `dev` that `make serve` needs, so that a newcomer waits for 30 packages and not for 110.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVS = Path(".quintet/envs")
UNREACHABLE = re.compile(
    r"NewConnectionError|Max retries|Name or service not known|Temporary failure in name resolution|"
    r"ConnectTimeout|ProxyError|Network is unreachable|Connection refused|NameResolutionError"
)


class Failure(Exception):
    """Why an environment could not be made, in one line for a person."""


@dataclass(frozen=True)
class Environment:
    """One virtual environment: where it is and the lock it is made from."""

    name: str
    home: Path
    lock: Path

    @property
    def python(self) -> Path:
        return self.home / "bin" / "python"

    @property
    def log(self) -> Path:
        """What pip and venv said, for the day something fails."""
        return ENVS / f"{self.name}.log"

    def wanted(self) -> str:
        """The stamp this environment has when it is up to date."""
        digest = hashlib.sha256(self.lock.read_bytes()).hexdigest()
        return f"{digest} python{sys.version_info[0]}.{sys.version_info[1]}"

    @property
    def stamp(self) -> Path:
        return self.home / f"quintet.{self.name}"

    def is_current(self) -> bool:
        return self.python.exists() and self.stamp.exists() and self.stamp.read_text() == self.wanted()


ENVIRONMENTS = {
    "serve": Environment("serve", Path(".venv"), Path("requirements/serve.txt")),
    "dev": Environment("dev", Path(".venv"), Path("requirements/dev.txt")),
    "ministack": Environment("ministack", ENVS / "ministack", Path("requirements/ministack.txt")),
    "sam": Environment("sam", ENVS / "sam", Path("requirements/sam.txt")),
    "checkov": Environment("checkov", ENVS / "checkov", Path("requirements/checkov.txt")),
}


def main(names: list[str]) -> int:
    """Make the named environments; 0 when all are there, 1 with a line on standard error when not."""
    os.chdir(ROOT)
    chosen = [ENVIRONMENTS[name] for name in names]
    if all(environment.is_current() for environment in chosen):
        return 0
    try:
        with _alone():
            missing = [environment for environment in chosen if not environment.is_current()]
            with ThreadPoolExecutor() as pool:
                list(pool.map(make, missing))
    except Failure as failure:
        print(f"Quintet cannot start: {failure}", file=sys.stderr)
        return 1
    return 0


def make(environment: Environment) -> None:
    """Bring one environment to the state of its lock. Raises `Failure`."""
    started = time.monotonic()
    count = len(re.findall(r"^\S+==", environment.lock.read_text(), re.MULTILINE))
    print(f"  {environment.home}: installing {count} packages …", flush=True)
    stamps = {part.stamp: part.wanted() for part in (environment, *_parts(environment))}
    for stamp in stamps:
        stamp.unlink(missing_ok=True)
    environment.log.write_text("")
    _create(environment)
    code, said = _run(environment, str(environment.python), *_pip(environment.lock))
    if code:
        raise Failure(explain(said, environment.log))
    for stamp, content in stamps.items():
        stamp.write_text(content)
    print(f"  {environment.home}: ready after {time.monotonic() - started:.0f} s", flush=True)


def explain(said: str, log: Path) -> str:
    """What went wrong with pip, from what it said."""
    if UNREACHABLE.search(said):
        return f"no network: the package index cannot be reached (details in {log})"
    errors = [line for line in said.splitlines() if line.startswith("ERROR:")]
    reason = errors[-1].removeprefix("ERROR:").strip() if errors else "pip failed"
    return f"{reason[:200]} (details in {log})"


def _parts(environment: Environment) -> list[Environment]:
    """The environments that this one holds whole."""
    return [ENVIRONMENTS["serve"]] if environment.name == "dev" else []


def _create(environment: Environment) -> None:
    if environment.python.exists():
        version, _ = _run(environment, str(environment.python), "-c", _check_version())
        if version == 0:
            return
        shutil.rmtree(environment.home)
    # From inside an environment, a new one is made with the interpreter underneath.
    base = getattr(sys, "_base_executable", None) or sys.executable
    code, said = _run(environment, base, "-m", "venv", str(environment.home))
    if code == 0:
        return
    shutil.rmtree(environment.home, ignore_errors=True)
    if "ensurepip" in said or "No module named venv" in said:
        raise Failure(f"{base} has no complete venv module; install it (Debian, Ubuntu: apt-get install python3-venv)")
    raise Failure(f"no virtual environment could be made in {environment.home} (details in {environment.log})")


def _check_version() -> str:
    """Exits 0 in a Python of this version that has pip."""
    return f"import sys, pip; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"


def _pip(lock: Path) -> list[str]:
    return [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-compile",
        "--no-deps",
        "--require-hashes",
        "--retries",
        "2",
        "-r",
        str(lock),
    ]


def _run(environment: Environment, *command: str) -> tuple[int, str]:
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
    # A pip of another environment or a user's site-packages must not leak into this one.
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_TARGET")}
    done = subprocess.run(
        command, env=env | quiet, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    with environment.log.open("a") as log:
        log.write(done.stdout)
    return done.returncode, done.stdout


@contextmanager
def _alone() -> Iterator[None]:
    """Two `make` at once must not install into one environment at once."""
    ENVS.mkdir(parents=True, exist_ok=True)
    with (ENVS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
