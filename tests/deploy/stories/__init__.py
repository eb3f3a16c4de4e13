"""What each system is for, told through its front door: one module per system, named like it.

A story module has

* `outside(cloud)`: a context with the outside services the system talks to, which gives the `Outside` to deploy with;
  the cloud does not run yet, but its address is known;
* `tell(front, stage)`: the story. It succeeds at least once at every operation of the system, so that every function
  is seen to work with exactly the role it has;
* `EFFECTS`: for each operation that a schedule or a queue starts, a function that waits for its visible effect;
* `remembered(front)`: what the story left, read back through the API, to compare after an update.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.deploy.cloud import Cloud
from tests.deploy.front import Front


@dataclass
class Outside:
    """What outside services ask for: template parameters, and entries of the system's secret."""

    parameters: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    service: Any = None
    environment: dict[str, str] = field(default_factory=dict)
    """What every function of this cloud finds in its environment, where AWS itself is reached otherwise."""


@dataclass
class Stage:
    """What a story has besides the front door."""

    cloud: Cloud
    outside: Outside
    admin: tuple[str, str]
    """E-mail address and password of the first administrator, as `make admin` made them."""
    resources: dict[str, str]
    """Physical ids of the system's stack by logical id."""
    notes: dict[str, Any] = field(default_factory=dict)
    """What the story leaves for its effects and `remembered`."""


class Story(Protocol):
    EFFECTS: dict[str, Callable[[Stage], None]]

    def outside(self, cloud: Cloud, /) -> AbstractContextManager[Outside]: ...

    def tell(self, front: Front, stage: Stage) -> None: ...

    def remembered(self, front: Front, stage: Stage) -> dict[str, Any]: ...


def story_of(system: str) -> Story:
    """The story module of a system. Raises ModuleNotFoundError where none was written."""
    found: Any = importlib.import_module(f"tests.deploy.stories.{system}")
    told: Story = found
    return told
