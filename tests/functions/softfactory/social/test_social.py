"""Signing in with Google, Facebook and Kakao: who gets which account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from infra.local.sign_in import CLIENT_ID, CLIENT_SECRET
from quintet.auth import one_time_tokens
from quintet.models import now
from quintet.models.time import frozen
from quintet.testing import Client
from softfactory.access.changes import change_user, remove_user
from softfactory.accounts import mails
from softfactory.accounts.identities import Link, Linked, identities_of
from softfactory.accounts.two_factor import TwoFactor
from softfactory.people.entities import EmailClaim, User
from softfactory.service import store
from softfactory.social.identity import Identity
from softfactory.trail.log import Entry
from tests.functions.softfactory.conftest import PASSWORD, as_account, make_user
from tests.functions.softfactory.social.flow import MINJI, PROVIDERS, Social, owner_of


def register(client: Client, email: str = MINJI) -> Any:
    answer = client.post("/api/auth/register", {"email": email, "password": PASSWORD, "name": "Intruder"})
    assert answer.status == 201, answer
    return answer.body


def login(client: Client, email: str = MINJI) -> int:
    return client.post("/api/auth/login", {"email": email, "password": PASSWORD}).status


def changed(email: str, /, **fields: Any) -> User:
    """Change the account with an address as it is stored."""
    before = owner_of(email)
    assert before is not None
    tx = store.transaction()
    after = change_user(tx, before, before.model_copy(update=fields))
    tx.commit()
    return after


def free(email: str) -> None:
    """Have an address be nobody's."""
    tx = store.transaction()
    tx.remove(EmailClaim.key(email=email))
    tx.commit()


def actions() -> list[str]:
    return [entry.action for entry in store.query(Entry).items]


# The address to send the browser to


@pytest.mark.parametrize(
    ("provider", "path", "own"),
    [
        ("google", "/oauth/authorize", {"scope": "openid email profile"}),
        ("kakao", "/oauth/authorize", {"scope": "openid account_email profile_nickname"}),
        ("facebook", "/dialog/oauth", {"scope": "email,public_profile"}),
    ],
)
def test_the_address_carries_all_that_protects_the_sign_in(
    social: Social, provider: str, path: str, own: dict[str, str]
) -> None:
    answer = social.client.get(f"/api/auth/oauth/{provider}/url")
    assert (answer.status, list(answer.body), answer.headers["cache-control"]) == (
        200, ["auth_url", "state_token"], "no-store"
    )  # fmt: skip
    parts = urlsplit(answer.body["auth_url"])
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == social.servers[provider].url + path
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    nonce, challenge = query.pop("nonce", "-" * 32), query.pop("code_challenge")
    assert query == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": f"http://127.0.0.1:8000/{provider}",
        "state": answer.body["state_token"],
        "code_challenge_method": "S256",
        **own,
    }
    assert min(len(nonce), len(challenge), len(answer.body["state_token"])) >= 32
    assert CLIENT_SECRET not in answer.body["auth_url"]
    assert social.begin(provider)["state_token"] != answer.body["state_token"]


# Who gets which account


@pytest.mark.parametrize("provider", PROVIDERS)
def test_somebody_new_gets_an_account_and_is_signed_in(social: Social, provider: str) -> None:
    answer = social.sign_in(provider)
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    body = answer.body
    assert body.keys() == {"user", "access_token", "token_type", "expires_in", "refresh_token"}
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 900)
    assert body["user"] == {
        "user_id": body["user"]["user_id"],
        "email": MINJI,
        "name": "Minji Kim",
        "role": "user",
        "roles": ["user"],
        "status": "active",
        "avatar_url": None,
        "bio": "",
        "language": "ko",
        "timezone": "Asia/Seoul",
        "two_factor_enabled": False,
        "email_verified": provider != "facebook",
        "created_at": body["user"]["created_at"],
        "last_login": body["user"]["last_login"],
    }
    assert body["user"]["last_login"] is not None
    assert social.client.post("/api/auth/refresh", {"refresh_token": body["refresh_token"]}).status == 200
    assert login(social.client) == 401
    assert actions()[:2] == ["auth.register", "auth.login"]


def test_the_same_person_comes_back_to_the_same_account(social: Social) -> None:
    for provider in PROVIDERS:
        account = f"{provider}@example.com"
        first, again = (social.sign_in(provider, account=account).body["user"] for _ in range(2))
        assert first["user_id"] == again["user_id"]
        assert social.sign_in(provider, account=f"other-{account}").body["user"]["user_id"] != first["user_id"]


def test_one_subject_at_two_providers_is_two_people(social: Social) -> None:
    google = social.sign_in("google").body["user"]
    changed(MINJI, email="moved@example.com")
    free(MINJI)
    kakao = social.sign_in("kakao").body["user"]  # its subject is 1001, too
    assert kakao["user_id"] != google["user_id"]


