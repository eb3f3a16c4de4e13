"""AWS clients, made once per service and endpoint from one botocore session.

Only botocore is used: `boto3` adds s3transfer and resource models to every cold start.
"""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from quintet.settings import settings

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from botocore.session import Session

_Key = tuple[str, str, str]

_lock = Lock()
_clients: dict[_Key, BaseClient] = {}
_generation = [0]


def client(service: str) -> Any:
    """The shared client of an AWS service, such as `dynamodb`.

    One client exists per service, endpoint and region, also when many threads ask at once. The
    endpoint is `AWS_ENDPOINT_URL_<SERVICE>` or `AWS_ENDPOINT_URL` of the settings in force. Credentials
    come from the process, so systems sharing a process share them.
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


@cache
def session() -> Session:
    """The one botocore session: credentials and event hooks."""
    from botocore.session import get_session

    return get_session()


def _create(service: str, endpoint: str, region: str) -> BaseClient:
    from botocore.config import Config

    config = Config(
        retries={"total_max_attempts": 3, "mode": "standard"},
        connect_timeout=2,
        read_timeout=10,
        max_pool_connections=50,
        tcp_keepalive=True,
        # The store builds its own requests from typed values; DynamoDB refuses a bad one anyway.
        parameter_validation=service != "dynamodb",
        # Signature 2, still botocore's choice for presigned URLs in old regions, is refused by buckets
        # that encrypt with KMS.
        signature_version="s3v4" if service == "s3" else None,
    )
    return session().create_client(service, region_name=region, endpoint_url=endpoint or None, config=config)
