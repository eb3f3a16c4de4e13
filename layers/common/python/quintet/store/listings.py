"""Which writes would put an entity's listings wrong: their places, their numbers and their other orders.

A listing is right because every write knows what stood there before. A blind write does not, and an update changes
attributes, not the keys that follow from them. Both are mistakes of the code, found here the first time it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from types import CodeType, FunctionType
from typing import Any

from quintet.store.entity import Entity, Index


def refuse_blind(entity: type[Entity]) -> None:
    """Raise TypeError for an entity whose listings are counted or sorted."""
    if _kept(entity):
        message = f"{entity.__name__} is counted or sorted: use create, replace or delete"
        raise TypeError(message)


def refuse_moves(entity: type[Entity], touched: Iterable[str], guarded: bool) -> None:
    """Raise TypeError for an update of attributes (paths) that decide where an entity is listed.

    `guarded` says that a condition keeps the update from making an item where there was none.
    """
    roots = {path.partition(".")[0] for path in touched}
    for name, fields in _deciding(entity).items():
        prefix = name.upper()
        if roots & fields and not {prefix + "PK", prefix + "SK"} & roots:
            message = f"{entity.__name__} is listed by {sorted(roots & fields)}: use replace"
            raise TypeError(message)
    if not guarded and _kept(entity):
        message = f"{entity.__name__} is counted or sorted: an update of it needs a condition"
        raise TypeError(message)


def _kept(entity: type[Entity]) -> bool:
    return any(index.counted or index.sorts for index in (entity.keys.main, *entity.keys.indexes.values()))


@cache
def _deciding(entity: type[Entity]) -> dict[str, frozenset[str]]:
    """By listing: the fields that its keys, its condition and its orders are made of, but for the primary key's."""
    found, fixed = {}, {field for template in entity.keys.templates["main"] for field in template.fields}
    for name in ("main", *entity.keys.indexes):
        index: Index = entity.keys.main if name == "main" else entity.keys.indexes[name]
        pk, sk = entity.keys.templates[name]
        read = _read_by(index.when, entity, set()) if index.when else set()
        found[name] = frozenset({*pk.fields, *sk.fields, *read, *index.sorts} - fixed)
    return found


def _read_by(function: Callable[..., Any], entity: type[Entity], seen: set[CodeType]) -> set[str]:
    """The fields that a function of an entity may read: every name its code and what it calls could mean one by."""
    code = getattr(function, "__code__", None)
    if code is None or code in seen:
        return set()
    seen.add(code)
    found: set[str] = set()
    for name in _names(code):
        if name in entity.model_fields:
            found.add(name)
            continue
        member = getattr(entity, name, None)
        member = member.fget if isinstance(member, property) else member
        for called in (member, getattr(function, "__globals__", {}).get(name)):
            if isinstance(called, FunctionType):
                found |= _read_by(called, entity, seen)
    return found


def _names(code: CodeType) -> set[str]:
    inner = [_names(const) for const in code.co_consts if isinstance(const, CodeType)]
    return set(code.co_names).union(*inner)
