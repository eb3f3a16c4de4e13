"""The environments make themselves: a fit Python is found, a lock decides what is installed, a failure is one line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local import bootstrap
from infra.local.bootstrap import Environment, Failure, explain, make
from infra.local.environment import ROOT

Interpreter = Callable[[str, str], None]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The script in a tree of its own, where the chosen interpreter says which one it is."""
    folder = tmp_path / "tree" / "infra" / "local"
    folder.mkdir(parents=True)
    (folder / "bootstrap.sh").write_text((ROOT / "infra/local/bootstrap.sh").read_text())
    (tmp_path / "bin").mkdir()
    for tool in ("sh", "dirname"):
        (tmp_path / "bin" / tool).symlink_to(f"/bin/{tool}")
    return tmp_path


@pytest.fixture
def interpreter(tree: Path) -> Interpreter:
    """Puts a program on the PATH that acts as a Python of some version: "3.12", or "shim" for one that cannot run."""

    def install(name: str, version: str) -> None:
        fits = version != "shim" and (3, 11) <= tuple(map(int, version.split("."))) <= (3, 14)
        does = 'echo "command not found"; exit 127' if version == "shim" else f'echo "{name} runs $*"'
        script = (
            "#!/bin/sh\n"
            f'[ "$1" = -c ] && exit {int(not fits)}\n'
            f'[ "$1" = --version ] && [ {version} != shim ] && echo "Python {version}" && exit\n'
            f"{does}\n"
        )
        path = tree / "bin" / name
        path.write_text(script)
        path.chmod(0o755)

    return install


def choose(tree: Path, python: str = "") -> subprocess.CompletedProcess[str]:
    script = tree / "tree" / "infra" / "local" / "bootstrap.sh"
    return subprocess.run(
        [str(tree / "bin" / "sh"), str(script), "dev"],
        env={"PATH": str(tree / "bin"), "PYTHON": python},
        text=True,
        capture_output=True,
        check=False,
    )


def test_the_first_python_that_fits_is_taken(tree: Path, interpreter: Interpreter) -> None:
    interpreter("python3", "3.9")
    interpreter("python3.12", "3.12")
    interpreter("python3.11", "3.11")

    assert choose(tree).stdout == "python3.12 runs infra/local/bootstrap.py dev\n"


def test_a_version_managers_shim_that_cannot_run_is_passed_over(tree: Path, interpreter: Interpreter) -> None:
    interpreter("python3.13", "shim")
    interpreter("python3.12", "3.12")

    assert choose(tree).stdout == "python3.12 runs infra/local/bootstrap.py dev\n"


def test_the_named_python_is_taken_over_the_others(tree: Path, interpreter: Interpreter) -> None:
    interpreter("python3", "3.13")
    interpreter("python3.11", "3.11")

    assert choose(tree, "python3.11").stdout == "python3.11 runs infra/local/bootstrap.py dev\n"


def test_without_a_python_that_fits_one_line_says_what_was_found(tree: Path, interpreter: Interpreter) -> None:
    interpreter("python3", "3.9")
    done = choose(tree)

    assert done.returncode == 1
    assert done.stderr == (
        "Quintet needs Python 3.11 to 3.14 and found none (python3 is Python 3.9); "
        "name one with PYTHON=/path/to/python3.13\n"
    )


def test_an_environment_is_made_from_its_lock_and_kept_until_the_lock_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    bootstrap.ENVS.mkdir(parents=True)
    lock = tmp_path / "lock.txt"
    lock.write_text("# nothing\n")
    environment = Environment("sam", tmp_path / "env", lock)
    assert not environment.is_current()

    make(environment)
    assert environment.is_current()
    assert subprocess.run([environment.python, "-c", "import pip"], check=False).returncode == 0

    lock.write_text("# something else\n")
    assert not environment.is_current()


def test_the_whole_environment_counts_as_its_part_and_not_the_other_way_round(tmp_path: Path) -> None:
    parts = [part.name for part in bootstrap._parts(bootstrap.ENVIRONMENTS["dev"])]

    assert parts == ["serve"]
    assert bootstrap._parts(bootstrap.ENVIRONMENTS["serve"]) == []


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", (ROOT / "requirements" / lock).read_text(), re.MULTILINE))


def test_the_part_that_serves_is_pinned_like_the_whole() -> None:
    serve, dev = pins("serve.txt"), pins("dev.txt")

    assert serve.items() <= dev.items()
    assert len(serve) < len(dev) / 2


def test_the_layer_is_pinned_like_the_tests() -> None:
    layer = dict(
        re.findall(r"^([a-z0-9.-]+)==(\S+)", (ROOT / "layers/common/requirements.txt").read_text(), re.MULTILINE)
    )

    assert layer.items() <= pins("dev.txt").items()
    assert not {"boto3", "botocore", "cryptography"} & set(layer)


@pytest.mark.parametrize("lock", ["dev.txt", "serve.txt", "ministack.txt", "sam.txt"])
def test_every_locked_package_has_its_hashes_and_no_lock_names_an_index(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text()
    blocks = [block for block in re.split(r"\n(?=\S)", text) if "==" in block]

    assert blocks
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            "Retrying: NewConnectionError('Temporary failure in name resolution')\nERROR: No matching distribution",
            "no network: the package index cannot be reached (details in pip.log)",
        ),
        (
            "Looking\nERROR: THESE PACKAGES DO NOT MATCH THE HASHES",
            "THESE PACKAGES DO NOT MATCH THE HASHES (details in pip.log)",
        ),
        ("Killed", "pip failed (details in pip.log)"),
    ],
)
def test_a_failed_installation_is_explained_in_one_line(said: str, reason: str) -> None:
    assert explain(said, Path("pip.log")) == reason


def test_a_python_without_venv_is_told_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    bootstrap.ENVS.mkdir(parents=True)
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'ensurepip is not available'; exit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "_base_executable", str(python))
    lock = tmp_path / "lock.txt"
    lock.write_text("")

    with pytest.raises(Failure, match=r"no complete venv module; install it .*apt-get install python3-venv"):
        make(Environment("sam", tmp_path / "env", lock))


def test_nothing_is_run_when_everything_is_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "make", lambda _environment: pytest.fail("installed again"))
    monkeypatch.setattr(Environment, "is_current", lambda _self: True)
    before = Path.cwd()
    try:
        assert bootstrap.main(["dev", "sam"]) == 0
    finally:
        os.chdir(before)
