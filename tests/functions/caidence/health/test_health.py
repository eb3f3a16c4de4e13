"""What monitors read."""

from __future__ import annotations

import pytest

from caidence.service import api
from quintet.answers import asking
from quintet.settings import use
from quintet.testing import Client
from tests.support.calls import recorded

MODEL = {"QUINTET_LANGUAGE_MODEL": "test.model"}


@pytest.fixture(autouse=True)
def _closed() -> None:
    asking.breaker.reset()


def test_the_platform_says_how_it_is_without_asking_the_table(platform: Client) -> None:
    with recorded() as calls:
        answer = platform.get("/health")
    assert (answer.status, answer.body) == (
        200,
        {
            "status": "ok",
            "version": api.version,
            "ai": {"status": "not_configured", "provider": None, "answers": "fallback"},
        },
    )
    assert len(calls) == 0


def test_health_tells_of_a_model_and_of_one_that_fails(platform: Client) -> None:
    with use(MODEL):
        assert platform.get("/health").body["ai"] == {
            "status": "available", "provider": "bedrock", "answers": "model",
        }  # fmt: skip
        for _ in range(asking.breaker.rules.failures):
            turn = asking.breaker.admit("test.model")
            assert turn is not None
            asking.breaker.report("test.model", turn, works=False)
        assert platform.get("/health").body["ai"] == {
            "status": "unavailable", "provider": "bedrock", "answers": "fallback",
        }  # fmt: skip
    asking.breaker.reset()


def test_the_root_address_welcomes(platform: Client) -> None:
    answer = platform.get("/")
    assert (answer.status, answer.body) == (200, {"message": "Welcome to the C(AI)DENCE API"})
