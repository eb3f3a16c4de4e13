"""What can go wrong when somebody signs in with Google, and that nobody gets in that way."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from quintet import settings
from quintet.auth import oidc
from quintet.models.time import frozen
from quintet.net import aws, outbound
from quintet.testing import Client
from quintet.testing.client import Answer
from storefront.accounts.entities import EmailClaim
from storefront.service import store
from tests.functions.storefront.accounts.google.flow import (
    ANNA,
    CALLBACK,
    GOOGLE,
    INVALID_STATE,
    OAUTH_ERROR,
    begin,
    finish,
)
from tests.support.aws import in_threads
from tests.support.oidc import CLIENT_ID, CLIENT_SECRET, OpenIdProvider

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:authlib"),  # the provider's, not ours
    pytest.mark.filterwarnings("ignore::DeprecationWarning:oidc_provider_mock"),
]


@pytest.mark.parametrize("query", [{}, {"state": "s"}, {"code": "", "state": "s"}])
def test_a_callback_without_a_code_is_refused(shop: Client, query: dict[str, str]) -> None:
    answer = shop.get(CALLBACK, query=query)
    assert answer.status == 400
    assert answer.body == {"error": {"code": "missing_code", "message": "Missing authorization code"}}


@pytest.mark.parametrize(("query", "code"), [({}, "missing_code"), ({"error": "access_denied"}, "oauth_error")])
def test_a_callback_without_a_code_is_refused_also_where_google_is_not_configured(
    shop: Client, query: dict[str, str], code: str
) -> None:
    with settings.use({"QUINTET_GOOGLE_CLIENT_ID": ""}):
        answer = shop.get(CALLBACK, query=query)
    assert (answer.status, answer.error["code"]) == (400, code)


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
    assert item["kind"] == {"S": "sign_in_flow"}
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
    return str(outbound.request("GET", f"{google.issuer}/jwks").json()["keys"][0]["kid"])


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_no_other_algorithm_will_do(shop: Client, google: OpenIdProvider, algorithm: str) -> None:
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


def test_no_secret_reaches_the_logs(shop: Client, google: OpenIdProvider, capsys: pytest.CaptureFixture[str]) -> None:
    google.forge(nonce="another")
    query = google.consent(begin(shop), **ANNA)
    shop.get(CALLBACK, query=query)
    printed = capsys.readouterr()
    logged = printed.out + printed.err
    assert "sign-in with Google failed" in logged
    for secret in (CLIENT_SECRET, query["code"], query["state"]):
        assert secret not in logged
