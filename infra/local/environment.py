"""Where a laptop instance keeps its state, and the environment variables its functions see."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REGION = "us-east-1"
HOST = "127.0.0.1"

DUMMY_AWS = {
    "AWS_ACCESS_KEY_ID": "quintetlocal",
    "AWS_SECRET_ACCESS_KEY": "quintetlocal",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
"""Credentials that no account knows, and no way to find others. DynamoDB Local takes letters and digits only."""

KEY = "alias/quintet-local"
"""The KMS key that personal identifiers are encrypted under."""

SENDERS = {
    "QUINTET_SMS_SENDER": "QUINTET",
    "QUINTET_WHATSAPP_PHONE_ID": "phone-number-id-00000000000000000000000000000000",
    "QUINTET_WHATSAPP_TEMPLATE": "one_time_code",
}
"""Whom text messages come from. A developer may set others, or none: `QUINTET_WHATSAPP_PHONE_ID= make serve`."""


@dataclass(frozen=True)
class State:
    """The folder of one instance. Instances on different ports share nothing but the installed packages."""

    home: Path
    port: int

    @classmethod
    def of(cls, port: int) -> State:
        return cls(ROOT / ".quintet" / str(port), port)

    @property
    def aws(self) -> Path:
        """What the embedded AWS saves when it stops."""
        return self.home / "aws"

    @property
    def outbox(self) -> Path:
        return self.home / "outbox.jsonl"

    @property
    def function_log(self) -> Path:
        """What the functions log, one JSON object a line."""
        return self.home / "functions.log"

    @property
    def aws_log(self) -> Path:
        return self.home / "aws.log"

    @property
    def lock(self) -> Path:
        """Held by the embedded AWS for as long as it runs."""
        return self.home / "lock"

    @property
    def streams(self) -> Path:
        """How far the readers of the tables' streams have come."""
        return self.home / "streams.json"

    @property
    def running(self) -> Path:
        """Names the endpoints while the instance runs, for commands that work beside it."""
        return self.home / "running.json"

    def make(self) -> None:
        for folder in (self.home, self.aws, self.home / "tmp"):
            folder.mkdir(parents=True, exist_ok=True)


@dataclass(frozen=True)
class Endpoints:
    """Where the embedded AWS listens: `aws` for everything, `messages` for what sends messages to people.

    `standins` has the variables, by system, that tell its functions where outside services are stood in for.
    """

    aws: str
    messages: str
    standins: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def variables(self) -> dict[str, str]:
        services = ("SESV2", "SNS", "SOCIALMESSAGING")
        return {"AWS_ENDPOINT_URL": self.aws} | {f"AWS_ENDPOINT_URL_{name}": self.messages for name in services}


def isolate(environ: MutableMapping[str, str], endpoints: Endpoints | None = None) -> None:
    """Make a process unable to reach a real AWS account: the caller's credentials and profiles are dropped.

    Requests to this machine also go past any proxy the caller has configured.
    """
    for name in [name for name in environ if name.startswith("AWS_")]:
        del environ[name]
    environ.update(DUMMY_AWS, **(endpoints.variables() if endpoints else {}))
    local = f"{HOST},localhost"
    for name in ("NO_PROXY", "no_proxy"):
        environ[name] = f"{environ[name]},{local}" if environ.get(name) else local


def names(system: str) -> dict[str, str]:
    """What the functions of one system find in their environment, as their Lambda environment has it in AWS."""
    dashed = system.replace("_", "-")
    return {
        "QUINTET_STAGE": "local",
        "QUINTET_SYSTEM": system,
        "QUINTET_TABLE": f"quintet-local-{dashed}",
        "QUINTET_SECRET": f"quintet/local/{dashed}",
        "QUINTET_BUCKET": f"quintet-local-{dashed}",
        "QUINTET_EMAIL_SENDER": f"{dashed}@quintet.test",
    }


def variables(system: str, endpoints: Endpoints, inherited: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of one system's functions.

    `inherited` lets a developer set a provider's variables (`QUINTET_GOOGLE_ISSUER=… make serve`). `ENVIRONMENT` says
    whether systems that know the difference behave as in production; a laptop is in development by itself.
    """
    given = {
        "QUINTET_ENVIRONMENT": inherited.get("ENVIRONMENT") or "development",
        "QUINTET_RATE_LIMITS": inherited.get("RATE_LIMITS") or "on",
    }
    own = {name: value for name, value in inherited.items() if name.startswith("QUINTET_")}
    found = {**given, **SENDERS, **endpoints.standins.get(system, {}), **own}
    return {**found, **DUMMY_AWS, **endpoints.variables(), **names(system), "QUINTET_KMS_KEY": KEY}


def told_address(port: int, inherited: Mapping[str, str]) -> Callable[[str], dict[str, str]]:
    """What tells a system's functions the address at which people reach it, unless the developer has told another."""

    def told(system: str) -> dict[str, str]:
        return {"QUINTET_PUBLIC_URL": inherited.get("QUINTET_PUBLIC_URL") or f"http://{HOST}:{port}/{system}"}

    return told
