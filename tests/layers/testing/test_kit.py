"""The testing kit: events as AWS sends them, a client that routes as API Gateway does, the contract reader."""

import json
from pathlib import Path
from typing import get_args

import pytest

from quintet.settings import Settings
from quintet.testing import (
    Client,
    LambdaContext,
    http_event,
    read_contract,
    schedule_event,
    socket_event,
    sqs_event,
    stream_event,
)
from quintet.testing.contract import unnamed
from quintet.testing.events import Version
from tests.layers.api.noted.notes import Note
from tests.layers.api.noted.service import api


def test_an_event_of_format_2_has_what_an_http_api_sends() -> None:
    event = http_event(
        "POST",
        "/notes/a%20b",
        body={"x": 1},
        query={"q": ["1", "2"]},
        headers={"X-One": "1"},
        path_params={"id": "a b"},
        ip="198.51.100.1",
        resource="/notes/{id}",
    )
    assert (event["version"], event["routeKey"]) == ("2.0", "POST /notes/{id}")
    assert (event["rawPath"], event["rawQueryString"]) == ("/notes/a b", "q=1&q=2")
    assert event["queryStringParameters"] == {"q": "1,2"}
    assert event["headers"]["x-one"] == "1"
    assert event["headers"]["content-type"] == "application/json"
    assert event["requestContext"]["http"]["sourceIp"] == "198.51.100.1"
    assert (json.loads(event["body"]), event["isBase64Encoded"]) == ({"x": 1}, False)
    assert event["pathParameters"] == {"id": "a b"}
    bare = http_event("GET", "/")
    assert not bare.keys() & {"body", "pathParameters", "queryStringParameters"}, "absent, never null"


def test_an_event_of_format_1_has_what_a_rest_api_sends() -> None:
    event = http_event("GET", "/notes", version="1.0", query={"q": ["1", "2"]}, headers={"X-One": "1"})
    assert (event["httpMethod"], event["path"], event["resource"]) == ("GET", "/notes", "/notes")
    assert event["queryStringParameters"] == {"q": "2"}, "the last one"
    assert event["multiValueQueryStringParameters"] == {"q": ["1", "2"]}
    assert event["multiValueHeaders"]["X-One"] == ["1"]
    assert event["requestContext"]["identity"]["sourceIp"] == "203.0.113.7"
    assert "version" not in event
    bare = http_event("GET", "/", version="1.0")
    assert (bare["body"], bare["queryStringParameters"], bare["pathParameters"]) == (None, None, None)


def test_bytes_travel_as_base64() -> None:
    event = http_event("POST", "/", body=b"\xff\x00")
    assert (event["body"], event["isBase64Encoded"]) == ("/wA=", True)


def test_events_of_schedules_and_queues() -> None:
    assert schedule_event({"a": 1})["detail"] == {"a": 1}
    records = sqs_event([{"a": 1}, "text"])["Records"]
    assert [record["body"] for record in records] == ['{"a": 1}', "text"]
    assert len({record["messageId"] for record in records}) == 2


def test_events_of_streams_hold_entities_as_they_are_stored() -> None:
    old, new = Note(title="a"), Note(title="a", text="longer")
    made, changed, gone = stream_event([(None, old), (old, new), (new, None)])["Records"]
    assert [record["eventName"] for record in (made, changed, gone)] == ["INSERT", "MODIFY", "REMOVE"]
    assert changed["dynamodb"]["OldImage"] == made["dynamodb"]["NewImage"] == old.item()
    assert "NewImage" not in gone["dynamodb"]
    assert changed["dynamodb"]["Keys"] == {"PK": {"S": "NOTE#a"}, "SK": {"S": "NOTE"}}
    assert made["dynamodb"]["SequenceNumber"] < changed["dynamodb"]["SequenceNumber"]


def test_events_of_sockets_carry_a_handshake_or_a_message() -> None:
    connect = socket_event("$connect", "c1", query={"token": "t"}, headers={"X-Tag": "x"})
    assert (connect["queryStringParameters"], connect["headers"]["X-Tag"]) == ({"token": "t"}, "x")
    assert "body" not in connect
    message, leave = socket_event("say", "c1", body={"n": 1}), socket_event("$disconnect", "c1")
    assert (message["body"], message["isBase64Encoded"], "headers" in message) == ('{"n": 1}', False, False)
    assert socket_event("say", body=b"\xff")["isBase64Encoded"] is True
    kinds = [event["requestContext"]["eventType"] for event in (connect, message, leave)]
    assert kinds == ["CONNECT", "MESSAGE", "DISCONNECT"]


def test_a_context_runs_out_of_time() -> None:
    assert 28_000 < LambdaContext().get_remaining_time_in_millis() <= 29_000
    assert LambdaContext(timeout=0).get_remaining_time_in_millis() == 0
    assert LambdaContext("f").invoked_function_arn.endswith(":function:f")


@pytest.mark.parametrize("version", get_args(Version))
def test_the_client_finds_operations_and_the_fallback(table: Settings, version: Version) -> None:
    client = Client(api, version=version)
    assert client.get("/echo/5?tags=x", query={"more": 1}).body["meta"] == {"all": {"tags": ["x"], "more": ["1"]}}
    assert client.get("/echo/5/6").status == 404
    assert client.delete("/echo/5").status == 405
    operation, params = client.find("GET", "/api/v1/notes/a%2Fb")
    assert operation is not None
    assert (operation.id, params) == ("notes.read", {"title": "a/b"})


def test_a_contract_is_read_from_yaml_and_json(tmp_path: Path) -> None:
    text = """
system: shop
base_path: /api/v1
operations:
  - id: items.get
    method: GET
    path: /api/v1/items/{id}
    auth: user
    path_params: {id: {type: string}}
    status: 200
    response: {data: {id: uuid}}
    errors:
      404: {message: Item not found}
    rules: [Return one item.]
  - {id: items.remove, method: DELETE, path: "/api/v1/items/{key}", auth: "roles:[admin]", status: 204, errors: [403]}
"""
    yaml_file = tmp_path / "shop.yaml"
    yaml_file.write_text(text)
    contract = read_contract(yaml_file)
    get, remove = contract
    assert (contract.system, contract.base_path, len(contract.operations)) == ("shop", "/api/v1", 2)
    assert get.route == ("GET", "/api/v1/items/{}")
    assert (get.auth, get.errors, get.rules) == ("user", {404: {"message": "Item not found"}}, ("Return one item.",))
    assert contract.operation("items.remove") == remove
    assert remove.errors == {403: None}
    with pytest.raises(KeyError):
        contract.operation("items.list")
    json_file = tmp_path / "shop.json"
    json_file.write_text(json.dumps({"system": "shop", "operations": [{"id": "a", "method": "GET", "path": "/"}]}))
    assert read_contract(json_file).operation("a").status == 0
    assert unnamed("/a/{b}/c/") == "/a/{}/c"
