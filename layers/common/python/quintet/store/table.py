"""The store: typed reads and writes of one system's table. Every access is a key, a Query or a transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from quintet.errors import ErrorType
from quintet.models.pages import MAX_PAGE_BYTES, MAX_PAGE_SIZE, Page, Paging
from quintet.settings import settings
from quintet.store import counters, cursors, listings, marks, queries
from quintet.store.calls import Cancelled, batch_get, batch_write, call, table_call
from quintet.store.codec import Item
from quintet.store.entity import E, Entity, IndexName, Key, Ref
from quintet.store.errors import STALE, UNCONFIRMED, ConditionFailed, Refusal, refusal
from quintet.store.expressions import Condition, Expression, equals
from quintet.store.transaction import Transaction

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """Some items of a Query, and where to go on (None at the end)."""

    items: list[T]
    after: Item | None


class Store:
    """One system's table. Making one does nothing; the table's name is read at each call."""

    def transaction(self) -> Transaction:
        return Transaction()

    def get(self, entity: type[E], /, *, consistent: bool = True, **fields: Any) -> E | None:
        """The entity at a key, or None."""
        key = entity.key(**fields).attributes()
        found = table_call("GetItem", Key=key, ConsistentRead=consistent).get("Item")
        return entity.load(found) if found else None

    def require(self, entity: type[E], missing: ErrorType, /, *, consistent: bool = True, **fields: Any) -> E:
        """The entity at a key; raises `missing` when there is none."""
        found = self.get(entity, consistent=consistent, **fields)
        if found is None:
            raise missing()
        return found

    def get_all(self, refs: Sequence[Ref[Any]], *, consistent: bool = True) -> list[Any]:
        """Entities at many keys in the order asked, None where there is none; a hundred keys a round trip."""
        found: dict[Key, Item] = {}
        wanted = list({ref.key: None for ref in refs})
        for item in batch_get([key.attributes() for key in wanted], consistent):
            found[Key(item["PK"]["S"], item["SK"]["S"])] = item
        return [ref.type.load(found[ref.key]) if ref.key in found else None for ref in refs]

    def create(self, entity: E, refused: Refusal = None) -> E:
        """Write a new entity; refused when its key is taken."""
        tx = self.transaction()
        tx.create(entity, refused)
        tx.commit()
        return entity

    def replace(self, old: E, new: E, where: Sequence[Condition] = (), refused: Refusal = STALE) -> E:
        """Write `new` over `old` if nobody wrote since; answers it with its new version."""
        tx = self.transaction()
        tx.replace(old, new, where, refused)
        tx.commit()
        return new

    def delete(self, entity: Entity, where: Sequence[Condition] = (), refused: Refusal = STALE) -> None:
        """Delete an entity as it was read."""
        tx = self.transaction()
        tx.delete(entity, where, refused)
        tx.commit()

    def update(
        self,
        entity: type[E],
        key: Key,
        *,
        put: Mapping[str, Any] | None = None,
        add: Mapping[str, Any] | None = None,
        remove: Sequence[str] = (),
        default: Mapping[str, Any] | None = None,
        where: Sequence[Condition] = (),
        refused: Refusal = None,
    ) -> E:
        """Change attributes in place and answer the entity as it then stands (see `Expression.update`).

        Raises TypeError where that would put a listing wrong (see `Transaction.update`), and 503 `unconfirmed` when
        the answer was lost and more than three others wrote since, so that nobody can tell whether it was done.
        """
        touched = (*(put or ()), *(add or ()), *remove, *(default or ()))
        listings.refuse_moves(entity, touched, guarded=bool(where))
        mark = marks.new_mark()

        def arguments(*more: Condition) -> dict[str, Any]:
            """The mark keeps a request that is sent again, because its answer was lost, from being done twice."""
            expression = Expression()
            text = expression.update(
                put, {"version": 1, **(add or {})}, remove, default, marks.pushed(expression, mark)
            )
            condition = expression.condition([marks.unseen(mark), *more, *where])
            return {"UpdateExpression": text, "ConditionExpression": condition, **expression.arguments()}

        try:
            found = call("UpdateItem", lambda: arguments(marks.complete(mark)), TableName=settings().table,
                         Key=key.attributes(), ReturnValues="ALL_NEW", **arguments(),
                         ReturnValuesOnConditionCheckFailure="ALL_OLD")  # fmt: skip
        except Cancelled as cancelled:
            ((old,),) = (reason or (None,) for reason in cancelled.reasons)
            if old is not None and mark in marks.of(old):
                return entity.revive(old)
            if old is not None and cancelled.lost and not marks.is_complete(old, mark):
                raise UNCONFIRMED() from None
            raise refusal(refused, old) from None
        return entity.load(found["Attributes"])

    def write_batch(self, puts: Sequence[Mapping[str, Any]] = (), deletes: Sequence[Key] = ()) -> None:
        """Unconditional writes in bulk, for rows nobody reads before they are announced, or after they are gone."""
        from quintet.store.codec import encode_item

        requests: list[dict[str, Any]] = [{"PutRequest": {"Item": encode_item(values)}} for values in puts]
        requests += [{"DeleteRequest": {"Key": key.attributes()}} for key in deletes]
        batch_write(requests)

    def query(
        self,
        entity: type[E],
        index: IndexName = "main",
        *,
        begins: str | None = None,
        before: str | None = None,
        limit: int | None = None,
        after: Item | None = None,
        reverse: bool | None = None,
        consistent: bool = False,
        **fields: Any,
    ) -> Slice[E]:
        """Members of one listing in its order; counters are left out.

        `begins` narrows by a prefix of the sort key, `before` to sort keys below it (one of the two); what it leaves
        out is not read.
        """
        request = queries.listing(entity, index, fields, begins=begins, reverse=reverse, consistent=consistent)
        if before is not None:
            request["KeyConditionExpression"] += f" AND {queries.attribute_names(index)[1]} < :before"
            request["ExpressionAttributeValues"][":before"] = {"S": before}
        items: list[Item] = []
        while True:
            more: dict[str, Any] = {"ExclusiveStartKey": after} if after else {}
            if limit is not None:
                more["Limit"] = limit - len(items)
            answer = table_call("Query", **request, **more)
            items += [item for item in answer.get("Items", []) if not counters.is_counter(item)]
            after = answer.get("LastEvaluatedKey")
            if not after or (limit is not None and len(items) >= limit):
                return Slice([entity.load(item) for item in items], after)

    def each(self, entity: type[E], index: IndexName = "main", **fields: Any) -> Iterator[E]:
        """Every member of one listing, read as it is consumed; for small collections and background work."""
        after: Item | None = None
        while True:
            part = self.query(entity, index, limit=100, after=after, **fields)
            yield from part.items
            after = part.after
            if after is None:
                return

    def count(self, entity: type[Entity], index: IndexName = "main", **fields: Any) -> int:
        """The exact number of members of a counted listing: one Query of its counter rows, however many they are."""
        template = entity.keys.templates[index][0]
        pk = template.render(fields)
        if pk is None:
            raise ValueError(f"{entity.__name__}.{index} needs {template.fields}")
        request = counters.all_rows(index, entity.keys.index(index), pk)
        return counters.count_of(table_call("Query", **request, ConsistentRead=True)["Items"])

    def count_beyond(self, entity: type[Entity], index: IndexName, key: str, **fields: Any) -> int:
        """The number of members of an ascending listing with a sort key above `key`.

        Reads them, as many as four answers of a Query hold (1 MB each): for few, or where a lower bound will do.
        """
        request = queries.listing(entity, index, fields)
        request["KeyConditionExpression"] += f" AND {queries.attribute_names(index)[1]} > :key"
        request["ExpressionAttributeValues"][":key"] = {"S": key}
        count = 0
        after: Item | None = None
        for _ in range(4):
            more = {"ExclusiveStartKey": after} if after else {}
            answer = table_call("Query", **request, **more, Select="COUNT")
            count += int(answer["Count"])
            after = answer.get("LastEvaluatedKey")
            if not after:
                break
        return count

    def counts(self, entity: type[Entity], index: IndexName, places: Sequence[Mapping[str, Any]]) -> list[int]:
        """The numbers of members of several counted listings in one batch."""
        declared, template = entity.keys.index(index), entity.keys.templates[index][0]
        groups = []
        for fields in places:
            pk = template.render(fields)
            if pk is None:
                raise ValueError(f"{entity.__name__}.{index} needs {template.fields}")
            groups.append(counters.shard_keys(index, declared, pk))
        rows: dict[Key, Item] = {}
        wanted = {key: None for group in groups for key in group}
        for item in batch_get([key.attributes() for key in wanted], consistent=True):
            rows[Key(item["PK"]["S"], item["SK"]["S"])] = item
        return [counters.count_of([rows[key] for key in group if key in rows]) for group in groups]

    def forget_counters(self, entity: type[Entity], index: IndexName, **fields: Any) -> None:
        """Delete the counter rows of a listing that nobody will ask for again, such as one named after a user who is
        erased. Raises `ConditionFailed` where it has members, or has others than a moment ago."""
        declared, template = entity.keys.index(index), entity.keys.templates[index][0]
        pk = template.render(fields)
        if pk is None:
            raise ValueError(f"{entity.__name__}.{index} needs {template.fields}")
        rows = batch_get([key.attributes() for key in counters.shard_keys(index, declared, pk)], consistent=True)
        if counters.count_of(rows):
            raise ConditionFailed(None)
        tx = self.transaction()
        for row in rows:
            tx.remove(Key(row["PK"]["S"], row["SK"]["S"]), [equals("n", int(row["n"]["N"]))])
        tx.commit()

    def page(
        self,
        entity: type[E],
        index: IndexName,
        query: Paging,
        *,
        weigh: Callable[[E], int] | None = None,
        reverse: bool = False,
        **fields: Any,
    ) -> Page[E]:
        """One page of a counted listing with its total. Page 1 is one Query; later pages and cursors are two.

        `reverse` lists it in the opposite of its order, for one Query more: the total stands at the other end.

        `weigh` says how many bytes a member takes in a reply (`sent_bytes`), for members of which a page may have more
        than a reply can carry: such a page ends early, and its cursor goes on from there.

        A page far down asks first how many members there are, so that one beyond the last costs a single read. Raises
        400 `page_too_deep` where more members than `queries.DEEPEST` would have to be skipped.
        """
        heads = entity.keys.index(index).counters
        request = queries.listing(entity, index, fields)
        scope = f"{index}|{request['ExpressionAttributeValues'][':pk']['S']}"
        if reverse:
            request["ScanIndexForward"] = not request["ScanIndexForward"]
            heads, scope = 0, scope + "|reverse"
        number, size, total, after = query.number, query.size, None, None
        if query.cursor:
            number, after = cursors.read(query.cursor, scope)
            total = self.count(entity, index, **fields)
        elif query.offset:
            total, after = self._skipped(entity, index, fields, query.offset, request, heads)
            if after is None:
                return Page([], total, number, size, None)
        elif reverse:
            total = self.count(entity, index, **fields)
        found, head, _ = queries.members(request, after, size + 1, heads if after is None else 0)
        items = [entity.load(item) for item in found[:size]]
        items = items if weigh is None else items[: _fitting(map(weigh, items))]
        more = len(found) > len(items)
        last = cursors.write(number + 1, queries.position(found[len(items) - 1], index), scope) if more else None
        return Page(items, head if total is None else total, number, size, last)

    def _skipped(
        self,
        entity: type[E],
        index: IndexName,
        fields: Mapping[str, Any],
        offset: int,
        request: Mapping[str, Any],
        heads: int,
    ) -> tuple[int, Item | None]:
        """The listing's total and the position after `offset` members (None: the listing is shorter)."""
        total = None
        if offset > queries.SHALLOW or not heads:
            total = self.count(entity, index, **fields)
            if offset >= total:
                return total, None
            queries.refuse_depth(offset)
        counted, after = queries.skipped(request, offset, heads)
        return counted if total is None else total, after


def _fitting(weights: Iterable[int]) -> int:
    """How many of a page's members a reply can carry; one at least."""
    room = MAX_PAGE_BYTES
    for count, weight in enumerate(weights):
        room -= weight + 1
        if room < 0:
            return max(count, 1)
    return MAX_PAGE_SIZE


__all__ = ["Slice", "Store"]
