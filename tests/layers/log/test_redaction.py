"""Redaction: a corpus of secrets in every shape they are written in, and of harmless text that stays readable."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from quintet.log.redact import MASK, is_secret_key, redact, redact_text
from tests.support.pace import assert_linear

CORPUS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("secrets.yaml").read_text("utf-8"))
MARKED = re.compile("«(.*?)»", re.DOTALL)


def written(case: str) -> str:
    return case.replace("¦", "").replace("⏎", "\n")


MASKED = [written(case) for cases in CORPUS["masked"].values() for case in cases]
HARMLESS = [written(case) for case in CORPUS["harmless"]]


@pytest.mark.parametrize("case", MASKED)
def test_a_secret_is_masked_and_nothing_else(case: str) -> None:
    assert redact_text(MARKED.sub(r"\1", case)) == MARKED.sub(MASK, case)


@pytest.mark.parametrize("case", MASKED)
def test_what_is_masked_stays_masked(case: str) -> None:
    once = redact_text(MARKED.sub(r"\1", case))
    assert redact_text(once) == once


@pytest.mark.parametrize("case", MASKED)
def test_no_secret_comes_through_among_other_text(case: str) -> None:
    secrets = [found for found in MARKED.findall(case) if len(found) > 3]
    around = f'handling GET /x {{"a": 1}}\n{MARKED.sub(chr(92) + "1", case)}\nkept: 200 of 300, took 12.5 ms'
    found = redact_text(around)
    assert found.startswith('handling GET /x {"a": 1}\n')
    assert [secret for secret in secrets if secret in found] == []


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_stays_readable(text: str) -> None:
    assert redact_text(text) == text


def test_keys_of_a_mapping_and_numbers_are_searched() -> None:
    found = redact({"of card 4111-1111-1111-1111": 1, "n": 4111111111111111, "m": 4111111111111112})
    assert found == {f"of card {MASK}": 1, "n": MASK, "m": 4111111111111112}


@pytest.mark.parametrize(
    "name",
    ["password", "newPassword", "NEW_PASSWORD", "refresh_token", "accessToken", "X-Api-Key", "api_key", "apiKey",
     "client_secret", "Set-Cookie", "authorization", "Proxy-Authorization", "otp", "otp_code", "code", "card.pan",
     "cvv", "code_verifier", "id_token", "x-razorpay-signature", "AWS_SECRET_ACCESS_KEY", "jwt_keys", "backup_codes"],
)  # fmt: skip
def test_a_key_is_secret_however_it_is_spelt(name: str) -> None:
    assert is_secret_key(name)


@pytest.mark.parametrize(
    "name",
    ["status_code", "postal_code", "error_code", "company", "panel", "token_type", "cursor", "email", "key", "id",
     "input_tokens", "author", "authority", "pinned", "expand", "country_code", "", "password_changed_at"],
)  # fmt: skip
def test_other_keys_stay_readable(name: str) -> None:
    assert not is_secret_key(name)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)


@given(plain, st.sampled_from(["password", "accessToken", "X-Secret"]))
def test_a_secret_is_found_at_any_depth_and_the_original_is_left_alone(value: Any, key: str) -> None:
    given_value = {"deep": [{"deeper": value, key: "unmistakable"}]}
    cleaned = redact(given_value)
    assert "unmistakable" not in json.dumps(cleaned)
    assert given_value["deep"][0][key] == "unmistakable"
    assert redact(cleaned) == cleaned


def test_a_bottomless_value_is_cut() -> None:
    loop: dict[str, Any] = {}
    loop["self"] = loop
    assert MASK in json.dumps(redact(loop))


def test_that_a_secret_is_absent_is_no_secret() -> None:
    assert redact({"password": None}) == {"password": None}


HOSTILE = [
    "a", "a=", "1 ", '"a": "', "eyJ", "eyJaaaa-", "eyJaaaa.bb.", "Bearer ", "Basic ", "a-", "%3D", "%26", "\\", '\\"',
    "'", "://", "://a:", "://a@", "a:b@", "password=", "password: '", 'password="\\', "password: [", "password: (]",
    "<password>", "input_value=", "input_value=\n", "--a ", "--password ", '("a",', "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN ",
    'form-data name="a"\n\n', 'form-data; name="password"\n\n', "SG.a-", "your code ", "A1a", "A1a/", "4111 ", "a b ",
    "Cookie: \n", "token:\\n", "sk-", "AKIA", "x.y-", "token=\\\\",
    "token:\n", "password:\n  ", "password: |\n", 'password="""', "password is ",
    "token is a", "otp ", "otp is ", "ABCDE1234",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_takes_time_in_proportion_to_its_length(piece: str) -> None:
    assert_linear(lambda length: redact_text(("password token=x " + piece * length)[:length]), 5_000)
