"""What the tests of a deployment share: the deployment, and each system's front door and story."""

from __future__ import annotations

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
