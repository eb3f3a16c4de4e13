"""The compliance report and the security report: each figure is what is stored, and zero where nothing is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from quintet.keys import keyring
from quintet.models import new_id
from quintet.models.time import FrozenClock, rfc3339
from quintet.testing import Client
from softfactory.access.changes import change_user
from softfactory.compliance import census
from softfactory.compliance.census import Figures
from softfactory.moderation.entities import Report
from softfactory.people.entities import User
from softfactory.privacy.entities import Erasure
from softfactory.service import store
from tests.functions.softfactory.conftest import SignIn, account_of, as_account, change, make_user

COMPLIANCE, SECURITY = "/api/admin/compliance/report", "/api/admin/security/report"


@pytest.fixture(autouse=True)
def _at_noon(noon: FrozenClock) -> None:
    """The clock stands still."""


def report(caller: Client, path: str) -> Any:
    answer = caller.get(path)
    assert answer.status == 200, answer
    return answer.body


def codes(found: Any) -> list[tuple[str, str, int]]:
    return [(each["severity"], each["code"], each["count"]) for each in found["findings"]]


def test_a_suite_in_which_nothing_happened(admin: Client, noon: FrozenClock) -> None:
    at = rfc3339(noon.at)
    assert report(admin, COMPLIANCE) == {
        "generated_at": at,
        "accounts": {"total": 1, "unverified": 0, "counted_at": at},
        "erasures": {"planned": 0, "overdue": 0, "under_way": 0},
        "audit_log": {
            "entries": 0, "tree_size": 0, "root_hash": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            "last_entry_at": None, "last_export_at": None, "last_export_size": None,
        },
        "reports": {"pending": 0, "high_priority": 0},
        "findings": [],
    }  # fmt: skip
    found = report(admin, SECURITY)
    assert found == {
        "generated_at": at,
        "two_factor": {"enabled": 0, "share": 0.0, "counted_at": at},
        "administrators": {"total": 1, "looked_at": 1, "with_two_factor": 0, "two_factor_share": 0.0, "stale": 0},
        "failed_logins": {"last_7_days": 0, "last_30_days": 0},
        "keys": {"signing_keys": 1, "secret_since": found["keys"]["secret_since"], "rotation_under_way": False},
        "findings": [
            {"severity": "critical", "code": "admins_without_two_factor",
             "message": "Administrators have no second factor", "count": 1}
        ],
    }  # fmt: skip


def test_the_age_of_the_keys(sign_in: SignIn, suite: Client, noon: FrozenClock) -> None:
    account = change(sign_in("admin"), two_factor_enabled=True)
    said = keyring.secret().made_at
    assert said is not None
    noon.at = datetime.fromtimestamp(said, UTC) + timedelta(days=90)
    found = report(as_account(suite, account), SECURITY)
    assert found["keys"]["secret_since"] == rfc3339(datetime.fromtimestamp(said, UTC))
    assert "old_keys" not in [code for _, code, _ in codes(found)]
    noon.advance(seconds=1)
    found = report(as_account(suite, account), SECURITY)
    assert ("warning", "old_keys", 1) in codes(found)


def test_erasures_and_addresses(admin: Client, noon: FrozenClock) -> None:
    doubtful = make_user("user")
    _changed(doubtful, email_verified=False)
    make_user("user", deletion_due=noon.at + timedelta(days=3))
    make_user("user", deletion_due=noon.at - timedelta(hours=23))
    late = make_user("user", deletion_due=noon.at - timedelta(hours=25))
    store.create(Erasure(user_id=late.id, email=late.email))
    found = report(admin, COMPLIANCE)
    assert (found["accounts"]["total"], found["accounts"]["unverified"]) == (5, 1)
    assert found["erasures"] == {"planned": 3, "overdue": 1, "under_way": 1}
    assert codes(found) == [("critical", "erasures_overdue", 1), ("info", "unverified_accounts", 1)]


def test_the_audit_log_and_its_last_export(sign_in: SignIn, suite: Client, noon: FrozenClock) -> None:
    admin = sign_in("admin")
    change(admin, two_factor_enabled=True)
    exported_at = rfc3339(noon.at)
    suite.post("/api/auth/login", {"email": "nobody@example.com", "password": "wrong-password-9"})
    assert codes(report(admin, COMPLIANCE)) == [("warning", "audit_log_not_exported", 1)]
    tree = admin.get("/api/admin/audit-logs/export", query={"format": "json"}).body["tree"]
    found = report(admin, COMPLIANCE)
    assert (found["audit_log"]["last_export_at"], found["audit_log"]["last_export_size"]) == (exported_at, tree["size"])
    assert found["audit_log"]["entries"] == 2
    assert codes(found) == []
    account = account_of(admin)
    noon.advance(days=30, seconds=1)
    assert codes(report(as_account(suite, account), COMPLIANCE)) == [("warning", "audit_log_not_exported", 1)]


def test_reports_that_await_a_decision(admin: Client) -> None:
    for priority, status in (("normal", "pending"), ("high", "pending"), ("high", "approved")):
        about = {"content_type": "post", "content_id": new_id(), "author_id": new_id(), "excerpt": "", "reason": "spam"}
        store.create(Report.model_validate({**about, "priority": priority, "status": status}))
    found = report(admin, COMPLIANCE)
    assert found["reports"] == {"pending": 2, "high_priority": 1}
    assert codes(found) == [("warning", "urgent_reports", 1)]


def test_administrators_and_second_factors(sign_in: SignIn, suite: Client, noon: FrozenClock) -> None:
    caller = sign_in("admin")
    account = change(caller, two_factor_enabled=True)
    make_user("admin", two_factor_enabled=True, last_login=noon.at)
    make_user("admin", created_at=noon.at - timedelta(days=91))
    make_user("admin", deletion_due=noon.at + timedelta(days=1))
    make_user("admin", status="suspended")
    make_user("user", two_factor_enabled=True)
    found = report(caller, SECURITY)
    assert found["administrators"] == {
        "total": 3, "looked_at": 3, "with_two_factor": 2, "two_factor_share": 0.6667, "stale": 1,
    }  # fmt: skip
    assert (found["two_factor"]["enabled"], found["two_factor"]["share"]) == (3, 0.6)
    assert codes(found) == [("critical", "admins_without_two_factor", 1), ("warning", "stale_admins", 1)]
    noon.advance(days=90, seconds=1)
    assert report(as_account(suite, account), SECURITY)["administrators"]["stale"] == 3


def test_refused_sign_ins(suite: Client, sign_in: SignIn, noon: FrozenClock) -> None:
    account = account_of(sign_in("admin"))
    wrong = {"email": "nobody@example.com", "password": "wrong-password-9"}
    for count in (1, 2):
        for _ in range(count):
            suite.post("/api/auth/login", wrong)
        noon.advance(days=8)
    assert report(as_account(suite, account), SECURITY)["failed_logins"] == {"last_7_days": 0, "last_30_days": 3}
    suite.post("/api/auth/login", wrong)
    noon.advance(days=16)
    assert report(as_account(suite, account), SECURITY)["failed_logins"] == {"last_7_days": 0, "last_30_days": 3}
    suite.post("/api/auth/login", wrong)
    assert report(as_account(suite, account), SECURITY)["failed_logins"] == {"last_7_days": 1, "last_30_days": 4}


def test_many_accounts_are_counted_by_the_clock(
    admin: Client, noon: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A piece a run; what is shown is the last complete count."""
    monkeypatch.setattr(census, "FEW", 2)
    monkeypatch.setattr(census, "PIECE", 2)
    for _ in range(4):
        make_user("user", two_factor_enabled=True)
    before = report(admin, COMPLIANCE)
    assert (before["accounts"]["total"], before["accounts"]["unverified"], before["erasures"]["planned"]) == (
        5,
        None,
        None,
    )
    assert ("info", "not_counted_yet", 1) in codes(before)
    assert report(admin, SECURITY)["two_factor"] == {"enabled": None, "share": None, "counted_at": None}
    runs = 1
    while not census.count_on():
        runs += 1
    assert runs >= 3
    counted = census.counted()
    assert counted is not None
    assert (counted.figures, counted.at) == (Figures(accounts=5, two_factor=4), noon.at)
    make_user("user")
    assert census.count_on()
    assert census.counted() == counted
    noon.advance(hours=1)
    while not census.count_on():
        pass
    fresh = census.counted()
    assert fresh is not None
    assert fresh.figures.accounts == 6


@pytest.mark.parametrize("path", [COMPLIANCE, SECURITY])
def test_who_may_not_see_them(suite: Client, user: Client, moderator: Client, creator: Client, path: str) -> None:
    assert suite.get(path).status == 401
    assert [caller.get(path).status for caller in (user, creator, moderator)] == [403, 403, 200]


def _changed(user: User, **fields: Any) -> None:
    tx = store.transaction()
    change_user(tx, user, user.model_copy(update=fields))
    tx.commit()
