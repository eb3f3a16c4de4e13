"""AWS clients of boto3, made once per service and endpoint where they are needed, over one botocore session.

DynamoDB and Secrets Manager, which nearly every request waits for, are spoken to by `quintet.net.wire` instead.
"""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from quintet.net import patience
from quintet.settings import settings

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from botocore.session import Session

CONNECT_SECONDS, READ_SECONDS = 2.0, 10.0
"""What one try of a client's call may wait for a connection and for the next bytes, unless the invocation has less."""

_Key = tuple[str, str, str]

_lock = Lock()
_clients: dict[_Key, BaseClient] = {}
_generation = [0]


def client(service: str) -> Any:
    """The shared client of an AWS service, such as `sqs`.

    One client exists per service, endpoint and region, also when many threads ask at once. The
    endpoint is `AWS_ENDPOINT_URL_<SERVICE>` or `AWS_ENDPOINT_URL` of the settings in force. Credentials
    come from the process, so systems sharing a process share them. Within an invocation its calls raise the 503
    error `busy` when no time is left.
    """
    key = (service, endpoint(service), settings().region)
    found = _clients.get(key)
    if found is not None:
        return found
    with _lock:  # botocore's session is not thread-safe while it creates a client
        found = _clients.get(key)
        if found is None:
            found = _clients[key] = _create(*key)
    return found


def reset() -> None:
    """Forget every client and the session; tests call it when they replace AWS beneath the code."""
    with _lock:
        _clients.clear()
        session.cache_clear()
        _maker.cache_clear()
        _generation[0] += 1


def generation() -> int:
    """How often `reset` was called; what was built on an older session must be built anew."""
    return _generation[0]


def endpoint(service: str) -> str:
    """The configured endpoint URL of a service, empty for AWS's own."""
    specific = f"AWS_ENDPOINT_URL_{service.upper().replace('-', '_')}"
    for name in (specific, "AWS_ENDPOINT_URL"):
        value = settings().get(name)
        if value:
            return value
    return ""


def configured(name: str) -> Any:
    """A setting of botocore's, such as `ca_bundle`, from the environment or the AWS configuration file, or None."""
    return session().get_config_variable(name)


@cache
def session() -> Session:
    """The one botocore session: credentials and event hooks."""
    from botocore.session import get_session

    return get_session()


@cache
def _maker() -> Any:
    """boto3's session over the one of botocore, on which it may be put once only."""
    import boto3.session

    return boto3.session.Session(botocore_session=session())


def _create(service: str, endpoint: str, region: str) -> BaseClient:
    from botocore.config import Config

    config = Config(
        retries={"total_max_attempts": 3, "mode": "standard"},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        max_pool_connections=50,
        tcp_keepalive=True,
        # Signature 2, still botocore's choice for presigned URLs in old regions, is refused by buckets
        # that encrypt with KMS.
        signature_version="s3v4" if service == "s3" else None,
    )
    made: BaseClient = _maker().client(service, region_name=region, endpoint_url=endpoint or None, config=config)
    made.meta.events.register("before-send", _in_time)
    return made


def _in_time(request: Any, **_: Any) -> None:
    """Hold one try of a client to what is left of the invocation. Raises 503 `busy` when that is nothing."""
    left = patience.left(READ_SECONDS)
    if left <= 0:
        raise patience.BUSY()
    if left < READ_SECONDS and isinstance(
        getattr(request, "context", None), dict
    ):  # requests of old botocores have none
        request.context["read_timeout"] = left
