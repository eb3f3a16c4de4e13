"""The laptop's WebSocket API: API Gateway's events, limits and management API on the gateway's own port."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from infra.local.clock import Clock
from infra.local.outbox import Outbox
from infra.local.routes import LocalRoutes
from infra.local.sockets import Sockets
from infra.local.websocket import FRAME, LARGEST, Limits
from tests.local.fakes import FakeOperation, fake_systems, ignore, served


class Talk:
    """Operations of a system with sockets; they remember their events."""

    sockets: Sockets

    def __init__(self, *, default: bool = True, refuses: int = 0) -> None:
        self.events: list[Mapping[str, Any]] = []
        self.left = threading.Event()
        self._refuses = refuses
        names = ["$connect", "$disconnect", "echo", "silent", "broken", *(["$default"] if default else [])]
        self.operations = [
            FakeOperation(f"talk.{n}", None, "", self._run, socket=n, answers=n in ("echo", "$default")) for n in names
        ]

    def _run(self, event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
        self.events.append(event)
        route = event["requestContext"]["routeKey"]
        if route == "$connect":
            return {"statusCode": self._refuses or 200, "headers": {"X-Seen": "yes"}, "body": "not you"}
        if route == "$disconnect":
            self.left.set()
        if route == "broken":
            raise RuntimeError("broken")
        return {"statusCode": 200, "body": f"{route}: {event.get('body')}"}

    @property
    def routes(self) -> list[str]:
        return [event["requestContext"]["routeKey"] for event in self.events]


@contextmanager
def running(talk: Talk, tmp_path: Any, limits: Limits | None = None, said: list[str] | None = None) -> Iterator[int]:
    """The port of a laptop with the system's sockets, all closed at the end."""
    systems = fake_systems(*talk.operations)
    sockets = talk.sockets = Sockets(systems, 0, (said if said is not None else []).append, limits)
    clock = Clock(systems, ignore)
    local = LocalRoutes(systems, Outbox(tmp_path / "outbox"), clock, sockets)
    with served(systems, local, sockets) as port:
        sockets.port = port
        yield port
        sockets.stop()
    clock.stop()


@pytest.fixture
def talk() -> Talk:
    return Talk()


@pytest.fixture
def port(talk: Talk, tmp_path: Any) -> Iterator[int]:
    with running(talk, tmp_path) as found:
        yield found


def dialled(port: int, path: str = "/fake/ws", **options: Any) -> AbstractContextManager[ClientConnection]:
    found: AbstractContextManager[ClientConnection] = connect(
        f"ws://127.0.0.1:{port}{path}", open_timeout=5, proxy=None, **options
    )
    return found


def managed(talk: Talk, port: int) -> str:
    """The management address of the first connection."""
    return f"http://127.0.0.1:{port}/fake/ws/@connections/{quote(talk.events[0]['requestContext']['connectionId'])}"


def test_a_handshake_carries_its_query_and_headers_to_connect(talk: Talk, port: int) -> None:
    with dialled(port, "/fake/ws?token=a.b.c&v=1&v=2", additional_headers={"X-Tag": "t"}) as client:
        assert client.response is not None
        assert client.response.headers["X-Seen"] == "yes"
    event = talk.events[0]
    assert event["queryStringParameters"] == {"token": "a.b.c", "v": "2"}
    assert event["multiValueQueryStringParameters"]["v"] == ["1", "2"]
    assert event["headers"]["X-Tag"] == "t"
    context = event["requestContext"]
    assert (context["eventType"], context["stage"], context["identity"]) == ("CONNECT", "ws", {"sourceIp": "127.0.0.1"})
    assert len(context["connectionId"]) == 16


def test_what_connect_refuses_is_the_handshakes_status(tmp_path: Any) -> None:
    talk = Talk(refuses=401)
    with running(talk, tmp_path) as port, pytest.raises(InvalidStatus) as refused, dialled(port):
        pass
    assert (refused.value.response.status_code, refused.value.response.body) == (401, b"not you")
    assert talk.routes == ["$connect"]


def test_messages_go_to_the_route_they_name_and_answers_come_back_from_two_way_routes(talk: Talk, port: int) -> None:
    with dialled(port) as client:
        said = ['{"action": "silent"}', '{"action": "echo", "n": 1}', "plain", '{"action": "unknown"}', '["x"]']
        for one in said:
            client.send(one)
        assert [client.recv(5) for _ in range(4)] == [
            'echo: {"action": "echo", "n": 1}', "$default: plain", '$default: {"action": "unknown"}', '$default: ["x"]',
        ]  # fmt: skip
        client.send(b"\xff\x00")
        assert client.recv(5) == "$default: /wA="
    assert talk.left.wait(5)
    assert talk.routes == ["$connect", "silent", "echo", *["$default"] * 4, "$disconnect"]
    assert talk.events[-2]["isBase64Encoded"] is True


