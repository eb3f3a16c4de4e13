"""A language model for tests: the stand-in for Converse, in force for a block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from infra.local.converse import Converse, Step
from quintet.answers import asking
from quintet.net import aws
from quintet.settings import use

MODEL = "anthropic.claude-test-v1:0"
PAINTER = "amazon.nova-canvas-v1:0"


@contextmanager
def model(*steps: Step) -> Iterator[Converse]:
    """The model answers as these steps say, then with the smallest valid answers: `with model(Step(input={…})): …`.

    What it was asked is in `asked` of what this answers. Circuits are closed before and after.
    """
    server = Converse(credentials=credentials())
    server.start()
    server.script(*steps)
    asking.breaker.reset()
    try:
        with use({"QUINTET_LANGUAGE_MODEL": MODEL, "QUINTET_BEDROCK_URL": server.url}):
            yield server
    finally:
        server.stop()
        asking.breaker.reset()


@contextmanager
def painter(*steps: Step, named: str = PAINTER) -> Iterator[Converse]:
    """An image model answers as these steps say, then with plain pictures: `with painter(Step(error="…")): …`."""
    with model(*steps) as server, use({"QUINTET_IMAGE_MODEL": named}):
        yield server


def credentials() -> tuple[str, str]:
    """What requests are signed with in this process: the mocked AWS may have credentials of its own."""
    found = aws.session().get_credentials()
    assert found is not None
    return str(found.access_key), str(found.secret_key)
