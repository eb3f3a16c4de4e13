"""Prompts as files: named with their version, and there for everything that names one."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from quintet.answers import Prompt

FUNCTIONS = Path(__file__).parents[3] / "functions"


def named() -> Iterator[tuple[str, str]]:
    """The system and name of every `Prompt("…", "…")` in the functions, and those of its `rules`."""
    for path in sorted(FUNCTIONS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Prompt":
                values = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
                yield str(values[0]), str(values[1])
                rules = (word.value for word in node.keywords if word.arg == "rules")
                yield from ((str(values[0]), str(rule.value)) for rule in rules if isinstance(rule, ast.Constant))


def test_every_prompt_that_is_named_is_there() -> None:
    assert [name for name in named() if len(Prompt(*name).text()) < 40] == []


def test_every_prompt_that_is_there_is_named() -> None:
    files = {(path.parents[1].name, path.stem) for path in FUNCTIONS.glob("*/prompts/*.md")}
    newest = {(system, name.partition(".")[0]) for system, name in named()}
    assert {(system, name.partition(".")[0]) for system, name in files} <= newest


@pytest.mark.parametrize("name", ["chat", "chat.v0", "chat.1", "../chat.v1", "Chat.v1", "chat.v1.md"])
def test_a_name_has_its_version(name: str) -> None:
    with pytest.raises(ValueError, match=r"chat\.v1"):
        Prompt("memory_mirror", name)
    with pytest.raises(ValueError, match=r"chat\.v1"):
        Prompt("memory_mirror", "chat.v1", rules=name)


def test_a_prompt_that_is_not_there_is_an_error() -> None:
    assert Prompt("memory_mirror", "chat.v1").label == "memory_mirror/chat.v1"
    with pytest.raises(FileNotFoundError):
        Prompt("quintet.answers", "missing.v1").text()
