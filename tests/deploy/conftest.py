"""One deployment for the whole run: built, deployed to a fresh embedded AWS, with its first administrators."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from infra.local.environment import REGION
from infra.render.systems import ROOT, System, systems
from tests.deploy.cloud import Cloud
from tests.deploy.deployed import Deployed
from tests.deploy.deployment import SENDER, Deployment
from tests.deploy.front import Front
from tests.deploy.probing import make_strangers
from tests.deploy.stories import Stage, story_of

ADMIN = "first.admin@example.com"


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    folder, house = tmp_path_factory.mktemp("deployment"), systems()
    with ExitStack() as open_things:
        stories = {system.name: story_of(system.name) for system in house}
        cloud = Cloud(folder / "aws")
        outside = {name: open_things.enter_context(story.outside(cloud)) for name, story in stories.items()}
        cloud.environment = {name: value for each in outside.values() for name, value in each.environment.items()}
        open_things.enter_context(cloud)
        parameters = {name: value for each in outside.values() for name, value in each.parameters.items()}
        deployment = Deployment(cloud, folder, house, parameters)
        for step in (deployment.build, deployment.package, deployment.deploy):
            started = time.monotonic()
            step()
            print(f"\n  {step.__name__:8} {time.monotonic() - started:5.1f} s", end="")
        make_strangers(cloud)
        _verify_the_sender(cloud)
        found = Deployed(deployment, {}, stories, {})
        for system in house:
            _add_secrets(deployment, system, outside[system.name].secrets)
            found.fronts[system.name] = Front(system, deployment.url(system.name))
            found.stages[system.name] = Stage(
                cloud, outside[system.name], _administrator(deployment, system), deployment.resources(system.name)
            )  # fmt: skip
        yield found


def _verify_the_sender(cloud: Cloud) -> None:
    ses = cloud.client("sesv2")
    ses.put_account_details(MailType="TRANSACTIONAL", WebsiteURL="https://quintet.test", ProductionAccessEnabled=True)
    ses.create_email_identity(EmailIdentity=SENDER)


def _add_secrets(deployment: Deployment, system: System, more: dict[str, str]) -> None:
    """Put providers' secrets beside what the deployment made up, as docs/operations.md says."""
    manager, name = deployment.cloud.client("secretsmanager"), deployment.output(f"{system.title}SecretArn")
    held = json.loads(manager.get_secret_value(SecretId=name)["SecretString"])
    manager.put_secret_value(SecretId=name, SecretString=json.dumps({**held, **more}))


def _administrator(deployment: Deployment, system: System) -> tuple[str, str]:
    """Appoint the first administrator as an operator does; answers address and password."""
    table = deployment.resources(system.name)["Table"]
    done = subprocess.run(
        [sys.executable, "-m", "infra.admin", system.name, ADMIN, "--table", table, "--region", REGION],
        cwd=ROOT, env=deployment.cloud.credentials, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    match = re.search(r"shown this once: (\S+)", done.stdout)
    assert match is not None, done.stdout
    return ADMIN, match[1]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Everything here belongs to `make test-deploy`; the ordinary suite leaves it out."""
    here = [item for item in items if Path(item.path).is_relative_to(Path(__file__).parent)]
    if "deploy" in config.getoption("-m"):
        return
    config.hook.pytest_deselected(items=here)
    items[:] = [item for item in items if item not in set(here)]
