"""SAM takes the templates, and what it builds runs with nothing on the path but the build and the Lambda runtime."""

from __future__ import annotations

import fcntl
import json
import os
import platform
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from infra.render.cloudformation import load
from infra.render.systems import ROOT, System
from tests.infra.templates import functions

SAM = ROOT / ".quintet/envs/sam/bin/sam"
RUNTIME = f"python{sys.version_info[0]}.{sys.version_info[1]}"
ARCHITECTURE = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
TEMPLATES = ["template.yaml", *sorted(f"infra/{path.name}" for path in (ROOT / "infra").glob("*.yaml"))]
LAYER_LIMIT = 60_000_000
"""Bytes unpacked that one layer may have here; Lambda takes 250 MB for a function with all its layers."""

pytestmark = pytest.mark.skipif(
    not SAM.exists(), reason="sam-cli is not there; `make check` and `make build` install it"
)


def sam(*arguments: str, seconds: int = 300) -> subprocess.CompletedProcess[str]:
    """Run sam-cli on this project with the interpreter of the tests and nobody's AWS account."""
    dummy = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "AWS_DEFAULT_REGION": "us-east-1"}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, **dummy, "SAM_CLI_TELEMETRY": "0", "PATH": path}
    return subprocess.run(
        [str(SAM), *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=seconds, check=False
    )


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The built application, made once for all workers that test it."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    folder = shared / "sam-build"
    with (shared / "sam-build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "template.yaml").exists():
            done = sam(
                "build", "--no-cached", "--parallel", "--build-dir", str(folder),
                "--parameter-overrides", f"PythonRuntime={RUNTIME} Architecture={ARCHITECTURE}",
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_is_valid_and_passes_the_linter(template: str) -> None:
    done = sam("validate", "--lint", "--template", template, "--region", "us-east-1")
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"


def test_the_build_holds_every_function_and_layer(build: Path, house: list[System]) -> None:
    for system in house:
        built = load((build / system.title / "template.yaml").read_text())
        for name in functions(built):
            folder = build / system.title / name / system.name
            assert (folder / "service.py").is_file(), name
            assert {path.name for path in folder.glob("prompts/*")} == {
                path.name for path in system.folder.glob("prompts/*")
            }
    for layer in {"common", *(layer for system in house for layer in system.layers)}:
        assert (build / f"{layer.capitalize()}Layer" / "python").is_dir()


def test_the_common_layer_is_small_and_leaves_to_the_runtime_what_the_runtime_has(build: Path) -> None:
    layer = build / "CommonLayer/python"
    found = {path.name for path in layer.iterdir()}
    assert {"quintet", "pydantic", "aws_lambda_powertools", "jwt", "argon2"} <= found
    assert (layer / "quintet/answers/safety.v1.md").is_file()
    assert not found & {"boto3", "botocore", "s3transfer", "cryptography", "urllib3"}
    assert sum(path.stat().st_size for path in layer.rglob("*") if path.is_file()) < LAYER_LIMIT


def test_only_the_oidc_layer_brings_cryptography(build: Path) -> None:
    assert (build / "OidcLayer/python/cryptography").is_dir()


_INVOKE = """
import importlib, json, sys
sys.path[:0] = json.loads(sys.argv[1])
sys.stdout, real = sys.stderr, sys.stdout
answers = {}
for handler, event in json.loads(sys.stdin.read()).items():
    module, _, name = handler.rpartition(".")
    answers[handler] = getattr(importlib.import_module(module), name)(event, None)
places = [sys.modules[name].__file__ for name in ("quintet", "pydantic")]
print(json.dumps([answers, places]), file=real)
"""


def test_the_built_shop_answers_from_the_build_folder_with_only_its_layer(build: Path, tmp_path: Path) -> None:
    health, order, absent = (_event("health.check"), _event("orders.create_order"), _event("health.check"))
    absent["rawPath"] = absent["requestContext"]["http"]["path"] = "/nowhere"
    layer = build / "CommonLayer/python"
    for function, handler, event, status, body in (
        ("HealthCheck", "storefront.upkeep.health_operations.check", health, 200, {"status": "ok"}),
        ("OrdersCreateOrder", "storefront.orders.operations.create_order", order, 401, "unauthorized"),
        ("Fallback", "storefront.service.fallback", absent, 404, "not_found"),
    ):
        code = build / "Storefront" / function
        answers, places = _invoked({handler: event}, [code, layer, _runtime(tmp_path)])
        answer = answers[handler]
        found = json.loads(answer["body"])
        assert answer["statusCode"] == status
        assert found == body or found["error"]["code"] == body
        assert all(place.startswith(str(layer)) for place in places)


def test_every_built_handler_can_be_imported_with_its_layers(build: Path, tmp_path: Path, house: list[System]) -> None:
    for system in house:
        built = load((build / system.title / "template.yaml").read_text())
        handlers = [f["Handler"] for f in functions(built).values()]
        folders = [build / f"{name.capitalize()}Layer" / "python" for name in ("common", *system.layers)]
        path = [build / system.title / "Fallback", *folders, _runtime(tmp_path)]
        script = _INVOKE.replace("(event, None)", ".__class__.__name__")
        answers, _ = _invoked(dict.fromkeys(handlers), path, script)
        assert set(answers.values()) == {"Operation", "Fallback"}
        assert set(answers) == set(handlers)


def _event(operation: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / f"events/storefront/{operation}.json").read_text())
    return found


def _runtime(folder: Path) -> Path:
    """What Lambda's Python runtime itself brings: boto3 and what that needs, taken from this environment."""
    runtime = folder / "runtime"
    if not runtime.exists():
        runtime.mkdir()
        for name in ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3"):
            spec = find_spec(name)
            assert spec is not None
            assert spec.origin is not None
            origin = Path(spec.origin)
            source = origin.parent if origin.name == "__init__.py" else origin
            (runtime / source.name).symlink_to(source)
    return runtime


def _invoked(events: dict[str, Any], path: list[Path], script: str = _INVOKE) -> tuple[dict[str, Any], list[str]]:
    """Call handlers in a bare interpreter: no site-packages, no environment but Lambda's, no working directory."""
    environment = {
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "QUINTET_SYSTEM": "storefront",
        "QUINTET_STAGE": "dev",
    }
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", script, json.dumps([str(place) for place in path])],
        input=json.dumps(events), env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers, places = json.loads(done.stdout)
    return answers, places
