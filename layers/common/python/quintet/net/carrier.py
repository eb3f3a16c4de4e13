"""Requests to AWS over kept connections, under the time a call has, through the proxy and with the certificates that
botocore is configured with (`HTTPS_PROXY`, `NO_PROXY`, `AWS_CA_BUNDLE`).

Unlike botocore's own HTTP session it takes its timeouts from each request, and an answer that ends too early is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from quintet.net import aws
from quintet.net.patience import FAILED, TIMED_OUT, Cause, Patience

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, HTTPConnectionPool

CONNECT_SECONDS, READ_SECONDS = 2.0, 5.0
"""What one try may wait for a connection, and for the next bytes of an answer. Less than a call may take in all: a
connection that died while the function was frozen leaves time for a second try on another."""
_CONNECTIONS = 50
_CHUNK = 1 << 18


class Lost(Exception):
    """No answer that can be trusted came. `sent` tells whether the request may have arrived all the same."""

    def __init__(self, error: Exception, cause: Cause = FAILED, *, sent: bool = True) -> None:
        super().__init__(type(error).__name__)
        self.cause = cause
        self.sent = sent


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, read whole."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Carrier:
    """The connections to one endpoint; shared by threads."""

    def __init__(self, endpoint: str) -> None:
        from botocore.httpsession import ProxyConfiguration
        from botocore.utils import get_environ_proxies

        proxies = ProxyConfiguration(get_environ_proxies(endpoint))
        proxy: Any = proxies.proxy_url_for(endpoint)  # None where there is none, whatever its type says
        given: dict[str, str] = proxies.proxy_headers_for(proxy) if proxy else {}
        # A proxy carries https through a tunnel; plain http it is asked for by the whole address.
        plain = proxy is not None and endpoint.startswith("http:")
        self._headers = given if plain else {}
        self._target = endpoint if plain else urlsplit(endpoint).path or "/"
        self._pool = _pool(endpoint, proxy, given)

    def post(self, headers: Mapping[str, Any], body: bytes, waiting: Patience) -> Answer:
        """Post `body` once and read the answer to its end, within what is left of a call's time. Raises Lost."""
        from urllib3 import Timeout

        left = max(waiting.left(), 0.001)
        timeout = Timeout(connect=min(CONNECT_SECONDS, left), read=min(READ_SECONDS, left))
        try:
            reply = self._pool.urlopen(
                "POST",
                self._target,
                body=body,
                headers={**headers, **self._headers},
                timeout=timeout,
                retries=False,
                redirect=False,
                assert_same_host=False,
                preload_content=False,
            )
            return Answer(reply.status, reply.headers, _read(reply, waiting))
        except Exception as error:
            lost = _lost(error)
            if lost is None:
                raise
            raise lost from error


def _lost(error: Exception) -> Lost | None:
    """What a failure of HTTP means; None for one of another kind, which is a fault of ours."""
    from http.client import HTTPException

    from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError

    if isinstance(error, NewConnectionError):  # refused, or a name that is none: to urllib3 a kind of the next
        return Lost(error, FAILED, sent=False)
    if isinstance(error, ConnectTimeoutError):
        return Lost(error, TIMED_OUT, sent=False)
    if isinstance(error, ReadTimeoutError | TimeoutError):
        return Lost(error, TIMED_OUT)
    return Lost(error) if isinstance(error, HTTPError | HTTPException | OSError) else None


def _read(reply: BaseHTTPResponse, waiting: Patience) -> bytes:
    """The whole body. A timeout of the socket bounds each read and not their sum, so the clock is asked between."""
    chunks = []
    while chunk := reply.read1(_CHUNK):
        chunks.append(chunk)
        if waiting.left() <= 0:
            reply.close()
            raise TimeoutError("the time allowed ran out")
    reply.release_conn()
    return b"".join(chunks)


def _pool(endpoint: str, proxy: str | None, proxy_headers: dict[str, str]) -> HTTPConnectionPool:
    import socket

    import urllib3

    options: dict[str, Any] = {
        "maxsize": _CONNECTIONS,
        # Without this the kernel holds a request's body back until its headers are acknowledged: 40 ms a call.
        "socket_options": [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
    }
    if endpoint.startswith("https:"):
        options |= _trust()
    if proxy is None:
        return urllib3.PoolManager(**options).connection_from_url(endpoint)
    return urllib3.ProxyManager(proxy, proxy_headers=proxy_headers, **options).connection_from_url(endpoint)


def _trust() -> dict[str, Any]:
    """Whom TLS trusts: the configured bundle of certificates, else botocore's own; read when first connecting."""
    import os

    from botocore.httpsession import create_urllib3_context, get_cert_path

    bundle: Any = aws.configured("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE") or True
    return {"ssl_context": create_urllib3_context(), "ca_certs": get_cert_path(bundle)}
