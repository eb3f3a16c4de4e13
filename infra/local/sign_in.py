"""Stand-ins for Google, Kakao and Facebook where people sign in with them, over HTTP on 127.0.0.1: OpenID Connect, or
OAuth 2 and Graph's `/me`. Never deployed.

A browser that is sent there chooses who it is; so does a program, by adding `&account=` to the address it was given:
    account=minji             one of PEOPLE, or any e-mail address: somebody with that address
    verified=false            the provider has not verified the address
    refuse=true               the user refuses
What the providers have not:
    PUT /_faults              what goes wrong from now on (see `SignInFaults`); `{}` nothing
Only addresses of this machine are gone back to.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
import time
from abc import ABC, abstractmethod
from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from infra.local import sign_in_page
from infra.local.faulty import Asked, Faults, FaultyServer, Told

CLIENT_ID, CLIENT_SECRET = "quintet-local", "quintet-local-sign-in"
CODE_SECONDS, TOKEN_SECONDS = 600, 3600
OWN_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
DISCOVERY, AUTHORIZE, TOKEN, KEYS, USERINFO = (
    "/.well-known/openid-configuration", "/oauth/authorize", "/oauth/token", "/.well-known/jwks.json", "/oidc/userinfo"
)  # fmt: skip
DIALOG = "/dialog/oauth"
PAGES = (AUTHORIZE, DIALOG)
HTML = "text/html; charset=utf-8"
_ALGORITHM = "RS256"


@dataclass
class SignInFaults(Faults):
    """What goes wrong with a sign-in beside what may go wrong with any service."""

    refuse: bool = False
    """Nobody consents."""
    nonce: str = "right"
    """`right`, `wrong`, or `missing` in the id_token."""
    expired: bool = False
    """Tokens have expired when they are given out."""
    signature: str = "right"
    """`right`, or `wrong`: the id_token is signed with a key that was never published."""
    unverified: bool = False
    """The provider has verified nobody's address."""


@dataclass(frozen=True)
class Person:
    """Somebody with an account at the provider."""

    subject: str
    name: str
    email: str
    verified: bool = True


PEOPLE = {
    "minji": Person("1001", "Minji Kim", "minji@example.com"),
    "jun": Person("1002", "Jun Park", "jun@example.com", verified=False),
    "nobody": Person("1003", "No Address", ""),
}


@dataclass(frozen=True)
class Grant:
    """What somebody consented to."""

    person: Person
    redirect_uri: str
    code_challenge: str
    nonce: str
    at: float


class SignInServer(FaultyServer, ABC):
    """What the stand-ins of all providers do alike: a page, consent, and codes that are good once.

    `granted` counts the consents, `traded` the codes traded.
    """

    def __init__(self, name: str, port: int = 0) -> None:
        super().__init__(port)
        self.name, self.faults = name, SignInFaults()
        self.granted = self.traded = 0
        self._codes, self._tokens = dict[str, Grant](), dict[str, Grant]()
        self._lock = threading.Lock()

    def answer(self, asked: Asked) -> Told:
        return self.reply(asked, SignInFaults())

    def flawed(self, asked: Asked, fault: Faults, /) -> Told:
        return self.reply(asked, fault if isinstance(fault, SignInFaults) else SignInFaults())

    def _fault(self, asked: Asked) -> Faults | None:
        """The page always comes: what is down is the provider that the system asks, not the one people look at."""
        fault = super()._fault(asked)
        if fault is None or asked.path not in PAGES:
            return fault
        return replace(fault, delay=0.0, status=0, lost=False, cut=-1)

    @abstractmethod
    def reply(self, asked: Asked, faults: SignInFaults) -> Told:
        """What the provider answers."""

    def consent(self, asked: Asked, faults: SignInFaults, back: str = "") -> Told:
        """The page, or the way back for who has chosen; `back` is put behind the address."""
        query = asked.query
        wrong = _wrong(query)
        if wrong:
            return Told(400, sign_in_page.refusal(self.name, wrong), HTML)
        if faults.refuse or query.get("refuse") == "true":
            return _back(query, {"error": "access_denied", "error_description": "The user refused"}, back)
        chosen = query.get("account", "")
        person = PEOPLE.get(chosen) or _addressed(chosen)
        if person is None:
            people = [(key, one.name, one.email or "no address") for key, one in PEOPLE.items()]
            return Told(200, sign_in_page.choice(self.name, asked.path, query, people), HTML)
        unverified = faults.unverified or query.get("verified") == "false"
        person = replace(person, verified=person.verified and not unverified)
        code = secrets.token_urlsafe(24)
        with self._lock:
            self.granted += 1
            self._codes[code] = Grant(person, query["redirect_uri"], query.get("code_challenge", ""),
                                      query.get("nonce", ""), time.time())  # fmt: skip
        return _back(query, {"code": code}, back)

    def trade(self, form: dict[str, str]) -> tuple[str, Grant]:
        """An access token for a code, and what was consented to. Raises ValueError for a code that is not good."""
        with self._lock:
            grant = self._codes.pop(form.get("code", ""), None)
            if grant is None or time.time() - grant.at > CODE_SECONDS:
                raise ValueError("This authorization code has been used or has expired.")
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            kept = urlsafe_b64encode(digest).decode().rstrip("=")
            if form.get("redirect_uri") != grant.redirect_uri or not hmac.compare_digest(kept, grant.code_challenge):
                raise ValueError("The code was not given to this request.")
            token = secrets.token_urlsafe(24)
            self._tokens[token] = grant
            self.traded += 1
        return token, grant

    def holder(self, token: str) -> Grant | None:
        """Whose access token it is."""
        return self._tokens.get(token)


