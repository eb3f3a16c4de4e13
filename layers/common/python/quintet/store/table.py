"""The store: typed reads and writes of one system's table. Every access is a key, a Query or a transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from quintet.errors import ErrorType
from quintet.models.pages import Page, PageQuery
from quintet.store import cursors
from quintet.store.calls import Cancelled, batch_get, batch_write, table_call
from quintet.store.codec import Attribute, Item, decode_item
from quintet.store.counters import count_of, is_counter, shard_place
from quintet.store.entity import E, Entity, IndexName, Key, Ref
from quintet.store.errors import STALE, Refusal, refusal
from quintet.store.expressions import Condition, Expression, absent, any_of, differs
from quintet.store.transaction import MARK, Transaction, new_mark

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
        """Change attributes in place and answer the entity as it then stands (see `Expression.update`)."""
        expression, mark = Expression(), new_mark()
        text = expression.update({**(put or {}), MARK: mark}, {"version": 1, **(add or {})}, remove, default)
        # The mark keeps a request that is sent again, because its answer was lost, from adding twice.
        condition = expression.condition([any_of(absent(MARK), differs(MARK, mark)), *where])
        try:
            found = table_call("UpdateItem", Key=key.attributes(), UpdateExpression=text, ReturnValues="ALL_NEW",
                               ConditionExpression=condition, ReturnValuesOnConditionCheckFailure="ALL_OLD",
                               **expression.arguments())  # fmt: skip
        except Cancelled as cancelled:
            ((old,),) = (reason or (None,) for reason in cancelled.reasons)
            if old and old.get(MARK) == mark:
                return entity.revive(old)
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
        request = _listing(entity, index, fields, begins, reverse, consistent)
        if before is not None:
            request["KeyConditionExpression"] += f" AND {attribute_names(index)[1]} < :before"
            request["ExpressionAttributeValues"][":before"] = {"S": before}
        items: list[Item] = []
        while True:
            more: dict[str, Any] = {"ExclusiveStartKey": after} if after else {}
            if limit is not None:
                more["Limit"] = limit - len(items)
            answer = table_call("Query", **request, **more)
            items += [item for item in answer.get("Items", []) if not is_counter(item)]
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
        """The exact number of members of a counted listing: one round trip."""
        return self.counts(entity, index, [fields])[0]

    def counts(self, entity: type[Entity], index: IndexName, listings: Sequence[Mapping[str, Any]]) -> list[int]:
        """The numbers of members of several counted listings in one batch."""
        declared, template = entity.keys.index(index), entity.keys.templates[index][0]
        keys = []
        for fields in listings:
            pk = template.render(fields)
            if pk is None:
                raise ValueError(f"{entity.__name__}.{index} needs {template.fields}")
            keys.append([shard_place(index, declared, pk, n)[0] for n in range(declared.shards)])
        rows: dict[Key, Item] = {}
        wanted = {key: None for group in keys for key in group}
        for item in batch_get([key.attributes() for key in wanted], consistent=True):
            rows[Key(item["PK"]["S"], item["SK"]["S"])] = item
        return [count_of([rows[key] for key in group if key in rows]) for group in keys]

    def page(self, entity: type[E], index: IndexName, query: PageQuery, **fields: Any) -> Page[E]:
        """One page of a counted listing with its total. Page 1 is one Query; later pages and cursors are two."""
        declared = entity.keys.index(index)
        request = _listing(entity, index, fields, None, None, False)
        scope = f"{index}|{request['ExpressionAttributeValues'][':pk']['S']}"
        number, size, after = query.page, query.page_size, None
        if query.cursor:
            number, after = cursors.read(query.cursor, scope)
            total = self.count(entity, index, **fields)
        elif number > 1:
            total, after = _skip(request, query.offset, declared.shards)
            if after is None:
                return Page([], total, number, size, None)
        else:
            total = None
        head = declared.shards if after is None else 0
        rows, _ = _fill(request, after, size + 1 + head)
        members = [row for row in rows if not is_counter(row)]
        if total is None:
            total = count_of(rows)
        shown, more = members[:size], len(members) > size
        last = cursors.write(number + 1, _position(shown[-1], index), scope) if more else None
        return Page([entity.load(row) for row in shown], total, number, size, last)


def _listing(
    entity: type[Entity],
    index: IndexName,
    fields: Mapping[str, Any],
    begins: str | None,
    reverse: bool | None,
    consistent: bool,
) -> dict[str, Any]:
    pk_name, sk_name = attribute_names(index)
    pk = entity.keys.templates[index][0].render(fields)
    if pk is None:
        raise ValueError(f"{entity.__name__}.{index} needs {entity.keys.templates[index][0].fields}")
    values: dict[str, Attribute] = {":pk": {"S": pk}}
    condition = f"{pk_name} = :pk"
    if begins is not None:
        condition += f" AND begins_with({sk_name}, :sk)"
        values[":sk"] = {"S": begins}
    backward = entity.keys.index(index).order == "newest" if reverse is None else reverse
    request: dict[str, Any] = {
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": values,
        "ScanIndexForward": not backward,
    }
    if index == "main":
        request["ConsistentRead"] = consistent
    else:
        request["IndexName"] = index.upper()
    return request


def attribute_names(index: IndexName) -> tuple[str, str]:
    return ("PK", "SK") if index == "main" else (index.upper() + "PK", index.upper() + "SK")


def _position(item: Item, index: IndexName) -> Item:
    names = dict.fromkeys(("PK", "SK", *attribute_names(index)))
    return {name: item[name] for name in names}


def _fill(request: dict[str, Any], after: Item | None, wanted: int) -> tuple[list[Item], Item | None]:
    """Rows of a Query until `wanted` are there: DynamoDB ends an answer at 1 MB whatever the limit."""
    rows: list[Item] = []
    while True:
        more = {"ExclusiveStartKey": after} if after else {}
        answer = table_call("Query", **request, **more, Limit=wanted - len(rows))
        rows += answer.get("Items", [])
        after = answer.get("LastEvaluatedKey")
        if not after or len(rows) >= wanted:
            return rows, after


def _skip(request: dict[str, Any], offset: int, shards: int) -> tuple[int, Item | None]:
    """The listing's total and the position after `offset` members (None: the listing is shorter)."""
    index = request.get("IndexName", "main").lower()
    names = attribute_names(index)
    lean = {**request, "ProjectionExpression": ", ".join(dict.fromkeys(("PK", "SK", *names, "kind", "n")))}
    rows, after = _fill(lean, None, offset + shards)
    members = [row for row in rows if not is_counter(row)]
    if len(members) < offset or (len(members) == offset and after is None):
        return count_of(rows), None
    return count_of(rows), _position(members[offset - 1], index)


__all__ = ["Slice", "Store", "decode_item"]
