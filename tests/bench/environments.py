"""The two environments the children run in: what Lambda has on its path, and what the other frameworks need."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".quintet" / "bench"
LAYER = ROOT / "layers/common/requirements.txt"
OTHERS = Path(__file__).with_name("frameworks.txt")


def lambda_python() -> Path:
    """The interpreter of an environment with exactly the layer's packages and boto3, as the Lambda runtime has it."""
    return _environment("lambda", [LAYER], [_boto3()])


def frameworks_python() -> Path:
    """The same versions of what both need, and FastAPI, Mangum, Chalice and PyJWT."""
    return _environment("frameworks", [OTHERS], [_boto3()], constraints=LAYER)


def _boto3() -> str:
    from importlib.metadata import version

    return f"boto3=={version('boto3')}"


def _environment(name: str, files: list[Path], packages: list[str], constraints: Path | None = None) -> Path:
    home = HOME / f"{name}-{sys.version_info.major}.{sys.version_info.minor}"
    python, stamp = home / "bin/python", home / "made-of"
    wanted = hashlib.sha256(b"".join(f.read_bytes() for f in files) + repr(packages).encode()).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"making the environment {name} …", file=sys.stderr, flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True, timeout=120)
    arguments = [a for f in files for a in ("-r", str(f))] + (["-c", str(constraints)] if constraints else [])
    install: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        *arguments,
        *packages,
    ]
    done = subprocess.run(install, check=False, timeout=300, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"the environment {name} could not be made:\n{done.stderr[-2000:]}")
    stamp.write_text(wanted)
    return python
