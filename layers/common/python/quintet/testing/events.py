"""Event factories: what API Gateway, EventBridge, SQS and a table's stream really send to a function.

Payload format 2.0 is an HTTP API's (and a function URL's), 1.0 a REST API's. The shapes follow "Working with
AWS Lambda proxy integrations" in the API Gateway developer guide.
"""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import unquote, urlencode

from quintet.models.time import rfc3339
from quintet.store import Entity

Version = Literal["1.0", "2.0"]
Query = Mapping[str, Any]

ACCOUNT, REGION, API_ID = "123456789012", "us-east-1", "a1b2c3d4e5"
DOMAIN = f"{API_ID}.execute-api.{REGION}.amazonaws.com"


def http_event(
    method: str,
    path: str,
    *,
    body: Any = None,
    query: Query | None = None,
    headers: Mapping[str, str] | None = None,
    path_params: Mapping[str, str] | None = None,
    version: Version = "2.0",
    ip: str = "203.0.113.7",
    resource: str | None = None,
) -> dict[str, Any]:
    """One request as API Gateway hands it over.

    `body`: bytes travel base64-encoded, text as it is, anything else as JSON with its content type. `query` values
    may be lists. `path_params` are given decoded. `resource` is the route's template, the path itself when absent.
    """
    text, encoded = _body(body)
    sent = {"Host": DOMAIN, "User-Agent": "quintet-testing", "Accept": "*/*", **(headers or {})}
    if body is not None and not isinstance(body, str | bytes) and "content-type" not in {h.lower() for h in sent}:
        sent["Content-Type"] = "application/json"
    pairs = _pairs(query)
    make = _event_v2 if version == "2.0" else _event_v1
    event = make(method, path, resource or path, pairs, sent, ip)
    if path_params:
        event["pathParameters"] = dict(path_params)
    if text is not None:
        event["body"] = text
    event["isBase64Encoded"] = encoded
    return event


def schedule_event(detail: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What EventBridge sends when a rule or schedule fires; `detail` is the input it was given."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": rfc3339(datetime.now(UTC)),
        "region": REGION,
        "resources": [f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/quintet"],
        "detail": dict(detail or {}),
    }


def sqs_event(bodies: Iterable[Any], queue: str = "quintet", groups: Sequence[str] = ()) -> dict[str, Any]:
    """A batch of messages from one queue; bodies that are no text are sent as JSON. `groups` are the message groups of
    a FIFO queue's messages, in their order."""
    records = [_record(body, queue) for body in bodies]
    for record, group in zip(records, groups, strict=False):
        record["attributes"]["MessageGroupId"] = group
    return {"Records": records}


def _record(body: Any, queue: str) -> dict[str, Any]:
    sent = str(int(time.time() * 1000))
    return {
        "messageId": str(uuid.uuid4()),
        "receiptHandle": base64.b64encode(uuid.uuid4().bytes).decode(),
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": sent,
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": sent,
        },
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}",
        "awsRegion": REGION,
    }


def stream_event(changes: Iterable[tuple[Entity | None, Entity | None]], *, expired: bool = False) -> dict[str, Any]:
    """A batch of a table's stream, one record for each `(old, new)`; `expired` says that time to live deleted."""
    return {"Records": [_stream_record(number, *change, expired) for number, change in enumerate(changes, 1)]}


def _stream_record(number: int, old: Entity | None, new: Entity | None, expired: bool) -> dict[str, Any]:
    entity = new or old
    assert entity is not None
    images = {name: image.item() for name, image in (("OldImage", old), ("NewImage", new)) if image is not None}
    record: dict[str, Any] = {
        "eventID": uuid.uuid4().hex,
        "eventName": "INSERT" if old is None else "REMOVE" if new is None else "MODIFY",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": {
            "ApproximateCreationDateTime": int(time.time()),
            "Keys": entity.own_key().attributes(),
            **images,
            "SequenceNumber": str(100000000000000000000 + number),
            "SizeBytes": len(json.dumps(images)),
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/quintet/stream/2026-01-01T00:00:00.000",
    }
    if expired:
        record["userIdentity"] = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    return record