@pytest.mark.parametrize("provider", ["google", "kakao"])
def test_a_verified_address_links_the_account_that_has_it(social: Social, provider: str) -> None:
    registered = register(social.client)
    changed(MINJI, email_verified=True)
    answer = social.sign_in(provider)
    assert answer.body["user"]["user_id"] == registered["user"]["user_id"]
    assert login(social.client) == 200
    assert social.client.post("/api/auth/refresh", {"refresh_token": registered["refresh_token"]}).status == 200
    assert social.sign_in(provider).body["user"]["user_id"] == registered["user"]["user_id"]
    assert actions().count("auth.identity_linked") == 1


def test_whoever_registered_a_strangers_address_is_locked_out_when_its_owner_comes(social: Social) -> None:
    intruder = register(social.client)
    user_id = intruder["user"]["user_id"]
    tx = store.transaction()
    tx.put(TwoFactor(user_id=user_id, sealed="the intruder's"))
    tx.commit()
    changed(MINJI, two_factor_enabled=True)
    answer = social.sign_in("google")
    assert answer.status == 200
    user = answer.body["user"]
    assert (user["user_id"], user["email_verified"], user["two_factor_enabled"]) == (user_id, True, False)
    assert login(social.client) == 401
    assert social.client.post("/api/auth/refresh", {"refresh_token": intruder["refresh_token"]}).status == 401
    assert social.client.as_caller(intruder["access_token"]).get("/api/auth/user").status == 401
    assert store.get(TwoFactor, user_id=user_id) is None


def test_identities_that_proved_nothing_are_void_when_the_address_is_proven(social: Social) -> None:
    first = social.sign_in("facebook").body["user"]["user_id"]
    assert social.sign_in("google", account="jun").status == 200  # somebody else's stays
    proven = social.sign_in("google").body
    assert proven["user"]["user_id"] == first
    assert store.get(Link, provider="facebook", subject="1001") is None
    assert [each.provider for each in store.query(Linked, begins="SOCIAL#", user_id=first).items] == ["google"]
    answer = social.sign_in("facebook")
    assert (answer.status, answer.error["code"]) == (409, "email_taken")
    assert social.sign_in("kakao").body["user"]["user_id"] == first
    assert social.sign_in("google").body["user"]["user_id"] == first


@pytest.fixture
def administrator(social: Social) -> Client:
    return as_account(social.client, make_user("admin"))


def moved(administrator: Client, user_id: str) -> str:
    """Have an administrator give an account another address."""
    wanted = "moved@example.com"
    assert administrator.put(f"/api/admin/users/{user_id}", {"email": wanted}).status == 200
    return wanted


def test_an_identity_let_in_by_the_old_address_does_not_follow_to_another(
    social: Social, administrator: Client
) -> None:
    """Whoever has the old mailbox has no way back in; who proves nothing by it comes in as before."""
    mine = social.sign_in("facebook").body["user"]["user_id"]
    changed(MINJI, email_verified=True)
    assert social.sign_in("google").body["user"]["user_id"] == mine
    moved(administrator, mine)
    assert [each.provider for each in identities_of(mine)] == ["facebook"]
    assert social.sign_in("google").body["user"]["user_id"] != mine
    assert social.sign_in("facebook").body["user"]["user_id"] == mine


@pytest.mark.parametrize("way", ["identity", "mail"])
def test_who_had_an_address_moved_to_a_strangers_is_out_when_the_stranger_comes(
    social: Social, administrator: Client, way: str
) -> None:
    """By a verified identity or by the token of a mail: each proves what nothing before had proved."""
    intruder = "mallory@example.com"
    user_id = social.sign_in("facebook", account=intruder).body["user"]["user_id"]
    changed(intruder, email_verified=True)
    assert social.sign_in("google", account=intruder).body["user"]["user_id"] == user_id
    address = moved(administrator, user_id)
    if way == "identity":
        assert social.sign_in("kakao", account=address).body["user"]["user_id"] == user_id
    else:
        set_by_mail(social.client, user_id)
    assert [each.provider for each in identities_of(user_id)] == ["kakao"] * (way == "identity")
    for provider in ("facebook", "google"):
        assert social.sign_in(provider, account=intruder).body["user"]["user_id"] != user_id
        free(intruder)


def set_by_mail(client: Client, user_id: str) -> None:
    """Set a password as the reader of the account's mailbox."""
    tx = store.transaction()
    token = one_time_tokens.give(tx, user_id, mails.RESET)
    tx.commit()
    assert client.put(f"/api/auth/password/reset/{token}", {"password": PASSWORD}).status == 200


def test_a_password_that_is_set_by_mail_leaves_identities_of_a_proven_address(social: Social) -> None:
    user_id = social.sign_in("google").body["user"]["user_id"]
    set_by_mail(social.client, user_id)
    assert social.sign_in("google").body["user"]["user_id"] == user_id


