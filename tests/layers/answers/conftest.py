"""A model to ask, and the system that asks it."""

from collections.abc import Iterator

import pytest

from infra.local.converse import Converse
from quintet.settings import use
from tests.support.model import model


@pytest.fixture
def bedrock() -> Iterator[Converse]:
    """The stand-in, in force as the model of the system `demo`."""
    with use({"QUINTET_SYSTEM": "demo", "AWS_REGION": "eu-central-1"}), model() as server:
        yield server
