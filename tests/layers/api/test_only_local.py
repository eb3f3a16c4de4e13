"""An operation for trying out answers on a laptop, and is unknown wherever real people are served."""

from __future__ import annotations

import pytest

from quintet.testing import Client
from tests.conftest import Systems
from tests.layers.api.pretended.service import api

SAID = {"text": "hello"}


@pytest.mark.parametrize(
    ("stage", "environment", "status"),
    [
        ("local", "development", 200),
        ("local", "", 200),
        ("dev", "", 200),
        ("local", "production", 404),
        ("prod", "", 404),
        ("prod", "development", 404),
        ("staging", "", 404),
    ],
)
def test_it_is_known_in_a_local_stage_alone(system: Systems, stage: str, environment: str, status: int) -> None:
    system("demo", QUINTET_STAGE=stage, QUINTET_ENVIRONMENT=environment)
    client = Client(api)
    assert client.post("/meant", SAID).status == 200
    answer = client.post("/pretended", SAID)
    assert answer.status == status
    if status == 404:
        assert answer.body == {"error": {"code": "not_found", "message": "Not found"}}
        assert client.post("/pretended", {"unknown": 1}).body == answer.body  # nor is told what it would take


def test_the_documentation_has_it_and_says_so() -> None:
    paths = api.openapi()["paths"]
    assert paths["/pretended"]["post"]["x-only-local"] is True
    assert "404" in paths["/pretended"]["post"]["responses"]
    assert "x-only-local" not in paths["/meant"]["post"]
