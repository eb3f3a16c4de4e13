"""Erasure: planned, taken back, done completely, whatever dies on the way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quintet.auth.families import Family
from quintet.models.time import FrozenClock, rfc3339
from quintet.store import Transaction, exists
from quintet.testing import Client
from softfactory.access.changes import USER_NOT_FOUND
from softfactory.accounts.deletion import DELAY
from softfactory.audit import pending, reading, sequencer
from softfactory.people.entities import EmailClaim, User
from softfactory.privacy import erasing
from softfactory.privacy.entities import Erasure
from softfactory.privacy.registry import KEPT, KINDS
from softfactory.service import store
from tests.functions.softfactory.conftest import PASSWORD, SignIn, account_of, lend, make_user
from tests.functions.softfactory.privacy.conftest import (
    ADDRESS,
    BIO,
    DELETE,
    EMAIL,
    EXPORT,
    FILE,
    NAME,
    SUBJECT,
    WORDS,
    clock,
    everything,
    good,
    planned,
    until_done,
    where_it_stands,
)
from tests.support.aws import in_threads

NOBODY = "0198c0de-0000-7000-8000-000000000099"
pytestmark = pytest.mark.usefixtures("noon")


def test_after_an_erasure_nothing_says_who_it_was(suite: Client, admin: Client, ada: User, noon: FrozenClock) -> None:
    """Every item and every object is looked through, for what was there before."""
    good(admin.post(EXPORT, {"user_id": ada.id}))
    marks = (ada.id, EMAIL, NAME, BIO, SUBJECT, ADDRESS, FILE, WORDS)
    before = where_it_stands(*marks)
    assert set().union(*before.values()) == set(marks)
    assert len(before) > 20
    assert store.query(Family, user_id=f"{ada.id}.0").items != []
    planned(admin, ada.id)
    noon.advance(days=29, hours=23)
    assert clock() == {"begun": 0, "erased": 0, "left": 0}
    assert suite.post("/api/auth/login", {"email": EMAIL, "password": "a-wrong-one-2"}, ip=ADDRESS).status == 401
    suite.post("/api/auth/password/reset", {"email": EMAIL}, ip=ADDRESS)
    noon.advance(hours=1, minutes=1)
    assert clock() == {"begun": 1, "erased": 1, "left": 0}
    assert where_it_stands(*(mark for mark in marks if mark != ADDRESS)) == {}
    assert store.query(Family, user_id=f"{ada.id}.0").items == []  # these have expired, but may still be there
    noon.advance(days=2)  # counters of networks name no account, and expire by themselves
    assert where_it_stands(*marks) == {}
    assert clock() == {"begun": 0, "erased": 0, "left": 0}


def test_the_trail_tells_of_the_erasure_and_of_nobody(admin: Client, ada: User, noon: FrozenClock) -> None:
    by = account_of(admin).id
    planned(admin, ada.id)
    noon.advance(days=31)
    clock()
    sequencer.drain()
    page = reading.entries(range(pending.head().size))
    (erased,) = [entry for entry in page if entry.action == "user.erase"]
    assert (erased.user_id, erased.resource_id, erased.erased) == (None, None, False)
    (plan,) = [entry for entry in page if entry.action == "gdpr.delete"]
    assert (plan.user_id, plan.resource_id, plan.after, plan.erased) == (by, None, None, True)


@pytest.mark.parametrize("dies_at", range(1, 40, 4))
def test_an_erasure_that_dies_at_any_write_is_done_by_the_next_run(
    admin: Client, ada: User, noon: FrozenClock, monkeypatch: pytest.MonkeyPatch, dies_at: int
) -> None:
    planned(admin, ada.id)
    noon.advance(days=31)
    writes, commit, batch = iter(range(10_000)), Transaction.commit, type(store).write_batch

    class Died(BaseException):
        """What nothing catches, as the end of a process is not caught."""

    def committing(tx: Transaction) -> None:
        if next(writes) == dies_at:
            raise Died
        commit(tx)

    def batching(self: object, *given: object, **named: object) -> None:
        if next(writes) == dies_at:
            raise Died
        batch(self, *given, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(Transaction, "commit", committing)
        patched.setattr(type(store), "write_batch", batching)
        try:
            erasing.begin_due()
            erasing.go_on_with_all(erasing.under_way(), 60)
        except Died:
            pass
    noon.advance(hours=2)  # a lease of whatever was under way has ended
    until_done()
    assert where_it_stands(ada.id, EMAIL, NAME, BIO, SUBJECT, FILE) == {}


def test_what_cannot_be_erased_now_is_erased_later(
    admin: Client, ada: User, noon: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned(admin, ada.id)
    noon.advance(days=31)
    with monkeypatch.context() as patched:
        patched.setattr("quintet.providers.storage.delete", _unavailable)
        assert clock() == {"begun": 1, "erased": 0, "left": 1}
    assert store.get(User, id=ada.id) is not None
    assert until_done() == 1
    assert store.get(User, id=ada.id) is None


def _unavailable(_: str) -> None:
    raise OSError("no network")


def test_a_plan_says_when_what_goes_and_what_stays(
    suite: Client, admin: Client, user: Client, noon: FrozenClock
) -> None:
    account = account_of(user)
    plan = good(admin.post(DELETE, {"user_id": account.id}))
    due = noon.at.replace(month=12, day=30)
    assert plan == {
        "user_id": account.id,
        "scheduled_for": rfc3339(due),
        "erases": [kind.what for kind in KINDS],
        "keeps": [
            {"what": kept.what, "until": rfc3339(due + kept.lasts) if kept.lasts else None, "why": kept.why}
            for kept in KEPT
        ],
    }
    assert user.get("/api/auth/user").status == 401
    noon.advance(minutes=5)
    assert good(admin.post(DELETE, {"user_id": account.id})) == plan


def test_signing_in_takes_a_plan_back(suite: Client, admin: Client, ada: User, noon: FrozenClock) -> None:
    planned(admin, ada.id)
    noon.advance(days=29)
    store.update(User, User.key(id=ada.id), put={"two_factor_enabled": False}, where=[exists()])
    assert suite.post("/api/auth/login", {"email": EMAIL, "password": PASSWORD}).status == 200
    noon.advance(days=40)
    assert clock() == {"begun": 0, "erased": 0, "left": 0}
    assert store.get(User, id=ada.id) is not None


def test_an_erasure_spares_everybody_else(admin: Client, ada: User, stranger: Client, noon: FrozenClock) -> None:
    other = account_of(stranger)
    planned(admin, ada.id)
    noon.advance(days=31)
    clock()
    kept = store.get(EmailClaim, email=other.email)
    assert kept is not None
    assert kept.user_id == other.id
    assert store.get(User, id=other.id) == other
    assert store.count(User, "gsi1") == 2


def test_the_address_of_an_erased_account_is_free(suite: Client, admin: Client, ada: User, noon: FrozenClock) -> None:
    planned(admin, ada.id)
    noon.advance(days=31)
    clock()
    body = {"email": EMAIL, "password": PASSWORD, "name": "Another"}
    assert suite.post("/api/auth/register", body).status == 201


def test_the_last_administrator_stays(admin: Client) -> None:
    answer = admin.post(DELETE, {"user_id": account_of(admin).id})
    assert (answer.status, answer.body["error"]["code"]) == (409, "last_admin")


def test_of_two_administrators_who_plan_each_other_away_one_stays(admin: Client, sign_in: SignIn) -> None:
    second = sign_in("admin")
    ids = [account_of(second).id, account_of(admin).id]
    callers = [admin, second]
    answers = in_threads(2, lambda number: callers[number].post(DELETE, {"user_id": ids[number]}).status)
    assert 200 in answers
    assert sum(store.require(User, USER_NOT_FOUND, id=each).is_deleted for each in ids) == 1


def test_who_may_not_plan(suite: Client, admin: Client, user: Client, moderator: Client) -> None:
    body = {"user_id": account_of(admin).id}
    for path in (DELETE, EXPORT):
        assert suite.post(path, body).status == 401
        for caller in (user, moderator):
            assert caller.post(path, body).status == 403


def test_whom_nobody_knows(admin: Client, noon: FrozenClock) -> None:
    due = make_user("user", deletion_due=noon.at)
    for path, user_id in ((DELETE, NOBODY), (EXPORT, NOBODY), (EXPORT, due.id)):
        answer = admin.post(path, {"user_id": user_id})
        assert (answer.status, answer.body["error"]["code"]) == (404, "user_not_found")
    for path in (DELETE, EXPORT):
        for bad in ({}, {"user_id": None}, {"user_id": 7}, {"user_id": "everybody"}):
            answer = admin.post(path, bad)
            assert (answer.status, answer.body["error"]["details"][0]["field"]) == (422, "user_id")
    answer = admin.post(DELETE, {"user_id": NOBODY, "reason": "x" * 1001})
    assert answer.body["error"]["details"][0]["field"] == "reason"


def test_who_may_write_as_administrators_do_touches_no_administrator(
    suite: Client, admin: Client, sign_in: SignIn
) -> None:
    clerk = sign_in("user")
    lend(clerk, "ADMIN_ADMIN")
    sign_in("admin")
    for path in (DELETE, EXPORT):
        assert clerk.post(path, {"user_id": account_of(admin).id}).status == 403


def test_an_account_that_was_opened_again_is_not_erased(admin: Client, ada: User, noon: FrozenClock) -> None:
    """An erasure whose account is nobody's wish to be deleted any more is dropped."""
    store.create(Erasure(user_id=ada.id, email=ada.email))
    noon.advance(days=31)
    assert clock() == {"begun": 0, "erased": 1, "left": 0}
    assert store.get(User, id=ada.id) is not None


def test_notes_of_refused_sign_ins_stay_as_the_plan_says(suite: Client, admin: Client, noon: FrozenClock) -> None:
    """Who guesses leaves notes under a hash, which nobody finds by the account: they expire by themselves."""
    someone = make_user("user")
    guess = {"challenge_token": "no-such-challenge", "code": "000000"}
    assert suite.post("/api/auth/verify-2fa", guess).status == 401
    notes = [place for place, _ in everything() if place.startswith("REFUSAL#")]
    assert len(notes) == 1
    keeps = good(admin.post(DELETE, {"user_id": someone.id}))["keeps"]
    (told,) = [each for each in keeps if each["what"].startswith("Notes that a sign-in was refused")]
    assert told["until"] == rfc3339(noon.at + DELAY + timedelta(days=2))
    noon.advance(minutes=15, seconds=1)
    assert [place for place, _ in everything() if place.startswith("REFUSAL#")] == []
