"""An OpenID Connect provider on this machine, and a user's browser that consents there.

The provider is `oidc-provider-mock` over real HTTP on a free loopback port. It does not know PKCE, so the wrapper here
keeps it: a code is traded only for the verifier of its challenge (RFC 7636). Tests can replace what it answers.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt

CLIENT_ID, CLIENT_SECRET = "shop-client", "shop-client-secret"
REDIRECT = "https://shop.example/callback"

Answer = tuple[str, dict[str, Any]]
Replace = Callable[[dict[str, Any]], Answer]


@dataclass
class OpenIdProvider:
    """The running provider. `replaced` maps a path to a change of its JSON answer: `(status line, body)`."""

    issuer: str = ""
    replaced: dict[str, Replace] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    _app: Any = None
    _challenges: dict[str, str] = field(default_factory=dict)

    def consent(self, url: str, subject: str = "google-1", **claims: Any) -> dict[str, str]:
        """Consent as a user with these claims; answers the query that the browser is sent back with."""
        from quintet.net import outbound

        made = outbound.request("PUT", f"{self.issuer}/users/{subject}", json=claims)
        assert made.ok, made
        form = {"content-type": "application/x-www-form-urlencoded"}
        answer = outbound.request("POST", url, headers=form, body=urlencode({"sub": subject}).encode())
        assert answer.status == 302, answer
        query = parse_qs(urlsplit(answer.headers["location"]).query)
        asked = parse_qs(urlsplit(url).query)
        self._challenges[query["code"][0]] = asked["code_challenge"][0]
        return {name: values[0] for name, values in query.items()}

    def forge(self, *, kid: str | None = None, publish: bool = True, **changes: Any) -> None:
        """From now on sign id_tokens with another key, claims changed (None leaves one out).

        The key is published, unless told otherwise, under a new id or `kid`.
        """
        from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

        key = generate_private_key(public_exponent=65537, key_size=2048)
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))

        def token(answer: dict[str, Any]) -> Answer:
            old = answer["id_token"]
            claims = {**jwt.decode(old, options={"verify_signature": False}), **changes}
            claims = {name: value for name, value in claims.items() if value is not None}
            named = kid or "forged"
            signed = jwt.encode(claims, key, "RS256", {"kid": named})
            if publish:
                jwk = {**public, "kid": named, "use": "sig", "alg": "RS256"}
                self.replaced["/jwks"] = lambda found: ("200 OK", {"keys": [*found["keys"], jwk]})
            return "200 OK", {**answer, "id_token": signed}

        self.replaced["/oauth2/token"] = token

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        self.asked.append(path)
        if path == "/oauth2/token" and not self._keeps_pkce(environ):
            return _json(start, "400 Bad Request", {"error": "invalid_grant"})
        replace = self.replaced.get(path)
        if replace is None:
            return self._app(environ, start)  # type: ignore[no-any-return]
        content = b"".join(self._app(environ, lambda *_: None))
        return _json(start, *replace(json.loads(content or b"{}")))

    def _keeps_pkce(self, environ: dict[str, Any]) -> bool:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        form = parse_qs(body.decode())
        digest = hashlib.sha256(form.get("code_verifier", [""])[0].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        client = (form.get("client_id", [""])[0], form.get("client_secret", [""])[0], form["redirect_uri"][0])
        known = client == (CLIENT_ID, CLIENT_SECRET, REDIRECT)
        return known and self._challenges.get(form["code"][0]) == challenge


def _json(start: Callable[..., Any], status: str, body: dict[str, Any]) -> list[bytes]:
    content = json.dumps(body).encode()
    start(status, [("Content-Type", "application/json"), ("Content-Length", str(len(content)))])
    return [content]


@contextmanager
def open_id_provider() -> Iterator[OpenIdProvider]:
    """A provider that runs inside the block."""
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # loopback needs no TLS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from oidc_provider_mock import app  # type: ignore[import-untyped]
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log(self, type: str, message: str, *args: Any) -> None:
            pass

    provider = OpenIdProvider(_app=app(require_nonce=True).wsgi_app)
    server = make_server("127.0.0.1", 0, provider, threaded=True, request_handler=Quiet)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join(timeout=5)
        server.server_close()
