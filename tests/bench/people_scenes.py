"""The measured operations of the systems that look their callers up: C(AI)DENCE and SoftFactory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module

from quintet.auth import tokens
from quintet.keys import keyring
from quintet.settings import settings
from tests.bench.environments import lambda_python
from tests.bench.jobs import Job
from tests.bench.scenes import PATH, Scene
from tests.bench.tape import record
from tests.support import aws


@dataclass(frozen=True)
class System:
    """A system's table with its demo data, somebody of it, and what they do."""

    name: str
    values: Mapping[str, str]
    email: str
    scenes: tuple[Scene, ...]
    account: Callable[[str], tuple[str, int]]
    """Id and sign-in epoch of the account with an address."""


def _agent(email: str) -> tuple[str, int]:
    from caidence.directory.entities import EmailClaim, User
    from caidence.service import store

    claim = store.get(EmailClaim, email=email)
    user = store.get(User, id=claim.user_id) if claim else None
    assert user is not None
    return user.id, user.epoch


def _user(email: str) -> tuple[str, int]:
    from softfactory.people.entities import EmailClaim, User
    from softfactory.service import store

    claim = store.get(EmailClaim, email=email)
    user = store.get(User, id=claim.user_id) if claim else None
    assert user is not None
    return user.id, user.epoch


SYSTEMS = (
    System(
        "caidence",
        {"QUINTET_ENVIRONMENT": "production"},
        "agency@quintet.test",
        (
            Scene("C(AI)DENCE: who am I", "caidence.accounts.operations", "me", "GET", "/api/v1/auth/me", True),
            Scene("C(AI)DENCE: list campaigns", "caidence.campaigns.operations", "list_campaigns", "GET",
                  "/api/v1/campaigns", True),
            Scene("C(AI)DENCE: check a permission", "caidence.access.operations", "check", "POST",
                  "/api/v1/rbac/check", True, {"resource": "crm", "action": "read"}),
        ),
        _agent,
    ),
    System(
        "softfactory",
        {"QUINTET_STAGE": "local"},
        "premium@quintet.test",
        (
            Scene("SoftFactory: who am I", "softfactory.accounts.operations", "current_user", "GET",
                  "/api/auth/user", True),
            Scene("SoftFactory: list files", "softfactory.files.operations", "list_files", "GET", "/api/files", True),
            Scene("SoftFactory: one translation", "softfactory.languages.operations", "get_string", "GET",
                  "/api/i18n/strings/en/common.welcome", True, params={"lang": "en", "key": "common.welcome"}),
        ),
        _user,
    ),
)  # fmt: skip


def jobs() -> list[tuple[str, Job]]:
    """(operation, job) of every scene."""
    return [_job_of(system, scene) for system in SYSTEMS for scene in system.scenes]


def _job_of(system: System, scene: Scene) -> tuple[str, Job]:
    """Each has a table of its own, for which nothing is remembered that the first call of a process has to ask."""
    with aws.system(system.name, dict(system.values)):
        import_module(f"{system.name}.demo").seed()
        env = {name: value for name, value in settings().values.items() if name.startswith("QUINTET_")}
        account, epoch = system.account(system.email)
        bearer, _ = tokens.issue(account, {"epoch": epoch}, timedelta(hours=1))
        handler, event = getattr(import_module(scene.module), scene.function), scene.event(bearer)
        tape = record(handler, event, scene.expect, keyring.reset, scene.prepare)
        job = Job(f"Quintet: {scene.operation}", lambda_python(), PATH, scene.module, scene.function, event,
                  tape.first, tape.again, env, scene.expect)  # fmt: skip
    return scene.operation, job