def test_a_message_without_a_route_is_forbidden_and_a_broken_function_told_as_api_gateway_does(tmp_path: Any) -> None:
    talk, said = Talk(default=False), list[str]()
    with running(talk, tmp_path, said=said) as port, dialled(port) as client:
        client.send("plain")
        assert json.loads(client.recv(5))["message"] == "Forbidden"
        client.send('{"action": "broken"}')
        assert json.loads(client.recv(5))["message"] == "Internal server error"
    assert said == ["socket fake/talk.broken: RuntimeError: broken"]


def test_the_management_api_sends_tells_and_ends(talk: Talk, port: int) -> None:
    with dialled(port) as client:
        address = managed(talk, port)
        assert httpx.post(address, content=b"hello").status_code == 200
        assert client.recv(5) == "hello"
        assert httpx.post(address, content="é".encode()).status_code == 200
        assert client.recv(5) == "é"
        assert httpx.get(address).json()["identity"]["sourceIp"] == "127.0.0.1"
        assert httpx.post(address, content=b"x" * (LARGEST + 1)).status_code == 413
        large = b"x" * LARGEST
        assert httpx.post(address, content=large).status_code == 200
        assert client.recv(5) == large.decode()
        assert httpx.delete(address).status_code == 204
        with pytest.raises(ConnectionClosed):
            client.recv(5)
    assert talk.left.wait(5)
    gone = httpx.post(address, content=b"hello")
    assert (gone.status_code, gone.headers["x-amzn-errortype"]) == (410, "GoneException")
    assert httpx.delete(address).status_code == 410


def test_a_large_message_leaves_in_frames_of_32_kilobytes(talk: Talk, port: int) -> None:
    with dialled(port) as client:
        httpx.post(managed(talk, port), content=b"x" * (2 * FRAME + 1))
        assert [len(part) for part in client.recv_streaming()] == [FRAME, FRAME, 1]


def test_a_connection_is_gone_for_the_management_api_until_connect_has_returned(tmp_path: Any) -> None:
    talk, statuses = Talk(), list[int]()
    plain = talk._run

    def eager(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        answer = plain(event, context)
        if event["requestContext"]["eventType"] == "CONNECT":
            statuses.append(httpx.post(managed(talk, found[0]), content=b"early").status_code)
        return answer

    found: list[int] = []
    talk.operations[0].handler = eager
    with running(talk, tmp_path) as port:
        found.append(port)
        with dialled(port) as client:
            assert httpx.post(managed(talk, port), content=b"now").status_code == 200
            assert client.recv(5) == "now"
    assert statuses == [410]


def too_large(client: ClientConnection) -> None:
    client.send(["x" * FRAME] * 4 + ["x"])


def too_large_a_frame(client: ClientConnection) -> None:
    client.send("x" * (FRAME + 1))


@pytest.mark.parametrize("sends", [too_large, too_large_a_frame])
def test_what_is_larger_than_api_gateway_takes_closes_the_connection(
    talk: Talk, port: int, sends: Callable[[ClientConnection], None]
) -> None:
    with dialled(port) as client:
        with suppress(ConnectionClosed):  # it may still be at its last frame
            sends(client)
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009
    assert talk.left.wait(5)


def test_the_largest_message_in_the_largest_frames_is_taken(talk: Talk, port: int) -> None:
    with dialled(port) as client:
        client.send(["x" * FRAME] * 4)
        assert len(client.recv(5)) == LARGEST + len("$default: ")


@pytest.mark.parametrize("limits", [Limits(idle=0.1), Limits(lifetime=0.1)])
def test_an_idle_and_an_old_connection_go_away(talk: Talk, tmp_path: Any, limits: Limits) -> None:
    with running(talk, tmp_path, limits) as port, dialled(port) as client, pytest.raises(ConnectionClosed) as closed:
        client.recv(5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1001
    assert talk.left.wait(5)
    assert talk.events[-1]["requestContext"]["disconnectStatusCode"] == 1001


def test_a_client_that_vanishes_is_disconnected_with_1006(talk: Talk, port: int) -> None:
    with dialled(port) as client:
        client.socket.shutdown(socket.SHUT_RDWR)
    assert talk.left.wait(5)
    assert talk.events[-1]["requestContext"]["disconnectStatusCode"] == 1006


def test_a_stop_ends_every_connection_and_runs_its_disconnect(talk: Talk, tmp_path: Any) -> None:
    with running(talk, tmp_path) as port, ExitStack() as clients:
        for client in [clients.enter_context(dialled(port)) for _ in range(3)]:
            client.send('{"action": "echo"}')
            client.recv(5)
        talk.sockets.stop()
        assert talk.routes.count("$disconnect") == 3
        with pytest.raises(ConnectionClosed):
            client.recv(5)


def test_elsewhere_nothing_is_upgraded(talk: Talk, port: int) -> None:
    for path in ("/fake/wss", "/other/ws", "/"):
        with pytest.raises(InvalidStatus), dialled(port, path):
            pass
    assert httpx.get(f"http://127.0.0.1:{port}/fake/ws").status_code == 404
    assert talk.events == []
