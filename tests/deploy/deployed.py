"""What the tests of a deployment share: the deployment, and each system's front door and story."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from infra.render.systems import System
from tests.deploy.cloud import Cloud
from tests.deploy.deployment import Deployment
from tests.deploy.front import Front
from tests.deploy.stories import Stage, Story


@dataclass
class Deployed:
    """The running deployment and, by system, its front door and its story."""

    deployment: Deployment
    fronts: dict[str, Front]
    stories: dict[str, Story]
    stages: dict[str, Stage]

    @property
    def cloud(self) -> Cloud:
        return self.deployment.cloud

    @property
    def systems(self) -> list[System]:
        return self.deployment.systems

    def everywhere(self, act: Callable[[System], str], *, at_once: int = os.cpu_count() or 1) -> None:
        """Do something in every system, the largest first, `at_once` of them side by side, and print what each says.

        Systems share nothing but the cloud, and a function's first call is its process's start: a processor's work.
        """
        ordered = sorted(self.systems, key=lambda system: -len(system.operations))
        with ThreadPoolExecutor(at_once) as pool:
            for said in pool.map(act, ordered):
                print(f"\n  {said}", end="")
