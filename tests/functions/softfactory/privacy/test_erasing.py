"""What an erasure holds against: sign-ins and owners that come between, other runs, accounts that do not end."""

from __future__ import annotations

from typing import Any

import pytest

from quintet.api import Request
from quintet.auth import families
from quintet.auth.families import Family
from quintet.jobs import Job
from quintet.models.time import FrozenClock
from quintet.providers import storage
from quintet.store import exists
from quintet.testing import Client
from softfactory.access.changes import USER_NOT_FOUND, change_user
from softfactory.accounts import signing_in
from softfactory.audit import pending, reading
from softfactory.audit.entities import Subject
from softfactory.people.entities import EmailClaim, User
from softfactory.privacy import activity, erasing, exporting
from softfactory.privacy.entities import Erasure
from softfactory.privacy.subjects import DataSubject
from softfactory.service import store
from softfactory.trail.log import Act, record
from tests.functions.softfactory.conftest import PASSWORD, account_of, as_account, change, make_user
from tests.functions.softfactory.privacy.conftest import (
    ADDRESS,
    EMAIL,
    NAME,
    clock,
    planned,
    until_done,
    where_it_stands,
)

NOBODY = "0198c0de-0000-7000-8000-000000000099"
pytestmark = pytest.mark.usefixtures("noon")


class Died(BaseException):
    """What nothing catches, as the end of a process is not caught."""


