"""Writes that happen together or not at all, with each refusal told as its own domain error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from quintet.settings import settings
from quintet.store import listings, marks
from quintet.store.calls import Cancelled, call
from quintet.store.codec import Item, encode_item
from quintet.store.counters import Tally, shard_keys
from quintet.store.entity import Entity, IndexName, Key
from quintet.store.errors import STALE, UNCONFIRMED, Refusal, combined, refusal
from quintet.store.expressions import Condition, Expression, absent, any_of, equals, exists

MOST_ACTIONS = 100
"""TransactWriteItems' limit of actions (Amazon DynamoDB API reference)."""


class Transaction:
    """Collects writes for one TransactWriteItems; `commit` runs it.

    Every write may say what its failed condition means (`refused`). When several fail, the first domain error is
    raised with the details of the others of its code. A lone put or deletion is sent without the transaction's double
    price. A lone deletion whose answer was lost and that finds nothing when it is sent again counts as done.
    """

    def __init__(self) -> None:
        self._actions: list[dict[str, Any]] = []
        self._refusals: list[Refusal] = []
        self._tally = Tally()

    def __len__(self) -> int:
        return len(self._actions) + len(self._tally.writes())

    def create(self, entity: Entity, refused: Refusal = None) -> None:
        """Put a new entity; refused when its key is taken."""
        self._put(entity.item(), [absent()], refused)
        self._listed(None, entity)

    def put(self, entity: Entity, where: Sequence[Condition] = (), refused: Refusal = None) -> None:
        """Put an entity whatever stood there, or where conditions hold.

        Raises TypeError for an entity whose listings are counted or sorted: only `create`, `replace` and `delete`,
        which know what stood there, keep them right.
        """
        listings.refuse_blind(type(entity))
        self._put(entity.item(), where, refused)

    def replace(
        self,
        old: Entity,
        new: Entity,
        where: Sequence[Condition] = (),
        refused: Refusal = STALE,
    ) -> None:
        """Put `new` in place of `old`, if nobody wrote since; `new` gets the next version."""
        new.version = old.version + 1
        new.keep_marks(old.marks)
        self._put(new.item(), [equals("version", old.version), *where], refused)
        self._listed(old, new)

    def delete(self, entity: Entity, where: Sequence[Condition] = (), refused: Refusal = STALE) -> None:
        """Delete an entity as it was read."""
        self._remove(entity.own_key(), [equals("version", entity.version), *where], refused)
        self._listed(entity, None)

    def remove(self, key: Key, where: Sequence[Condition] = (), refused: Refusal = None) -> None:
        """Delete what lives at a key. Raises TypeError like `put`."""
        if key.entity is not None:
            listings.refuse_blind(key.entity)
        self._remove(key, where, refused)

    def _remove(self, key: Key, where: Sequence[Condition], refused: Refusal) -> None:
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
        """Change attributes in place (see `Expression.update`); values must be JSON-like.

        Raises TypeError for a change that would take an entity into or out of a listing or to another place there,
        and for one without `where` that could make a counted entity out of nothing.
        """
        if key.entity is not None:
            listings.refuse_moves(key.entity, (*(put or ()), *(add or ()), *remove, *(default or ())), bool(where))
        expression = Expression()
        text = expression.update(put, {"version": 1, **(add or {})}, remove, default)
        self._add("Update", {"Key": key.attributes(), "UpdateExpression": text}, where, refused, expression)

    def check(self, key: Key, where: Sequence[Condition] = (exists(),), refused: Refusal = None) -> None:
        """Require a state of an item without changing it."""
        self._add("ConditionCheck", {"Key": key.attributes()}, where, refused)

    def check_empty(self, entity: type[Entity], index: IndexName, refused: Refusal = None, **fields: Any) -> None:
        """Require that a counted listing has no member.

        Raises TypeError where its counter has several shards: what one counted another may have counted off.
        """
        declared = entity.keys.index(index)
        pk = entity.keys.templates[index][0].render(fields)
        if pk is None or not declared.counted or declared.counters != 1:
            message = f"{entity.__name__}.{index} has no counter in one row for {fields}"
            raise TypeError(message)
        (row,) = shard_keys(index, declared, pk)
        self.check(row, [any_of(absent("n"), equals("n", 0))], refused)

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
        mark = marks.new_mark()
        if kind == "Put" and "ConditionExpression" in request:
            # A request that is sent again, because its answer was lost, meets its own write and knows it by the mark.
            request["Item"] = {**request["Item"], **encode_item(marks.with_first(mark, _marks(request["Item"])))}
        try:
            call(kind + "Item", TableName=settings().table, **request)
        except Cancelled as cancelled:
            ((old,),) = (reason or (None,) for reason in cancelled.reasons)
            if mark in marks.of(old or {}) or (kind == "Delete" and old is None and cancelled.lost):
                return
            if kind == "Put" and cancelled.lost and old is not None and not marks.is_complete(old, mark):
                raise UNCONFIRMED() from None
            raise

    def _listed(self, old: Entity | None, new: Entity | None) -> None:
        """Take along what follows an entity: its listings' numbers, and its rows in their other orders."""
        self._tally.changed(old, new)
        if not any(entity is not None and entity.keys.sorted for entity in (old, new)):
            return
        from quintet.store import sorting

        gone, came = sorting.moves(old, new)
        for row in gone:
            self._remove(row, (), None)
        for values in came:
            self.put_raw(values)

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


def _marks(item: Item) -> tuple[str, ...]:
    return marks.of({name: value["S"] for name, value in item.items() if name in marks.KEPT})
