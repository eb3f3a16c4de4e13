"""Registering."""

from __future__ import annotations

from typing import Any

import pytest

from caidence.access import audit
from caidence.directory.entities import User
from caidence.service import store
from quintet.models import SkipQuery
from quintet.testing import Client
from tests.functions.caidence.accounts.conftest import AUTH, log_in, named, password_hash
from tests.functions.caidence.conftest import PASSWORD
from tests.support.aws import in_threads


def registration(email: str, **more: Any) -> dict[str, Any]:
    return {"email": email, "password": PASSWORD, "full_name": "Ada Lovelace", **more}


def test_a_new_account_waits_for_approval_and_is_in_the_log(platform: Client, email: str) -> None:
    answer = platform.post(f"{AUTH}/register", registration(f" {email.upper()} ", full_name=" Ada  Lovelace "))
    assert answer.status == 200, answer
    user = store.require(User, AssertionError, id=answer.body["id"])  # type: ignore[arg-type]
    assert answer.body == {
        "id": user.id,
        "email": email,
        "full_name": "Ada  Lovelace",
        "role": "viewer",
        "organization_id": None,
        "is_active": True,
        "is_approved": False,
        "created_at": answer.body["created_at"],
        "updated_at": answer.body["created_at"],
    }
    assert log_in(platform, email).status == 403
    (entry,) = audit.page(SkipQuery(), None, user.id).items
    assert (entry.action, entry.actor_id, entry.actor_email, entry.reason) == (
        "user.invite", user.id, email, "registered",
    )  # fmt: skip
    assert PASSWORD not in entry.model_dump_json()
    assert str(password_hash(email)).startswith("$argon2id$")


@pytest.mark.parametrize("role", ["agency_member", "brand_admin", "brand_member", "creator", "viewer", None])
def test_people_register_with_a_role_up_to_agency_member(platform: Client, email: str, role: str | None) -> None:
    answer = platform.post(f"{AUTH}/register", registration(email, role=role))
    assert (answer.status, answer.body["role"]) == (200, role or "viewer")


@pytest.mark.parametrize("role", ["agency_admin", "super_admin", "root"])
def test_nobody_registers_as_an_administrator(platform: Client, email: str, role: str) -> None:
    answer = platform.post(f"{AUTH}/register", registration(email, role=role))
    assert (answer.status, answer.body) == (
        400, {"detail": "This role is given by an administrator, nobody registers with it"},
    )  # fmt: skip
    assert platform.post(f"{AUTH}/register", registration(email)).status == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "ada"),
        ("email", None),
        ("email", "ada@example.com\nBcc: x@example.com"),
        ("password", "short-1"),
        ("password", "x" * 129),
        ("password", "Password123"),
        ("password", "ｐａｓｓｗｏｒｄ１２３"),
        ("password", 12345678),
        ("full_name", "   "),
        ("full_name", "Ada\nLovelace"),
        ("full_name", "x" * 201),
        ("role", "emperor"),
        ("role", ""),
    ],
)
def test_bad_input_names_its_field_and_shows_none_of_it(platform: Client, email: str, field: str, value: Any) -> None:
    answer = platform.post(f"{AUTH}/register", {**registration(email), field: value})
    assert named(answer) == [["body", field]]
    assert PASSWORD not in answer.raw.decode()


def test_an_address_is_registered_once_whatever_its_case_and_by_however_many_at_once(
    platform: Client, email: str
) -> None:
    answers = in_threads(
        8, lambda n: platform.post(f"{AUTH}/register", registration(email.upper() if n % 2 else email))
    )
    assert sorted(a.status for a in answers if not isinstance(a, Exception)) == [200] + [400] * 7
    refused = platform.post(f"{AUTH}/register", registration(email))
    assert (refused.status, refused.body) == (400, {"detail": "A user with this email already exists"})
    assert store.count(User, "gsi1") == 1


def test_one_address_registers_thirty_an_hour(platform: Client, email: str) -> None:
    for _ in range(30):
        assert platform.post(f"{AUTH}/register", {}).status == 422
    refused = platform.post(f"{AUTH}/register", registration(email))
    assert refused.status == 429
    assert int(refused.headers["retry-after"]) <= 3600
    assert platform.post(f"{AUTH}/register", registration(email), ip="203.0.113.8").status == 200
