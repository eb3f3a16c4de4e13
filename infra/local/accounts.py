"""The demo data of the systems: seeding it, and who can sign in afterwards."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from infra.local.systems import Generation, Systems

ADMIN = ("administrator", "admin@quintet.test", "Quintet-local-1")


@dataclass(frozen=True)
class Account:
    """Somebody who can sign in."""

    system: str
    role: str
    login: str
    password: str


def seed(systems: Systems, generation: Generation, name: str) -> list[Account]:
    """Seed one system by its `demo.seed()` and return its accounts; nothing when it has no demo data.

    `demo.seed` may be called on a system that is seeded already. `demo.ACCOUNTS`, (role, login, password) each,
    names the accounts; the demo administrator alone when it is absent.
    """
    demo = _demo(name)
    if demo is None:
        return []
    with systems.environment(generation, name):
        demo.seed()
    known: Iterable[tuple[str, str, str]] = getattr(demo, "ACCOUNTS", [ADMIN])
    return [Account(name, *account) for account in known]


def _demo(system: str) -> Any:
    try:
        return importlib.import_module(f"{system}.demo")
    except ModuleNotFoundError as error:
        if error.name == f"{system}.demo":
            return None
        raise
