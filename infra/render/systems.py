"""The systems of the house, found as folders of `functions/` that have a `service.py`, and what each is made of."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from quintet.api import Api, Operation

ROOT = Path(__file__).resolve().parents[2]

HOUSE_SETTINGS = {
    name: f"QUINTET_{name}"
    for name in ("STAGE", "SYSTEM", "TABLE", "SECRET", "BUCKET", "EMAIL_SENDER", "SMS_SENDER", "LANGUAGE_MODEL")
}
"""What every function of every system is told."""

KEY_SETTING = "QUINTET_KMS_KEY"
"""Names the key that a system's own stack makes, where the system seals or opens anything."""

LAYER = ROOT / "layers/common/python"
_PROVIDERS = re.compile(r"quintet\.(providers\.\w+|media\.\w+)")
"""Modules of the layer that speak to outside services, and so have settings of their own."""

_SETTING = re.compile(r"QUINTET_[A-Z][A-Z0-9_]*")


@dataclass(frozen=True)
class System:
    """One system: its package's folder and its Api."""

    api: Api
    folder: Path

    @property
    def name(self) -> str:
        """Its package, mount and folder: `memory_mirror`."""
        return self.api.system

    @property
    def title(self) -> str:
        """Its name within logical ids: `MemoryMirror`."""
        return camel(self.name)

    @property
    def dashed(self) -> str:
        """Its name within the names of functions: `memory-mirror`."""
        return self.name.replace("_", "-")

    @cached_property
    def operations(self) -> list[Operation[Any, Any]]:
        """Every operation that is deployed, by path: those that are only for trying out stay on the laptop."""
        return [operation for operation in self.api.load() if not operation.only_local]

    @property
    def served(self) -> list[Operation[Any, Any]]:
        """The operations with a route."""
        return [operation for operation in self.operations if operation.method]

    @property
    def layers(self) -> list[str]:
        """The layers some operation wants besides the common one."""
        return sorted({layer for operation in self.operations for layer in operation.layers})

    @cached_property
    def settings(self) -> list[str]:
        """The system's own environment variables, read off its code and the layer's providers that it imports: every
        text that is a `QUINTET_…` name."""
        own = [path.read_text() for path in sorted(self.folder.rglob("*.py"))]
        imported = {name for source in own for name in _providers_in(source)}
        used = [path.read_text() for name in sorted(imported) if (path := _module(name)).is_file()]
        found = {name for source in (*own, *used) for name in _settings_in(source)}
        return sorted(found - set(HOUSE_SETTINGS.values()) - {KEY_SETTING})

    @property
    def seals(self) -> bool:
        """Whether some operation seals or opens personal identifiers, which takes a key."""
        return any(name.startswith("vault:") for operation in self.operations for name in operation.needs)


def systems(functions: Path = ROOT / "functions") -> list[System]:
    """The systems in a folder of packages, by name. The folder must be on the import path."""
    names = sorted(path.parent.name for path in functions.glob("*/service.py"))
    return [System(importlib.import_module(f"{name}.service").api, functions / name) for name in names]


def camel(text: str) -> str:
    """`orders.create_order` as `OrdersCreateOrder`."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", text))


def parameter_of(setting: str) -> str:
    """The template parameter that carries a setting: `QUINTET_GOOGLE_ISSUER` is `GoogleIssuer`."""
    return camel(setting.removeprefix("QUINTET_").lower())


def _settings_in(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SETTING.fullmatch(node.value):
            yield node.value


def _providers_in(source: str) -> Iterator[str]:
    """The providers a module imports, wherever in it: `quintet.providers.whatsapp`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            yield from (name for name in names if _PROVIDERS.fullmatch(name))


def _module(name: str) -> Path:
    return LAYER / f"{name.replace('.', '/')}.py"
