"""Fixtures for every test: a mocked AWS that is always on, and a system with its own table."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Protocol

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as properties

from quintet.models.time import FrozenClock, frozen
from quintet.settings import Settings
from tests.support import aws

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)

os.environ.update(AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", AWS_EC2_METADATA_DISABLED="true")

# A property holds on a slow machine, too: an example that took its time there has found nothing.
properties.register_profile("any pace", deadline=None, suppress_health_check=[HealthCheck.too_slow])
properties.load_profile("any pace")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Spare the garbage collector the modules, models and tests that are there to the end.

    They are most of a million objects, which it would look through again all the time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


class Systems(Protocol):
    """`system("storefront", NAME="value")` puts a system with a fresh table in force for the test."""

    def __call__(self, name: str, **extra: str) -> Settings: ...


@pytest.fixture
def system() -> Iterator[Systems]:
    with ExitStack() as stack:

        def start(name: str, **extra: str) -> Settings:
            return stack.enter_context(aws.system(name, extra))

        yield start


@pytest.fixture
def table(system: Systems) -> Settings:
    """A system called `demo` in force, with an empty table."""
    return system("demo")


@pytest.fixture
def noon() -> Iterator[FrozenClock]:
    """The clock stands at NOON; asked for first, so that tokens are made then."""
    with frozen(NOON) as clock:
        yield clock