class OpenIdProvider(SignInServer):
    """A provider that speaks OpenID Connect. One that does not tell in its id_token whether an address is verified, as
    Kakao, tells it at its userinfo endpoint alone."""

    def __init__(self, name: str, port: int = 0, *, tells_verified: bool = True) -> None:
        super().__init__(name, port)
        self._tells_verified = tells_verified

    def reply(self, asked: Asked, faults: SignInFaults) -> Told:
        match asked.method, asked.path:
            case "GET", path if path == DISCOVERY:
                return Told(200, self._metadata())
            case "GET", path if path == KEYS:
                return Told(200, {"keys": [self._published]})
            case "GET", path if path == AUTHORIZE:
                return self.consent(asked, faults)
            case "POST", path if path == TOKEN:
                return self._trade(dict(parse_qsl(asked.body.decode())), faults)
            case "GET", path if path == USERINFO:
                return self._userinfo(asked, faults)
        return self.failure(404, "not_found")

    def failure(self, status: int, code: str) -> Told:
        return Told(status, {"error": code or "server_error"})

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": self.url + AUTHORIZE,
            "token_endpoint": self.url + TOKEN,
            "jwks_uri": self.url + KEYS,
            "userinfo_endpoint": self.url + USERINFO,
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [_ALGORITHM],
            "code_challenge_methods_supported": ["S256"],
        }

    def _trade(self, form: dict[str, str], faults: SignInFaults) -> Told:
        if not _proves_itself(form):
            return Told(401, {"error": "invalid_client"})
        try:
            token, grant = self.trade(form)
        except ValueError as error:
            return Told(400, {"error": "invalid_grant", "error_description": str(error)})
        given = {"access_token": token, "token_type": "bearer", "expires_in": TOKEN_SECONDS}
        return Told(200, {**given, "id_token": self._id_token(grant, faults)})

    def _id_token(self, grant: Grant, faults: SignInFaults) -> str:
        import jwt

        now = int(time.time()) - (2 * TOKEN_SECONDS if faults.expired else 0)
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + TOKEN_SECONDS, **self._claims(grant)}
        if not self._tells_verified:
            claims.pop("email_verified", None)
        if faults.nonce != "missing":
            claims["nonce"] = grant.nonce if faults.nonce == "right" else secrets.token_urlsafe(24)
        key = self._key if faults.signature == "right" else _new_key()
        return jwt.encode(claims, key, _ALGORITHM, {"kid": str(self._published["kid"])})

    def _userinfo(self, asked: Asked, faults: SignInFaults) -> Told:
        grant = self.holder(asked.headers.get("authorization", "").removeprefix("Bearer "))
        if grant is None or faults.expired:
            return Told(401, {"error": "invalid_token"})
        return Told(200, self._claims(grant))

    def _claims(self, grant: Grant) -> dict[str, Any]:
        person = grant.person
        first, _, last = person.name.partition(" ")
        named = {"name": person.name, "given_name": first, "family_name": last}
        if not self._tells_verified:
            named = {"nickname": person.name}
        address = {"email": person.email, "email_verified": person.verified} if person.email else {}
        return {"sub": person.subject, **named, **address}

    @cached_property
    def _key(self) -> Any:
        return _new_key()

    @cached_property
    def _published(self) -> dict[str, Any]:
        from jwt.algorithms import RSAAlgorithm

        public = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        return {**public, "kid": secrets.token_hex(8), "use": "sig", "alg": _ALGORITHM}