def socket_event(
    route: str,
    connection: str = "L0SM9cOFvHcCIhw=",
    *,
    body: Any = None,
    query: Query | None = None,
    headers: Mapping[str, str] | None = None,
    ip: str = "203.0.113.7",
) -> dict[str, Any]:
    """What a WebSocket API sends: `$connect` with the handshake's headers and query, a message with its text (a body
    that is no text is sent as JSON), `$disconnect` with the reason."""
    kind, now = {"$connect": "CONNECT", "$disconnect": "DISCONNECT"}.get(route, "MESSAGE"), datetime.now(UTC)
    context: dict[str, Any] = {
        "routeKey": route,
        "eventType": kind,
        "extendedRequestId": "JKJaXmPLvHcESHA=",
        "requestId": base64.urlsafe_b64encode(uuid.uuid4().bytes)[:15].decode() + "=",
        "requestTime": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "requestTimeEpoch": int(now.timestamp() * 1000),
        "messageDirection": "IN",
        "stage": "prod",
        "connectedAt": int(now.timestamp() * 1000),
        "identity": {"sourceIp": ip},
        "domainName": DOMAIN,
        "connectionId": connection,
        "apiId": API_ID,
    }
    event: dict[str, Any] = {"requestContext": context, "isBase64Encoded": False}
    if kind == "MESSAGE":
        context["messageId"] = base64.urlsafe_b64encode(uuid.uuid4().bytes)[:15].decode() + "="
        event["body"], event["isBase64Encoded"] = _body(body)
        return event
    sent = {"Host": DOMAIN, "X-Forwarded-For": ip, **(headers or {})}
    event |= {"headers": sent, "multiValueHeaders": {name: [value] for name, value in sent.items()}}
    if kind == "DISCONNECT":
        context |= {"disconnectStatusCode": 1001, "disconnectReason": "Going away"}
        return event
    grouped = _grouped(_pairs(query))
    if grouped:
        event["queryStringParameters"] = {name: values[-1] for name, values in grouped.items()}
        event["multiValueQueryStringParameters"] = grouped
    return event


def _body(body: Any) -> tuple[str | None, bool]:
    if body is None or isinstance(body, str):
        return body, False
    if isinstance(body, bytes):
        return base64.b64encode(body).decode(), True
    return json.dumps(body, ensure_ascii=False), False


def _pairs(query: Query | None) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in (query or {}).items():
        values: Sequence[Any] = value if isinstance(value, list | tuple) else [value]
        found += [(name, _text(one)) for one in values]
    return found


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _grouped(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _event_v2(
    method: str, path: str, resource: str, pairs: list[tuple[str, str]], headers: dict[str, str], ip: str
) -> dict[str, Any]:
    route, now = f"{method} {resource}", datetime.now(UTC)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": unquote(path),
        "rawQueryString": urlencode(pairs),
        "headers": {name.lower(): value for name, value in headers.items()},
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": API_ID,
            "domainName": DOMAIN,
            "domainPrefix": API_ID,
            "http": {
                "method": method,
                "path": unquote(path),
                "protocol": "HTTP/1.1",
                "sourceIp": ip,
                "userAgent": headers.get("User-Agent", ""),
            },
            "requestId": base64.urlsafe_b64encode(uuid.uuid4().bytes)[:15].decode() + "=",
            "routeKey": route,
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(now.timestamp() * 1000),
        },
    }
    if pairs:
        event["queryStringParameters"] = {name: ",".join(values) for name, values in _grouped(pairs).items()}
    return event


def _event_v1(
    method: str, path: str, resource: str, pairs: list[tuple[str, str]], headers: dict[str, str], ip: str
) -> dict[str, Any]:
    grouped, now = _grouped(pairs), datetime.now(UTC)
    return {
        "resource": resource,
        "path": unquote(path),
        "httpMethod": method,
        "headers": dict(headers),
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in grouped.items()} or None,
        "multiValueQueryStringParameters": grouped or None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": API_ID,
            "domainName": DOMAIN,
            "domainPrefix": API_ID,
            "extendedRequestId": "JKJaXmPLvHcESHA=",
            "httpMethod": method,
            "identity": {"sourceIp": ip, "userAgent": headers.get("User-Agent", "")},
            "path": "/prod" + path,
            "protocol": "HTTP/1.1",
            "requestId": str(uuid.uuid4()),
            "requestTime": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "requestTimeEpoch": int(now.timestamp() * 1000),
            "resourceId": "abc123",
            "resourcePath": resource,
            "stage": "prod",
        },
        "body": None,
    }
