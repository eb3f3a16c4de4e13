"""What can go wrong when somebody signs in with a provider, or is tried, and that nobody gets in that way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.local.sign_in import CLIENT_SECRET
from quintet import settings
from quintet.auth import code_flow
from quintet.keys import keyring
from quintet.models.time import frozen
from quintet.net import aws
from quintet.testing.client import Answer
from softfactory.accounts import signing_in
from softfactory.accounts.identities import Linked
from softfactory.people.entities import User
from softfactory.service import store
from tests.functions.softfactory.conftest import PASSWORD
from tests.functions.softfactory.social.flow import MINJI, PROVIDERS, Social, owner_of
from tests.support.aws import SECRET, in_threads

OIDC = ("google", "kakao")


def refused(answer: Answer, status: int, code: str) -> bool:
    return (answer.status, answer.error["code"]) == (status, code)


# States and codes


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_state_and_a_code_are_good_once(social: Social, provider: str) -> None:
    query = social.consent(provider)
    assert social.callback(provider, query).status == 200
    assert refused(social.callback(provider, query), 400, "invalid_state")
    fresh = social.begin(provider)["state_token"]
    assert refused(social.callback(provider, {**query, "state": fresh}), 400, "oauth_refused")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_state_is_its_providers_alone_and_lives_on(social: Social, provider: str) -> None:
    query = social.consent(provider)
    for other in set(PROVIDERS) - {provider}:
        social.servers[other].asked.clear()
        assert refused(social.callback(other, query), 400, "invalid_state")
        assert social.servers[other].asked == []  # no code is handed to another provider
    assert social.callback(provider, query).status == 200


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_code_belongs_to_the_sign_in_it_was_made_in(social: Social, provider: str) -> None:
    mine, theirs = social.consent(provider, account="jun"), social.consent(provider)
    mixed = social.callback(provider, {"code": theirs["code"], "state": mine["state"]})
    assert refused(mixed, 400, "oauth_refused")
    assert owner_of(MINJI) is None


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_state_is_good_for_ten_minutes(social: Social, provider: str) -> None:
    with frozen() as clock:
        in_time, late = social.consent(provider), social.consent(provider)
        clock.advance(seconds=599)
        assert social.callback(provider, in_time).status == 200
        clock.advance(seconds=1)
        assert refused(social.callback(provider, late), 400, "invalid_state")


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("query", "fields"),
    [({}, ["code", "state"]), ({"code": "c"}, ["state"]), ({"state": "s", "code": ""}, ["code"])],
)
def test_what_is_missing_is_named(social: Social, provider: str, query: dict[str, str], fields: list[str]) -> None:
    answer = social.callback(provider, query)
    assert refused(answer, 422, "validation_error")
    assert answer.error["details"] == [{"field": name, "message": "is required"} for name in fields]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_is_too_long_is_refused_and_what_providers_add_is_not(social: Social, provider: str) -> None:
    answer = social.callback(provider, {"code": "c" * 4097, "state": "s" * 513})
    assert refused(answer, 422, "validation_error")
    assert {each["field"] for each in answer.error["details"]} == {"code", "state"}
    query = social.consent(provider)
    assert social.callback(provider, {**query, "scope": "email", "authuser": "0", "prompt": "none"}).status == 200


@pytest.mark.parametrize("provider", PROVIDERS)
def test_somebody_who_refuses_is_told_so_and_may_think_again(social: Social, provider: str) -> None:
    query = social.consent(provider, refuse="true")
    answer = social.callback(provider, query)
    assert refused(answer, 400, "oauth_refused")
    assert answer.error["details"] == [{"field": "error", "message": "access_denied"}]
    answer = social.callback(provider, {"error": "<script>alert(1)</script>"})
    assert answer.error["details"] == [{"field": "error", "message": "unknown"}]


def test_nobody_is_sent_elsewhere_by_what_a_caller_says(social: Social) -> None:
    for provider in PROVIDERS:
        query = {"redirect_uri": "https://evil.example/", "next": "//evil.example", "state": "mine"}
        answer = social.client.get(f"/api/auth/oauth/{provider}/url", query=query, headers={"host": "evil.example"})
        assert "evil.example" not in answer.raw.decode()
        assert answer.body["state_token"] != "mine"
        answer = social.callback(provider, {**social.consent(provider), "redirect_uri": "https://evil.example/"})
        assert (answer.status in (200, 409), "location" in answer.headers) == (True, False)


# Many at once


@pytest.mark.parametrize("provider", PROVIDERS)
def test_of_many_callbacks_with_one_state_one_gets_through(social: Social, provider: str) -> None:
    query = social.consent(provider)
    answers = in_threads(8, lambda _: social.callback(provider, query).status)
    assert sorted(map(str, answers)) == ["200"] + ["400"] * 7


@pytest.mark.parametrize("provider", PROVIDERS)
def test_twenty_sign_ins_of_somebody_new_at_once_make_one_account(social: Social, provider: str) -> None:
    queries = [social.consent(provider) for _ in range(20)]
    answers = in_threads(20, lambda number: social.callback(provider, queries[number]))
    assert [a for a in answers if not isinstance(a, Answer) or a.status != 200] == []
    users = {a.body["user"]["user_id"] for a in answers if isinstance(a, Answer)}
    owner = owner_of(MINJI)
    assert owner is not None
    assert users == {owner.id}
    assert [u.id for u in store.query(User, index="gsi1").items] == [owner.id]
    assert len(store.query(Linked, begins="SOCIAL#", user_id=owner.id).items) == 1


@pytest.mark.parametrize("number", range(3))
def test_signing_up_and_signing_in_at_once_leave_one_account_that_its_owner_opens(social: Social, number: int) -> None:
    email = f"race-{number}@example.com"
    credentials, consented = {"email": email, "password": PASSWORD}, social.consent("google", account=email)

    def come(number: int) -> Answer:
        if number:
            return social.client.post("/api/auth/register", credentials)
        return social.callback("google", consented)

    signed_in, signed_up = in_threads(2, come)
    assert isinstance(signed_in, Answer)
    assert isinstance(signed_up, Answer)
    owner = owner_of(email)
    assert owner is not None
    assert (signed_in.status, signed_in.body["user"]["user_id"]) == (200, owner.id)
    assert social.client.post("/api/auth/login", credentials).status == 401
    if signed_up.status == 201:
        assert signed_up.body["user"]["user_id"] == owner.id
        assert social.client.as_caller(signed_up.body["access_token"]).get("/api/auth/user").status == 401


def test_an_identity_that_is_voided_meanwhile_does_not_get_in(social: Social, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address's owner comes between the look at the link and the session."""
    first = social.sign_in("facebook").body["user"]["user_id"]
    enter, came = signing_in.enter, list[str]()

    def late(user: User, *rest: Any) -> Any:
        if not came:
            came.append(user.id)
            assert social.sign_in("google").body["user"]["user_id"] == first
            user = owner_of(MINJI) or user
        return enter(user, *rest)

    monkeypatch.setattr(signing_in, "enter", late)
    assert refused(social.sign_in("facebook"), 409, "email_taken")
    assert came == [first]


