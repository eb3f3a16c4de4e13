"""Making a row once: by an id that is known before, however often and at however many places that is tried."""

from collections.abc import Callable
from typing import Any, TypeVar

from caidence.service import store
from quintet.models import new_id
from quintet.store import ConditionFailed, Entity, Transaction

E = TypeVar("E", bound=Entity)


def once(
    kind: type[E],
    id: str | None,
    make: Callable[[str], E],
    tell: Callable[[Transaction, E], None],
    **place: Any,
) -> E:
    """The row of this id in its place: what is there already, else what `make` makes, stored together with what `tell`
    adds to its transaction. Without an id it is a new one.

    Nothing is made where the row is there; where a twin was faster meanwhile, the twin's row is the answer. Raises
    ConditionFailed where something else of the transaction was refused.
    """
    there = store.get(kind, id=id, **place) if id else None
    if there is not None:
        return there
    made = id or new_id()
    row = make(made)
    tx = store.transaction()
    tx.create(row)
    tell(tx, row)
    try:
        tx.commit()
    except ConditionFailed:
        twin = store.get(kind, id=made, **place)
        if twin is None:  # it was refused for another reason, which `tell` has brought in
            raise
        return twin
    return row
