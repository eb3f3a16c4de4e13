"""Secrets: read from Secrets Manager, held for five minutes, kept when reading fails."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from moto import mock_aws
from moto.moto_api._internal.models import moto_api_backend

from quintet.errors import ApiError
from quintet.keys import keyring
from quintet.keys.keyring import SecretUnavailable, SystemSecret
from quintet.net import aws, patience
from quintet.net.patience import timed_by
from quintet.settings import use
from quintet.testing.clock import Standing
from tests.layers.net import scripted


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
        patience.reset()
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


@pytest.mark.parametrize(
    "trouble",
    [
        scripted.TRUNCATED,
        scripted.GARBAGE,
        scripted.answer(b'{"SecretString": "{\\"ma'),
        scripted.answer(b"[]"),
        scripted.answer({}),
        scripted.answer({"SecretString": 5}),
        scripted.answer({"SecretString": '{"master": "short"}'}),
        scripted.refused("InternalServiceError", 500),
        scripted.refused("ThrottlingException"),
        scripted.refused("ResourceNotFoundException"),
    ],
)
def test_an_answer_that_holds_no_secret_leaves_the_one_held_serving(
    manager: Any, ticks: list[float], trouble: scripted.Step
) -> None:
    before = keyring.secret()
    ticks[0] += keyring.LIFETIME
    time = Standing()
    with scripted.scripted(always=trouble) as endpoint, use({"AWS_ENDPOINT_URL": endpoint.url}), timed_by(time.clock):
        assert keyring.secret() is before
        asked = len(endpoint.bodies)
        assert keyring.secret() is before
    assert 1 <= asked == len(endpoint.bodies)
    assert sum(time.slept) < keyring.REFRESH_SECONDS, "a caller waits for it, and there is a secret at hand"


@pytest.mark.parametrize("trouble", [scripted.TRUNCATED, scripted.GARBAGE, scripted.refused("ThrottlingException")])
def test_a_lost_answer_is_asked_for_again(manager: Any, trouble: scripted.Step) -> None:
    good = scripted.answer({"SecretString": text(google_client_secret="new")})
    with (
        scripted.scripted(trouble, good) as endpoint,
        use({"AWS_ENDPOINT_URL": endpoint.url}),
        timed_by(Standing().clock),
    ):
        assert keyring.secret().get("google_client_secret") == "new"
    assert len(endpoint.bodies) == 2


@pytest.mark.parametrize("trouble", [scripted.TRUNCATED, scripted.refused("ThrottlingException")])
def test_without_any_secret_a_manager_that_does_not_answer_is_busy(manager: Any, trouble: scripted.Step) -> None:
    with (
        scripted.scripted(always=trouble) as endpoint,
        use({"AWS_ENDPOINT_URL": endpoint.url}),
        timed_by(Standing().clock),
        pytest.raises(ApiError) as caught,
    ):
        keyring.secret()
    assert (caught.value.status, caught.value.code) == (503, "busy")


@pytest.mark.parametrize("breakage", ["gone", "broken"])
def test_the_secret_held_goes_on_serving_when_reading_fails(
    manager: Any, ticks: list[float], monkeypatch: pytest.MonkeyPatch, breakage: str
) -> None:
    before = keyring.secret()
    tries: list[str] = []
    fetch = keyring._fetch

    def counted(name: str) -> tuple[str, int | None]:
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
    assert len(signing) == 32
    assert len({signing.hex().encode(), first.cursor_key, first.audit_key}) == 3
    assert SystemSecret.parse(json.dumps({"master": "m" * 32})) == first


def test_a_new_master_signs_and_the_previous_one_still_verifies() -> None:
    before = SystemSecret.parse(json.dumps({"master": "m" * 32}))
    after = SystemSecret.parse(json.dumps({"master": "n" * 32, "master_previous": "m" * 32}))
    assert after.jwt_current != before.jwt_current
    assert after.jwt_keys[before.jwt_current] == before.jwt_keys[before.jwt_current]
    assert after.cursor_key != before.cursor_key
    assert before.cursor_key in after.cursor_keys, "cursors and codes of before work as tokens do"


def test_a_cursor_key_that_is_written_down_may_be_changed_with_an_overlap() -> None:
    held = SystemSecret.parse(text(cursor_key="new", cursor_key_previous="old"))
    assert held.cursor_keys[:2] == (b"new", b"old")
    derived = SystemSecret.parse(text(cursor_key=None)).cursor_key
    assert derived in SystemSecret.parse(text(cursor_key="new")).cursor_keys, "also from derived to written down"


def test_nothing_secret_shows_in_a_repr() -> None:
    shown = repr(SystemSecret.parse(text()))
    assert shown == "SystemSecret(jwt_current='k1')"
