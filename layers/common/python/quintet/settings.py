"""Settings of the running system, read lazily from the environment and replaceable per context."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

LOCAL_STAGES = frozenset({"local", "dev"})


@dataclass(frozen=True, slots=True)
class Settings:
    """What one system was configured with. Absent settings are empty strings, never None."""

    stage: str = "local"
    system: str = ""
    table: str = ""
    secret: str = ""
    bucket: str = ""
    email_sender: str = ""
    region: str = "us-east-1"
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False, compare=False)

    @property
    def is_local(self) -> bool:
        """True on a laptop and in the shared development stage; demo accounts exist only there."""
        return self.stage in LOCAL_STAGES

    @property
    def for_trying_out(self) -> bool:
        """True in a local stage, unless that passes itself off as production (`ENVIRONMENT=production make serve`)."""
        return self.is_local and self.get("QUINTET_ENVIRONMENT") != "production"

    def get(self, name: str, default: str = "") -> str:
        """A provider's own variable by its full name, such as `QUINTET_GOOGLE_ISSUER`.

        A variable that is set to nothing counts as absent: templates render unset parameters so.
        """
        return self.values.get(name) or default

    @classmethod
    def read(cls, values: Mapping[str, str]) -> Settings:
        """Settings from a mapping of environment variables; the mapping is copied."""
        known = dict(values)
        return cls(
            stage=known.get("QUINTET_STAGE") or "local",
            system=known.get("QUINTET_SYSTEM") or "",
            table=known.get("QUINTET_TABLE") or "",
            secret=known.get("QUINTET_SECRET") or "",
            bucket=known.get("QUINTET_BUCKET") or "",
            email_sender=known.get("QUINTET_EMAIL_SENDER") or "",
            region=known.get("AWS_REGION") or known.get("AWS_DEFAULT_REGION") or "us-east-1",
            values=MappingProxyType(known),
        )


_override: ContextVar[Settings | None] = ContextVar("quintet_settings", default=None)


def settings() -> Settings:
    """The settings in force: those of the innermost `use`, else the environment's, read once."""
    return _override.get() or _environment()


@cache
def _environment() -> Settings:
    return Settings.read(os.environ)


@contextmanager
def use(values: Mapping[str, str]) -> Iterator[Settings]:
    """Put other settings in force for the block: `values` over those in force before it.

    One process can so serve several systems (the laptop, the tests), one per thread or task.
    """
    token = _override.set(Settings.read({**settings().values, **values}))
    try:
        yield settings()
    finally:
        _override.reset(token)


def reset() -> None:
    """Forget what was read, so that the next `settings()` reads the environment again."""
    _environment.cache_clear()
