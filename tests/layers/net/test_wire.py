"""The wire to AWS: lost answers are asked for again with the same bytes, within one patience; nothing waits in vain."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from quintet.net import aws, patience
from quintet.net.wire import DYNAMODB, SECRETS_MANAGER, NoAnswer, send
from quintet.settings import use
from quintet.testing.clock import Standing
from tests.layers.http_servers import Site, certificate, serving
from tests.layers.net import scripted as said
from tests.layers.net.scripted import Scripted, Step, answer, refused, scripted

REQUEST = {"TableName": "t", "Key": {"PK": {"S": "grüß"}}}


@pytest.fixture(autouse=True)
def _anew() -> Iterator[None]:
    with use({"AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL_DYNAMODB": ""}):
        patience.reset()
        aws.reset()
        yield
        patience.reset()
        aws.reset()


@pytest.fixture
def clock() -> Iterator[Standing]:
    """Pauses take no time."""
    found = Standing()
    with patience.timed_by(found.clock):
        yield found


def get(endpoint: Scripted | str, **more: Any) -> dict[str, Any]:
    url = endpoint if isinstance(endpoint, str) else endpoint.url
    with use({"AWS_ENDPOINT_URL": url}):
        return send(DYNAMODB, "GetItem", REQUEST, **more)


@pytest.mark.parametrize(
    "lost",
    [
        said.CLOSED,
        said.TRUNCATED,
        said.TRUNCATED_CHUNKS,
        said.TRUNCATED_HEADERS,
        said.SHORTENED,
        said.GARBAGE,
        said.LIST,
        said.CHANGED,
        refused("InternalServerError", 500),
        answer(b"<html>bad gateway", 502),
        answer(b"[1]", 503),
        refused("ThrottlingException"),
        refused("ProvisionedThroughputExceededException"),
    ],
)
def test_a_lost_answer_is_asked_for_again_with_the_same_bytes(clock: Standing, lost: Step) -> None:
    with scripted(lost, lost) as endpoint:
        assert get(endpoint) == {"Item": {}}
    assert len(endpoint.bodies) == 3
    assert len(set(endpoint.bodies)) == 1
    assert len(clock.slept) == 2


def test_what_the_service_names_is_raised_at_once(clock: Standing) -> None:
    with scripted(refused("ConditionalCheckFailedException")) as endpoint, pytest.raises(ClientError) as caught:
        get(endpoint)
    assert caught.value.response["Error"]["Code"] == "ConditionalCheckFailedException"
    assert (len(endpoint.bodies), clock.slept) == (1, [])


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"no"', b"null"])
def test_a_refusal_in_no_shape_at_all_is_an_error_by_its_status(body: bytes) -> None:
    with scripted(answer(body, 403)) as endpoint, pytest.raises(ClientError) as caught:
        get(endpoint)
    assert caught.value.response["Error"]["Code"] == "403"


@pytest.mark.parametrize(
    ("always", "most"),
    [(refused("InternalServerError", 500), 5), (said.CLOSED, 5), (said.GARBAGE, 5)],
)
def test_a_service_that_stays_down_is_busy_after_few_sends(clock: Standing, always: Step, most: int) -> None:
    with scripted(always=always) as endpoint:
        with pytest.raises(NoAnswer) as caught:
            get(endpoint)
        assert len(endpoint.bodies) == most
        for _ in range(200):
            with pytest.raises(NoAnswer):
                get(endpoint)
        assert len(endpoint.bodies) == 201 + patience.QUOTA // patience.FAILED.cost, "the quota pays no more"
    error = caught.value
    assert (error.status, error.code, error.headers, error.sent) == (503, "busy", {"Retry-After": "1"}, True)


def test_a_permanent_throttle_is_raised_after_few_sends(clock: Standing) -> None:
    with scripted(always=refused("ThrottlingException")) as endpoint, pytest.raises(ClientError):
        get(endpoint)
    assert len(endpoint.bodies) <= 10


def test_an_endpoint_that_hangs_is_left_when_the_time_is_up() -> None:
    with scripted(always=said.hang) as endpoint, patience.within(0.3):
        started = time.monotonic()
        with pytest.raises(NoAnswer) as caught:
            get(endpoint)
        assert time.monotonic() - started < patience.CALL_SECONDS, "what the invocation has, no socket's time"
    assert caught.value.sent


def test_an_answer_that_drips_is_left_when_the_time_is_up() -> None:
    def drip(client: Any) -> bool:
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            client.sendall(b" ")
            time.sleep(0.02)

    with scripted(always=drip) as endpoint, patience.within(0.3), pytest.raises(NoAnswer):
        get(endpoint)


def test_without_any_time_nothing_is_sent(clock: Standing) -> None:
    with scripted() as endpoint, patience.within(0), pytest.raises(NoAnswer) as caught:
        get(endpoint)
    assert (endpoint.bodies, caught.value.sent) == ([], False)


def test_where_nobody_listens_nothing_was_sent(clock: Standing) -> None:
    with scripted() as endpoint:
        port = endpoint.port
    with pytest.raises(NoAnswer) as caught:
        get(f"http://127.0.0.1:{port}")
    assert not caught.value.sent
    assert len(clock.slept) == patience.FAILED.most


def test_who_repeats_himself_shares_his_patience(clock: Standing) -> None:
    with scripted(always=said.CLOSED) as endpoint:
        waiting = patience.start("dynamodb")
        for _ in range(3):
            with pytest.raises(NoAnswer):
                get(endpoint, waiting=waiting)
    assert len(endpoint.bodies) == 5 + 2


def test_an_answer_that_came_twice_is_not_taken_for_the_next_ones() -> None:
    twice = said.raw(
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" + b'{"n":  1}' + b"HTTP/1.1 200 OK\r\n\r\n", stays=True
    )
    with scripted(twice, answer(b'{"n":  2}')) as endpoint:
        assert [get(endpoint), get(endpoint)] == [{"n": 1}, {"n": 2}]


def test_a_call_keeps_its_connection_and_sends_at_once() -> None:
    with serving(Site()) as site:
        ports = set()
        for _ in range(20):
            site.answer(200, b"{}")
        handler = site.RequestHandlerClass

        class Noting(handler):  # type: ignore[misc, valid-type]
            disable_nagle_algorithm = True

            def do_POST(self) -> None:  # noqa: N802 (the library's name)
                ports.add(self.client_address[1])
                super().do_POST()

        site.RequestHandlerClass = Noting
        spent = []
        for _ in range(20):
            started = time.monotonic()
            get(site.url())
            spent.append(time.monotonic() - started)
    assert len(ports) == 1
    assert min(spent) < 0.03, "every call would wait 40 ms for the kernel, however idle the machine"


def test_without_credentials_the_reason_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws.session(), "get_credentials", lambda: None)
    with scripted() as endpoint, pytest.raises(NoCredentialsError):
        get(endpoint)


def test_a_configured_proxy_carries_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Site()) as proxy:
        proxy.answer(200, b"{}")
        monkeypatch.setenv("http_proxy", f"http://ann:secret@127.0.0.1:{proxy.port}")
        monkeypatch.setenv("no_proxy", "")
        get("http://table.example:8000")
    (asked,) = proxy.seen
    assert asked["path"] == "http://table.example:8000/"
    assert asked["headers"]["proxy-authorization"] == "Basic YW5uOnNlY3JldA=="


def test_what_is_to_pass_the_proxy_by_does(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted() as endpoint:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        assert get(endpoint) == {"Item": {}}


def test_the_configured_bundle_says_whom_to_trust(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Standing
) -> None:
    cert, key = certificate(tmp_path, "localhost")
    site = Site()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    site.socket = context.wrap_socket(site.socket, server_side=True)
    with serving(site):
        site.answer(200, b"{}")
        monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
        with pytest.raises(NoAnswer):
            get(f"https://localhost:{site.port}")
        assert site.seen == []
        aws.reset()
        monkeypatch.setenv("AWS_CA_BUNDLE", str(cert))
        assert get(f"https://localhost:{site.port}") == {}


def test_secrets_are_spoken_to_in_their_own_protocol() -> None:
    with scripted(answer({"SecretString": "x"})) as endpoint, use({"AWS_ENDPOINT_URL": endpoint.url}):
        assert send(SECRETS_MANAGER, "GetSecretValue", {"SecretId": "s"}) == {"SecretString": "x"}
    (head,) = endpoint.heads
    assert b"X-Amz-Target: secretsmanager.GetSecretValue\r\n" in head
    assert b"Content-Type: application/x-amz-json-1.1\r\n" in head
    assert b"/eu-central-1/secretsmanager/aws4_request" in head
