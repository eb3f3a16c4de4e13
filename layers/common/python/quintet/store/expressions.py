"""Conditions and updates as values, rendered to DynamoDB expressions with placeholders.

A condition never carries a literal in its text: names become `#n0`, values `:v0`, so that reserved words and
caller input are both harmless.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quintet.store.codec import Attribute, encode


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition with `{n0}`, `{v0}` placeholders for its names and values."""

    template: str
    names: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()


def equals(name: str, value: Any) -> Condition:
    return Condition("{n0} = {v0}", (name,), (value,))


def differs(name: str, value: Any) -> Condition:
    return Condition("{n0} <> {v0}", (name,), (value,))


def at_least(name: str, value: Any) -> Condition:
    return Condition("{n0} >= {v0}", (name,), (value,))


def at_most(name: str, value: Any) -> Condition:
    return Condition("{n0} <= {v0}", (name,), (value,))


def less_than(name: str, value: Any) -> Condition:
    return Condition("{n0} < {v0}", (name,), (value,))


def exists(name: str = "PK") -> Condition:
    return Condition("attribute_exists({n0})", (name,))


def absent(name: str = "PK") -> Condition:
    return Condition("attribute_not_exists({n0})", (name,))


def one_of(name: str, values: Sequence[Any]) -> Condition:
    marks = ", ".join(f"{{v{i}}}" for i in range(len(values)))
    return Condition(f"{{n0}} IN ({marks})", (name,), tuple(values))


def any_of(*conditions: Condition) -> Condition:
    """True when at least one of the conditions holds."""
    parts: list[str] = []
    names: list[str] = []
    values: list[Any] = []
    for condition in conditions:
        slots = {f"n{i}": f"{{n{len(names) + i}}}" for i in range(len(condition.names))}
        slots |= {f"v{i}": f"{{v{len(values) + i}}}" for i in range(len(condition.values))}
        parts.append("(" + condition.template.format(**slots) + ")")
        names += condition.names
        values += condition.values
    return Condition("(" + " OR ".join(parts) + ")", tuple(names), tuple(values))


class Expression:
    """Collects placeholders of one request, so that conditions and updates can share them."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, Attribute] = {}

    def name(self, path: str) -> str:
        """The placeholder path of an attribute; dots reach into maps."""
        return ".".join(self._names.setdefault(part, f"#n{len(self._names)}") for part in path.split("."))

    def value(self, value: Any) -> str:
        mark = f":v{len(self._values)}"
        self._values[mark] = encode(value)
        return mark

    def condition(self, conditions: Sequence[Condition]) -> str:
        parts = []
        for c in conditions:
            slots = {f"n{i}": self.name(n) for i, n in enumerate(c.names)}
            slots |= {f"v{i}": self.value(v) for i, v in enumerate(c.values)}
            parts.append(c.template.format(**slots))
        return " AND ".join(parts)

    def update(
        self,
        put: Mapping[str, Any] | None = None,
        add: Mapping[str, Any] | None = None,
        remove: Sequence[str] = (),
        default: Mapping[str, Any] | None = None,
        assignments: str = "",
    ) -> str:
        """An update expression: `put` sets, `default` sets only what is absent, `add` adds numbers or to sets.

        `assignments` are further ones, already rendered with this expression's placeholders.
        """
        sets = [f"{self.name(k)} = {self.value(v)}" for k, v in (put or {}).items()]
        for k, v in (default or {}).items():
            name = self.name(k)
            sets.append(f"{name} = if_not_exists({name}, {self.value(v)})")
        sets += [assignments] if assignments else []
        parts = ["SET " + ", ".join(sets)] if sets else []
        if add:
            parts.append("ADD " + ", ".join(f"{self.name(k)} {self.value(v)}" for k, v in add.items()))
        if remove:
            parts.append("REMOVE " + ", ".join(self.name(k) for k in remove))
        return " ".join(parts)

    def arguments(self) -> dict[str, Any]:
        """The placeholder maps as request arguments, left out when empty (DynamoDB refuses empty maps)."""
        found: dict[str, Any] = {}
        if self._names:
            found["ExpressionAttributeNames"] = {mark: part for part, mark in self._names.items()}
        if self._values:
            found["ExpressionAttributeValues"] = self._values
        return found
