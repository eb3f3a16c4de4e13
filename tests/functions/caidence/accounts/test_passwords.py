"""New passwords: set by an administrator, or with the token from the mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from urllib.parse import urlencode

import pytest

from caidence.access import audit
from caidence.accounts import passwords, recovery
from caidence.directory.entities import Organization, User
from caidence.notifications.operations import send_due
from caidence.service import store
from infra.local.console import Console
from infra.local.gateway import Call, Reply
from infra.render.gateway import ACCESS_LOG
from quintet.models import SkipQuery
from quintet.models.time import frozen
from quintet.testing import Client, schedule_event
from tests.functions.caidence.accounts.conftest import (
    AUTH,
    OTHER_PASSWORD,
    log_in,
    named,
    password_hash,
    session_of,
    signed_in,
    with_password,
)
from tests.functions.caidence.conftest import PASSWORD, SignIn, account_of
from tests.support.aws import in_threads
from tests.support.calls import recorded
from tests.support.people import mails_to, token_mailed_to

NOON = datetime(2026, 1, 18, 12, tzinfo=UTC)
UPDATED = {"message": "Password updated"}
SENT = {"message": "If the address is registered, a message with a token to set a new password is on its way"}
BAD_TOKEN = {"detail": "Invalid or expired token"}


def recover(platform: Client, email: str, ip: str | None = None) -> None:
    answer = platform.post(f"{AUTH}/recover-password", query={"email": email}, ip=ip)
    assert (answer.status, answer.body) == (200, SENT)


def mailed(platform: Client, email: str) -> str:
    """The token in the newest message, once the clock has sent what is due."""
    recover(platform, email)
    send_due(schedule_event())
    return token_mailed_to(email)


def reset(platform: Client, token: str, password: str = OTHER_PASSWORD) -> Any:
    return platform.post(f"{AUTH}/reset-password", {"token": token, "new_password": password})


def is_ended(platform: Client, session: dict[str, Any]) -> bool:
    statuses = {
        platform.as_caller(session["access_token"]).get(f"{AUTH}/me").status,
        platform.post(f"{AUTH}/refresh", {"refresh_token": session["refresh_token"]}).status,
    }
    assert len(statuses) == 1, statuses
    return statuses == {401}


@pytest.mark.parametrize("as_query", [True, False])
def test_a_super_admin_sets_a_password_which_ends_every_session(
    platform: Client, super_admin: Client, person: User, as_query: bool
) -> None:
    session = session_of(platform, person.email)
    given = {"email": person.email.upper(), "password": OTHER_PASSWORD}
    path = f"{AUTH}/set-password"
    answer = super_admin.post(path, query=given) if as_query else super_admin.post(path, given)
    assert (answer.status, answer.body) == (200, UPDATED)
    assert is_ended(platform, session)
    assert log_in(platform, person.email).status == 401
    assert signed_in(platform, person.email, OTHER_PASSWORD).get(f"{AUTH}/me").status == 200
    (entry,) = audit.page(SkipQuery(), "user.password", person.id).items
    assert (entry.actor_id, entry.before, entry.after) == (account_of(super_admin).id, None, None)
    assert OTHER_PASSWORD not in entry.model_dump_json()


def test_what_the_query_says_wins_over_the_body(platform: Client, super_admin: Client, person: User) -> None:
    body = {"email": "nobody@example.com", "password": PASSWORD}
    answer = super_admin.post(f"{AUTH}/set-password", body, query={"email": person.email, "password": OTHER_PASSWORD})
    assert answer.status == 200, answer
    assert log_in(platform, person.email, OTHER_PASSWORD).status == 200


@pytest.mark.parametrize(
    ("query", "body", "locs"),
    [
        ({}, None, [["query", "email"], ["query", "password"]]),
        ({"email": "ada@example.com"}, None, [["query", "password"]]),
        ({"email": "ada", "password": OTHER_PASSWORD}, None, [["query", "email"]]),
        ({"email": "ada@example.com", "password": "short-1"}, None, [["query", "password"]]),
        ({"email": "ada@example.com", "password": "password123"}, None, [["query", "password"]]),
        ({}, {}, [["body", "email"], ["body", "password"]]),
        ({}, {"email": "ada@example.com"}, [["body", "password"]]),
        ({}, {"email": "ada", "password": OTHER_PASSWORD}, [["body", "email"]]),
        ({}, {"email": "ada@example.com", "password": "x" * 129}, [["body", "password"]]),
    ],
)
def test_bad_input_names_its_field_and_where_it_stood(
    super_admin: Client, query: dict[str, str], body: Any, locs: list[list[str]]
) -> None:
    answer = super_admin.post(f"{AUTH}/set-password", body, query=query)
    assert named(answer) == locs
    assert OTHER_PASSWORD not in answer.raw.decode()


def test_nobody_has_an_unknown_address(super_admin: Client) -> None:
    answer = super_admin.post(f"{AUTH}/set-password", {"email": "nobody@example.com", "password": OTHER_PASSWORD})
    assert (answer.status, answer.body) == (404, {"detail": "User not found"})


def test_only_super_admins_set_passwords_of_others(
    platform: Client, person: User, agency_admin: Client, viewer: Client
) -> None:
    given = {"email": person.email, "password": OTHER_PASSWORD}
    before = password_hash(person.email)
    for client, status in ((platform, 401), (agency_admin, 403), (viewer, 403)):
        assert client.post(f"{AUTH}/set-password", given).status == status
    assert password_hash(person.email) == before


def test_the_password_of_an_equal_or_higher_one_is_not_a_super_admins_to_set(
    super_admin: Client, root: Client, email: str
) -> None:
    for number, role in enumerate(("super_admin", "root")):
        with_password(role, None, f"{number}{email}")
        given = {"email": f"{number}{email}", "password": OTHER_PASSWORD}
        refused = super_admin.post(f"{AUTH}/set-password", given)
        assert (refused.status, refused.body) == (
            403, {"detail": f"Changing a user with the role {role} needs a higher level than theirs"},
        )  # fmt: skip
        assert root.post(f"{AUTH}/set-password", given).status == 200


def test_ones_own_password_is_not_set_this_way(root: Client) -> None:
    answer = root.post(f"{AUTH}/set-password", {"email": account_of(root).email, "password": OTHER_PASSWORD})
    assert (answer.status, answer.body) == (
        403, {"detail": "Your own password is set by recover-password and reset-password"},
    )  # fmt: skip


def test_a_forgotten_password_is_replaced_with_the_token_from_the_mail(platform: Client, person: User) -> None:
    session = session_of(platform, person.email)
    answer = reset(platform, mailed(platform, person.email))
    assert (answer.status, answer.body) == (200, UPDATED)
    assert is_ended(platform, session)
    assert log_in(platform, person.email).status == 401
    assert log_in(platform, person.email, OTHER_PASSWORD).status == 200
    (entry,) = audit.page(SkipQuery(), "user.password", person.id).items
    assert (entry.actor_id, entry.before, entry.after) == (person.id, None, None)


def test_a_token_is_good_once(platform: Client, person: User) -> None:
    token = mailed(platform, person.email)
    answers = in_threads(8, lambda n: reset(platform, token, f"Battery-staple-{n}"))
    assert sorted(a.status for a in answers) == [200] + [400] * 7  # type: ignore[union-attr]
    assert (reset(platform, token).status, reset(platform, token).body) == (400, BAD_TOKEN)


def test_the_newest_token_is_the_only_one(platform: Client, person: User) -> None:
    first, second = mailed(platform, person.email), mailed(platform, person.email)
    assert reset(platform, first).body == BAD_TOKEN
    assert reset(platform, second).status == 200


def test_a_token_is_good_for_an_hour(platform: Client, person: User) -> None:
    with frozen(NOON):
        token = mailed(platform, person.email)
    with frozen(NOON + timedelta(hours=1)):
        assert reset(platform, token).body == BAD_TOKEN
    with frozen(NOON + timedelta(minutes=59)):
        assert reset(platform, token).status == 200


def test_a_password_set_by_an_administrator_voids_the_token(
    platform: Client, super_admin: Client, person: User
) -> None:
    token = mailed(platform, person.email)
    given = {"email": person.email, "password": OTHER_PASSWORD}
    assert super_admin.post(f"{AUTH}/set-password", given).status == 200
    assert reset(platform, token, "Another-one-8").body == BAD_TOKEN


def test_a_weak_new_password_is_named_and_the_token_stays_good(platform: Client, person: User) -> None:
    token = mailed(platform, person.email)
    assert named(reset(platform, token, "password123")) == [["body", "new_password"]]
    assert reset(platform, token).status == 200


@pytest.mark.parametrize("token", ["x", "é" * 40, "A" * 65, "!" * 128])
def test_what_is_no_token_is_refused(platform: Client, token: str) -> None:
    answer = reset(platform, token)
    assert (answer.status, answer.body) == (400, BAD_TOKEN)


def test_a_token_tampered_with_is_refused(platform: Client, person: User, organization: Organization) -> None:
    other = with_password("viewer", organization, f"x{person.email}")
    token, others = mailed(platform, person.email), mailed(platform, other.email)
    for wrong in (token[:-1], token + "A", others[:22] + token[22:]):
        assert reset(platform, wrong).body == BAD_TOKEN
    assert reset(platform, token).status == 200


def test_an_unknown_address_gets_the_same_answer_after_the_same_work_and_no_mail(
    platform: Client, person: User, email: str
) -> None:
    with recorded() as known:
        recover(platform, person.email)
    with recorded() as unknown:
        recover(platform, f"nobody-{email}")
    assert known.names == unknown.names
    send_due(schedule_event())
    assert (mails_to(person.email), mails_to(f"nobody-{email}")) == (1, 0)


def test_recovery_takes_a_body_too_and_names_what_is_wrong(platform: Client, person: User) -> None:
    assert platform.post(f"{AUTH}/recover-password", {"email": person.email}).body == SENT
    send_due(schedule_event())
    assert mails_to(person.email) == 1
    for query, body, loc in (
        ({}, None, ["query", "email"]),
        ({"email": "ada"}, None, ["query", "email"]),
        ({}, {}, ["body", "email"]),
        ({}, {"email": "ada"}, ["body", "email"]),
    ):
        assert named(platform.post(f"{AUTH}/recover-password", body, query=query)) == [loc]


def test_one_address_is_mailed_five_times_an_hour_and_told_nothing_of_it(platform: Client, person: User) -> None:
    with frozen(NOON):
        for _ in range(recovery.PER_EMAIL + 2):
            recover(platform, person.email)
    with frozen(NOON + timedelta(minutes=1)):
        send_due(schedule_event())
    assert mails_to(person.email) == recovery.PER_EMAIL


def test_one_sender_asks_for_so_many_mails_an_hour(
    platform: Client, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "PER_IP", 3)
    with frozen(NOON):
        for number in range(recovery.PER_IP):
            recover(platform, f"{number}-{person.email}")
        recover(platform, person.email)
        recover(platform, person.email, ip="198.51.100.1")
    with frozen(NOON + timedelta(minutes=1)):
        send_due(schedule_event())
    assert mails_to(person.email) == 1


def test_who_signs_in_while_the_password_is_replaced_gets_no_session_that_outlives_it(
    platform: Client, super_admin: Client, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new password is committed between the check of the old one and the opening of the session."""
    proven = passwords.proven
    raced = False

    def overtaken(*given: str) -> Any:
        nonlocal raced
        claim = proven(*given)
        if not raced:
            raced = True
            body = {"email": person.email, "password": OTHER_PASSWORD}
            assert super_admin.post(f"{AUTH}/set-password", body).status == 200
        return claim

    monkeypatch.setattr(passwords, "proven", overtaken)
    assert log_in(platform, person.email).status == 401


