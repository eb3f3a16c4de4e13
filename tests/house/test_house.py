"""The plan of the house: rooms, and the arrows between them, all of which point one way.

`arrows.toml` holds what may import what. It is exact in both directions, so that it can be read as the plan: an arrow
that appears or disappears is entered there, on purpose.
"""

from __future__ import annotations

import ast
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

from tests.house.reading import FUNCTIONS, ROOT, arrows, circles, imports, modules, room, systems

PLAN: dict[str, dict[str, list[str]]] = tomllib.loads((Path(__file__).parent / "arrows.toml").read_text())
BENEATH = {"service", "envelope"}
"""A system's face: whoever stands above may look at it."""
LONGEST_FILE, LONGEST_FUNCTION = 400, 45


def test_the_plan_tells_of_the_layer_and_of_every_system() -> None:
    assert sorted(PLAN) == sorted(["quintet", *systems()])


@pytest.mark.parametrize("top", sorted(PLAN))
def test_the_arrows_between_rooms_are_those_of_the_plan(top: str) -> None:
    drawn = {source: sorted(targets - BENEATH) for source, targets in arrows(top).items()}
    assert {source: targets for source, targets in drawn.items() if targets} == PLAN[top]


@pytest.mark.parametrize("top", sorted(PLAN))
def test_no_rooms_form_a_circle(top: str) -> None:
    assert circles(arrows(top)) == []


def test_no_modules_form_a_circle_late_imports_included() -> None:
    graph: dict[str, set[str]] = defaultdict(set)
    for each in imports():
        if each.target != each.source:
            graph[each.source].add(each.target)
    assert circles(graph) == []


def test_the_layer_knows_no_system_and_no_system_another() -> None:
    strangers = [each for each in imports() if room(each.source)[0] != room(each.target)[0] != "quintet"]
    assert strangers == []


def test_a_room_takes_from_another_only_what_is_public() -> None:
    taken = [
        each
        for each in imports()
        if room(each.source) != room(each.target) and (each.name.startswith("_") or "._" in each.target)
    ]
    assert taken == []


@pytest.mark.parametrize("system", systems())
def test_every_operation_stands_in_a_domain_that_tells_its_access_patterns(system: str) -> None:
    assert not (FUNCTIONS / system / "model").exists()
    for folder in sorted(path.parent for path in (FUNCTIONS / system).glob("*/*operations.py")):
        told = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
        assert "ccess pattern" in told, folder.relative_to(ROOT)


def test_no_file_and_no_function_is_longer_than_can_be_read() -> None:
    for path in modules().values():
        text = path.read_text()
        assert len(text.splitlines()) <= LONGEST_FILE, path.relative_to(ROOT)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or 0) - node.lineno
                assert lines <= LONGEST_FUNCTION, f"{path.relative_to(ROOT)}:{node.lineno} {node.name} {lines}"