class Facebook(SignInServer):
    """Facebook's dialog and its Graph API, as far as signing in needs them. It calls no address verified."""

    def __init__(self, port: int = 0) -> None:
        super().__init__("Facebook", port)

    def reply(self, asked: Asked, faults: SignInFaults) -> Told:
        match asked.method, asked.path:
            case "GET", path if path == DIALOG:
                return self.consent(asked, faults, back="#_=_")
            case "GET", "/oauth/access_token":
                return self._trade(asked.query)
            case "POST", "/oauth/access_token":
                return self._trade(dict(parse_qsl(asked.body.decode())))
            case "GET", "/me":
                return self._me(asked, faults)
        return self.failure(404, "not_found")

    def failure(self, status: int, code: str) -> Told:
        return _graph_error(status, int(code) if code.isdecimal() else 2, "An unexpected error has occurred.")

    def _trade(self, form: dict[str, str]) -> Told:
        if not _proves_itself(form):
            return _graph_error(400, 1, "Error validating client secret.")
        try:
            token, _ = self.trade(form)
        except ValueError as error:
            return _graph_error(400, 100, str(error))
        return Told(200, {"access_token": token, "token_type": "bearer", "expires_in": TOKEN_SECONDS})

    def _me(self, asked: Asked, faults: SignInFaults) -> Told:
        token = asked.headers.get("authorization", "").removeprefix("Bearer ") or asked.query.get("access_token", "")
        grant = self.holder(token)
        if grant is None or faults.expired:
            return _graph_error(401, 190, "Error validating access token: Session has expired.")
        proof = hmac.new(CLIENT_SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(proof, asked.query.get("appsecret_proof", "")):
            return _graph_error(400, 100, "Invalid appsecret_proof provided in the API argument")
        person = grant.person
        told = {"id": person.subject, "name": person.name, "email": person.email}
        wanted = asked.query.get("fields", "id,name").split(",")
        return Told(200, {name: value for name, value in told.items() if value and name in {"id", *wanted}})


def _proves_itself(form: dict[str, str]) -> bool:
    return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)


def _graph_error(status: int, code: int, message: str) -> Told:
    told = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": secrets.token_hex(6)}
    return Told(status, {"error": {**told, "is_transient": True} if code == 2 else told})


def _wrong(query: dict[str, str]) -> str:
    """What is wrong with a request for consent, in a sentence; nothing is sent back to an address that is not known."""
    if query.get("client_id") != CLIENT_ID:
        return "The client_id is not known here."
    if not _of_this_machine(query.get("redirect_uri", "")):
        return "The redirect_uri is none of this machine."
    if query.get("response_type") != "code" or query.get("code_challenge_method") != "S256":
        return "The request is for no code with a challenge of method S256."
    return ""


def _of_this_machine(url: str) -> bool:
    try:
        parts = urlsplit(url)
        if not (url.isascii() and url.isprintable()):
            return False
        return parts.scheme in ("http", "https") and parts.hostname in OWN_HOSTS and not parts.fragment
    except ValueError:
        return False


def _addressed(email: str) -> Person | None:
    """Somebody with this address, the same each time."""
    name, at, host = email.partition("@")
    if not (name and at and host):
        return None
    known = next((one for one in PEOPLE.values() if one.email == email), None)
    return known or Person(str(int(hashlib.sha256(email.encode()).hexdigest()[:12], 16)), name, email)


def _back(query: dict[str, str], told: dict[str, str], behind: str) -> Told:
    """The way back to the system, with its state."""
    url = query["redirect_uri"]
    told = {**told, **({"state": query["state"]} if "state" in query else {})}
    location = f"{url}{'&' if '?' in url else '?'}{urlencode(told)}{behind}"
    return Told(302, b"", "text/plain", headers={"Location": location})


def _new_key() -> Any:
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

    return generate_private_key(public_exponent=65537, key_size=2048)
