"""Outbound HTTP against real servers on this machine: limits hold, redirects are checked, names pinned."""

import gzip
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from quintet.net import outbound, patience
from quintet.net.names import MOST_LOOKUPS, addresses
from quintet.net.outbound import Refused, Response, TimedOut, TooLarge, Unreachable, request
from quintet.testing.clock import Standing
from tests.layers.http_servers import Pages, Site, certificate, drip, opened, serving, talker

LATE = patience.CALL_SECONDS
"""Seconds far beyond those that a test allows; whoever heeds no limit takes them and more."""


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site()) as one, opened(one.port):
        yield one


both = pytest.mark.parametrize("guarded", [False, True])


@both
def test_a_reply_is_read_whole(site: Site, guarded: bool) -> None:
    site.answer(200, b'{"a": 1}', Content_Type="application/json")
    reply = request("GET", site.url("/a?b=c"), guarded=guarded)
    assert (reply.status, reply.ok, reply.json(), reply.url) == (200, True, {"a": 1}, site.url("/a?b=c"))
    assert reply.headers["content-type"] == "application/json"
    assert site.seen[0]["path"] == "/a?b=c"
    assert site.seen[0]["headers"]["host"] == f"127.0.0.1:{site.port}"


@both
def test_an_error_status_is_a_reply_too(site: Site, guarded: bool) -> None:
    site.answer(404, b"none")
    reply = request("GET", site.url(), guarded=guarded)
    assert (reply.status, reply.ok, reply.body) == (404, False, b"none")


@both
def test_json_is_sent_with_its_type(site: Site, guarded: bool) -> None:
    request("post", site.url(), json={"ü": [1]}, headers={"X-Key": "k"}, guarded=guarded)
    (seen,) = site.seen
    assert (seen["method"], json.loads(seen["body"])) == ("POST", {"ü": [1]})
    assert seen["headers"]["content-type"] == "application/json"
    assert (seen["headers"]["x-key"], seen["headers"]["user-agent"]) == ("k", "Quintet/1")


@both
def test_a_head_request_has_no_body(site: Site, guarded: bool) -> None:
    assert request("HEAD", site.url(), guarded=guarded).body == b""


@both
def test_a_header_cannot_smuggle_another(site: Site, guarded: bool) -> None:
    with pytest.raises(ValueError, match="Invalid header"):
        request("GET", site.url(), headers={"X-Note": "a\r\nX-Admin: yes"}, guarded=guarded)
    assert site.seen == []


@both
def test_a_reply_beyond_the_limit_is_refused(site: Site, guarded: bool) -> None:
    site.answer(200, b"x" * 1001)
    with pytest.raises(TooLarge):
        request("GET", site.url(), max_bytes=1000, guarded=guarded)
    site.answer(200, b"x" * 1000)
    assert len(request("GET", site.url(), max_bytes=1000, guarded=guarded).body) == 1000


@both
def test_a_reply_that_unpacks_beyond_the_limit_is_refused(site: Site, guarded: bool) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) < 100_000
    site.answer(200, bomb, Content_Encoding="gzip")
    with pytest.raises(TooLarge):
        request("GET", site.url(), max_bytes=200_000, guarded=guarded)
    site.answer(200, gzip.compress(b"hello"), Content_Encoding="gzip")
    assert request("GET", site.url(), guarded=guarded).body == b"hello"


@both
def test_an_endless_chunked_reply_is_cut(guarded: bool) -> None:
    def talk(client: socket.socket) -> None:
        client.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            client.sendall(b"400\r\n" + b"x" * 1024 + b"\r\n")

    with talker(talk) as port, opened(port), pytest.raises(TooLarge):
        request("GET", f"http://127.0.0.1:{port}/", max_bytes=100_000, guarded=guarded)


@pytest.mark.parametrize(
    ("prefix", "guarded"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nX-Long: ", True),
        (b"", True),
    ],
)
def test_a_server_that_drips_is_left_when_the_time_is_up(prefix: bytes, guarded: bool) -> None:
    with talker(drip(prefix)) as port, opened(port):
        started = time.monotonic()
        with pytest.raises(TimedOut):
            request("GET", f"http://127.0.0.1:{port}/", timeout=0.4, guarded=guarded)
        assert time.monotonic() - started < LATE


@pytest.mark.parametrize("prefix", [b"HTTP/1.1 200 OK\r\nX-Long: ", b""])
def test_a_provider_that_drips_is_cut_off_where_that_is_asked_for(prefix: bytes) -> None:
    with talker(drip(prefix)) as port:
        started = time.monotonic()
        with pytest.raises(TimedOut):
            request("POST", f"http://127.0.0.1:{port}/", timeout=0.4, cut=True)
        assert 0.3 < time.monotonic() - started < LATE


def test_a_provider_that_is_cut_off_when_late_is_asked_as_any_other(site: Site) -> None:
    site.answer(201, b'{"a": 1}')
    reply = request("POST", site.url("/a%3Ab?c=d"), json={"b": 2}, cut=True)
    assert (reply.status, reply.json(), reply.url) == (201, {"a": 1}, site.url("/a%3Ab?c=d"))
    (asked,) = site.seen
    assert (asked["method"], asked["path"], asked["body"]) == ("POST", "/a%3Ab?c=d", b'{"b":2}')
    assert asked["headers"]["host"] == f"127.0.0.1:{site.port}"


