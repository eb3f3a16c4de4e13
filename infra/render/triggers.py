"""Sample events of what is no request: a schedule, a queue's message, a change of the table, a WebSocket's message."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from infra.render.functions import schedule_input
from infra.render.samples import ID, Samples
from quintet.api import Operation
from quintet.api.declaration import CONNECT, DISCONNECT
from quintet.api.sources import Stream

ACCOUNT, REGION = "123456789012", "us-east-1"
TOKEN = "ACCESS_TOKEN"
"""Stands for an access token, which only signing in gives."""
CONNECTION = "L0SM9cOFvHcCIhw="

Event = dict[str, Any]
_EPOCH = 1737194400
"""2025-01-18T10:00:00Z."""


def triggers(operation: Operation[Any, Any]) -> dict[str, Event]:
    """The operation's events by the end of their file's name: `schedule`, `queue`, `stream`, `socket`."""
    found = {}
    if operation.schedule:
        found["schedule"] = _schedule()
    if operation.queue:
        found["queue"] = _queue(operation)
    if operation.stream:
        found["stream"] = _stream(operation.stream)
    if operation.socket:
        found["socket"] = _socket(operation)
    return found


def _schedule() -> Event:
    filled = {
        "id": ID,
        "time": "2025-01-18T10:00:00Z",
        "resources": [f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/example/example"],
    }
    return {**schedule_input(), **filled}


def _queue(operation: Operation[Any, Any]) -> Event:
    assert operation.queue is not None
    sent = {"ApproximateReceiveCount": "1", "SentTimestamp": f"{_EPOCH}000"}
    if operation.queue.fifo:
        sent |= {"MessageGroupId": "example", "MessageDeduplicationId": ID}
    record = {
        "messageId": ID,
        "receiptHandle": "AQEBexample",
        "body": json.dumps(_body(operation), ensure_ascii=False),
        "attributes": sent,
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{operation.queue.name}",
        "awsRegion": REGION,
    }
    return {"Records": [record]}


def _stream(stream: Stream) -> Event:
    """One change of each declared event, of the first declared entity."""
    entity = stream.entities[0]
    schema = entity.model_json_schema()
    item = entity.model_validate(Samples(schema.get("$defs", {})).of(schema)).item()
    keys = {name: item[name] for name in ("PK", "SK")}
    images = {
        "INSERT": {"NewImage": item},
        "MODIFY": {"OldImage": item, "NewImage": {**item, "version": {"N": "2"}}},
        "REMOVE": {"OldImage": item},
    }
    records = []
    for number, name in enumerate(stream.events, 1):
        told = {
            "ApproximateCreationDateTime": _EPOCH,
            "Keys": keys,
            **images[name],
            "SequenceNumber": f"{number}00000000000000000001",
            "SizeBytes": 1024,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        }
        record = {
            "eventID": f"{number:032}",
            "eventName": name,
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": REGION,
            "dynamodb": told,
            "eventSourceARN": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/example/stream/2025-01-18T10:00:00.000",
        }
        records.append(record)
    return {"Records": records}


def _socket(operation: Operation[Any, Any]) -> Event:
    route = str(operation.socket)
    context: Event = {
        "routeKey": route,
        "eventType": {CONNECT: "CONNECT", DISCONNECT: "DISCONNECT"}.get(route, "MESSAGE"),
        "extendedRequestId": "JKJaXmPLvHcESHA=",
        "requestTime": "18/Jan/2025:10:00:00 +0000",
        "messageDirection": "IN",
        "stage": "ws",
        "connectedAt": _EPOCH * 1000,
        "requestTimeEpoch": _EPOCH * 1000,
        "identity": {"sourceIp": "203.0.113.7"},
        "requestId": "JKJaXmPLvHcESHA=",
        "domainName": "sockets.example.com",
        "connectionId": CONNECTION,
        "apiId": "a1b2c3d4e5",
    }
    event: Event = {"requestContext": context, "isBase64Encoded": False}
    if route == CONNECT:
        event |= {"headers": {"Host": "sockets.example.com"}, "multiValueHeaders": {"Host": ["sockets.example.com"]}}
        if operation.caller is not None:
            event["queryStringParameters"] = {"token": TOKEN}
            event["multiValueQueryStringParameters"] = {"token": [TOKEN]}
    elif route != DISCONNECT:
        context["messageId"] = "JKJaXmPLvHcESHA="
        body = _body(operation)
        event["body"] = body if isinstance(body, str) else json.dumps(_named(route, body), ensure_ascii=False)
    return event


def _named(route: str, body: Any) -> Any:
    """A message as a client sends it: with the route it is for."""
    return body if route.startswith("$") or not isinstance(body, dict) else {"action": route, **body}


def _body(operation: Operation[Any, Any]) -> Any:
    declared = operation.signature.body
    if declared is None:
        return {}
    schema = declared.adapter.json_schema() if declared.adapter else declared.type.model_json_schema()
    return deepcopy(dict(operation.example)) or Samples(schema.get("$defs", {})).of(schema)
