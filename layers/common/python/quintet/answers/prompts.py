"""Prompts: versioned text files beside the code they belong to, and the preamble they all share.

A prompt is never edited in place once it is deployed: a new wording is a new file with the next version, so that
logs and metrics tell which wording an answer came from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

SECONDS = 12.0
"""What a model may take for one answer, both attempts together; a function has 29 s and other work to do."""

PREAMBLE = "safety.v1"
_NAME = re.compile(r"[a-z][a-z0-9_]*\.v[1-9][0-9]*")


@dataclass(frozen=True, slots=True)
class Prompt:
    """What one kind of answer is asked for with: `Prompt("memory_mirror", "chat.v1")`.

    The text is the file `<system>/prompts/<name>.md`, read when it is first used.
    """

    system: str
    """The package it belongs to."""
    name: str
    """Its name and version: `chat.v1`."""
    max_tokens: int = 800
    """The longest answer, in the model's tokens."""
    temperature: float | None = None
    """How freely the model words; None leaves it to the model, and some take no other."""
    seconds: float = SECONDS
    """Time for both attempts together."""
    rules: str = ""
    """The file of the system's own rules, `rules.v1`, in place of the shared ones, which are those of a companion."""

    def __post_init__(self) -> None:
        for name in (self.name, *filter(None, [self.rules])):
            if _NAME.fullmatch(name) is None:
                raise ValueError(f"a prompt is named like chat.v1, not {name!r}")

    @property
    def label(self) -> str:
        """What logs and metrics call it: `memory_mirror/chat.v1`."""
        return f"{self.system}/{self.name}"

    def text(self) -> str:
        """The prompt's own text. Raises FileNotFoundError when there is no such file."""
        return _read(self.system, f"prompts/{self.name}.md")

    def preamble(self) -> str:
        """The safety rules that stand before it. Raises FileNotFoundError when there is no such file."""
        return _read(self.system, f"prompts/{self.rules}.md") if self.rules else preamble()


def preamble() -> str:
    """The safety rules that stand before every prompt."""
    return _read("quintet.answers", f"{PREAMBLE}.md")


@cache
def _read(package: str, path: str) -> str:
    from importlib import resources

    return resources.files(package).joinpath(path).read_text(encoding="utf-8").strip()