def test_a_provider_that_is_not_there_is_unreachable_however_it_is_asked() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Unreachable) as failure:
        request("GET", f"http://127.0.0.1:{port}/", cut=True)
    assert not failure.value.sent


@both
def test_a_silent_server_is_left_when_the_time_is_up(guarded: bool) -> None:
    with talker(silent) as port, opened(port):
        started = time.monotonic()
        with pytest.raises(TimedOut):
            request("GET", f"http://127.0.0.1:{port}/", timeout=0.3, guarded=guarded)
        assert time.monotonic() - started < LATE


@pytest.fixture
def slow_names(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A name server that answers when the test is over."""
    over = threading.Event()

    def slow(*_: Any, **__: Any) -> Any:
        over.wait(60)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    yield
    over.set()


@pytest.mark.usefixtures("slow_names")
@pytest.mark.parametrize("how", [{"guarded": True}, {"cut": True}])
def test_a_slow_name_server_takes_no_longer_than_the_time_allowed(how: dict[str, Any]) -> None:
    started = time.monotonic()
    with pytest.raises(TimedOut):
        request("GET", "https://slow.example/", timeout=0.2, **how)
    assert time.monotonic() - started < LATE


@pytest.mark.usefixtures("slow_names")
def test_slow_lookups_do_not_pile_up() -> None:
    before = threading.active_count()
    for _ in range(MOST_LOOKUPS * 2):
        with pytest.raises(TimeoutError):
            addresses("slow.example", 443, 0)
    assert threading.active_count() - before <= MOST_LOOKUPS


def silent(client: socket.socket) -> None:
    """Listens until the client has gone."""
    client.recv(1)


@pytest.mark.parametrize("how", [{"guarded": True}, {"cut": True}, {}])
def test_a_request_has_no_longer_than_its_invocation(how: dict[str, Any]) -> None:
    with talker(silent) as port, opened(port), patience.within(0.3):
        started = time.monotonic()
        with pytest.raises(TimedOut):
            request("GET", f"http://127.0.0.1:{port}/", timeout=60, **how)
        assert time.monotonic() - started < LATE


def test_repeats_are_paid_from_a_quota(site: Site) -> None:
    patience.reset()
    with patience.timed_by(Standing().clock):
        for _ in range(20):
            for _ in range(8):
                site.answer(503)
            request("GET", site.url(), retries=8, timeout=60)
            assert len(site.replies) == 3, "five sends of one request"
            site.replies.clear()
        sends = len(site.seen)
        for _ in range(20):
            site.answer(503)
            request("GET", site.url(), retries=8)
    assert sends == 20 * 5
    assert len(site.seen) == sends + 20 + patience.QUOTA // patience.FAILED.cost - 20 * 4
    patience.reset()


@both
def test_nobody_listening_is_unreachable_and_nothing_was_sent(guarded: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with opened(port), pytest.raises(Unreachable) as failure:
        request("GET", f"http://127.0.0.1:{port}/", timeout=1, guarded=guarded)
    assert failure.value.sent is False


@both
def test_a_connection_cut_short_is_unreachable_and_may_have_been_sent(guarded: bool) -> None:
    def talk(client: socket.socket) -> None:
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")

    with talker(talk) as port, opened(port), pytest.raises(Unreachable) as failure:
        request("GET", f"http://127.0.0.1:{port}/", guarded=guarded)
    assert failure.value.sent is True


def test_a_provider_is_not_followed_elsewhere(site: Site) -> None:
    site.answer(302, Location="http://10.0.0.1/")
    assert request("GET", site.url()).status == 302


@pytest.mark.parametrize(
    ("status", "method", "then", "body"),
    [
        (301, "GET", "GET", b""),
        (302, "POST", "GET", b""),
        (303, "PUT", "GET", b""),
        (303, "HEAD", "HEAD", b""),
        (307, "POST", "POST", b"{}"),
        (308, "PUT", "PUT", b"{}"),
    ],
)
def test_a_redirect_keeps_or_changes_the_method_as_http_says(
    site: Site, status: int, method: str, then: str, body: bytes
) -> None:
    site.answer(status, Location="/next?x=1")
    sent = b"{}" if method in {"POST", "PUT"} else None
    reply = request(method, site.url("/first"), body=sent, guarded=True)
    assert reply.url == site.url("/next?x=1")
    assert [(seen["method"], seen["path"]) for seen in site.seen] == [(method, "/first"), (then, "/next?x=1")]
    assert site.seen[1]["body"] == body


def test_three_redirects_are_followed_and_a_fourth_is_not(site: Site) -> None:
    for _ in range(3):
        site.answer(302, Location="/again")
    assert request("GET", site.url(), guarded=True).body == b"hello"
    for _ in range(4):
        site.answer(302, Location="/again")
    with pytest.raises(Refused, match="redirects"):
        request("GET", site.url(), guarded=True)


@pytest.mark.parametrize(
    "inside",
    ["http://10.0.0.1/", "https://169.254.169.254/latest/meta-data/", "//192.168.0.1/", "http://[::ffff:10.0.0.1]/",
     "file:///etc/passwd", "http://127.0.0.1:1/", "https://user@127.0.0.1/", "http:\\\\10.0.0.1"],
)  # fmt: skip
def test_every_hop_is_checked(site: Site, inside: str) -> None:
    site.answer(302, Location=inside)
    with pytest.raises(Refused):
        request("GET", site.url(), guarded=True)
    assert len(site.seen) == 1


def test_credentials_stay_with_their_origin(site: Site) -> None:
    with serving(Site()) as other, opened(site.port, other.port):
        headers = {"Authorization": "Bearer t", "Cookie": "c=1", "X-Key": "k", "Accept": "text/plain"}
        site.answer(302, Location=other.url("/there"))
        request("GET", site.url(), headers=headers, guarded=True)
        site.answer(302, Location="/here")
        request("GET", site.url(), headers=headers, guarded=True)
    (foreign,) = other.seen
    assert not {"authorization", "cookie", "x-key"} & foreign["headers"].keys()
    assert foreign["headers"]["accept"] == "text/plain"
    assert site.seen[-1]["headers"]["authorization"] == "Bearer t"


def test_a_name_that_changes_its_address_is_connected_to_where_it_was_checked(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    resolve = socket.getaddrinfo

    def rebinding(host: str, port: int, *args: Any, **options: Any) -> Any:
        if host == "rebind.example":
            asked.append(host)
            # First the checked address, then one where nobody answers.
            return resolve("127.0.0.1" if len(asked) == 1 else "127.0.0.2", port, type=socket.SOCK_STREAM)
        return resolve(host, port, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    reply = request("GET", site.url(host="rebind.example"), guarded=True)
    assert (reply.status, asked) == (200, ["rebind.example"])
    assert site.seen[0]["headers"]["host"] == f"rebind.example:{site.port}"


def test_the_next_address_is_tried_when_the_first_takes_no_connection(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = socket.getaddrinfo

    def two(host: str, port: int, *args: Any, **options: Any) -> Any:
        if host == "two.example":
            return [
                found for one in ("127.0.0.2", "127.0.0.1") for found in resolve(one, port, type=socket.SOCK_STREAM)
            ]
        return resolve(host, port, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", two)
    assert request("GET", site.url(host="two.example"), guarded=True).status == 200


@both
def test_transient_answers_are_tried_again(site: Site, guarded: bool) -> None:
    site.answer(503)
    site.answer(429)
    assert request("GET", site.url(), retries=2, guarded=guarded).status == 200
    assert len(site.seen) == 3


def test_the_last_transient_answer_is_the_answer(site: Site) -> None:
    site.answer(503, b"1")
    site.answer(503, b"2")
    assert request("GET", site.url(), retries=1).body == b"2"


def test_a_post_is_repeated_only_under_an_idempotency_key(site: Site) -> None:
    site.answer(503)
    assert request("POST", site.url(), body=b"x", retries=2).status == 503
    site.answer(503)
    assert request("POST", site.url(), body=b"x", retries=2, headers={"Idempotency-Key": "k"}).status == 200
    assert len(site.seen) == 3


def test_a_long_wait_is_not_waited_for(site: Site) -> None:
    site.answer(429, b"later", Retry_After="3600")
    standing = Standing()
    with patience.timed_by(standing.clock):
        reply = request("GET", site.url(), retries=3, timeout=2)
    assert (reply.status, reply.body, len(site.seen)) == (429, b"later", 1)
    assert standing.slept == []


def test_connections_to_a_provider_are_kept(site: Site) -> None:
    ports = set()
    respond = Pages.respond

    def noting(self: Pages) -> None:
        ports.add(self.client_address[1])
        respond(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pages, "do_GET", noting)
        for _ in range(3):
            request("GET", site.url())
    assert len(ports) == 1


def test_tls_is_checked_against_the_name_not_the_pinned_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cert, key = certificate(tmp_path, "secure.example")
    shop = Site()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    shop.socket = context.wrap_socket(shop.socket, server_side=True)
    monkeypatch.setattr(outbound, "_tls", lambda: ssl.create_default_context(cafile=str(cert)))
    resolve = socket.getaddrinfo

    def here(_host: str, port: int, *_rest: Any, **_options: Any) -> Any:
        return resolve("127.0.0.1", port, type=socket.SOCK_STREAM)

    monkeypatch.setattr(socket, "getaddrinfo", here)
    with serving(shop), opened(shop.port):
        reply = request("GET", f"https://secure.example:{shop.port}/", guarded=True)
        assert isinstance(reply, Response)
        assert (reply.status, names) == (200, ["secure.example"])
        with pytest.raises(Unreachable) as failure:
            request("GET", f"https://other.example:{shop.port}/", guarded=True)
        assert failure.value.sent is False