def test_who_signs_in_while_the_erasure_begins_comes_too_late(
    suite: Client, admin: Client, ada: User, noon: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sign-in has read the account a moment before it was due, and commits after the erasure has begun."""
    planned(admin, ada.id)
    by = account_of(admin)
    store.update(User, User.key(id=ada.id), put={"two_factor_enabled": False}, where=[exists()])
    noon.advance(days=29, hours=23, minutes=59, seconds=59)
    welcome, begun = signing_in._require_welcome, list[int]()

    def late(*given: Any) -> None:
        welcome(*given)
        if not begun:
            noon.advance(seconds=2)
            begun.append(erasing.begin_due())

    monkeypatch.setattr(signing_in, "_require_welcome", late)
    answer = suite.post("/api/auth/login", {"email": EMAIL, "password": PASSWORD})
    assert (begun, answer.status, answer.body["error"]["code"]) == ([1], 401, "account_deleted")
    noon.advance(days=-1)  # by whatever clock
    assert suite.post("/api/auth/login", {"email": EMAIL, "password": PASSWORD}).status == 401
    assert as_account(suite, by).put(f"/api/admin/users/{ada.id}", {"status": "active"}).status == 404
    noon.advance(days=1)
    until_done()
    assert store.get(User, id=ada.id) is None


def test_the_address_is_nobodys_until_nothing_is_found_by_it(
    suite: Client, admin: Client, ada: User, noon: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run dies when the account is gone, and then nobody takes the address before the next one has done the rest."""
    planned(admin, ada.id)
    noon.advance(days=31)

    def dying(*_: Any) -> bool:
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(activity, "_mails", dying)
        erasing.begin_due()
        with pytest.raises(Died):
            erasing.go_on_with_all(erasing.under_way(), 60)
    assert store.get(User, id=ada.id) is None
    body = {"email": EMAIL, "password": PASSWORD, "name": "Another"}
    assert suite.post("/api/auth/register", body).status == 409
    assert suite.post("/api/auth/login", {"email": EMAIL, "password": PASSWORD}).status == 401
    noon.advance(minutes=10)
    until_done()
    assert suite.post("/api/auth/register", body).status == 201


def test_an_erasure_touches_nothing_that_is_found_by_an_address_of_somebody_else(
    suite: Client, admin: Client, ada: User, noon: FrozenClock
) -> None:
    planned(admin, ada.id)
    noon.advance(days=31)
    erasing.begin_due()
    store.update(EmailClaim, EmailClaim.key(email=EMAIL), put={"user_id": make_user("user").id})
    suite.post("/api/auth/login", {"email": EMAIL, "password": "a-wrong-one-2"}, ip=ADDRESS)
    assert suite.post("/api/auth/login", {"email": EMAIL, "password": PASSWORD}, ip=ADDRESS).status == 200
    suite.post("/api/auth/password/reset", {"email": EMAIL}, ip=ADDRESS)
    theirs = {place for place in where_it_stands(EMAIL) if place.startswith(("EMAIL#", "OUTBOX#", "SENT#"))}
    assert f"EMAIL#{EMAIL} / ORIGIN#{ADDRESS}" in theirs
    assert {place.split("#")[0] for place in theirs} == {"EMAIL", "OUTBOX", "SENT"}
    until_done()
    assert theirs <= set(where_it_stands(EMAIL))
    assert store.get(EmailClaim, email=EMAIL) is not None


def test_an_account_whose_erasure_has_not_begun_is_not_removed(ada: User) -> None:
    assert not erasing._remove_account(DataSubject(ada.id, ada.email))
    assert store.get(User, id=ada.id) == ada


def test_an_account_with_many_sessions_is_erased_in_pieces_and_holds_up_nobody(
    suite: Client, noon: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "PIECE", 5)
    busy, other = make_user("user", epoch=12, deletion_due=noon.at), make_user("user", deletion_due=noon.at)
    for owner in (f"{busy.id}.0", f"{busy.id}.7.2fa", f"{busy.id}.12"):
        families.open(owner)
    looked, revoke_all = list[str](), families.revoke_all

    def revoking(owner: str) -> int:
        looked.append(owner)
        return revoke_all(owner)

    monkeypatch.setattr(families, "revoke_all", revoking)
    assert clock() == {"begun": 2, "erased": 1, "left": 1}
    assert store.get(User, id=other.id) is None
    assert (clock()["left"], clock()["left"]) == (1, 0)
    assert [owner for owner in looked if busy.id in owner] == [
        f"{busy.id}.{number}{mark}" for number in range(13) for mark in ("", ".2fa")
    ], "no epoch is looked at twice"
    for owner in (f"{busy.id}.0", f"{busy.id}.7.2fa", f"{busy.id}.12"):
        assert store.query(Family, user_id=owner).items == []


def test_those_longest_left_alone_come_first(suite: Client, noon: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that ends early begins where the one before did not get to."""
    for _ in range(3):
        make_user("user", deletion_due=noon.at)
    erasing.begin_due()
    seen = list[str]()
    monkeypatch.setattr(erasing, "_went_on", lambda erasure: seen.append(erasure.user_id))
    times = iter([0.0, 1.0, 1.0, 99.0] * 3)
    monkeypatch.setattr("time.monotonic", lambda: next(times))
    for _ in range(3):
        erasing.go_on_with_all(erasing.under_way(), 10)
        noon.advance(minutes=1)
    assert len(set(seen)) == 3


def test_two_runs_are_never_at_the_same_erasure(
    suite: Client, noon: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = make_user("user", deletion_due=noon.at)
    erasing.begin_due()
    within, went_on = list[dict[str, int]](), erasing._went_on

    def overlapping(erasure: Erasure) -> bool:
        within.append(clock())
        return went_on(erasure)

    monkeypatch.setattr(erasing, "_went_on", overlapping)
    assert clock() == {"begun": 0, "erased": 1, "left": 0}
    assert within == [{"begun": 0, "erased": 0, "left": 1}]
    assert store.get(User, id=account.id) is None


def test_what_a_run_left_that_died_waits_until_the_run_has_surely_ended(
    suite: Client, noon: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user("user", deletion_due=noon.at)

    def dying(_: Erasure) -> bool:
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(erasing, "_went_on", dying)
        with pytest.raises(Died):
            erasing.go_on_with_all([each for _ in range(erasing.begin_due()) for each in erasing.under_way()], 60)
    noon.advance(minutes=5)
    assert clock() == {"begun": 0, "erased": 0, "left": 1}
    noon.advance(minutes=1)
    assert clock() == {"begun": 0, "erased": 1, "left": 0}


def test_an_erasure_ends_when_nobody_writes_a_copy_any_more(
    suite: Client, admin: Client, ada: User, noon: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account becomes due while its copy is written: the archive is there after the first run of the clock."""
    planned(admin, ada.id)
    noon.advance(days=29, hours=23, minutes=59, seconds=59)
    finish, ran = storage.finish_parts, list[dict[str, int]]()

    def late(*given: Any) -> None:
        noon.advance(seconds=2)
        ran.append(clock())
        finish(*given)

    monkeypatch.setattr(storage, "finish_parts", late)
    assert exporting.asked(ada.id).status == "completed"
    assert ran == [{"begun": 1, "erased": 0, "left": 1}]
    assert NAME in set().union(*(said for place, said in where_it_stands(NAME).items() if place.endswith(".zip")))
    assert clock() == {"begun": 0, "erased": 1, "left": 0}
    assert where_it_stands(ada.id, EMAIL, NAME) == {}


def test_an_erasure_is_not_done_while_a_copy_cannot_be_deleted(
    admin: Client, user: Client, noon: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = account_of(user)
    exporting.asked(person.id)
    change(user, deletion_due=noon.at)

    def unavailable(_: str) -> None:
        raise OSError("no network")

    with monkeypatch.context() as patched:
        patched.setattr(storage, "delete", unavailable)
        assert clock() == {"begun": 1, "erased": 0, "left": 1}
    until_done()
    assert store.query(Job, tenant=person.id).items == []
    assert where_it_stands(person.id, person.email) == {}


def test_the_log_says_nothing_of_an_id_without_an_account(suite: Client, admin: Client, noon: FrozenClock) -> None:
    """Not when a second step comes after the erasure, nor when an export asks for the id, nor of whom nobody knows."""
    person = make_user("user", two_factor_enabled=True)
    challenge = signing_in.enter(person, Request({}))
    assert isinstance(challenge, signing_in.Challenged)
    before = store.require(User, USER_NOT_FOUND, id=person.id)
    tx = store.transaction()
    change_user(tx, before, before.model_copy(update={"deletion_due": noon.at}))
    tx.commit()
    assert clock() == {"begun": 1, "erased": 1, "left": 0}
    guess = {"challenge_token": challenge.challenge_token, "code": "000000"}
    assert suite.post("/api/auth/verify-2fa", guess).status == 401
    for user_id in (person.id, NOBODY):
        assert admin.get(f"/api/admin/audit-logs/export?user_id={user_id}").status == 200
    tx = store.transaction()
    record(tx, Act.system(), "user.settle", resource="user", resource_id=person.id)
    tx.commit()
    assert [place for place in where_it_stands(person.id, NOBODY) if not place.startswith("CHALLENGE#")] == []
    for user_id in (person.id, NOBODY):
        assert store.get(Subject, user_id=user_id) is None
    exports = [each for each in reading.entries(range(pending.head().size)) if each.action == "audit.export"]
    assert [(each.erased, (each.after or {})["filters"]["user_id"]) for each in exports] == [(False, None)] * 2
