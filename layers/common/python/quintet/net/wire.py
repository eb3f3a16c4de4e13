"""AWS's JSON protocols over HTTPS, signed by botocore, for the services that requests wait for.

What lies between an operation and its table, its secret and the e-mail it sends is paid for by every cold start, so
this path is ours: botocore gives credentials, Signature Version 4, the connection pool and its `before-send` event
(where moto and other tools step in); its clients, with their service models, endpoint rules and shape-by-shape
parsing of answers, are left out. `docs/benchmarks.md` has what that is worth at a cold start and per call.

Protocols: AWS JSON 1.0 and 1.1 (`X-Amz-Target`), and REST JSON with everything in the body.
"""

from __future__ import annotations

import json
import random
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from quintet.net import aws
from quintet.settings import settings

ATTEMPTS = 3
"""Tries of one request when the connection or the service fails; contention is the caller's to retry."""
_SERVER_FAULT = 500


@dataclass(frozen=True, slots=True)
class Service:
    """How a service is spoken to: its name in botocore, in host names and in signatures, and its protocol."""

    name: str
    host: str
    signing: str
    media_type: str
    target: str = ""
    """What stands before the operation in `X-Amz-Target`; nothing for REST."""


DYNAMODB = Service("dynamodb", "dynamodb", "dynamodb", "application/x-amz-json-1.0", "DynamoDB_20120810")
SECRETS_MANAGER = Service(
    "secretsmanager", "secretsmanager", "secretsmanager", "application/x-amz-json-1.1", "secretsmanager"
)
SES = Service("sesv2", "email", "ses", "application/json")


@dataclass(frozen=True, slots=True)
class _Line:
    """One endpoint: its address, and what signs and carries requests to it."""

    url: str
    region: str
    http: Any
    credentials: Any
    emitter: Any


def send(service: Service, operation: str, request: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Call an operation (`GetItem`, …) and answer its JSON as the service words it.

    `path` is where a REST operation is posted to. Raises botocore's `ClientError` for an error the service names,
    its connection errors when nobody answers, and `NoCredentialsError` without credentials.
    """
    from botocore.exceptions import HTTPClientError

    line = _line(service, aws.endpoint(service.name), settings().region, aws.generation())
    body = json.dumps(request, separators=(",", ":"), ensure_ascii=False).encode()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            status, headers, content = _exchange(service, line, operation, path, body)
        except HTTPClientError:
            if attempt == ATTEMPTS:
                raise
        else:
            intact = "x-amz-crc32" not in headers or int(headers["x-amz-crc32"]) == zlib.crc32(content)
            if status < 300 and intact:
                found: dict[str, Any] = json.loads(content)
                return found
            if attempt == ATTEMPTS or (status < _SERVER_FAULT and intact):
                raise _error(operation, status, headers, content)
        time.sleep(random.uniform(0, 0.05 * 2**attempt))  # noqa: S311 (jitter, not a secret)
    raise AssertionError("unreachable")


def signed(
    method: str, url: str, headers: Mapping[str, str], body: bytes, *, signing: str, region: str
) -> dict[str, str]:
    """`headers` with Signature Version 4 among them, for a caller that sends the request itself.

    `signing` is the service's name in signatures. Raises botocore's `NoCredentialsError` without credentials.
    """
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.exceptions import NoCredentialsError

    credentials = aws.session().get_credentials()
    if credentials is None:
        raise NoCredentialsError
    request = AWSRequest(method, url, dict(headers), body)
    SigV4Auth(credentials.get_frozen_credentials(), signing, region).add_auth(request)
    return dict(request.headers.items())


def _exchange(service: Service, line: _Line, operation: str, path: str, body: bytes) -> tuple[int, Any, bytes]:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.exceptions import NoCredentialsError

    if line.credentials is None:
        raise NoCredentialsError
    headers = {"Content-Type": service.media_type}
    if service.target:
        headers["X-Amz-Target"] = f"{service.target}.{operation}"
    request = AWSRequest("POST", line.url + path, headers, body)
    SigV4Auth(line.credentials.get_frozen_credentials(), service.signing, line.region).add_auth(request)
    prepared = request.prepare()
    _, answer = line.emitter.emit_until_response(f"before-send.{service.name}.{operation}", request=prepared)
    if answer is None:
        answer = line.http.send(prepared)
    return answer.status_code, answer.headers, answer.content


def _error(operation: str, status: int, headers: Mapping[str, str], content: bytes) -> Exception:
    from botocore.exceptions import ClientError

    try:
        body = json.loads(content)
    except ValueError:
        body = {"message": content[:200].decode(errors="replace")}
    named = body.pop("__type", None) or headers.get("x-amzn-errortype", "").partition(":")[0]
    code = str(named or ("InternalServerError" if status >= _SERVER_FAULT else status)).rpartition("#")[2]
    message = body.pop("message", None) or body.pop("Message", "")
    response: Any = {
        **body,
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, operation)


@cache
def _line(service: Service, endpoint: str, region: str, generation: int) -> _Line:  # noqa: ARG001 (part of the key)
    """`generation` changes when the session is replaced; then the line is made anew."""
    import socket

    from botocore.httpsession import URLLib3Session

    session = aws.session()
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    url = (endpoint or f"https://{service.host}.{region}.{suffix}").rstrip("/") + "/"
    timeout: Any = (2, 10)  # seconds to connect, seconds to read
    # Without this the kernel holds a request's body back until its headers are acknowledged: 40 ms a call.
    at_once: Any = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
    http = URLLib3Session(timeout=timeout, max_pool_connections=50, socket_options=at_once)
    return _Line(url, region, http, session.get_credentials(), session.get_component("event_emitter"))
