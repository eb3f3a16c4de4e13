"""The contract reader: a system's documented operations from a machine-readable file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PARAMETER = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class ContractOperation:
    """One documented operation; shapes are in the contract's own notation."""

    id: str
    method: str
    path: str
    auth: str
    status: int
    query: Mapping[str, Any]
    body: Any
    response: Any
    errors: Mapping[int, Any]
    rules: tuple[str, ...]

    @property
    def route(self) -> tuple[str, str]:
        """Method and path with its parameters unnamed: what identifies an operation."""
        return self.method, unnamed(self.path)


@dataclass(frozen=True, slots=True)
class Contract:
    """One system's contract."""

    system: str
    base_path: str
    operations: tuple[ContractOperation, ...]

    def __iter__(self) -> Iterator[ContractOperation]:
        return iter(self.operations)

    def operation(self, id: str) -> ContractOperation:
        """The operation of an id; raises KeyError when there is none."""
        for found in self.operations:
            if found.id == id:
                return found
        raise KeyError(id)


def read_contract(path: str | Path) -> Contract:
    """The contract in a YAML or JSON file (`system`, `base_path`, `operations`)."""
    file = Path(path)
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".json":
        raw = json.loads(text)
    else:
        import yaml

        raw = yaml.safe_load(text)
    return Contract(raw["system"], raw.get("base_path", ""), tuple(_operation(o) for o in raw["operations"]))


def unnamed(path: str) -> str:
    """A path template without the names of its parameters: `/orders/{}`."""
    return _PARAMETER.sub("{}", path).rstrip("/") or "/"


def _errors(raw: Mapping[Any, Any] | list[Any] | None) -> dict[int, Any]:
    """Statuses with what is told of them; a bare list of statuses tells nothing more."""
    told = raw if isinstance(raw, Mapping) else dict.fromkeys(raw or ())
    return {int(status): text for status, text in told.items()}


def _operation(raw: Mapping[str, Any]) -> ContractOperation:
    return ContractOperation(
        id=raw["id"],
        method=raw["method"],
        path=raw["path"],
        auth=str(raw.get("auth", "public")),
        status=int(raw.get("status") or 0),
        query=raw.get("query") or {},
        body=raw.get("body") or {},
        response=raw.get("response"),
        errors=_errors(raw.get("errors")),
        rules=tuple(raw.get("rules") or ()),
    )
