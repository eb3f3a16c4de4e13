"""Writes that happen together or not at all, with each refusal told as its own domain error."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from quintet.settings import settings
from quintet.store.calls import Cancelled, call
from quintet.store.codec import Item, encode_item
from quintet.store.counters import Tally
from quintet.store.entity import Entity, Key
from quintet.store.errors import STALE, Refusal, combined, refusal
from quintet.store.expressions import Condition, Expression, absent, equals, exists

MOST_ACTIONS = 100
"""TransactWriteItems' limit of actions (Amazon DynamoDB API reference)."""

MARK = "mark"
"""The attribute that says which request wrote an item alone."""


def new_mark() -> str:
    return secrets.token_hex(8)


class Transaction:
    """Collects writes for one TransactWriteItems; `commit` runs it.

    Every write may say what its failed condition means (`refused`). When several fail, the first domain error is
    raised with the details of the others of its code. A lone put or deletion is sent without the transaction's double
    price; a lone update is not, because it must not be done twice when its answer is lost.
    """

    def __init__(self) -> None:
        self._actions: list[dict[str, Any]] = []
        self._refusals: list[Refusal] = []
        self._tally = Tally()

    def __len__(self) -> int:
        return len(self._actions) + len(self._tally.writes())

    def create(self, entity: Entity, refused: Refusal = None) -> None:
        """Put a new entity; refused when its key is taken."""
        self._tally.changed(None, entity)
        self._put(entity.item(), [absent()], refused)

    def put(self, entity: Entity, where: Sequence[Condition] = (), refused: Refusal = None) -> None:
        """Put an entity whatever stood there, or where conditions hold. Not for counted entities."""
        self._put(entity.item(), where, refused)

    def replace(
        self,
        old: Entity,
        new: Entity,
        where: Sequence[Condition] = (),
        refused: Refusal = STALE,
    ) -> None:
        """Put `new` in place of `old`, if nobody wrote since; `new` gets the next version."""
        self._tally.changed(old, new)
        new.version = old.version + 1
        self._put(new.item(), [equals("version", old.version), *where], refused)

    def delete(self, entity: Entity, where: Sequence[Condition] = (), refused: Refusal = STALE) -> None:
        """Delete an entity as it was read."""
        self._tally.changed(entity, None)
        self.remove(entity.own_key(), [equals("version", entity.version), *where], refused)

    def remove(self, key: Key, where: Sequence[Condition] = (), refused: Refusal = None) -> None:
        """Delete what lives at a key. Not for counted entities."""
        self._add("Delete", {"Key": key.attributes()}, where, refused)

    def update(
        self,
        key: Key,
        *,
        put: Mapping[str, Any] | None = None,
        add: Mapping[str, Any] | None = None,
        remove: Sequence[str] = (),
        default: Mapping[str, Any] | None = None,
        where: Sequence[Condition] = (),
        refused: Refusal = None,
    ) -> None:
        """Change attributes in place (see `Expression.update`); values must be JSON-like."""
        expression = Expression()
        text = expression.update(put, {"version": 1, **(add or {})}, remove, default)
        self._add("Update", {"Key": key.attributes(), "UpdateExpression": text}, where, refused, expression)

    def check(self, key: Key, where: Sequence[Condition] = (exists(),), refused: Refusal = None) -> None:
        """Require a state of an item without changing it."""
        self._add("ConditionCheck", {"Key": key.attributes()}, where, refused)

    def put_raw(self, values: Mapping[str, Any], where: Sequence[Condition] = (), refused: Refusal = None) -> None:
        """Put an item that is no entity, such as an index posting."""
        self._put(encode_item(values), where, refused)

    def commit(self) -> None:
        """Run all of it. Raises the refusals' errors, `ConditionFailed`, or 503 `busy`; then nothing was written."""
        counters = self._tally.writes()
        actions = self._actions + counters
        if not actions:
            return
        if len(actions) > MOST_ACTIONS:
            raise ValueError(f"{len(actions)} actions do not fit into one transaction")
        try:
            if len(actions) == 1 and actions[0].keys() & {"Put", "Delete"}:
                self._alone(actions[0])
            else:
                for action in actions:
                    next(iter(action.values()))["TableName"] = settings().table
                call("TransactWriteItems", TransactItems=actions)
        except Cancelled as cancelled:
            errors = [
                refusal(refused, reason[0])
                for refused, reason in zip(self._refusals, cancelled.reasons, strict=False)
                if reason is not None
            ]
            if not errors:  # only a counter row, which has no condition, could fail here: it cannot
                raise
            raise combined(errors) from None

    def _alone(self, action: dict[str, Any]) -> None:
        ((kind, request),) = action.items()
        mark = new_mark()
        if kind == "Put" and "ConditionExpression" in request:
            request["Item"] = {**request["Item"], MARK: {"S": mark}}
        try:
            call(kind + "Item", TableName=settings().table, **request)
        except Cancelled as cancelled:
            # A reply lost on the way makes the retry meet its own write, which is success. The mark tells it from
            # the same item written by another.
            old = cancelled.reasons[0]
            if old and old[0] is not None and old[0].get(MARK) == mark:
                return
            raise

    def _put(self, item: Item, where: Sequence[Condition], refused: Refusal) -> None:
        self._add("Put", {"Item": item}, where, refused)

    def _add(
        self,
        kind: str,
        request: dict[str, Any],
        where: Sequence[Condition],
        refused: Refusal,
        expression: Expression | None = None,
    ) -> None:
        expression = expression or Expression()
        if where:
            request["ConditionExpression"] = expression.condition(where)
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        self._actions.append({kind: {**request, **expression.arguments()}})
        self._refusals.append(refused)
