"""Signing in with Google, against a real OpenID Connect provider on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from quintet import aws, secrets, settings
from quintet.auth import oidc, tokens
from quintet.models import is_id
from quintet.models.time import frozen
from quintet.testing import Client
from quintet.testing.client import Answer
from storefront.model.accounts import Account, EmailClaim, GoogleClaim
from storefront.service import api, store
from tests.conftest import Systems
from tests.functions.storefront.conftest import SignIn
from tests.support.aws import SECRET, in_threads
from tests.support.oidc import CLIENT_ID, CLIENT_SECRET, REDIRECT, OpenIdProvider, open_id_provider

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:authlib"),  # the provider's, not ours
    pytest.mark.filterwarnings("ignore::DeprecationWarning:oidc_provider_mock"),
]
GOOGLE, CALLBACK = "/api/v1/auth/google", "/api/v1/auth/google/callback"
ANNA: dict[str, Any] = {
    "email": "anna@example.com",
    "email_verified": True,
    "given_name": "Anna",
    "family_name": "Berg",
}
OAUTH_ERROR = {"error": {"code": "oauth_error", "message": "OAuth error"}}
INVALID_STATE = {"error": {"code": "invalid_state", "message": "Invalid state"}}
PASSWORD = "SecurePassword123!"


@pytest.fixture(scope="module")
def running() -> Iterator[OpenIdProvider]:
    with open_id_provider() as provider:
        yield provider


@pytest.fixture
def google(running: OpenIdProvider) -> Iterator[OpenIdProvider]:
    oidc.reset()
    yield running
    running.replaced.clear()
    running.asked.clear()


@pytest.fixture
def shop(system: Systems, google: OpenIdProvider) -> Client:
    """A shop that is registered with the provider."""
    found = system(
        "storefront",
        QUINTET_GOOGLE_ISSUER=google.issuer,
        QUINTET_GOOGLE_CLIENT_ID=CLIENT_ID,
        QUINTET_GOOGLE_REDIRECT_URI=REDIRECT,
    )
    value = json.dumps({**SECRET, "google_client_secret": CLIENT_SECRET})
    aws.client("secretsmanager").put_secret_value(SecretId=found.secret, SecretString=value)
    secrets.reset()
    return Client(api)


def begin(shop: Client, **query: str) -> str:
    answer = shop.get(GOOGLE, query=query)
    assert answer.status == 200, answer
    return str(answer.data["url"])


def finish(shop: Client, google: OpenIdProvider, **claims: Any) -> Answer:
    """The whole way: consent address, consent, callback."""
    query = google.consent(begin(shop), **{**ANNA, **claims})
    return shop.get(CALLBACK, query=query)


def register(shop: Client, email: str = ANNA["email"]) -> Any:
    body = {"email": email, "password": PASSWORD, "first_name": "Ann", "last_name": "B"}
    return shop.post("/api/v1/auth/register", body).data


def login(shop: Client) -> int:
    return shop.post("/api/v1/auth/login", {"email": ANNA["email"], "password": PASSWORD}).status


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


# What goes wrong


@pytest.mark.parametrize("query", [{}, {"state": "s"}, {"code": "", "state": "s"}])
def test_a_callback_without_a_code_is_refused(shop: Client, query: dict[str, str]) -> None:
    answer = shop.get(CALLBACK, query=query)
    assert answer.status == 400
    assert answer.body == {"error": {"code": "missing_code", "message": "Missing authorization code"}}


@pytest.mark.parametrize(
    ("error", "details"), [("access_denied", [{"error": "access_denied"}]), ("<script>", None), ("a" * 65, None)]
)
def test_a_refusal_by_the_user_is_told(shop: Client, error: str, details: Any) -> None:
    answer = shop.get(CALLBACK, query={"error": error, "state": "s"})
    assert answer.status == 400
    expected = {"code": "oauth_error", "message": "OAuth error"} | ({"details": details} if details else {})
    assert answer.body == {"error": expected}


@pytest.mark.parametrize("state", [None, "", "foreign", "x" * 512])
def test_a_missing_or_foreign_state_is_refused_before_google_is_asked(
    shop: Client, google: OpenIdProvider, state: str | None
) -> None:
    query = google.consent(begin(shop), **ANNA)
    google.asked.clear()
    answer = shop.get(CALLBACK, query={"code": query["code"], **({} if state is None else {"state": state})})
    assert (answer.status, answer.body) == (400, INVALID_STATE)
    assert google.asked == []


def test_a_state_is_good_once(shop: Client, google: OpenIdProvider) -> None:
    query = google.consent(begin(shop), **ANNA)
    assert shop.get(CALLBACK, query=query).status == 200
    assert shop.get(CALLBACK, query=query).body == INVALID_STATE


def test_of_many_callbacks_with_one_state_one_gets_through(shop: Client, google: OpenIdProvider) -> None:
    query = google.consent(begin(shop), **ANNA)
    answers = in_threads(8, lambda _: shop.get(CALLBACK, query=query).status)
    assert sorted(str(a) for a in answers) == ["200"] + ["400"] * 7


def test_a_state_is_good_for_ten_minutes(shop: Client, google: OpenIdProvider) -> None:
    with frozen() as clock:
        in_time, late = (google.consent(begin(shop), **ANNA) for _ in range(2))
        clock.advance(seconds=599)
        assert shop.get(CALLBACK, query=in_time).status == 200
        clock.advance(seconds=1)
        assert shop.get(CALLBACK, query=late).body == INVALID_STATE


def test_the_state_itself_is_stored_nowhere(shop: Client) -> None:
    begin(shop, state="my-state")
    (item,) = aws.client("dynamodb").scan(TableName=settings.settings().table)["Items"]
    assert item["kind"] == {"S": "google_flow"}
    assert "my-state" not in str(item)


def test_a_code_belongs_to_the_flow_it_was_made_in(shop: Client, google: OpenIdProvider) -> None:
    mine, foreign = (google.consent(begin(shop), **ANNA) for _ in range(2))
    answer = shop.get(CALLBACK, query={"code": foreign["code"], "state": mine["state"]})
    assert (answer.status, answer.body) == (400, OAUTH_ERROR)


def test_a_made_up_code_is_refused(shop: Client) -> None:
    begin(shop, state="s")
    assert shop.get(CALLBACK, query={"code": "made-up", "state": "s"}).body == OAUTH_ERROR


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": [CLIENT_ID, "other"], "azp": "other"},
        {"iss": "https://evil.example"},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"sub": None},
        {"sub": ""},
        {"email": None},
        {"email": "nobody"},
    ],
    ids=str,
)
def test_an_id_token_that_is_not_for_this_flow_is_refused(
    shop: Client, google: OpenIdProvider, changes: dict[str, Any]
) -> None:
    google.forge(**changes)
    answer = finish(shop, google)
    assert (answer.status, answer.body) == (400, OAUTH_ERROR)
    assert store.get(EmailClaim, email=ANNA["email"]) is None


def test_a_key_published_a_moment_ago_is_fetched(shop: Client, google: OpenIdProvider) -> None:
    assert finish(shop, google).status == 200
    google.asked.clear()
    assert finish(shop, google).status == 200
    assert google.asked.count("/jwks") == 0  # kept from before
    google.forge()
    assert finish(shop, google).status == 200
    assert google.asked.count("/jwks") == 1


def test_a_bad_signature_is_refused(shop: Client, google: OpenIdProvider) -> None:
    google.forge(publish=False)
    assert finish(shop, google).body == OAUTH_ERROR
    known = shop_key(google)
    google.forge(kid=known, publish=False)
    assert finish(shop, google).body == OAUTH_ERROR


def shop_key(google: OpenIdProvider) -> str:
    from quintet import http

    return str(http.request("GET", f"{google.issuer}/jwks").json()["keys"][0]["kid"])


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_no_other_algorithm_will_do(shop: Client, google: OpenIdProvider, algorithm: str) -> None:
    import jwt

    def weak(answer: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        old = answer["id_token"]
        claims = jwt.decode(old, options={"verify_signature": False})
        key = "" if algorithm == "none" else CLIENT_SECRET * 3
        return "200 OK", {**answer, "id_token": jwt.encode(claims, key, algorithm, {"kid": shop_key(google)})}

    google.replaced["/oauth2/token"] = weak
    assert finish(shop, google).body == OAUTH_ERROR


# The provider is down, or not what it should be


def unavailable(answer: Answer) -> bool:
    return (answer.status, answer.error["code"], answer.error["message"], answer.headers["retry-after"]) == (
        503, "oauth_unavailable", "Google cannot be reached, please try again", "5"
    )  # fmt: skip


def broken(answer: Answer) -> bool:
    return (answer.status, answer.error["code"], answer.error["message"]) == (
        502, "oauth_provider_error", "Google did not answer as expected"
    )  # fmt: skip


def test_nobody_answers(shop: Client) -> None:
    with settings.use({"QUINTET_GOOGLE_ISSUER": "http://127.0.0.1:9"}):
        assert unavailable(shop.get(GOOGLE))


@pytest.mark.parametrize("path", ["/oauth2/token", "/jwks"])
def test_google_is_down_when_someone_comes_back(shop: Client, google: OpenIdProvider, path: str) -> None:
    google.replaced[path] = lambda _: ("503 Service Unavailable", {})
    assert unavailable(finish(shop, google))


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/oauth2/token", "401 Unauthorized", {"error": "invalid_client"}),
        ("/oauth2/token", "200 OK", {"access_token": "x"}),
        ("/oauth2/token", "200 OK", {"id_token": 7}),
        ("/jwks", "404 Not Found", {}),
    ],
)
def test_google_answers_nonsense(
    shop: Client, google: OpenIdProvider, path: str, status: str, body: dict[str, Any]
) -> None:
    google.replaced[path] = lambda _: (status, body)
    assert broken(finish(shop, google))


def test_the_discovery_document_must_be_the_issuers_own(shop: Client, google: OpenIdProvider) -> None:
    for change in ({"issuer": "https://evil.example"}, {"authorization_endpoint": None}):
        oidc.reset()
        google.replaced["/.well-known/openid-configuration"] = lambda found, c=change: ("200 OK", {**found, **c})  # type: ignore[misc]
        assert broken(shop.get(GOOGLE))


def test_a_flow_whose_callback_failed_cannot_be_tried_again(shop: Client, google: OpenIdProvider) -> None:
    query = google.consent(begin(shop), **ANNA)
    google.replaced["/oauth2/token"] = lambda _: ("500 Internal Server Error", {})
    assert shop.get(CALLBACK, query=query).status == 503
    google.replaced.clear()
    assert shop.get(CALLBACK, query=query).body == INVALID_STATE


def test_no_secret_reaches_the_logs(
    shop: Client, google: OpenIdProvider, capsys: pytest.CaptureFixture[str], sign_in: SignIn
) -> None:
    google.forge(nonce="another")
    query = google.consent(begin(shop), **ANNA)
    shop.get(CALLBACK, query=query)
    printed = capsys.readouterr()
    logged = printed.out + printed.err
    assert "sign-in with Google failed" in logged
    for secret in (CLIENT_SECRET, query["code"], query["state"]):
        assert secret not in logged
