"""Rotating the signing key as docs/operations.md says signs nobody out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.rotate import begun, finished, rotate
from quintet.auth.codes import Policy, new_code, use_code
from quintet.keys import keyring
from quintet.keys.keyring import SystemSecret
from quintet.models import new_id
from quintet.net import aws
from quintet.settings import settings
from quintet.store import cursors
from quintet.testing import Client
from storefront.service import api
from tests.conftest import Systems

CODE = Policy("sign-in")
PROFILE = "/api/v1/auth/profile"


@pytest.fixture
def manager(system: Systems) -> Any:
    """The secrets of a shop as CloudFormation makes them."""
    system("storefront")
    found = aws.client("secretsmanager")
    found.put_secret_value(SecretId=settings().secret, SecretString=json.dumps({"master": "m" * 64, "other": "kept"}))
    keyring.reset()
    return found


def test_a_rotation_signs_nobody_out(manager: Any) -> None:
    before = _signed_up("ada@example.com")
    rotate(manager, settings().secret, finish=False)
    # A function that has not noticed yet meets the old token, then one that started anew.
    assert before.get(PROFILE).status == 200
    keyring.reset()
    assert before.get(PROFILE).status == 200
    after = _signed_up("bob@example.com")
    rotate(manager, settings().secret, finish=True)
    keyring.reset()
    assert after.get(PROFILE).status == 200
    assert before.get(PROFILE).status == 401
    assert keyring.secret().get("other") == "kept"


def test_a_function_with_the_old_secret_takes_a_token_of_the_new_key(manager: Any) -> None:
    old = keyring.secret()
    rotate(manager, settings().secret, finish=False)
    keyring.reset()
    after = _signed_up("ada@example.com")
    held = keyring._held[settings().secret]
    held.secret, held.tried_at = old, held.tried_at - keyring.RETRY_AFTER - 1
    assert after.get(PROFILE).status == 200


def test_a_rotation_is_begun_once_and_ended_once() -> None:
    held = {"master": "a" * 64, "google_client_secret": "g"}
    under_way = begun(held, "b" * 64)
    pinned = {name: under_way[name] for name in ("audit_key", "cursor_key")}
    assert under_way == {"master": "b" * 64, "master_previous": "a" * 64, "google_client_secret": "g", **pinned}
    assert finished(under_way) == {"master": "b" * 64, "google_client_secret": "g", **pinned}
    for impossible, why in ((under_way, "under way"), ({"jwt_keys": {}}, "no master key")):
        with pytest.raises(ValueError, match=why):
            begun(impossible, "c" * 64)
    with pytest.raises(ValueError, match="no rotation"):
        finished(held)


def test_what_an_audit_was_signed_with_outlives_every_rotation(manager: Any) -> None:
    before = keyring.secret().audit_key
    for finish in (False, True, False, True):
        rotate(manager, settings().secret, finish=finish)
        keyring.reset()
        assert keyring.secret().audit_key == before


def test_cursors_and_codes_pass_between_functions_that_noticed_a_rotation_and_those_that_did_not(manager: Any) -> None:
    """At every step of two rotations, whatever either kind of function hands out the other one takes."""
    for finish in (False, True, False, True):
        before = keyring.secret()
        rotate(manager, settings().secret, finish=finish)
        keyring.reset()
        after = keyring.secret()
        for giver, taker in ((before, after), (after, before)):
            _holding(giver)
            target = new_id()
            code, cursor = new_code(CODE, target), cursors.write(2, {"PK": {"S": "A"}}, "list")
            _holding(taker)
            use_code(CODE, target, code)
            assert cursors.read(cursor, "list") == (2, {"PK": {"S": "A"}})


def _holding(secret: SystemSecret) -> None:
    keyring.secret()
    keyring._held[settings().secret].secret = secret


def _signed_up(email: str) -> Client:
    body = {"email": email, "password": "correct horse 9", "first_name": "A", "last_name": "B"}
    return Client(api).as_caller(Client(api).post("/api/v1/auth/register", body).data["access_token"])
