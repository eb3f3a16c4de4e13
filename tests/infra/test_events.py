"""The sample events are what API Gateway sends, and every handler takes its own."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from infra.render.events import BEARER, events
from infra.render.samples import ID, Samples
from infra.render.systems import System
from quintet.api.request import Request
from quintet.auth.tokens import issue
from quintet.settings import Settings
from quintet.testing.client import Answer, read_answer
from quintet.testing.context import LambdaContext


def test_an_event_carries_the_path_the_query_and_the_body_of_its_operation(little: System) -> None:
    found = events(little)
    create, read, newest = (found[f"things.{name}.json"] for name in ("create", "read", "newest"))
    body = json.loads(create["body"])
    assert body == {
        "name": "example",
        "owner_id": ID,
        "email": "user@example.com",
        "count": 5,
        "colour": "red",
        "tags": ["example"],
        "parent": body["parent"],
    }
    assert create["headers"]["authorization"] == BEARER
    assert create["headers"]["content-length"] == str(len(create["body"].encode()))
    assert create["headers"]["idempotency-key"]
    assert read["rawPath"] == f"/api/v1/things/{ID}"
    assert read["pathParameters"] == {"id": ID}
    assert "authorization" not in read["headers"]
    assert newest["rawQueryString"] == "colour=red"
    assert newest["queryStringParameters"] == {"colour": "red"}


def test_a_sample_of_a_body_that_a_form_may_carry_names_no_file() -> None:
    file = {"anyOf": [{"type": "string", "contentMediaType": "application/octet-stream"}, {"type": "null"}]}
    schema = {"type": "object", "properties": {"title": {"type": "string"}, "cover": file}}
    assert Samples({}).of(schema) == {"title": "example"}


def test_a_schedules_and_a_queues_event_are_what_those_send(little: System) -> None:
    found = events(little)
    assert found["things.sweep.schedule.json"] == {
        "version": "0",
        "id": ID,
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "time": "2025-01-18T10:00:00Z",
        "resources": ["arn:aws:scheduler:us-east-1:123456789012:schedule/example/example"],
        "detail": {},
    }
    (record,) = found["things.thumbnail.queue.json"]["Records"]
    assert json.loads(record["body"]) == {"thing_id": ID}
    assert record["eventSource"] == "aws:sqs"
    (record,) = found["things.step.queue.json"]["Records"]
    assert record["attributes"]["MessageGroupId"] == "example"


def test_a_streams_event_has_each_declared_change_of_an_entity_as_it_is_stored(little: System) -> None:
    made, gone = events(little)["things.changed.stream.json"]["Records"]
    item = made["dynamodb"]["NewImage"]
    assert (item["kind"], item["colour"], item["PK"]) == ({"S": "thing"}, {"S": "red"}, {"S": f"THING#{ID}"})
    assert (made["eventName"], gone["eventName"], gone["dynamodb"]["OldImage"]) == ("INSERT", "REMOVE", item)
    assert "NewImage" not in gone["dynamodb"]
    assert made["eventSource"] == "aws:dynamodb"


def test_a_sockets_events_are_what_a_websocket_api_sends(little: System) -> None:
    found = events(little)
    connect, leave, ask, hear = (found[f"things.{n}.socket.json"] for n in ("connect", "disconnect", "ask", "hear"))
    assert connect["queryStringParameters"] == {"token": "ACCESS_TOKEN"}
    kinds = [event["requestContext"]["eventType"] for event in (connect, leave, ask, hear)]
    assert kinds == ["CONNECT", "DISCONNECT", "MESSAGE", "MESSAGE"]
    assert json.loads(ask["body"]) == {"action": "ask", "thing_id": ID}
    assert (ask["requestContext"]["routeKey"], hear["requestContext"]["routeKey"]) == ("ask", "$default")


def test_what_no_request_runs_takes_its_event(little: System, system: Callable[[str], Settings]) -> None:
    system(little.name)
    found = events(little)
    for operation, kind in (("step", "queue"), ("thumbnail", "queue"), ("changed", "stream")):
        handler = next(o for o in little.operations if o.id == f"things.{operation}")
        assert handler(found[f"things.{operation}.{kind}.json"], LambdaContext()) == {"batchItemFailures": []}


def test_every_operation_reads_its_arguments_off_its_event(house: list[System], little: System) -> None:
    for one in (*house, little):
        found = events(one)
        for operation in one.served:
            wanted = {p.name for p in operation.signature.parameters} - {"caller", "once"}
            arguments = operation.signature.bind(Request(found[f"{operation.id}.json"]), one.api.errors)
            assert set(arguments) == wanted, operation.id


LOOKS_ACCOUNTS_UP = {"caidence", "softfactory"}
"""Systems in which a token of nobody proves nothing."""


def test_every_handler_answers_its_event(house: list[System], system: Callable[[str], Settings]) -> None:
    """As it is, and with a real token: what it asks for may be missing or forbidden, but nothing fails."""
    for one in house:
        system(one.name)
        token, _ = issue(ID, {"email": "user@example.com"}, timedelta(minutes=15))
        found = events(one)
        for number, operation in enumerate(one.operations):
            if operation.schedule:
                operation(found[f"{operation.id}.schedule.json"], LambdaContext())
            if operation.method:
                event = found[f"{operation.id}.json"]
                # Each from an address of its own: those who are refused count by it.
                event["requestContext"]["http"]["sourceIp"] = f"198.51.{number // 250}.{number % 250}"
                secured = event["headers"].get("authorization") == BEARER
                answer = _answer(operation, event)
                assert answer.status == 401 if secured else answer.status < 500 or answer.status == 503, operation.id
                if secured:
                    answer = _answer(operation, _signed_in(event, token))
                    assert answer.status != 401 or one.name in LOOKS_ACCOUNTS_UP, operation.id
                assert answer.status < 500 or answer.status == 503, (operation.id, answer)


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_a_parameter_spelled_by_another_operation_of_the_path_arrives(version: str) -> None:
    event: dict[str, Any] = {"version": version, "pathParameters": {"id": "7"}}
    event["routeKey" if version == "2.0" else "resource"] = (
        "DELETE /things/{id}" if version == "2.0" else "/things/{id}"
    )
    request = Request(event)
    request.name_path_params(["thing_id"])
    assert request.path_params == {"thing_id": "7"}


def _signed_in(event: dict[str, Any], token: str) -> dict[str, Any]:
    found = copy.deepcopy(event)
    if "authorization" in found["headers"]:
        found["headers"]["authorization"] = f"Bearer {token}"
    return found


def _answer(operation: Any, event: dict[str, Any]) -> Answer:
    return read_answer(operation(event, LambdaContext()))
