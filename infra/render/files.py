"""The rendered files: what each command writes, and whether what is committed is still that."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.render.cloudformation import dump
from infra.render.events import events
from infra.render.functions import function_name
from infra.render.root import root
from infra.render.stack import stack
from infra.render.systems import ROOT, System
from quintet.api.fallback import ROUTES

Files = dict[str, str]
"""Texts by their path from the project's root."""


@dataclass(frozen=True)
class Kind:
    """One command: what it renders, and which files it owns, so that those no operation asks for any more go."""

    render: Callable[[list[System]], Files]
    owned: str


def spec(systems: list[System]) -> Files:
    """`docs/openapi/<system>.json`."""
    return {f"docs/openapi/{system.name}.json": _json(openapi(system)) for system in systems}


def template(systems: list[System]) -> Files:
    """`template.yaml` and `infra/<system>.yaml`."""
    stacks = {f"infra/{system.name}.yaml": dump(stack(system)) for system in systems}
    return {"template.yaml": dump(root(systems)), **stacks}


def event_files(systems: list[System]) -> Files:
    """`events/<system>/…`."""
    found = [(system.name, *named) for system in systems for named in events(system).items()]
    return {f"events/{folder}/{name}": _json(event) for folder, name, event in found}


def routes(systems: list[System]) -> Files:
    """`functions/<system>/routes.json`: what the fallback knows of the operations, one line each."""
    found = {}
    for system in systems:
        lines = [json.dumps([o.method, o.path, function_name(o.id)]) for o in system.served]
        found[f"functions/{system.name}/{ROUTES}"] = "[\n" + ",\n".join(lines) + "\n]\n"
    return found


KINDS = {
    "spec": Kind(spec, "docs/openapi/*.json"),
    "template": Kind(template, "infra/*.yaml"),
    "routes": Kind(routes, f"functions/*/{ROUTES}"),
    "events": Kind(event_files, "events/*/*.json"),
}


def openapi(system: System) -> dict[str, Any]:
    """The system's OpenAPI document with its models in alphabetical order, so that it changes only with its content."""
    document = system.api.openapi()
    schemas = document["components"]["schemas"]
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    return document


def stale(files: Files, kind: Kind, base: Path = ROOT) -> list[str]:
    """The paths whose content is not what would be rendered, and those that would not be rendered at all."""
    differing = [name for name, text in files.items() if not _holds(base / name, text)]
    return sorted(differing + [str(path.relative_to(base)) for path in _strays(files, kind, base)])


def write(files: Files, kind: Kind, base: Path = ROOT) -> list[str]:
    """Write what differs and remove what is stale; answers the paths touched."""
    touched = stale(files, kind, base)
    for path in _strays(files, kind, base):
        path.unlink()
    for name in touched:
        if name in files:
            path = base / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[name])
    return touched


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text() == text


def _strays(files: Files, kind: Kind, base: Path) -> list[Path]:
    return [path for path in sorted(base.glob(kind.owned)) if str(path.relative_to(base)) not in files]


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
