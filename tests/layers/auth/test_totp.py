"""Time-based one-time passwords: the RFCs' own vectors, the drift, and each code once."""

from __future__ import annotations

from base64 import b32encode
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.auth import totp
from quintet.auth.totp import Algorithm, hotp, key_of, matching_step, new_secret, otpauth_url, unspent
from quintet.settings import Settings
from quintet.store import ConditionFailed, Entity, Keys, Store
from tests.support.aws import in_threads

RFC_KEY = b"12345678901234567890"
SEEDS: dict[Algorithm, bytes] = {
    "sha1": RFC_KEY,
    "sha256": b"12345678901234567890123456789012",
    "sha512": b"1234567890123456789012345678901234567890123456789012345678901234",
}
# RFC 4226, appendix D.
HOTP = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]
# RFC 6238, appendix B.
TOTP: list[tuple[int, dict[Algorithm, str]]] = [
    (59, {"sha1": "94287082", "sha256": "46119246", "sha512": "90693936"}),
    (1111111109, {"sha1": "07081804", "sha256": "68084774", "sha512": "25091201"}),
    (1111111111, {"sha1": "14050471", "sha256": "67062674", "sha512": "99943326"}),
    (1234567890, {"sha1": "89005924", "sha256": "91819424", "sha512": "93441116"}),
    (2000000000, {"sha1": "69279037", "sha256": "90698825", "sha512": "38618901"}),
    (20000000000, {"sha1": "65353130", "sha256": "77737706", "sha512": "47863826"}),
]
NOON = 1_796_040_000
"""Epoch seconds at which a step begins."""


class Kept(Entity):
    """Where the tests write the last step down."""

    kind = "kept"
    keys = Keys("KEPT#{id}", "KEPT")

    id: str
    last_step: int | None = None


@pytest.mark.parametrize(("counter", "code"), list(enumerate(HOTP)))
def test_the_vectors_of_rfc_4226(counter: int, code: str) -> None:
    assert hotp(RFC_KEY, counter) == code


@pytest.mark.parametrize(("at", "codes"), TOTP)
def test_the_vectors_of_rfc_6238(at: int, codes: dict[Algorithm, str]) -> None:
    assert {algorithm: totp.totp(SEEDS[algorithm], at, 8, algorithm) for algorithm in codes} == codes


def test_a_code_is_good_from_one_step_before_its_own_to_one_after_it() -> None:
    secret = new_secret()
    step = totp.step_of(NOON)
    code = hotp(key_of(secret), step)
    found = {second: matching_step(secret, code, NOON + second) for second in (-31, -30, 0, 29, 30, 59, 60)}
    assert found == {-31: None, -30: step, 0: step, 29: step, 30: step, 59: step, 60: None}


@pytest.mark.parametrize("code", ["", "00000", "0000000", "½½½½½½", "\ud800", "１２３４５６", "-12345", "0x1234"])
def test_what_is_no_code_matches_nothing(code: str) -> None:
    assert matching_step(b32encode(RFC_KEY).decode(), code, NOON) is None


def test_a_code_may_be_typed_as_apps_show_it() -> None:
    secret = b32encode(RFC_KEY).decode()
    assert matching_step(secret, "287 082", 59) == 1
    assert matching_step(secret, " 287082\n", 59) == 1


def test_a_secret_has_160_random_bits_and_may_be_typed_in_any_shape() -> None:
    made = {new_secret() for _ in range(50)}
    assert len(made) == 50
    for secret in made:
        assert len(key_of(secret)) == 20
        assert secret.isalnum()
    assert key_of("gezd gnbv-GY3TQOJQ gezdgnbvgy3tqojq") == RFC_KEY
    assert key_of("GEZDGNBVGY======") == b"123456"
    with pytest.raises(ValueError, match="not base32"):
        key_of("0189")


@given(st.binary(min_size=16, max_size=64), st.integers(0, 2**40))
def test_a_code_has_six_digits_whatever_the_key_and_the_time(key: bytes, at: int) -> None:
    code = totp.totp(key, at)
    assert (len(code), code.isdigit()) == (6, True)
    found = matching_step(b32encode(key).decode(), code, at)
    assert found is not None
    assert abs(found - totp.step_of(at)) <= 1


@pytest.mark.dynamodb
def test_a_step_is_spent_once_and_takes_those_before_it_along(table: Settings) -> None:
    store = Store()
    key = Kept.key(id="ada")

    def spend(step: int) -> None:
        store.update(Kept, key, put={"id": "ada", "last_step": step}, where=[unspent("last_step", step)])

    won = [answer for answer in in_threads(12, lambda _: spend(7)) if answer is None]
    assert len(won) == 1
    for step in (7, 6):
        with pytest.raises(ConditionFailed):
            spend(step)
    spend(8)


def test_the_address_for_apps_names_issuer_and_account() -> None:
    url = otpauth_url("GEZDGNBVGY3TQOJQ", "Soft & Factory", "ada+1@example.com")
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, unquote(parts.path)) == ("otpauth", "totp", "/Soft & Factory:ada+1@example.com")
    assert "+" not in url, "apps read a plus as it is"
    assert parse_qs(parts.query) == {
        "secret": ["GEZDGNBVGY3TQOJQ"],
        "issuer": ["Soft & Factory"],
        "algorithm": ["SHA1"],
        "digits": ["6"],
        "period": ["30"],
    }