def test_an_identity_that_is_linked_while_the_address_moves_goes_with_it(
    social: Social, administrator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = social.sign_in("google").body["user"]["user_id"]
    moving = "softfactory.administration.operations.identities_of"

    def link_meanwhile(user_id: str) -> list[Linked]:
        found = identities_of(user_id)
        monkeypatch.setattr(moving, identities_of)
        assert social.sign_in("kakao").body["user"]["user_id"] == mine
        return found

    monkeypatch.setattr(moving, link_meanwhile)
    moved(administrator, mine)
    assert identities_of(mine) == []


@pytest.mark.parametrize(
    ("provider", "choice"),
    [("facebook", {}), ("google", {"verified": "false"}), ("kakao", {"verified": "false"})],
)
def test_an_unverified_address_is_never_linked(social: Social, provider: str, choice: dict[str, str]) -> None:
    register(social.client)
    answer = social.sign_in(provider, **choice)
    assert (answer.status, answer.error["code"]) == (409, "email_taken")
    assert store.get(Link, provider=provider, subject="1001") is None
    assert login(social.client) == 200
    refused = [entry for entry in store.query(Entry).items if entry.action == "auth.login_refused"]
    assert [entry.after for entry in refused] == [{"method": provider, "reason": "email_taken"}]


def test_an_address_that_kakao_calls_invalid_is_not_verified() -> None:
    told = {"sub": "1", "email": MINJI, "email_verified": True, "nickname": "민지"}
    assert Identity.of("kakao", told) == Identity("kakao", "1", MINJI, True, "민지")
    for changes in ({"is_email_valid": False}, {"email_verified": "yes"}, {"email_verified": 1}, {"email": "none"}):
        assert Identity.of("kakao", {**told, **changes}).verified is False


@pytest.mark.parametrize("provider", PROVIDERS)
def test_somebody_new_without_an_address_gets_no_account_and_somebody_known_needs_none(
    social: Social, provider: str
) -> None:
    answer = social.sign_in(provider, account="nobody")
    assert (answer.status, answer.error["code"]) == (400, "email_required")
    user_id = social.sign_in(provider).body["user"]["user_id"]
    tx = store.transaction()
    tx.put(Link.model_validate({"provider": provider, "subject": "1003", "user_id": user_id}))
    tx.commit()
    assert social.sign_in(provider, account="nobody").body["user"]["user_id"] == user_id


# What stands in the way of signing in


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_second_factor_is_asked_for_as_at_any_sign_in(social: Social, provider: str) -> None:
    social.sign_in(provider)
    changed(MINJI, two_factor_enabled=True, email_verified=True)
    body = social.sign_in(provider).body
    assert body == {"requires_2fa": True, "challenge_token": body["challenge_token"], "expires_in": 300}
    if provider != "facebook":
        other = "kakao" if provider == "google" else "google"
        assert social.sign_in(other).body.keys() == body.keys()  # nor does a link that is made just now pass it


@pytest.mark.parametrize("status", ["suspended", "banned", "deactivated"])
def test_a_closed_account_is_neither_opened_nor_linked(social: Social, status: Any) -> None:
    social.sign_in("google")
    changed(MINJI, status=status)
    for provider in ("google", "kakao"):
        answer = social.sign_in(provider)
        assert (answer.status, answer.error["code"]) == (403, f"account_{status}")
    assert store.get(Link, provider="kakao", subject="1001") is None


def test_signing_in_takes_back_the_wish_to_be_deleted(social: Social) -> None:
    user_id = social.sign_in("google").body["user"]["user_id"]
    for provider in ("google", "kakao"):
        changed(MINJI, deletion_due=now() + timedelta(days=30))
        assert social.sign_in(provider).body["user"]["user_id"] == user_id
        user = owner_of(MINJI)
        assert user is not None
        assert user.deletion_due is None


def test_after_thirty_days_an_account_is_gone_and_nothing_is_linked_to_it(social: Social) -> None:
    social.sign_in("google")
    changed(MINJI, deletion_due=now() + timedelta(days=30))
    with frozen(now() + timedelta(days=31)):
        for provider in ("google", "kakao"):
            answer = social.sign_in(provider)
            assert (answer.status, answer.error["code"]) == (401, "account_deleted")
    assert store.get(Link, provider="kakao", subject="1001") is None


def test_an_identity_outlives_the_account_that_it_opened(social: Social) -> None:
    first = social.sign_in("facebook").body["user"]["user_id"]
    user = owner_of(MINJI)
    assert user is not None
    tx = store.transaction()
    remove_user(tx, user)
    tx.commit()
    free(MINJI)
    second = social.sign_in("facebook").body["user"]["user_id"]
    assert second != first
    assert social.sign_in("facebook").body["user"]["user_id"] == second
