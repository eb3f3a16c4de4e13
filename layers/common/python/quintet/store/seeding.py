"""Demo data, put into a table once: what was done or edited there since stays so."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ClassVar

from quintet.settings import settings
from quintet.store.entity import Entity, Keys
from quintet.store.errors import ConditionFailed
from quintet.store.table import Store


class Seeded(Entity):
    """That this table has had its demo data."""

    kind: ClassVar[str] = "demo"
    keys: ClassVar[Keys] = Keys("DEMO", "SEEDED")


def seeds(store: Store) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Has a function put demo data into the store's table, unless it was put there before.

    An interrupted call is completed by the next one, so what the function makes it makes under fixed ids or names.
    It raises RuntimeError outside the stages `local` and `dev`.
    """

    def once(fill: Callable[[], None]) -> Callable[[], None]:
        @wraps(fill)
        def seed() -> None:
            if not settings().is_local:
                raise RuntimeError(f"demo data is for local stages, not for {settings().stage!r}")
            if store.get(Seeded) is not None:
                return
            fill()
            try:
                store.create(Seeded())
            except ConditionFailed:
                return  # another call was quicker

        return seed

    return once
