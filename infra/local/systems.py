"""The systems under `functions/`, imported, and imported anew when a source file changes.

A set of imported systems is a `Generation`. When a file changed since, the next request makes a new one: the modules
of the layer and of the systems are dropped from `sys.modules` and imported again. Requests in flight keep the modules
they began with. A system that cannot be imported is kept with the reason until its source is mended.
"""

from __future__ import annotations

import importlib
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any, Protocol

from infra.local.environment import ROOT, Endpoints, variables

LAYER = ROOT / "layers" / "common" / "python"
FUNCTIONS = ROOT / "functions"
Snapshot = dict[str, tuple[int, int]]


class Operation(Protocol):
    """What the laptop needs to know of an operation; `quintet.api.Operation` is one."""

    id: str
    method: str | None
    path: str
    timeout: int
    memory: int
    schedule: str | None
    queue: str | None

    @property
    def reads_headers(self) -> Iterable[str]: ...

    @property
    def answers_headers(self) -> Iterable[str]: ...

    def __call__(self, event: Mapping[str, Any], context: Any) -> Any: ...


class Api(Protocol):
    """What the laptop needs to know of a system; `quintet.api.Api` is one."""

    title: str

    @property
    def fallback(self) -> Any: ...

    def load(self) -> list[Any]: ...

    def openapi(self, server_url: str) -> dict[str, Any]: ...


@dataclass(frozen=True)
class System:
    """One system: its operations, or why it could not be imported."""

    name: str
    api: Api | None
    operations: tuple[Operation, ...] = ()
    error: str = ""

    def operation(self, id: str) -> Operation | None:
        return next((operation for operation in self.operations if operation.id == id), None)


@dataclass(frozen=True)
class Generation:
    """The systems as one state of the source has them."""

    systems: Mapping[str, System]
    use: Callable[[Mapping[str, str]], AbstractContextManager[Any]]


class Systems:
    """All systems under a folder, always as the source is now."""

    def __init__(self, endpoints: Endpoints, functions: Path = FUNCTIONS, layer: Path = LAYER) -> None:
        self.functions, self.layer, self.endpoints = functions, layer, endpoints
        self.inherited = dict(os.environ)
        self._lock = threading.Lock()
        self._seen: Snapshot = {}
        self._generation: Generation | None = None
        for folder in (functions, layer):
            if str(folder) not in sys.path:
                sys.path.insert(0, str(folder))

    def names(self) -> list[str]:
        """Every folder that has a `service.py` is a system."""
        return sorted(found.parent.name for found in self.functions.glob("*/service.py"))

    def now(self) -> Generation:
        """The current generation, made anew when a source file changed."""
        with self._lock:
            files = self._files()
            if self._generation is None or files != self._seen:
                self._forget(files)
                self._seen = files
                self._generation = self._import()
            return self._generation

    @contextmanager
    def environment(self, generation: Generation, system: str) -> Iterator[None]:
        """The environment of one system's functions, for this thread."""
        with generation.use(variables(system, self.endpoints, self.inherited)):
            yield

    def _files(self) -> Snapshot:
        found: Snapshot = {}
        pending = [str(self.functions), str(self.layer)]
        while pending:
            with os.scandir(pending.pop()) as entries:
                for entry in entries:
                    if entry.name == "__pycache__":
                        continue
                    if entry.is_dir():
                        pending.append(entry.path)
                    else:
                        status = entry.stat()
                        found[entry.path] = (status.st_mtime_ns, status.st_size)
        return found

    def _forget(self, files: Snapshot) -> None:
        layers = {found.parent.name for found in self.layer.glob("*/__init__.py")}
        ours = {*layers, *self.names(), *(self._generation.systems if self._generation else ())}
        for name in [name for name in sys.modules if name.partition(".")[0] in ours]:
            del sys.modules[name]
        # Byte code is found stale by a modification time in whole seconds; two saves in one second need more.
        for path in {*files.items()} ^ {*self._seen.items()} if self._seen else ():
            if path[0].endswith(".py"):
                Path(cache_from_source(path[0])).unlink(missing_ok=True)
        importlib.invalidate_caches()

    def _import(self) -> Generation:
        systems = {name: self._system(name) for name in self.names()}
        return Generation(systems, _use())

    def _system(self, name: str) -> System:
        try:
            api = importlib.import_module(f"{name}.service").api
            return System(name, api, tuple(api.load()))
        except Exception as error:
            return System(name, None, error=self._explain(error))

    def _explain(self, error: Exception) -> str:
        """The error and where in our source it is: `cart.py:12: NameError: …`."""
        if isinstance(error, SyntaxError):
            return f"{self._shown(error.filename or '?')}:{error.lineno}: {type(error).__name__}: {error.msg}"
        frames = traceback.extract_tb(error.__traceback__)
        own = [f for f in frames if Path(f.filename).is_relative_to(self.functions) or _within(f, self.layer)]
        frame = (own or frames)[-1]
        return f"{self._shown(frame.filename)}:{frame.lineno}: {type(error).__name__}: {error}"

    def _shown(self, filename: str) -> str:
        path = Path(filename)
        for base in (ROOT, self.functions.parent):
            if path.is_relative_to(base):
                return str(path.relative_to(base))
        return filename


def _within(frame: traceback.FrameSummary, folder: Path) -> bool:
    return Path(frame.filename).is_relative_to(folder)


def _use() -> Callable[[Mapping[str, str]], AbstractContextManager[Any]]:
    """`quintet.settings.use` of the modules just imported; none when the layer itself is broken."""
    try:
        found: Callable[[Mapping[str, str]], AbstractContextManager[Any]]
        found = importlib.import_module("quintet.settings").use
    except Exception:
        return _nothing
    return found


@contextmanager
def _nothing(_variables: Mapping[str, str]) -> Iterator[None]:
    yield
