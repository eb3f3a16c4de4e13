"""Shorter ways through moto's DynamoDB that lead to the same answers; half of a test's time goes into moto.

`tests/layers/testing/test_shortcuts.py` holds them to what moto does without them, answer by answer.
"""

from __future__ import annotations

import copy
import functools
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Replacement = tuple[Any, str, Any]
"""An owner, the name of its attribute, and what stands there instead."""

_ABSENT = object()
_belongs: Any = functools.cache(issubclass)
_MOST_BYTES = 405_000
"""The size at which moto refuses an item, in bytes of names and values."""


def take() -> list[Replacement]:
    """Take every shortcut from now on; answers what stood there before, for `without`."""
    return _put(_transactions() + _expressions() + _walks() + _items() + _answers() + _dispatch() + _keys())


@contextmanager
def without(before: list[Replacement]) -> Iterator[None]:
    """moto's own ways for the block; `before` is what `take` answered."""
    after = _put(before)
    try:
        yield
    finally:
        _put(after)


def _put(replacements: list[Replacement]) -> list[Replacement]:
    stood = [(owner, name, vars(owner).get(name, _ABSENT)) for owner, name, _ in replacements]
    for owner, name, new in replacements:
        if new is _ABSENT:
            delattr(owner, name)
        else:
            setattr(owner, name, new)
    return stood


def _transactions() -> list[Replacement]:
    """A transaction's backup of a table copies only the items it touches, once; moto copies all for each action."""
    from moto.dynamodb import models
    from moto.dynamodb.models import table
    from moto.dynamodb.models.dynamo_type import DynamoType

    backend: Any = models.DynamoDBBackend
    plain = backend.transact_write_items
    copies: dict[int, Any] = {}
    touched: dict[str, set[tuple[str, str]]] = {}

    def transact_write_items(self: Any, transact_items: list[dict[str, Any]]) -> None:
        touched.clear()
        copies.clear()
        for action in transact_items:
            ((_, request),) = action.items()
            key = request.get("Key") or request.get("Item") or {}
            if "PK" in key and "SK" in key:
                place = key["PK"].get("S", ""), key["SK"].get("S", "")
                touched.setdefault(request.get("TableName", ""), set()).add(place)
        try:
            plain(self, transact_items)
        finally:
            touched.clear()
            copies.clear()

    def backup(self: Any, memo: dict[int, Any]) -> Any:
        if id(self) in copies:
            return copies[id(self)]
        twin = copy.copy(self)
        wanted = touched.get(self.name)
        if wanted is None or not self.has_range_key:
            memo[id(self)] = twin
            twin.__dict__ = {k: v if k == "stream_shard" else copy.deepcopy(v, memo) for k, v in vars(self).items()}
            return twin
        twin.items = defaultdict(dict, self.items)
        for pk in {DynamoType({"S": pk}) for pk, _ in wanted} & self.items.keys():
            twin.items[pk] = dict(self.items[pk])
        for pk, sk in ((DynamoType({"S": pk}), DynamoType({"S": sk})) for pk, sk in wanted):
            if sk in twin.items.get(pk, ()):
                twin.items[pk][sk] = copy.deepcopy(twin.items[pk][sk], memo)
        copies[id(self)] = twin
        return twin

    return [(backend, "transact_write_items", transact_write_items), (table.Table, "__deepcopy__", backup)]


def _expressions() -> list[Replacement]:
    """An update expression is parsed once; moto parses it twice for every request. Its tree is copied by its shape."""
    from moto.dynamodb.parsing import ast_nodes, expressions

    nodes: Any = ast_nodes
    parsers: Any = expressions
    parser = parsers.UpdateExpressionParser
    parse = parser.make.__func__

    @functools.lru_cache(maxsize=2048)
    def parsed(kind: Any, text: str) -> Any:
        tree = parse(kind, text)  # moto reads it, and copies it before it puts values in
        tree.text = text
        return tree

    def copied(self: Any, memo: dict[int, Any]) -> Any:
        twin = memo[id(self)] = object.__new__(type(self))
        twin.__dict__.update(vars(self))
        twin.parent = None if self.parent is None else copy.deepcopy(self.parent, memo)
        twin.children = copy.deepcopy(self.children, memo)
        return twin

    make: Any = parsed
    return [(parser, "make", classmethod(make)), (nodes.Node, "__deepcopy__", copied)]


