"""WebSocket messages run as the caller that opened the connection, and a connection leaves nothing behind."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from quintet.api import Api, Reply
from quintet.api.sockets import TOKENS
from quintet.api.triggers import Undeclared
from quintet.messaging import connections
from quintet.messaging.connections import Connection
from quintet.models.time import frozen
from quintet.testing import LambdaContext, socket_event
from tests.conftest import Systems
from tests.layers.api.management import ENDPOINT, Management, managed
from tests.layers.api.noted import talk
from tests.layers.api.noted.service import Reader, store

ONE, OTHER = "L0SM9cOFvHcCIhw=", "M1TN0dPGwIdDJix="


@pytest.fixture
def management(system: Systems, monkeypatch: pytest.MonkeyPatch) -> Iterator[Management]:
    system("demo", AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI=ENDPOINT)
    talk.heard.clear()
    with managed(monkeypatch) as found:
        yield found


@pytest.fixture
def opened(management: Management, token: Callable[..., str]) -> Callable[..., dict[str, Any]]:
    """`opened("ann", ONE, role="writer")` opens a connection as API Gateway does; answers what $connect answered."""

    def make(subject: str, connection: str = ONE, **claims: str) -> dict[str, Any]:
        answer = connect({"query": {"token": token(subject, **claims)}}, connection)
        if answer["statusCode"] == 200:
            management.open.add(connection)
        return answer

    return make


def connect(given: dict[str, Any], connection: str = ONE) -> dict[str, Any]:
    answer: dict[str, Any] = talk.connect(socket_event("$connect", connection, **given), LambdaContext())
    return answer


def say(body: Any, connection: str = ONE) -> dict[str, Any]:
    answer: dict[str, Any] = talk.say(socket_event("say", connection, body=body), LambdaContext())
    return answer


@pytest.mark.parametrize("where", ["header", *TOKENS])
def test_a_token_of_header_or_query_opens_a_connection_bound_to_its_caller(
    management: Management, token: Callable[..., str], where: str
) -> None:
    given = token("ann", role="writer")
    carried = {"headers": {"Authorization": f"Bearer {given}"}} if where == "header" else {"query": {where: given}}
    assert connect(carried) == {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "notes"}}
    found = connections.find(store, ONE)
    assert found is not None
    assert (found.caller, found.claims["values"]) == ("ann", {"role": "writer"})
    assert connections.topics(store, ONE) == ["everything"]


@pytest.mark.parametrize("query", [{}, {"token": "nonsense"}, {"token": ""}])
def test_without_a_good_token_the_handshake_is_refused_and_nothing_is_kept(
    management: Management, query: dict[str, str]
) -> None:
    answer = connect({"query": query})
    assert answer["statusCode"] == 401
    assert json.loads(answer["body"])["error"]["code"] == "unauthorized"
    assert connections.find(store, ONE) is None
    assert talk.heard == []


def test_a_connection_that_its_operation_refuses_is_not_kept(opened: Callable[..., dict[str, Any]]) -> None:
    answer = opened("loud")
    assert (answer["statusCode"], json.loads(answer["body"])["error"]["code"]) == (403, "silenced")
    assert connections.find(store, ONE) is None


def test_nothing_is_sent_before_connect_has_returned(
    opened: Callable[..., dict[str, Any]], management: Management, capsys: pytest.CaptureFixture[str]
) -> None:
    management.open.add(ONE)
    assert opened("eager")["statusCode"] == 500
    assert "before its $connect has returned" in capsys.readouterr().out
    assert management.posted == []
    assert connections.find(store, ONE) is None


def test_a_message_runs_as_the_caller_and_is_answered_in_the_systems_envelope(
    opened: Callable[..., dict[str, Any]], management: Management
) -> None:
    opened("ann", ONE, role="writer")
    opened("bea", OTHER)
    answer = say({"action": "say", "topic": "everything", "text": "hello"})
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"data": {"delivered": 1}})
    assert management.posted == [(OTHER, "hello")]


def test_each_message_is_authorised_anew(opened: Callable[..., dict[str, Any]]) -> None:
    opened("bea")
    answer = say({"topic": "everything", "text": "hello"})
    assert (answer["statusCode"], json.loads(answer["body"])["error"]["code"]) == (403, "insufficient_permissions")


@pytest.mark.parametrize("body", ["no json", {"topic": "everything"}, "", "[]"])
def test_a_message_that_is_not_what_its_operation_takes_is_refused_by_field(
    opened: Callable[..., dict[str, Any]], body: Any
) -> None:
    opened("ann", role="writer")
    answer = say(body)
    assert (answer["statusCode"], json.loads(answer["body"])["error"]["code"]) == (400, "invalid_request")


def test_an_unexpected_failure_is_logged_and_told_without_its_cause(
    opened: Callable[..., dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    opened("ann", role="writer")
    capsys.readouterr()
    answer = say({"topic": "everything", "text": "impossible"})
    assert (answer["statusCode"], json.loads(answer["body"])["error"]["code"]) == (500, "internal_error")
    stack, metrics = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert "cannot be said" in stack["exception"]
    assert (metrics["operation"], metrics["Errors"]) == ("talk.say", [1.0])


def test_text_reaches_an_operation_that_takes_text_as_it_is(opened: Callable[..., dict[str, Any]]) -> None:
    opened("ann")
    answer = talk.murmur(socket_event("$default", ONE, body="2probe"), LambdaContext())
    assert answer == {"statusCode": 200, "headers": {}}
    assert talk.heard[-1] == "ann: 2probe"


def test_a_message_of_a_connection_that_nobody_knows_ends_it(management: Management) -> None:
    management.open.add(ONE)
    assert say({"topic": "everything", "text": "hello"})["statusCode"] == 401
    assert management.closed == [ONE]


def test_a_connection_whose_time_is_over_is_not_known(opened: Callable[..., dict[str, Any]]) -> None:
    with frozen() as clock:
        opened("ann", role="writer")
        clock.advance(seconds=connections.LIFETIME + connections.KEPT_BEYOND)
        assert say({"topic": "everything", "text": "hello"})["statusCode"] == 401


@pytest.mark.parametrize(("who", "heard"), [("ann", ["ann came", "ann went"]), ("clumsy", ["clumsy came"])])
def test_a_connection_that_ends_leaves_nothing_behind(
    opened: Callable[..., dict[str, Any]], who: str, heard: list[str]
) -> None:
    opened(who)
    talk.disconnect(socket_event("$disconnect", ONE), LambdaContext())
    assert talk.heard == heard
    assert store.get(Connection, id=ONE) is None
    assert list(connections.listeners(store, "everything")) == []
    talk.disconnect(socket_event("$disconnect", ONE), LambdaContext())
    assert talk.heard == heard


def test_only_the_declared_route_runs_an_operation(opened: Callable[..., dict[str, Any]]) -> None:
    opened("ann", role="writer")
    with pytest.raises(Undeclared):
        talk.say(socket_event("$default", ONE, body={"topic": "everything", "text": "hello"}), LambdaContext())


def test_what_the_roles_of_sockets_need() -> None:
    assert talk.connect.needs == {"table:write", "secret"}
    assert talk.disconnect.needs == {"table:write"}
    assert talk.say.needs == {"table:read", "table:write", "sockets"}
    assert talk.murmur.needs == {"table:read", "sockets"}
    assert [o.answers for o in (talk.connect, talk.disconnect, talk.say, talk.murmur)] == [False, False, True, False]


def open_house() -> dict[str, Any]:
    """Operations of a system whose connections may be anonymous, by route."""
    house = Api("open_house", title="Open house")

    @house.socket("$connect")
    def connect(caller: Reader | None) -> None:
        """Open a connection."""

    @house.socket("who")
    def who(body: str, caller: Reader | None) -> Reply[str]:
        """Say who is there."""
        return Reply(caller.id if caller else "nobody")

    @house.socket("mine")
    def mine(body: str, caller: Reader) -> Reply[str]:
        """Say who is signed in."""
        return Reply(caller.id)

    return {str(operation.socket): operation for operation in house.operations}


def test_a_connection_may_be_anonymous_where_its_operations_allow_that(
    management: Management, token: Callable[..., str]
) -> None:
    routes = open_house()

    def asked(route: str, connection: str) -> tuple[int, Any]:
        answer = routes[route](socket_event(route, connection, body="?"), LambdaContext())
        return answer["statusCode"], json.loads(answer["body"]).get("data")

    opening = routes["$connect"]
    assert opening(socket_event("$connect", ONE), LambdaContext())["statusCode"] == 200
    signed = socket_event("$connect", OTHER, query={"auth": token("ann")})
    assert opening(signed, LambdaContext())["statusCode"] == 200
    assert opening(socket_event("$connect", "third", query={"token": "bad"}), LambdaContext())["statusCode"] == 401
    assert [asked("who", ONE), asked("who", OTHER)] == [(200, "nobody"), (200, "ann")]
    assert [asked("mine", ONE), asked("mine", OTHER)] == [(401, None), (200, "ann")]
