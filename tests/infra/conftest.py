"""Systems to render: those of the house, a little one with a bit of everything, and one as large as the largest."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.render.systems import System, systems

LARGEST = 191
"""Operations of the largest system the house is built for."""

_SERVICE = '''"""A system of the tests."""

from quintet.api import Api, Caller

api = Api({name!r}, title={title!r}, base="/api/v1", own_key={own_key})
fallback = api.fallback


class User(Caller):
    """Anyone signed in."""
'''

_THINGS = '''"""Things, with every kind of operation."""

from enum import StrEnum

from typing import ClassVar

from pydantic import BaseModel, Field

from little.service import User, api
from quintet.api.sources import Queue, Stream
from quintet.api.streams import Change
from quintet.messaging.connections import Connection
from quintet.store import Entity, Keys

ISSUER = "QUINTET_CLOCK_ISSUER"


class Colour(StrEnum):
    RED = "red"


class Thing(BaseModel):
    name: str = Field(min_length=3)
    owner_id: str
    email: str
    count: int = Field(ge=5)
    colour: Colour
    tags: list[str]
    parent: "Thing | None" = None


class Job(BaseModel):
    thing_id: str


class Stored(Entity):
    kind: ClassVar[str] = "thing"
    keys: ClassVar[Keys] = Keys("THING#{id}", "THING")

    id: str
    colour: Colour


class Erased(Entity):
    kind: ClassVar[str] = "erased"
    keys: ClassVar[Keys] = Keys("ERASED#{id}", "ERASED")

    id: str


@api.get("/things/{id}", needs={"table:read"})
def read(id: str) -> Thing:
    """Read a thing"""


@api.delete("/things/{thing_id}", status=204, needs={"table:read", "table:write"})
def remove(thing_id: str, caller: User) -> None:
    """Remove a thing"""


@api.get("/things/newest", needs={"devices", "model", "translate"})
def newest(colour: Colour, page: int = 1) -> Thing:
    """The newest thing"""


@api.post("/things", status=201, idempotent=True, needs={"email", "queue:thumb-nails"}, memory=1024, layers=("oidc",))
def create(body: Thing, caller: User) -> Thing:
    """Create a thing"""


@api.post("/pretended", only_local=True)
def pretend(body: Thing) -> Thing:
    """Pretend, where nobody is served"""


@api.get("/sweep", needs={"table:write"}, schedule="rate(5 minutes)", timeout=25)
def sweep() -> None:
    """Sweep up"""


@api.event(queue="thumb-nails", needs={"storage:read", "storage:write"}, timeout=60)
def thumbnail(body: Job) -> None:
    """Make a thumbnail"""


@api.event(queue=Queue("steps.fifo", batch=1, concurrency=20, receives=3, delay=15), needs={"queue:steps.fifo"})
def step(body: Job) -> None:
    """Take the next step"""


@api.event(stream=Stream(Stored, Erased, events=("INSERT", "REMOVE"), batch=50, retries=3, oldest=600))
def changed(body: Change[Stored | Erased]) -> None:
    """Tell of a thing"""


@api.socket("$connect")
def connect(caller: User) -> None:
    """Open a connection"""


@api.socket("$disconnect")
def disconnect(connection: Connection) -> None:
    """End a connection"""


@api.socket("ask")
def ask(body: Job, caller: User) -> Job:
    """Answer a question"""


@api.socket("$default", needs={"sockets"})
def hear(body: str) -> None:
    """Hear a message"""
'''

_MANY = '''"""Operations number {first} and on."""

from large.service import User, api

{operations}'''

_ONE = '''
@api.{verb}("/resources{n}/{{parent_id}}/children{n}/{{id}}", needs={needs!r}{more})
def an_operation_with_a_name_{n}(parent_id: str, id: str, caller: User) -> None:
    """Do what operation number {n} of the largest system does, in a sentence of the usual length"""
'''
_NEEDS = [("table:read",), ("table:write",), ("table:write", "email"), ("table:write", "storage:read"), ("sms",)]


@pytest.fixture(scope="session")
def house() -> list[System]:
    """The systems of the house."""
    return systems()


@pytest.fixture(scope="session")
def little(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A small system with every kind of operation, and a key of its own."""
    yield from _system(tmp_path_factory, "little", {"things": _THINGS}, own_key=True)


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system with as many operations as the largest one, ten of them scheduled."""
    modules = {}
    for first in range(0, LARGEST, 20):
        numbers = range(first, min(first + 20, LARGEST))
        modules[f"domain_number_{first}"] = _MANY.format(first=first, operations="\n".join(map(_operation, numbers)))
    yield from _system(tmp_path_factory, "large", modules)


def _operation(number: int) -> str:
    more = ', schedule="rate(1 minute)"' if number % 20 == 0 else ""
    verb = ("get", "put", "delete")[number % 3]
    return _ONE.format(n=number, verb=verb, needs=set(_NEEDS[number % len(_NEEDS)]), more=more)


def _system(
    factory: pytest.TempPathFactory, name: str, modules: dict[str, str], *, own_key: bool = False
) -> Iterator[System]:
    functions: Path = factory.mktemp("functions")
    package = functions / name
    package.mkdir()
    sources = {"__init__": "", "service": _SERVICE.format(name=name, title=name.title(), own_key=own_key), **modules}
    for module, source in sources.items():
        (package / f"{module}.py").write_text(source)
    sys.path.insert(0, str(functions))
    try:
        importlib.invalidate_caches()
        (found,) = systems(functions)
        _ = found.operations
        yield found
    finally:
        sys.path.remove(str(functions))