def test_a_role_given_while_the_password_is_set_is_kept(
    super_admin: Client, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = passwords.replace
    raced = False

    def overtaken(*given: Any) -> None:
        nonlocal raced
        replace(*given)
        if not raced:
            raced = True
            store.replace(person, person.model_copy(update={"role": "creator"}))

    monkeypatch.setattr(passwords, "replace", overtaken)
    answer = super_admin.post(f"{AUTH}/set-password", {"email": person.email, "password": OTHER_PASSWORD})
    assert answer.status == 200, answer
    stored = store.get(User, id=person.id)
    assert stored is not None
    assert (stored.role, stored.epoch) == ("creator", 1)


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("path", ["set-password", "recover-password"])
def test_no_log_shows_what_the_query_said_even_when_everything_fails(
    super_admin: Client,
    person: User,
    path: str,
    version: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the table is on fire")

    query = {"email": person.email, "password": OTHER_PASSWORD}
    monkeypatch.setattr("caidence.accounts.password_operations.until_settled", broken)
    monkeypatch.setattr(recovery, "request_token", broken)
    answer = super_admin.speaking(version).post(f"{AUTH}/{path}", query=query)
    assert (answer.status, answer.body) == (500, {"detail": "Internal server error"})
    super_admin.speaking(version).post(f"{AUTH}/{path}", query={**query, "email": "ada", "password": "Secret1"})
    logged = capsys.readouterr()
    told = logged.out + logged.err
    assert "the table is on fire" in told
    for secret in (person.email, OTHER_PASSWORD, "Secret1", urlencode({"email": person.email})):
        assert secret not in told


def test_neither_the_gateway_nor_the_laptop_logs_query_strings() -> None:
    assert not [source for source in ACCESS_LOG.values() if "query" in source.lower() or "protocol" in source]
    shown = StringIO()
    call = Call("POST", f"/caidence{AUTH}/set-password?email=ada%40example.com&password=Secret-1-2", [])
    Console(shown).called(call, Reply(200), 0.0)
    assert "/caidence/api/v1/auth/set-password" in shown.getvalue()
    assert not [word for word in ("?", "ada", "Secret") if word in shown.getvalue()]


def test_people_without_an_organization_recover_too(platform: Client, sign_in: SignIn, email: str) -> None:
    with_password("creator", None, email)
    assert reset(platform, mailed(platform, email)).status == 200
