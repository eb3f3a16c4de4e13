"""Signing in with Google, against a real OpenID Connect provider on this machine: who gets which account."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from quintet import settings
from quintet.auth import tokens
from quintet.models import is_id
from quintet.testing import Client
from quintet.testing.client import Answer
from storefront.accounts import sessions
from storefront.accounts.entities import Account, EmailClaim, GoogleClaim
from storefront.service import store
from tests.functions.storefront.accounts.google.flow import ANNA, CALLBACK, GOOGLE, begin, finish, login, register
from tests.support.aws import in_threads
from tests.support.oidc import CLIENT_ID, CLIENT_SECRET, REDIRECT, OpenIdProvider

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:authlib"),  # the provider's, not ours
    pytest.mark.filterwarnings("ignore::DeprecationWarning:oidc_provider_mock"),
]

# The consent address


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_the_consent_address_carries_all_that_protects_the_flow(
    shop: Client, google: OpenIdProvider, version: Any
) -> None:
    answer = shop.speaking(version).get(GOOGLE)
    assert answer.status == 200
    assert answer.body.keys() == {"data"}
    assert list(answer.data) == ["url", "state"]
    parts = urlsplit(answer.data["url"])
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{google.issuer}/oauth2/authorize"
    nonce, challenge = query.pop("nonce"), query.pop("code_challenge")
    assert query == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT,
        "scope": "openid email profile",
        "state": answer.data["state"],
        "code_challenge_method": "S256",
    }
    assert min(len(nonce), len(challenge), len(answer.data["state"])) >= 32
    assert CLIENT_SECRET not in answer.data["url"]
    assert answer.headers["cache-control"] == "no-store"


def test_the_callers_own_state_is_used(shop: Client) -> None:
    answer = shop.get(GOOGLE, query={"state": "my state/1"})
    assert answer.data["state"] == "my state/1"
    assert parse_qs(urlsplit(answer.data["url"]).query)["state"] == ["my state/1"]


def test_every_flow_has_its_own_secrets(shop: Client) -> None:
    one, other = (parse_qs(urlsplit(begin(shop)).query) for _ in range(2))
    for name in ("state", "nonce", "code_challenge"):
        assert one[name] != other[name]


@pytest.mark.parametrize("path", [GOOGLE, CALLBACK])
def test_without_settings_it_says_so(shop: Client, path: str) -> None:
    for setting in ("QUINTET_GOOGLE_CLIENT_ID", "QUINTET_GOOGLE_REDIRECT_URI"):
        with settings.use({setting: ""}):
            answer = shop.get(path, query={"code": "c", "state": "s"})
        assert answer.status == 503
        assert answer.error["code"] == "oauth_not_configured"
        assert answer.error["message"] == "Sign-in with Google is not configured"


def test_a_state_that_is_too_long_is_refused(shop: Client) -> None:
    answer = shop.get(GOOGLE, query={"state": "x" * 513})
    assert (answer.status, answer.error["details"][0]["field"]) == (400, "state")


# The callback


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_someone_new_gets_an_account_and_is_signed_in(shop: Client, google: OpenIdProvider, version: Any) -> None:
    answer = finish(shop.speaking(version), google)
    assert answer.status == 200
    data = dict(answer.data)
    user = data["user"]
    assert list(data) == ["user", "access_token", "refresh_token", "expires_at"]
    assert is_id(user["id"])
    assert user == {
        "id": user["id"],
        "email": "anna@example.com",
        "first_name": "Anna",
        "last_name": "Berg",
        "active": True,
        "email_verified": True,
        "created_at": user["created_at"],
        "updated_at": user["created_at"],
    }
    assert tokens.verify(data["access_token"]).subject == user["id"]
    assert shop.as_caller(data["access_token"]).get("/api/v1/auth/profile").data["roles"] == ["user"]
    assert shop.post("/api/v1/auth/refresh", {"refresh_token": data["refresh_token"]}).status == 200
    assert login(shop) == 401
    assert answer.headers["cache-control"] == "no-store"


def test_the_same_person_comes_back_to_the_same_account_whatever_their_address_is_now(
    shop: Client, google: OpenIdProvider
) -> None:
    first = finish(shop, google).data["user"]
    again = finish(shop, google, email="anna.berg@example.com", given_name="Annika").data["user"]
    assert again == first


def test_two_people_have_two_accounts(shop: Client, google: OpenIdProvider) -> None:
    one = finish(shop, google).data["user"]["id"]
    other = finish(shop, google, subject="google-2", email="bo@example.com").data["user"]["id"]
    assert one != other


def test_names_google_does_not_give_are_made_up_for(shop: Client, google: OpenIdProvider) -> None:
    bare = {"given_name": None, "family_name": None}
    user = finish(shop, google, **bare).data["user"]
    assert (user["first_name"], user["last_name"]) == ("anna", "")
    user = finish(shop, google, subject="google-2", email="bo@example.com", name="Bo Ek", **bare).data["user"]
    assert (user["first_name"], user["last_name"]) == ("Bo Ek", "")


def test_an_address_google_has_not_verified_makes_an_account_that_says_so(shop: Client, google: OpenIdProvider) -> None:
    assert finish(shop, google, email_verified=False).data["user"]["email_verified"] is False


def test_an_account_with_the_verified_address_is_linked(shop: Client, google: OpenIdProvider) -> None:
    registered = register(shop, "Anna@Example.com")
    user = finish(shop, google).data["user"]
    before = registered["user"]
    assert user == {**before, "email_verified": True, "updated_at": user["updated_at"]}
    assert finish(shop, google).data["user"] == user


def test_whoever_registered_a_strangers_address_is_locked_out_when_its_owner_comes(
    shop: Client, google: OpenIdProvider
) -> None:
    intruder = register(shop)
    assert finish(shop, google).status == 200
    assert login(shop) == 401
    assert shop.post("/api/v1/auth/refresh", {"refresh_token": intruder["refresh_token"]}).status == 401


def test_a_subject_that_proved_nothing_is_void_when_the_address_is_proven(shop: Client, google: OpenIdProvider) -> None:
    first = finish(shop, google, email_verified=False).data
    assert finish(shop, google, email_verified=False).data["user"]["id"] == first["user"]["id"]
    proven = finish(shop, google, subject="google-2").data["user"]
    assert (proven["id"], proven["email_verified"]) == (first["user"]["id"], True)
    for verified in (False, True):
        assert finish(shop, google, email_verified=verified).status == 409
    assert shop.post("/api/v1/auth/refresh", {"refresh_token": first["refresh_token"]}).status == 401
    assert finish(shop, google, subject="google-2").data["user"]["id"] == first["user"]["id"]


def test_a_subject_that_is_voided_meanwhile_does_not_get_in(
    shop: Client, google: OpenIdProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address's owner comes between the look at the account and the session."""
    finish(shop, google, email_verified=False)
    begin_session, came = sessions.begin, list[str]()

    def late(account: Account, *rest: Any) -> Any:
        if not came:
            came.append(account.id)
            assert finish(shop, google, subject="google-2").status == 200
        return begin_session(account, *rest)

    monkeypatch.setattr(sessions, "begin", late)
    assert finish(shop, google, email_verified=False).status == 409
    assert len(came) == 1