# The provider is not what it should be


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("missing", ["CLIENT_ID", "REDIRECT_URI", "secret"])
def test_a_provider_that_is_not_configured_is_503_and_the_others_work(
    social: Social, provider: str, missing: str
) -> None:
    changes = {} if missing == "secret" else {f"QUINTET_{provider.upper()}_{missing}": ""}
    if missing == "secret":
        _without_secret(provider)
    with settings.use(changes):
        assert refused(social.client.get(f"/api/auth/oauth/{provider}/url"), 503, "oauth_not_configured")
        answer = social.callback(provider, {"code": "c", "state": "s"})
        assert refused(answer, 503, "oauth_not_configured")
        for other in set(PROVIDERS) - {provider}:
            assert social.client.get(f"/api/auth/oauth/{other}/url").status == 200


def _without_secret(provider: str) -> None:
    held = {**SECRET, **{f"{name}_client_secret": CLIENT_SECRET for name in PROVIDERS if name != provider}}
    secret_id = settings.settings().secret
    aws.client("secretsmanager").put_secret_value(SecretId=secret_id, SecretString=json.dumps(held))
    keyring.reset()


@pytest.mark.parametrize("provider", OIDC)
@pytest.mark.parametrize("fault", [{"nonce": "wrong"}, {"nonce": "missing"}, {"expired": True}, {"signature": "wrong"}])
def test_an_id_token_that_proves_nothing_opens_nothing(social: Social, provider: str, fault: dict[str, Any]) -> None:
    query = social.consent(provider)
    social.faults(provider, **fault)
    assert refused(social.callback(provider, query), 400, "oauth_refused")
    assert owner_of(MINJI) is None


def test_a_facebook_token_that_has_expired_opens_nothing(social: Social) -> None:
    query = social.consent("facebook")
    social.faults("facebook", expired=True)
    assert refused(social.callback("facebook", query), 400, "oauth_refused")
    assert owner_of(MINJI) is None


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_that_is_down_is_503_and_a_state_is_spent(social: Social, provider: str) -> None:
    query = social.consent(provider)
    social.faults(provider, status=500)
    answer = social.callback(provider, query)
    assert refused(answer, 503, "oauth_unavailable")
    assert answer.headers["retry-after"] == "5"
    social.faults(provider)
    assert refused(social.callback(provider, query), 400, "invalid_state")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_that_takes_too_long_is_503(social: Social, provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    query = social.consent(provider)
    social.faults(provider, delay=3.0)
    monkeypatch.setattr(code_flow, "SECONDS", 0.2)
    assert refused(social.callback(provider, query), 503, "oauth_unavailable")
    assert owner_of(MINJI) is None


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, "4", (503, "oauth_unavailable")),
        (400, "613", (503, "oauth_unavailable")),
        (400, "100", (400, "oauth_refused")),
        (401, "190", (400, "oauth_refused")),
        (400, "101", (502, "oauth_provider_error")),
        (404, "803", (502, "oauth_provider_error")),
        (503, "2", (503, "oauth_unavailable")),
    ],
)
def test_what_graph_calls_an_error_is_told_apart(
    social: Social, status: int, code: str, expected: tuple[int, str]
) -> None:
    query = social.consent("facebook")
    social.faults("facebook", status=status, code=code)
    answer = social.callback("facebook", query)
    assert (answer.status, answer.error["code"]) == expected


def test_no_secret_reaches_the_logs(social: Social, capsys: pytest.CaptureFixture[str]) -> None:
    held: list[str] = [CLIENT_SECRET]
    for provider in PROVIDERS:
        query = social.consent(provider)
        held += [query["code"], query["state"]]
        social.faults(provider, expired=True)
        social.callback(provider, query)
        held += social.servers[provider]._tokens
    printed = capsys.readouterr()
    logged = printed.out + printed.err
    for provider in PROVIDERS:
        assert f"signing in with {provider} failed" in logged
    assert [secret for secret in held if secret in logged] == []
