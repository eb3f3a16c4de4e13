"""Secrets: read from Secrets Manager, held for five minutes, kept when reading fails."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from moto import mock_aws
from moto.moto_api._internal.models import moto_api_backend

from quintet.keys import keyring
from quintet.keys.keyring import SecretUnavailable, SystemSecret
from quintet.net import aws
from quintet.settings import use


def text(**changes: Any) -> str:
    good = {
        "jwt_keys": {"k1": base64.b64encode(b"1" * 32).decode()},
        "jwt_current": "k1",
        "cursor_key": "cursor-key-of-some-length",
        "google_client_secret": "hush",
    }
    return json.dumps({name: value for name, value in (good | changes).items() if value is not None})


@pytest.fixture
def manager() -> Iterator[Any]:
    with mock_aws(), use({"QUINTET_SECRET": "quintet/storefront", "AWS_REGION": "us-east-1"}):
        moto_api_backend.reset()  # what other tests of this process left
        aws.reset()
        keyring.reset()
        client = botocore.session.get_session().create_client("secretsmanager", "us-east-1")
        client.create_secret(Name="quintet/storefront", SecretString=text())  # type: ignore[attr-defined]
        yield client
    aws.reset()
    keyring.reset()


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    at = [1000.0]
    monkeypatch.setattr(keyring, "monotonic", lambda: at[0])
    return at


@pytest.mark.usefixtures("manager")
def test_a_secret_holds_keys_and_what_providers_need() -> None:
    held = keyring.secret()
    assert dict(held.jwt_keys) == {"k1": b"1" * 32}
    assert (held.jwt_current, held.cursor_key) == ("k1", b"cursor-key-of-some-length")
    assert held.get("google_client_secret") == "hush"
    assert held.get("razorpay_key", "none") == "none"


def test_a_change_is_seen_after_five_minutes(manager: Any, ticks: list[float]) -> None:
    assert keyring.secret().get("google_client_secret") == "hush"
    manager.put_secret_value(SecretId="quintet/storefront", SecretString=text(google_client_secret="new"))
    ticks[0] += keyring.LIFETIME - 1
    assert keyring.secret().get("google_client_secret") == "hush"
    ticks[0] += 1
    assert keyring.secret().get("google_client_secret") == "new"


@pytest.mark.parametrize("breakage", ["gone", "broken"])
def test_the_secret_held_goes_on_serving_when_reading_fails(
    manager: Any, ticks: list[float], monkeypatch: pytest.MonkeyPatch, breakage: str
) -> None:
    before = keyring.secret()
    tries: list[str] = []
    fetch = keyring._fetch

    def counted(name: str) -> str:
        tries.append(name)
        return fetch(name)

    monkeypatch.setattr(keyring, "_fetch", counted)
    if breakage == "gone":
        manager.delete_secret(SecretId="quintet/storefront", ForceDeleteWithoutRecovery=True)
    else:
        manager.put_secret_value(SecretId="quintet/storefront", SecretString="not json")
    ticks[0] += keyring.LIFETIME
    for _ in range(50):
        ticks[0] += 0.1
        assert keyring.secret() is before
    assert len(tries) == 1
    ticks[0] += keyring.RETRY_AFTER
    assert keyring.secret() is before
    assert len(tries) == 2


def test_a_refresh_sees_a_change_early_but_not_too_often(manager: Any, ticks: list[float]) -> None:
    keyring.secret()
    manager.put_secret_value(SecretId="quintet/storefront", SecretString=text(google_client_secret="new"))
    ticks[0] += 29
    assert keyring.refresh(30).get("google_client_secret") == "hush"
    ticks[0] += 1
    assert keyring.refresh(30).get("google_client_secret") == "new"
    assert keyring.secret().get("google_client_secret") == "new"


def test_each_system_has_its_own_secret(manager: Any) -> None:
    manager.create_secret(Name="quintet/stoory", SecretString=text(google_client_secret="theirs"))
    assert keyring.secret().get("google_client_secret") == "hush"
    with use({"QUINTET_SECRET": "quintet/stoory"}):
        assert keyring.secret().get("google_client_secret") == "theirs"


@pytest.mark.usefixtures("manager")
def test_a_secret_that_cannot_be_had_says_so() -> None:
    with use({"QUINTET_SECRET": "quintet/none"}), pytest.raises(SecretUnavailable, match="cannot be read"):
        keyring.secret()
    with use({"QUINTET_SECRET": ""}), pytest.raises(SecretUnavailable, match="QUINTET_SECRET"):
        keyring.secret()


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "[]",
        "null",
        "{}",
        text(jwt_keys={"k1": "not base64!"}),
        text(jwt_keys={"k1": base64.b64encode(b"short").decode()}),
        text(jwt_keys=["k1"]),
        text(jwt_current="k2"),
        text(jwt_current=None),
        text(jwt_keys=None),
        json.dumps({"master": "too short"}),
    ],
)
def test_a_secret_without_a_usable_key_is_refused(bad: str) -> None:
    with pytest.raises(SecretUnavailable):
        SystemSecret.parse(bad)


def test_one_generated_text_is_enough() -> None:
    first = SystemSecret.parse(json.dumps({"master": "m" * 32}))
    assert list(first.jwt_keys) == [first.jwt_current]
    signing = first.jwt_keys[first.jwt_current]
    assert len(signing) == len(first.cursor_key) == 32
    assert signing != first.cursor_key
    assert SystemSecret.parse(json.dumps({"master": "m" * 32})) == first


def test_a_new_master_signs_and_the_previous_one_still_verifies() -> None:
    before = SystemSecret.parse(json.dumps({"master": "m" * 32}))
    after = SystemSecret.parse(json.dumps({"master": "n" * 32, "master_previous": "m" * 32}))
    assert after.jwt_current != before.jwt_current
    assert after.jwt_keys[before.jwt_current] == before.jwt_keys[before.jwt_current]


def test_nothing_secret_shows_in_a_repr() -> None:
    shown = repr(SystemSecret.parse(text()))
    assert shown == "SystemSecret(jwt_current='k1')"
