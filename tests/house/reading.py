"""The house as its source says: modules, the imports between them (late ones too), and the rooms they stand in."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAYER = ROOT / "layers/common/python"
FUNCTIONS = ROOT / "functions"


@dataclass(frozen=True)
class Import:
    """One name that a module takes from another of the house."""

    source: str
    target: str
    name: str


@cache
def modules() -> Mapping[str, Path]:
    """Every module of the layer and the systems by its dotted name."""
    found = {}
    for base in (LAYER, FUNCTIONS):
        for path in sorted(base.rglob("*.py")):
            parts = path.relative_to(base).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def systems() -> list[str]:
    return sorted(path.parent.name for path in FUNCTIONS.glob("*/service.py"))


@cache
def imports() -> list[Import]:
    """All imports within the house, wherever in a module they stand; those for type checkers alone are none."""
    return [found for name, path in modules().items() for found in _imports(name, ast.parse(path.read_text()))]


def _imports(source: str, tree: ast.Module) -> Iterator[Import]:
    unseen = {id(node) for each in ast.walk(tree) if _for_checkers(each) for node in ast.walk(each)}
    for node in ast.walk(tree):
        if id(node) in unseen:
            continue
        if isinstance(node, ast.Import):
            yield from (Import(source, alias.name, "") for alias in node.names if alias.name in modules())
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                if inner in modules():
                    yield Import(source, inner, "")
                elif node.module in modules():
                    yield Import(source, node.module, alias.name)


def _for_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def room(module: str) -> tuple[str, str]:
    """Where a module stands: the layer (`quintet`) or a system, and the room or domain there; a module outside of
    every room is a room of its own."""
    top, _, rest = module.partition(".")
    return top, rest.partition(".")[0]


def arrows(top: str) -> dict[str, set[str]]:
    """Which rooms of the layer or of a system import which."""
    found: dict[str, set[str]] = defaultdict(set)
    for each in imports():
        (house, source), (other, target) = room(each.source), room(each.target)
        if house == other == top and source and target and source != target:
            found[source].add(target)
    return found


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Groups of nodes that reach each other (Tarjan's strongly connected components of more than one node)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph.get(node, ()):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            at = stack.index(node)
            group = stack[at:]
            del stack[at:]
            if len(group) > 1:
                found.append(sorted(group))

    for node in list(graph):
        if node not in index:
            visit(node)
    return found
