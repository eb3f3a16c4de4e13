"""Editing a source file takes effect on the next call; a mistake in it is said and can be mended."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from infra.local.environment import Endpoints
from infra.local.systems import Systems
from tests.local.fakes import served

SECOND = 1_800_000_000 * 10**9
SERVICE = """
    from tests.local.fakes import FakeApi
    api = FakeApi("Shop")
    from reload_shop import goods
"""
GOODS = """
    from quintet.settings import settings
    from tests.local.fakes import FakeOperation
    from reload_layer.words import WORD
    from reload_shop.service import api
    def answer(event, context):
        return {"statusCode": 200, "body": f"{WORD} {settings().table}"}
    api.operations.append(FakeOperation("goods.get", "GET", "/goods", answer))
"""


class Tree:
    """The source of one system and one layer, in a folder."""

    def __init__(self, home: Path) -> None:
        self.functions, self.layer = home / "functions", home / "layer"
        self._saves = 0
        self.write("functions/reload_shop/__init__.py", "")
        self.write("functions/reload_shop/service.py", SERVICE)
        self.write("functions/reload_shop/goods.py", GOODS)
        self.write("layer/reload_layer/__init__.py", "")
        self.write("layer/reload_layer/words.py", 'WORD = "one"')

    def write(self, name: str, text: str) -> None:
        path = self.functions.parent / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        # Every save within one second, as an editor's or a script's may be: byte code knows whole seconds only.
        self._saves += 1
        os.utime(path, ns=(SECOND + self._saves, SECOND + self._saves))


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tree]:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    before = list(sys.path)
    yield Tree(tmp_path)
    sys.path[:] = before
    for name in [name for name in sys.modules if name.startswith("reload_")]:
        del sys.modules[name]


@pytest.fixture
def systems(tree: Tree) -> Systems:
    return Systems(Endpoints("http://127.0.0.1:1", "http://127.0.0.1:2"), tree.functions, tree.layer)


def body(port: int) -> tuple[int, str]:
    reply = httpx.get(f"http://127.0.0.1:{port}/reload_shop/goods")
    return reply.status_code, reply.text


def test_a_folder_with_a_service_is_a_system_and_runs_in_its_own_environment(tree: Tree, systems: Systems) -> None:
    tree.write("functions/no_system/helper.py", "")

    assert systems.names() == ["reload_shop"]
    with served(systems) as port:
        assert body(port) == (200, "one quintet-local-reload-shop")


def test_editing_the_layer_or_a_system_takes_effect_on_the_next_call(tree: Tree, systems: Systems) -> None:
    with served(systems) as port:
        assert body(port)[1].startswith("one ")
        # Same length and same second: byte code of the former text must not be taken for this one's.
        tree.write("layer/reload_layer/words.py", 'WORD = "two"')
        assert body(port)[1].startswith("two ")
        tree.write("functions/reload_shop/goods.py", GOODS.replace("{WORD}", "{WORD * 2}"))
        assert body(port)[1].startswith("twotwo ")


def test_an_unchanged_tree_is_not_imported_again(systems: Systems) -> None:
    assert systems.now() is systems.now()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def broken(:\n", "functions/reload_shop/goods.py:1: SyntaxError: invalid syntax"),
        ("x = 1\ny = x + z\n", "functions/reload_shop/goods.py:2: NameError: name 'z' is not defined"),
        (
            "import no_such_module\n",
            "functions/reload_shop/goods.py:1: ModuleNotFoundError: No module named 'no_such_module'",
        ),
    ],
)
def test_a_mistake_is_answered_with_its_place_and_gone_when_mended(
    tree: Tree, systems: Systems, text: str, message: str
) -> None:
    with served(systems) as port:
        tree.write("functions/reload_shop/goods.py", text)
        reply = httpx.get(f"http://127.0.0.1:{port}/reload_shop/goods")
        assert (reply.status_code, reply.json()) == (500, {"error": {"code": "import_failed", "message": message}})
        tree.write("functions/reload_shop/goods.py", GOODS)
        assert body(port)[0] == 200


def test_a_call_under_way_keeps_the_modules_it_began_with(tree: Tree, systems: Systems) -> None:
    generation = systems.now()
    operation = generation.systems["reload_shop"].operation("goods.get")
    assert operation is not None

    tree.write("layer/reload_layer/words.py", 'WORD = "new"')
    later = systems.now()

    with systems.environment(generation, "reload_shop"):
        assert operation({}, None)["body"].startswith("one ")
    renewed = later.systems["reload_shop"].operation("goods.get")
    assert renewed is not None
    with systems.environment(later, "reload_shop"):
        assert renewed({}, None)["body"].startswith("new ")


def test_a_new_system_is_served_without_a_restart(tree: Tree, systems: Systems) -> None:
    assert list(systems.now().systems) == ["reload_shop"]
    tree.write("functions/reload_two/__init__.py", "")
    tree.write("functions/reload_two/service.py", "from tests.local.fakes import FakeApi\napi = FakeApi('Two')\n")

    assert list(systems.now().systems) == ["reload_shop", "reload_two"]
