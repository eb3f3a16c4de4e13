"""Who listens to what, which connections are due for a ping, and what is posted to whom."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.compat import HTTPHeaders

from quintet.messaging import connections, sockets
from quintet.messaging.connections import IDLE, LIFETIME, PING_EVERY, Connection, Subscription
from quintet.models.time import epoch, frozen
from quintet.net import aws
from quintet.providers.errors import NotConfigured, Unavailable
from quintet.store import Store
from tests.conftest import Systems
from tests.layers.api.management import ENDPOINT, Management, managed

store = Store()


@pytest.fixture
def management(system: Systems, monkeypatch: pytest.MonkeyPatch) -> Iterator[Management]:
    system("demo", AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI=ENDPOINT)
    with managed(monkeypatch) as found:
        yield found


def opened(management: Management, id: str, *topics: str, caller: str = "ann", ago: int = 60) -> Connection:
    connection = store.create(Connection(id=id, caller=caller, connected_at=epoch() - ago))
    for topic in topics:
        connections.subscribe(store, connection, topic)
    management.open.add(id)
    return connection


def listening(topic: str) -> list[str]:
    return [found.connection for found in connections.listeners(store, topic)]


def test_a_topic_knows_its_listeners_and_a_connection_its_topics(management: Management) -> None:
    one = opened(management, "one=", "news", "weather#1")
    opened(management, "two=", "news")
    connections.subscribe(store, one, "news")
    assert listening("news") == ["one=", "two="]
    assert connections.topics(store, "one=") == ["news", "weather#1"]
    connections.unsubscribe(store, one, "news")
    assert (listening("news"), listening("weather#1"), listening("weather")) == (["two="], ["one="], [])
    connections.forget(store, "one=")
    assert listening("weather#1") == []
    assert connections.find(store, "one=") is None


def test_an_event_costs_what_its_own_listeners_cost(management: Management, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        opened(management, f"c{number}", "elsewhere")
    opened(management, "one=", "news")
    requests: list[str] = []
    aws.client("dynamodb")
    from quintet.store import calls

    plain = calls.call

    def counted(operation: str, **request: Any) -> Any:
        requests.append(operation)
        return plain(operation, **request)

    monkeypatch.setattr(calls, "call", counted)
    assert sockets.publish(store, "news", "hello").delivered == 1
    assert requests == ["Query"]
    assert management.posted == [("one=", "hello")]


def test_due_connections_are_claimed_once_each_and_wait_for_their_next_ping(management: Management) -> None:
    with frozen() as clock:
        for number in range(9):
            opened(management, f"c{number}", ago=0)
        assert list(connections.due(store)) == []
        clock.advance(seconds=PING_EVERY)
        first = connections.due(store)
        claimed = [next(first).id, next(first).id]
        second = [found.id for found in connections.due(store)]
        claimed += [found.id for found in first] + second
        assert sorted(claimed) == [f"c{number}" for number in range(9)]
        assert list(connections.due(store)) == []
        clock.advance(seconds=PING_EVERY)
        assert len(list(connections.due(store))) == 9
        clock.advance(seconds=LIFETIME + connections.KEPT_BEYOND)
        assert list(connections.due(store)) == []
    assert 2 * PING_EVERY < IDLE


def test_a_connection_that_is_gone_is_forgotten_with_all_that_it_listens_to(management: Management) -> None:
    opened(management, "one=", "news", "weather")
    opened(management, "two=", "news")
    management.open.discard("one=")
    assert sockets.post(store, "one=", "hello") is False
    assert store.get(Connection, id="one=") is None
    assert (listening("news"), listening("weather")) == (["two="], [])


def test_a_connection_that_may_still_be_opening_is_not_forgotten(management: Management) -> None:
    opened(management, "one=", "news", ago=5)
    management.open.discard("one=")
    assert sockets.post(store, "one=", "hello") is False
    assert sockets.publish(store, "news", "hello").gone == 1
    assert listening("news") == ["one="]
    management.open.add("one=")
    assert sockets.publish(store, "news", "hello").delivered == 1


def test_a_message_to_a_topic_reaches_every_other_listener_whatever_becomes_of_one(
    management: Management, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one=", "two=", "three=", "four="):
        opened(management, name, "news")
    management.open.discard("two=")
    management.failing.add("three=")
    done = sockets.publish(store, "news", "hello", but="one=")
    assert (done.delivered, done.gone, done.failed) == (1, 1, 1)
    assert management.posted == [("four=", "hello")]
    assert "three=" in capsys.readouterr().out
    assert sorted(listening("news")) == ["four=", "one=", "three="]


def test_rows_that_outlived_their_time_are_sent_nothing(management: Management) -> None:
    with frozen() as clock:
        opened(management, "one=", "news")
        clock.advance(seconds=LIFETIME + connections.KEPT_BEYOND)
        assert sockets.publish(store, "news", "hello").delivered == 0
    assert store.get(Subscription, topic="news", connection="one=") is not None


@pytest.mark.parametrize("message", ["", b"x" * (sockets.LARGEST + 1), "é" * (sockets.LARGEST // 2 + 1)])
def test_a_message_that_no_connection_takes_is_refused(management: Management, message: str | bytes) -> None:
    opened(management, "one=", "news")
    with pytest.raises(ValueError, match="131072 bytes"):
        sockets.post(store, "one=", message)
    with pytest.raises(ValueError, match="131072 bytes"):
        sockets.publish(store, "news", message)
    assert sockets.post(store, "one=", b"x" * sockets.LARGEST)


def test_what_fails_otherwise_is_told(management: Management) -> None:
    opened(management, "one=")
    management.failing.add("one=")
    with pytest.raises(Unavailable):
        sockets.post(store, "one=", "hello")
    assert connections.find(store, "one=") is not None


def test_ending_a_connection_that_is_gone_is_no_error(management: Management) -> None:
    opened(management, "one=")
    sockets.close("one=")
    sockets.close("one=")
    assert management.closed == ["one="]


def test_without_its_endpoint_the_port_says_what_is_missing(table: Any) -> None:
    with pytest.raises(NotConfigured, match="AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"):
        sockets.post(store, "one=", "hello")


class Raw:
    """The body of an answer that has none."""

    def stream(self) -> Iterator[bytes]:
        return iter(())


def test_the_management_api_is_spoken_to_as_aws_has_it(system: Systems) -> None:
    """The request that the real client makes: the connection's id within the path, and the data as its body."""
    seen: list[tuple[str, str, bytes | None]] = []
    system("demo", AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI=ENDPOINT)

    def answered(request: Any, **_: Any) -> Any:
        from botocore.awsrequest import AWSResponse

        seen.append((request.method, request.url, request.body))
        return AWSResponse(request.url, 200, HTTPHeaders(), Raw())

    client = aws.client("apigatewaymanagementapi")
    client.meta.events.register_first("before-send.apigatewaymanagementapi.*", answered)
    try:
        sockets.post(store, "one=", "hello")
        sockets.close("one=")
    finally:
        client.meta.events.unregister("before-send.apigatewaymanagementapi.*", answered)
    assert seen == [
        ("POST", f"{ENDPOINT}/@connections/one%3D", b"hello"),
        ("DELETE", f"{ENDPOINT}/@connections/one%3D", None),
    ]