def test_an_account_whose_address_was_verified_before_keeps_its_password(shop: Client, google: OpenIdProvider) -> None:
    registered = register(shop)
    store.update(Account, Account.key(id=registered["user"]["id"]), put={"email_verified": True})
    assert finish(shop, google).data["user"]["id"] == registered["user"]["id"]
    assert login(shop) == 200
    assert shop.post("/api/v1/auth/refresh", {"refresh_token": registered["refresh_token"]}).status == 200


@pytest.mark.parametrize("verified", [False, None, "false", 0])
def test_an_unverified_address_is_never_linked(shop: Client, google: OpenIdProvider, verified: Any) -> None:
    register(shop)
    answer = finish(shop, google, email_verified=verified)
    assert answer.status == 409
    assert answer.body == {"error": {"code": "email_exists", "message": "Email already exists"}}
    assert store.get(GoogleClaim, subject="google-1") is None
    assert login(shop) == 200


def test_an_inactive_account_does_not_get_in(shop: Client, google: OpenIdProvider) -> None:
    user_id = finish(shop, google).data["user"]["id"]
    store.update(Account, Account.key(id=user_id), put={"active": False})
    answer = finish(shop, google)
    assert (answer.status, answer.body) == (
        403, {"error": {"code": "account_inactive", "message": "Account is inactive"}}
    )  # fmt: skip


def test_an_inactive_account_is_not_linked_either(shop: Client, google: OpenIdProvider) -> None:
    user_id = register(shop)["user"]["id"]
    store.update(Account, Account.key(id=user_id), put={"active": False})
    assert finish(shop, google).status == 403
    assert store.get(GoogleClaim, subject="google-1") is None


@pytest.mark.parametrize("registered", [False, True])
def test_someone_who_comes_in_twice_at_once_has_one_account(
    shop: Client, google: OpenIdProvider, registered: bool
) -> None:
    if registered:
        register(shop)
    queries = [google.consent(begin(shop), **ANNA) for _ in range(5)]
    answers = in_threads(5, lambda n: shop.get(CALLBACK, query=queries[n]))
    users = {a.data["user"]["id"] for a in answers if isinstance(a, Answer)}
    assert len(users) == 1, answers
    claim = store.get(EmailClaim, email=ANNA["email"])
    assert claim is not None
    assert users == {claim.user_id}
