"""Access tokens: what this system signed, and nothing else."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quintet.auth.tokens import ExpiredToken, InvalidToken, issue, verify
from quintet.keys import keyring
from quintet.keys.keyring import SystemSecret
from quintet.models.time import FrozenClock, frozen, now
from quintet.settings import use

OLD, NEW, CURSOR = b"o" * 32, b"n" * 32, b"c" * 32
START = datetime(2025, 1, 18, 10, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


class Vault:
    """Stands in for Secrets Manager: what it holds, and how often it was asked."""

    def __init__(self) -> None:
        self.reads = 0
        self.hold({"k1": OLD}, "k1")

    def hold(self, keys: dict[str, bytes], current: str) -> None:
        encoded = {kid: base64.b64encode(key).decode() for kid, key in keys.items()}
        self.text = json.dumps({"jwt_keys": encoded, "jwt_current": current, "cursor_key": "c" * 32})

    def fetch(self, name: str) -> tuple[str, int | None]:
        self.reads += 1
        return self.text, None


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vault]:
    held = Vault()
    monkeypatch.setattr(keyring, "_fetch", held.fetch)
    keyring.reset()
    with use({"QUINTET_SYSTEM": "storefront", "QUINTET_SECRET": "storefront"}):
        yield held
    keyring.reset()


@pytest.fixture
def clock() -> Iterator[FrozenClock]:
    with frozen(START) as stopped:
        yield stopped


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def forge(header: Any, payload: Any, key: bytes | None = OLD, digest: str = "sha256") -> str:
    """A token made by hand, so that nothing keeps it from being wrong."""
    parts = [b64(json.dumps(part).encode()) for part in (header, payload)]
    signed = ".".join(parts)
    return f"{signed}.{b64(hmac.digest(key, signed.encode(), digest)) if key is not None else ''}"


def claims(**changes: Any) -> dict[str, Any]:
    """Good claims of a quarter of an hour, with changes; None takes a claim away."""
    at = int(now().timestamp())
    good = {"iss": "quintet", "aud": "storefront", "sub": "u1", "iat": at, "exp": at + 900, "jti": "t1"}
    return {name: value for name, value in (good | changes).items() if value is not None}


HEADER = {"alg": "HS256", "typ": "JWT", "kid": "k1"}


@pytest.mark.usefixtures("vault", "clock")
def test_what_was_issued_verifies_until_it_expires() -> None:
    token, expires_at = issue("u1", {"roles": ["user"]}, QUARTER)
    told = verify(token)
    assert expires_at == START + QUARTER == told.expires_at
    assert (told.subject, told.issued_at, dict(told.values)) == ("u1", START, {"roles": ["user"]})
    assert told.get("roles") == ["user"]
    assert told.get("nothing") is None
    assert jwt.get_unverified_header(token) == HEADER


@pytest.mark.usefixtures("vault")
def test_a_token_expires_ten_seconds_late_to_forgive_clocks(clock: FrozenClock) -> None:
    token, _ = issue("u1", {}, QUARTER)
    clock.advance(minutes=15, seconds=9)
    assert verify(token).subject == "u1"
    clock.advance(seconds=1)
    with pytest.raises(ExpiredToken):
        verify(token)


@pytest.mark.usefixtures("vault", "clock")
def test_every_token_has_an_id_of_its_own() -> None:
    assert verify(issue("u1", {}, QUARTER)[0]).id != verify(issue("u1", {}, QUARTER)[0]).id


@pytest.mark.usefixtures("vault", "clock")
def test_a_token_of_one_system_is_worthless_in_another() -> None:
    token, _ = issue("u1", {}, QUARTER)
    with use({"QUINTET_SYSTEM": "stoory"}), pytest.raises(InvalidToken):
        verify(token)


@pytest.mark.usefixtures("vault", "clock")
def test_no_token_is_made_for_no_system() -> None:
    with use({"QUINTET_SYSTEM": ""}):
        # `use` keeps what is not given; an empty name is what an unset parameter becomes.
        with pytest.raises(LookupError, match="QUINTET_SYSTEM"):
            issue("u1", {}, QUARTER)
        with pytest.raises(LookupError, match="QUINTET_SYSTEM"):
            verify(forge(HEADER, claims(aud="")))


@pytest.mark.usefixtures("vault")
@pytest.mark.parametrize("name", ["iss", "aud", "sub", "exp", "iat", "nbf", "jti"])
def test_registered_claims_cannot_be_passed_in(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        issue("u1", {name: "mine"}, QUARTER)


@pytest.mark.usefixtures("vault", "clock")
def test_the_forger_makes_good_tokens_when_nothing_is_changed() -> None:
    assert verify(forge(HEADER, claims())).subject == "u1"


def bad_tokens() -> Iterator[tuple[str, str]]:
    """Every attack with its name."""
    with frozen(START):
        for name in ("iss", "aud", "sub", "exp", "iat", "jti"):
            yield f"without {name}", forge(HEADER, claims(**{name: None}))
        yield "other issuer", forge(HEADER, claims(iss="evil"))
        yield "other audience", forge(HEADER, claims(aud="stoory"))
        yield "no audience of several", forge(HEADER, claims(aud=["stoory", "caidence"]))
        yield "numeric subject", forge(HEADER, claims(sub=1))
        yield "empty subject", forge(HEADER, claims(sub=""))
        yield "numeric id", forge(HEADER, claims(jti=1))
        yield "from the future", forge(HEADER, claims(iat=int(START.timestamp()) + 11))
        yield "not yet", forge(HEADER, claims(nbf=int(START.timestamp()) + 11))
        times: list[Any] = ["9999999999", True, 1e300, -1, 2**63, None, [], {}]
        for time in times:
            yield f"exp {time!r}", forge(HEADER, {**claims(), "exp": time})
            yield f"iat {time!r}", forge(HEADER, {**claims(), "iat": time})
            yield f"nbf {time!r}", forge(HEADER, {**claims(), "nbf": time})
        for alg in ("none", "None", "NONE", "nOnE", "", "HS384", "HS512", "RS256", "ES256", None, 1):
            header = {**HEADER, "alg": alg}
            yield f"alg {alg!r} unsigned", forge(header, claims(), key=None)
            yield f"alg {alg!r} signed", forge(header, claims())
            yield f"alg {alg!r} empty key", forge(header, claims(), key=b"")
        yield "HS512 with the right key", forge({**HEADER, "alg": "HS512"}, claims(), digest="sha512")
        yield "wrong key", forge(HEADER, claims(), key=b"x" * 32)
        yield "empty key", forge(HEADER, claims(), key=b"")
        kids: list[Any] = [None, "", 1, [], "k2", "../../dev/null", "k1'--", "k1\x00", "K1"]
        for kid in kids:
            yield f"kid {kid!r}", forge({**HEADER, "kid": kid}, claims())
        yield "no kid", forge({"alg": "HS256"}, claims())
        inline = {"kty": "oct", "k": b64(b"x" * 32)}
        yield "key in the header", forge({**HEADER, "jwk": inline}, claims(), key=b"x" * 32)
        yield "key by URL", forge({**HEADER, "jku": "https://evil.test/jwks"}, claims(), key=b"x" * 32)
        yield "critical extension", forge({**HEADER, "crit": ["exp"]}, claims())
        yield "unencoded payload", forge({**HEADER, "b64": False, "crit": ["b64"]}, claims())
        shapes: list[Any] = [[], "text", 1, None]
        for payload in shapes:
            yield f"payload {payload!r}", forge(HEADER, payload)
            yield f"header {payload!r}", forge(payload, claims())
        good = forge(HEADER, claims())
        head, body, signature = good.split(".")
        yield "no signature", f"{head}.{body}."
        yield "two parts", f"{head}.{body}"
        yield "four parts", f"{good}.{signature}"
        yield "other claims, old signature", f"{head}.{b64(json.dumps(claims(sub='admin')).encode())}.{signature}"
        yield "leading space", f" {good}"
        yield "too long", forge(HEADER, claims(pad="x" * 4096))
        for junk in ("", ".", "..", "...", "a.b.c", "ü.ü.ü", "\x00", "eyJ", "e30.e30.e30", "{}"):
            yield f"junk {junk!r}", junk


@pytest.mark.usefixtures("vault", "clock")
@pytest.mark.parametrize("token", [pytest.param(token, id=name) for name, token in bad_tokens()])
def test_a_forged_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidToken):
        verify(token)


@pytest.mark.usefixtures("vault", "clock")
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_change_of_a_single_character_goes_unnoticed(data: st.DataObject) -> None:
    token = forge(HEADER, claims())
    at = data.draw(st.integers(0, len(token) - 1))
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
    other = data.draw(st.sampled_from(alphabet).filter(lambda char: char != token[at]))
    changed = token[:at] + other + token[at + 1 :]
    try:
        told = verify(changed)
    except InvalidToken:
        return
    # The last character of a signature carries bits that base64url does not use.
    assert at == len(token) - 1
    assert told == verify(token)


@pytest.mark.usefixtures("vault", "clock")
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text())
def test_no_text_makes_verify_fail_otherwise(text: str) -> None:
    with pytest.raises(InvalidToken):
        verify(text)


def test_a_rotation_overlaps(vault: Vault, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = [1000.0]
    monkeypatch.setattr(keyring, "monotonic", lambda: ticks[0])
    before, _ = issue("u1", {}, timedelta(hours=1))
    vault.hold({"k1": OLD, "k2": NEW}, "k2")
    ticks[0] += keyring.LIFETIME
    after, _ = issue("u1", {}, timedelta(hours=1))
    assert jwt.get_unverified_header(after)["kid"] == "k2"
    assert verify(before).subject == verify(after).subject == "u1"
    vault.hold({"k2": NEW}, "k2")
    ticks[0] += keyring.LIFETIME
    assert verify(after).subject == "u1"
    with pytest.raises(InvalidToken, match="unknown key"):
        verify(before)


def test_a_key_unknown_so_far_is_looked_up_at_once(
    vault: Vault, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = [1000.0]
    monkeypatch.setattr(keyring, "monotonic", lambda: ticks[0])
    issue("u1", {}, QUARTER)
    vault.hold({"k1": OLD, "k2": NEW}, "k2")
    ticks[0] += keyring.RETRY_AFTER  # far from the cache's end
    assert verify(forge({**HEADER, "kid": "k2"}, claims(), key=NEW)).subject == "u1"


def test_forged_key_ids_do_not_hammer_the_vault(
    vault: Vault, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = [1000.0]
    monkeypatch.setattr(keyring, "monotonic", lambda: ticks[0])
    issue("u1", {}, QUARTER)
    for number in range(100):
        ticks[0] += 0.1
        with pytest.raises(InvalidToken, match="unknown key"):
            verify(forge({**HEADER, "kid": f"made-up-{number}"}, claims()))
    assert vault.reads == 1
    ticks[0] += keyring.RETRY_AFTER
    with pytest.raises(InvalidToken, match="unknown key"):
        verify(forge({**HEADER, "kid": "made-up"}, claims()))
    assert vault.reads == 2


def test_rfc_7515_example_a1_verifies_but_for_its_claims(clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The RFC's key signs the RFC's token; the token names no key and not our claims, so it is refused."""
    key = base64.urlsafe_b64decode(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow=="
    )
    token = (
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    )
    signed, _, signature = token.rpartition(".")
    assert b64(hmac.digest(key, signed.encode(), "sha256")) == signature
    monkeypatch.setattr(keyring, "secret", lambda: SystemSecret({"rfc": key}, "rfc", (CURSOR,)))
    monkeypatch.setattr(keyring, "refresh", lambda: SystemSecret({"rfc": key}, "rfc", (CURSOR,)))
    with use({"QUINTET_SYSTEM": "storefront"}), pytest.raises(InvalidToken, match="no key id"):
        verify(token)
    # The same key, our claims: accepted; so the key is read as the RFC writes it.
    with use({"QUINTET_SYSTEM": "storefront"}):
        assert verify(forge({**HEADER, "kid": "rfc"}, claims(), key=key)).subject == "u1"


def test_a_token_is_hmac_sha256_over_its_first_two_parts(vault: Vault) -> None:
    signed, _, signature = issue("u1", {}, QUARTER)[0].rpartition(".")
    assert signature == b64(hmac.new(OLD, signed.encode(), hashlib.sha256).digest())
