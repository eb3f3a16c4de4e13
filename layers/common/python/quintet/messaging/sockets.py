"""Sends to open WebSocket connections through API Gateway's management API.

The role needs the capability `sockets`. In AWS the stack names the API's own endpoint
(`AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI`); on the laptop it is the local gateway.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import Any

from pydantic import BaseModel, ConfigDict

from quintet import log
from quintet.messaging import connections
from quintet.messaging.connections import Subscription
from quintet.models.time import epoch
from quintet.net import aws
from quintet.providers.errors import NotConfigured, ProviderError, aws_errors
from quintet.store import Store

LARGEST = 128 * 1024
"""Bytes of a message (quotas for WebSocket APIs). API Gateway sends more than FRAME in several frames itself."""
FRAME = 32 * 1024
"""Bytes of one frame, either way."""
AT_ONCE = 16
"""Listeners of a topic that are sent to at the same time."""
OPENING = 30
"""Seconds a connection may take to open, $connect's 29 included. Until then 410 may mean that it is not yet open."""

_SERVICE = "API Gateway"
_ENDPOINT = "apigatewaymanagementapi"
_connecting: ContextVar[str] = ContextVar("connecting", default="")


class Published(BaseModel):
    """What became of one message to a topic, in connections."""

    model_config = ConfigDict(defer_build=True)

    delivered: int = 0
    gone: int = 0
    failed: int = 0


@contextmanager
def connecting(connection: str) -> Iterator[None]:
    """Within the block the connection is being opened, and takes nothing."""
    token = _connecting.set(connection)
    try:
        yield
    finally:
        _connecting.reset(token)


def post(store: Store, connection: str, message: BaseModel | str | bytes, *, since: int | None = None) -> bool:
    """Send one message to one connection; False when the connection is gone, which is then forgotten.

    `since` is when it was made, where the caller knows it (it spares a read for a connection that is gone). Raises
    ValueError for a message of no or more than 128 KB, RuntimeError within the connection's own `$connect` (API Gateway
    takes nothing before that has returned), NotConfigured, Rejected, Throttled or Unavailable.
    """
    data = _data(message)
    if connection == _connecting.get():
        raise RuntimeError("nothing can be sent to a connection before its $connect has returned")
    client = _client()
    try:
        with aws_errors(_SERVICE):
            client.post_to_connection(ConnectionId=connection, Data=data)
    except ProviderError as error:
        if _status(error) != 410:
            raise
        _gone(store, connection, since)
        return False
    return True


def publish(store: Store, topic: str, message: BaseModel | str | bytes, *, but: str = "") -> Published:
    """Send one message to every connection that listens to a topic, except `but`. One Query and a call for each.

    What fails for one connection is logged and counted, and hinders no other. Raises ValueError as `post` does.
    """
    data, done = _data(message), Published()
    heard = [found for found in connections.listeners(store, topic) if found.connection != but]
    with ThreadPoolExecutor(min(AT_ONCE, len(heard)) or 1, thread_name_prefix="publish") as pool:
        tasks = [pool.submit(copy_context().run, _delivered, store, found, data) for found in heard]
        for task in tasks:
            outcome = task.result()
            setattr(done, outcome, getattr(done, outcome) + 1)
    return done


def close(connection: str) -> None:
    """End a connection; one that is gone already is no error. Its `$disconnect` follows."""
    try:
        with aws_errors(_SERVICE):
            _client().delete_connection(ConnectionId=connection)
    except ProviderError as error:
        if _status(error) != 410:
            raise


def _delivered(store: Store, found: Subscription, data: bytes) -> str:
    try:
        return "delivered" if post(store, found.connection, data, since=found.since) else "gone"
    except Exception as error:
        log.logger().warning("message not delivered", exc_info=error, extra={"connection_id": found.connection})
        return "failed"


def _gone(store: Store, connection: str, since: int | None) -> None:
    """Forget a connection that answers 410, unless it may be one that is only being opened."""
    if since is None:
        found = connections.find(store, connection)
        since = found.connected_at if found else 0
    if epoch() - since > OPENING:
        connections.forget(store, connection)


def _data(message: BaseModel | str | bytes) -> bytes:
    if isinstance(message, BaseModel):
        message = message.model_dump_json(by_alias=True)
    data = message.encode() if isinstance(message, str) else message
    if not 1 <= len(data) <= LARGEST:
        raise ValueError(f"a message has 1 to {LARGEST} bytes")
    return data


def _client() -> Any:
    if not aws.endpoint(_ENDPOINT):
        raise NotConfigured(_SERVICE, "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI")
    return aws.client(_ENDPOINT)


def _status(error: BaseException) -> int:
    response = getattr(error.__cause__, "response", None) or {}
    return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
