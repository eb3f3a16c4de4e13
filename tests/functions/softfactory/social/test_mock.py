"""Mock sign-in: users to try things out with on a laptop, and nothing of it where real people are served."""

from __future__ import annotations

import pytest

from quintet import settings
from quintet.models import is_id
from quintet.testing import Client
from softfactory.access.changes import change_user
from softfactory.people.entities import User
from softfactory.service import store
from tests.functions.softfactory.conftest import make_user
from tests.functions.softfactory.social.flow import owner_of

MOCK, LOGIN = "/api/auth/oauth/mock", "/api/auth/oauth/mock/login"


def test_each_call_makes_another_test_user_and_signs_in_as_it(suite: Client) -> None:
    first, second = suite.get(MOCK), suite.get(MOCK)
    assert (first.status, first.headers["cache-control"]) == (200, "no-store")
    assert first.body.keys() == {"user", "access_token", "token_type", "expires_in", "refresh_token"}
    user = first.body["user"]
    assert is_id(user["user_id"])
    assert (user["name"], user["role"], user["status"], user["email_verified"]) == ("Test User", "user", "active", True)
    assert user["email"].endswith("@mock.example.com")
    assert second.body["user"]["user_id"] != user["user_id"]
    assert second.body["user"]["email"] != user["email"]
    assert suite.post("/api/auth/refresh", {"refresh_token": first.body["refresh_token"]}).status == 200
    assert len(store.query(User, index="gsi1").items) == 2


def test_a_test_user_is_signed_in_to_by_address(suite: Client) -> None:
    made = suite.get(MOCK).body["user"]
    answer = suite.post(LOGIN, {"email": made["email"].upper()})
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.body["user"] == {**made, "last_login": answer.body["user"]["last_login"]}
    assert suite.as_caller(answer.body["access_token"]).get("/api/auth/user").status == 200


@pytest.mark.parametrize("role", ["user", "admin"])
def test_no_other_account_opens_so_whether_there_is_one_or_not(suite: Client, role: str) -> None:
    real = make_user(role)
    answers = [suite.post(LOGIN, {"email": email}) for email in (real.email, "nobody@example.com")]
    assert [(a.status, a.body) for a in answers] == [
        (404, {"error": {"code": "mock_user_not_found",
                         "message": "No test user with this e-mail address was made by mock sign-in"}})
    ] * 2  # fmt: skip


def test_a_test_user_has_the_rules_of_every_other(suite: Client) -> None:
    email = suite.get(MOCK).body["user"]["email"]
    before = owner_of(email)
    assert before is not None
    tx = store.transaction()
    change_user(tx, before, before.model_copy(update={"two_factor_enabled": True}))
    tx.commit()
    assert suite.post(LOGIN, {"email": email}).body["requires_2fa"] is True
    before = owner_of(email)
    assert before is not None
    tx = store.transaction()
    change_user(tx, before, before.model_copy(update={"status": "banned"}))
    tx.commit()
    assert suite.post(LOGIN, {"email": email}).status == 403


@pytest.mark.parametrize("body", [{}, {"email": None}, {"email": "none"}, {"email": ["a@example.com"]}])
def test_a_bad_address_is_named(suite: Client, body: object) -> None:
    answer = suite.post(LOGIN, body)
    assert (answer.status, answer.error["code"]) == (422, "validation_error")
    assert answer.error["details"][0]["field"] == "email"


@pytest.mark.parametrize(
    "values", [{"QUINTET_STAGE": "prod"}, {"QUINTET_STAGE": "staging"}, {"QUINTET_ENVIRONMENT": "production"}], ids=str
)
def test_where_real_people_are_served_there_is_nothing(suite: Client, values: dict[str, str]) -> None:
    email = suite.get(MOCK).body["user"]["email"]
    with settings.use(values):
        for answer in (suite.get(MOCK), suite.post(LOGIN, {"email": email}), suite.post(LOGIN, {})):
            assert (answer.status, answer.body) == (404, {"error": {"code": "not_found", "message": "Not found"}})
    assert len(store.query(User, index="gsi1").items) == 1