def _walks() -> list[Replacement]:
    """Walking an expression's tree asks once per class, not at every node, whether its nodes are of interest.

    What looks at the text and its names alone, before values come in, looks at each but once if it found no fault.
    """
    from moto.dynamodb.parsing import ast_nodes, validators

    nodes: Any = ast_nodes
    node, traverser = nodes.Node, nodes.DepthFirstTraverser
    entered = (nodes.Expression, nodes.UpdateExpressionFunction)
    of_text = (
        validators.ActionCountValidator,
        validators.OverlappingPathsValidator,
        validators.UpdateHashRangeKeyValidator,
    )
    faultless: set[str] = set()

    def find_clauses(self: Any, clause_types: list[type]) -> list[Any]:
        found: list[Any] = []
        for child in self.children or ():
            if type(child) in clause_types:
                found.append(child)
            elif _belongs(type(child), entered):
                found.extend(find_clauses(child, clause_types))
        return found

    def traverse(self: Any, root: Any) -> Any:
        known = isinstance(self, of_text) and f"{type(self).__name__} {root.text} {vars(self)}"
        if known and known in faultless:
            return root
        tree = _walked(self, root, -1, self.nodes_to_be_processed(), node)
        if known:
            faultless.add(known)
        return tree

    return [(node, "find_clauses", find_clauses), (traverser, "traverse", traverse)]


def _dispatch() -> list[Replacement]:
    """What a service can be asked for is looked up once, and DynamoDB found first among some two hundred services."""
    from moto import backend_index
    from moto.core import responses

    index: Any = backend_index
    module: Any = responses
    ordered = sorted(index.backend_url_patterns, key=lambda one: one[0] != "dynamodb")
    return [
        (index, "backend_url_patterns", ordered),
        (module, "method_names_from_class", functools.cache(module.method_names_from_class)),
    ]


def _keys() -> list[Replacement]:
    """All keys share one private key of their kind; moto makes an RSA pair for each, also for those that only encrypt
    with a secret of their own."""
    from moto.kms import models

    module: Any = models
    return [(module, "generate_private_key", functools.cache(module.generate_private_key))]


def _walked(self: Any, place: Any, child_id: int, wanted: tuple[type, ...], node: type) -> Any:
    parent = place.parent
    for number, child in enumerate(place.children or ()):
        self.pre_processing_of_child(place, number)
        if _belongs(type(child), (node,)):
            _walked(self, child, number, wanted, node)
    if _belongs(type(place), wanted):
        place = self.process(place)
        place.parent = parent
        if parent:
            parent.children[child_id] = place
    return place


def _items() -> list[Replacement]:
    """A new item is measured once; moto measures all of it again for every attribute."""
    from moto.dynamodb.exceptions import ItemSizeTooLarge
    from moto.dynamodb.models import dynamo_type, utilities

    kind: Any = dynamo_type.DynamoType
    limited: Any = dynamo_type.LimitedSizeDict

    def made(self: Any, hash_key: Any, range_key: Any, attrs: dict[str, Any]) -> None:
        self.hash_key, self.range_key = hash_key, range_key
        self.attrs = limited()
        values = {name: kind(value) for name, value in attrs.items()}
        dict.update(self.attrs, values)
        if sum(utilities.bytesize(name) + value.size() for name, value in values.items()) > _MOST_BYTES:
            raise ItemSizeTooLarge

    return [(dynamo_type.Item, "__init__", made)]


def _answers() -> list[Replacement]:
    """Attribute values go into an answer as they are; moto looks for each of their ten types under ten names."""
    from moto.core import serialize

    serializer: Any = serialize.BaseJSONSerializer
    plain = serializer._serialize_type_structure

    def structure(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if shape.name == "AttributeValue" and key and (short := _short(value)) is not None:
            self._default_serialize(serialized, short, shape, key)
        else:
            plain(self, serialized, value, shape, key)

    return [(serializer, "_serialize_type_structure", structure)]


def _short(value: Any) -> dict[str, Any] | None:
    """An attribute value as JSON; None for one with bytes or of an unexpected form, which moto has to serialize."""
    if type(value) is not dict or len(value) != 1:
        return None
    ((kind, held),) = value.items()
    if (kind in ("S", "N") and type(held) is str) or (kind in ("BOOL", "NULL") and type(held) is bool):
        return {kind: held}
    if kind in ("SS", "NS") and type(held) is list and all(type(one) is str for one in held):
        return {kind: held}
    if kind == "M" and type(held) is dict:
        fields = {name: _short(one) for name, one in held.items()}
        return None if None in fields.values() else {kind: fields}
    if kind == "L" and type(held) is list:
        items = [_short(one) for one in held]
        return None if None in items else {kind: items}
    return None
