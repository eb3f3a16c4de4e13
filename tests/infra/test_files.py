"""The rendered files are what the operations say, and they are written and cleared as they should be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from infra.render.files import KINDS, Kind, openapi, stale, write
from infra.render.systems import ROOT, System


@pytest.mark.parametrize("name", KINDS)
def test_what_is_committed_is_what_the_operations_render(name: str, house: list[System]) -> None:
    kind = KINDS[name]
    assert stale(kind.render(house), kind) == [], "run `make spec template events` and commit the result"


@pytest.mark.parametrize("name", KINDS)
def test_rendering_twice_gives_the_same_bytes(name: str, house: list[System]) -> None:
    assert KINDS[name].render(house) == KINDS[name].render(house)


def test_a_changed_a_missing_and_a_leftover_file_are_stale_until_written(tmp_path: Path) -> None:
    kind = Kind(lambda _: {}, "out/*.json")
    files = {"out/changed.json": "new", "out/missing.json": "new", "out/same.json": "same"}
    (tmp_path / "out").mkdir()
    for name, text in {"changed": "old", "same": "same", "leftover": "old"}.items():
        (tmp_path / f"out/{name}.json").write_text(text)
    (tmp_path / "out/notes.md").write_text("not ours")
    behind = ["out/changed.json", "out/leftover.json", "out/missing.json"]
    assert stale(files, kind, tmp_path) == behind
    assert write(files, kind, tmp_path) == behind
    assert stale(files, kind, tmp_path) == []
    there = {path.name: path.read_text() for path in (tmp_path / "out").iterdir()}
    assert there == {"changed.json": "new", "missing.json": "new", "same.json": "same", "notes.md": "not ours"}


def test_every_openapi_document_is_valid_openapi_3_1(house: list[System], little: System) -> None:
    for system in (*house, little):
        document = openapi(system)
        assert document["openapi"].startswith("3.1")
        validate(json.loads(json.dumps(document)))


def test_models_are_documented_in_alphabetical_order(house: list[System]) -> None:
    for system in house:
        text = (ROOT / f"docs/openapi/{system.name}.json").read_text()
        models = list(json.loads(text)["components"]["schemas"])
        assert models == sorted(models)


def test_operations_beyond_the_document_are_marked(house: list[System]) -> None:
    for system in house:
        paths = openapi(system)["paths"]
        marked = {op["operationId"] for item in paths.values() for op in item.values() if op.get("x-extension")}
        assert marked == {o.id for o in system.served if o.extension}
