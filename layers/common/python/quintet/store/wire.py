"""DynamoDB's JSON protocol over HTTPS, signed by botocore.

Every operation of every system pays for what lies between it and the table, so this path is ours: botocore gives
credentials, Signature Version 4, the connection pool and its `before-send` event (where moto and other tools step
in); its client, with the service model, the endpoint rules and the shape-by-shape parsing of answers, is left out.
`docs/benchmarks.md` has what that is worth at a cold start and per call.

Protocol: Amazon DynamoDB Developer Guide, "DynamoDB low-level API".
"""

from __future__ import annotations

import json
import random
import time
import zlib
from dataclasses import dataclass
from functools import cache
from typing import Any

from quintet import aws
from quintet.settings import settings

ATTEMPTS = 3
"""Tries of one request when the connection or the service fails; contention is the caller's to retry."""
_VERSION = "DynamoDB_20120810"
_SERVER_FAULT = 500


@dataclass(frozen=True, slots=True)
class _Line:
    """One endpoint: its address, and what signs and carries requests to it."""

    url: str
    region: str
    http: Any
    credentials: Any
    emitter: Any


def send(operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """Call an operation (`GetItem`, …) and answer its JSON; attribute values stay in DynamoDB's form.

    Raises botocore's `ClientError` for an error the service names, its connection errors when nobody answers.
    """
    from botocore.exceptions import HTTPClientError

    line = _line(aws.endpoint("dynamodb"), settings().region, aws.generation())
    body = json.dumps(request, separators=(",", ":"), ensure_ascii=False).encode()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            status, headers, content = _exchange(line, operation, body)
        except HTTPClientError:
            if attempt == ATTEMPTS:
                raise
        else:
            intact = "x-amz-crc32" not in headers or int(headers["x-amz-crc32"]) == zlib.crc32(content)
            if status < 300 and intact:
                found: dict[str, Any] = json.loads(content)
                return found
            if attempt == ATTEMPTS or (status < _SERVER_FAULT and intact):
                raise _error(operation, status, content)
        time.sleep(random.uniform(0, 0.05 * 2**attempt))  # noqa: S311 (jitter, not a secret)
    raise AssertionError("unreachable")


def _exchange(line: _Line, operation: str, body: bytes) -> tuple[int, Any, bytes]:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest

    headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"{_VERSION}.{operation}"}
    request = AWSRequest("POST", line.url, headers, body)
    SigV4Auth(line.credentials.get_frozen_credentials(), "dynamodb", line.region).add_auth(request)
    prepared = request.prepare()
    _, answer = line.emitter.emit_until_response(f"before-send.dynamodb.{operation}", request=prepared)
    if answer is None:
        answer = line.http.send(prepared)
    return answer.status_code, answer.headers, answer.content


def _error(operation: str, status: int, content: bytes) -> Exception:
    from botocore.exceptions import ClientError

    try:
        body = json.loads(content)
    except ValueError:
        body = {"message": content[:200].decode(errors="replace")}
    code = str(body.pop("__type", "InternalServerError" if status >= _SERVER_FAULT else status)).rpartition("#")[2]
    message = body.pop("message", None) or body.pop("Message", "")
    response: Any = {
        **body,
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, operation)


@cache
def _line(endpoint: str, region: str, generation: int) -> _Line:  # noqa: ARG001 (it is part of the cache's key)
    """`generation` changes when the session is replaced; then the line is made anew."""
    import socket

    from botocore.httpsession import URLLib3Session

    session = aws.session()
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    url = (endpoint or f"https://dynamodb.{region}.{suffix}").rstrip("/") + "/"
    timeout: Any = (2, 10)  # seconds to connect, seconds to read
    # Without this the kernel holds a request's body back until its headers are acknowledged: 40 ms a call.
    at_once: Any = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
    http = URLLib3Session(timeout=timeout, max_pool_connections=50, socket_options=at_once)
    return _Line(url, region, http, session.get_credentials(), session.get_component("event_emitter"))
