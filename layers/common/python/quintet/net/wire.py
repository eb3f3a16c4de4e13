"""AWS's JSON protocols over HTTPS, signed by botocore, for the two services that nearly every request waits for.

What lies between an operation and its table and its secret is paid for by every cold start, so this path is ours:
botocore gives credentials, Signature Version 4 and its `before-send` event (where moto and other tools step in); its
clients, with their service models, endpoint rules and shape-by-shape parsing of answers, are left out. What that is
worth is in `docs/decisions/0002`.

Protocols: AWS JSON 1.0 and 1.1 (`X-Amz-Target`).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from quintet.errors import ApiError
from quintet.net import aws, endpoints, patience
from quintet.net.carrier import Answer, Carrier, Lost
from quintet.net.patience import BUSY, FAILED, THROTTLED, TIMED_OUT, Patience
from quintet.settings import settings

_SERVER_FAULT = 500
THROTTLES = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""Errors by which a service asks for fewer requests; nothing was done."""


@dataclass(frozen=True, slots=True)
class Service:
    """How a service is spoken to: its name in botocore, its name in signatures, and its protocol."""

    name: str
    signing: str
    media_type: str
    target: str
    """What stands before the operation in `X-Amz-Target`."""


DYNAMODB = Service("dynamodb", "dynamodb", "application/x-amz-json-1.0", "DynamoDB_20120810")
SECRETS_MANAGER = Service("secretsmanager", "secretsmanager", "application/x-amz-json-1.1", "secretsmanager")


class NoAnswer(ApiError):
    """The time or the repeats of a call were used up without an answer: 503 `busy` unless somebody knows better.

    `sent` tells whether the request may have arrived, and so may have been carried out.
    """

    def __init__(self, operation: str, *, sent: bool) -> None:
        super().__init__(BUSY.status, BUSY.code, BUSY.message, headers=BUSY.headers)
        self.operation = operation
        self.sent = sent


@dataclass(frozen=True, slots=True)
class _Line:
    """One endpoint: its address, and what signs and carries requests to it."""

    url: str
    region: str
    carrier: Carrier
    credentials: Any
    emitter: Any


def send(
    service: Service, operation: str, request: Mapping[str, Any], waiting: Patience | None = None
) -> dict[str, Any]:
    """Call an operation (`GetItem`, …) and answer its JSON as the service words it.

    The same bytes are sent again when an answer is lost (no connection, a broken or late one, a truncated body, an
    error of the service's own) or the service asks for fewer requests, as long as `waiting` allows: the patience of a
    caller that itself repeats, else one of its own. So a request that must not be done twice has to say so in itself.
    Raises `NoAnswer` when patience ends first, botocore's `ClientError` for an error the service names, and
    `NoCredentialsError` without credentials.
    """
    waiting = waiting or patience.start(service.name)
    line = _line(service, aws.endpoint(service.name), settings().region, aws.generation())
    body = json.dumps(request, separators=(",", ":"), ensure_ascii=False).encode()
    sent = False
    while waiting.left() > 0:
        try:
            found = _understood(operation, _exchange(service, line, operation, body, waiting))
        except Lost as lost:
            sent = sent or lost.sent
            if not waiting.again(lost.cause):
                raise NoAnswer(operation, sent=sent) from lost
        else:
            if isinstance(found, dict):
                waiting.succeeded()
                return found
            if found.response["Error"]["Code"] not in THROTTLES or not waiting.again(THROTTLED):
                raise found
    raise NoAnswer(operation, sent=sent)


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


def _exchange(service: Service, line: _Line, operation: str, body: bytes, waiting: Patience) -> Answer:
    """Sign and send once: to the endpoint, or to whoever answers in its place at `before-send`. Raises Lost."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.exceptions import ConnectionError as BrokenConnectionError
    from botocore.exceptions import ConnectTimeoutError, HTTPClientError, NoCredentialsError, ReadTimeoutError

    if line.credentials is None:
        raise NoCredentialsError
    headers = {"Content-Type": service.media_type, "X-Amz-Target": f"{service.target}.{operation}"}
    request = AWSRequest("POST", line.url, headers, body)
    # Signed anew for every try: a signature is good for minutes only, and credentials may have been renewed.
    SigV4Auth(line.credentials.get_frozen_credentials(), service.signing, line.region).add_auth(request)
    prepared = request.prepare()
    try:
        _, answer = line.emitter.emit_until_response(f"before-send.{service.name}.{operation}", request=prepared)
    except (HTTPClientError, BrokenConnectionError) as error:
        late = isinstance(error, ConnectTimeoutError | ReadTimeoutError)
        raise Lost(error, TIMED_OUT if late else FAILED) from error
    if answer is not None:
        return Answer(answer.status_code, answer.headers, answer.content)
    return line.carrier.post(dict(prepared.headers.items()), body, waiting)


def _understood(operation: str, answer: Answer) -> Any:
    """The JSON object of a success, or the ClientError of a refusal. Raises Lost for what cannot be trusted."""
    checksum = answer.headers.get("x-amz-crc32")
    if checksum is not None and checksum != str(zlib.crc32(answer.content)):
        raise Lost(ValueError("the checksum is another"))
    if answer.status >= _SERVER_FAULT:
        raise Lost(_error(operation, answer))
    if answer.status >= 300:
        return _error(operation, answer)
    try:
        found = json.loads(answer.content)
    except ValueError as error:
        raise Lost(error) from error
    if not isinstance(found, dict):
        raise Lost(TypeError("an answer is an object"))
    return found


def _error(operation: str, answer: Answer) -> Exception:
    from botocore.exceptions import ClientError

    try:
        body = dict(json.loads(answer.content))
    except (TypeError, ValueError):
        body = {"message": answer.content[:200].decode(errors="replace")}
    named = body.pop("__type", None) or answer.headers.get("x-amzn-errortype", "").partition(":")[0]
    code = str(named or answer.status).rpartition("#")[2]
    message = body.pop("message", None) or body.pop("Message", "")
    response: Any = {
        **body,
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": answer.status},
    }
    return ClientError(response, operation)


@cache
def _line(service: Service, endpoint: str, region: str, generation: int) -> _Line:  # noqa: ARG001 (parts of the key)
    """`endpoint` is what is configured; `generation` changes when the session is replaced: the line is made anew."""
    session = aws.session()
    url = endpoints.url(service.name, region)
    return _Line(
        url + "/", region, Carrier(url + "/"), session.get_credentials(), session.get_component("event_emitter")
    )
