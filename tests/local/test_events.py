"""What no request starts, on the real laptop with its real embedded AWS: an errand goes through a queue into the table,
and its stream tells everybody who listens over a WebSocket."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from infra.local.ministack import free_port
from tests.local.test_serve import Instance, installed

__all__ = ["installed"]

WITHIN = 20.0


@pytest.fixture
def laptop() -> Iterator[Instance]:
    found = Instance(free_port(), "--functions", str(Path(__file__).parent / "functions"))
    found.start()
    yield found
    found.end()


def listening(laptop: Instance, name: str) -> Any:
    token = httpx.post(f"{laptop.url}/parrot/tokens/{name}").json()["data"]["token"]
    return connect(f"ws://127.0.0.1:{laptop.port}/parrot/ws?token={token}", open_timeout=WITHIN, proxy=None)


def sent(laptop: Instance, **errand: str) -> None:
    assert httpx.post(f"{laptop.url}/parrot/errands", json=errand).status_code == 202


def test_an_errand_goes_from_its_queue_over_the_stream_to_everybody_who_listens(laptop: Instance) -> None:
    with pytest.raises(InvalidStatus) as refused, connect(f"ws://127.0.0.1:{laptop.port}/parrot/ws", proxy=None):
        pass
    assert refused.value.response.status_code == 401

    with listening(laptop, "ann") as ann, listening(laptop, "bea") as bea:
        sent(laptop, name="water")
        assert [ann.recv(WITHIN), bea.recv(WITHIN)] == ["water", "water"]

        ann.send('{"action": "repeat", "name": "hello"}')
        assert json.loads(ann.recv(WITHIN)) == {"data": {"name": "ann said hello", "group": None}}

        for step in range(4):
            sent(laptop, name=f"step-{step}", group="round")
        assert [bea.recv(WITHIN) for _ in range(4)] == [f"step-{step}" for step in range(4)]

        sent(laptop, name="impossible")
        assert json.loads(dead_letter(laptop))["name"] == "impossible"
        sent(laptop, name="bread")
        assert bea.recv(WITHIN) == "bread"

        ann.close()
        assert bea.recv(WITHIN) == "ann left"
        status, said = laptop.stop()
        with pytest.raises(ConnectionClosed) as closed:
            bea.recv(WITHIN)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1001
    assert status == 0, said
    assert f"ws://127.0.0.1:{laptop.port}/parrot/ws" in said

    laptop.start()
    with listening(laptop, "cleo") as cleo:
        sent(laptop, name="milk")
        assert cleo.recv(WITHIN) == "milk", "what was told before the stop is not told again"


def dead_letter(laptop: Instance) -> str:
    """The body of the first of the system's dead letters."""
    sqs = laptop.client("sqs")
    url = sqs.get_queue_url(QueueName="quintet-local-parrot-dead-letters")["QueueUrl"]
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        found = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", [])
        if found:
            return str(found[0]["Body"])
    pytest.fail("nothing in the dead letters")
