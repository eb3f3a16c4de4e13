"""The clock: live campaigns expire at their deadline, and what an end left undecided is withdrawn."""

from datetime import timedelta
from typing import Any

import pytest

from quintet.models import now, rfc3339
from quintet.models.time import frozen
from quintet.testing.events import schedule_event
from stoory.applications import withdrawals
from stoory.applications.campaign_operations import expire
from stoory.applications.entities import Application
from stoory.campaigns.entities import Campaign, Deadline, Withdrawal
from stoory.service import store
from tests.conftest import Systems
from tests.support.calls import Refused, failing
from tests.support.market import BASE, Party, accepted, applied, campaign, party


@pytest.fixture(autouse=True)
def market(system: Systems) -> None:
    system("stoory")


@pytest.fixture
def brand() -> Party:
    return party("BRAND")


def due_in(brand: Party, minutes: int, **fields: Any) -> str:
    return str(campaign(brand, start_deadline=rfc3339(now() + timedelta(minutes=minutes)), **fields)["id"])


def tick(minutes: float = 0) -> None:
    """Run the clock that many minutes from now."""
    with frozen(now() + timedelta(minutes=minutes)):
        assert expire(schedule_event()) is None


def status(ident: str) -> str:
    found = store.get(Campaign, id=ident)
    assert found is not None
    return str(found.status)


def application_status(ident: str) -> str:
    found = store.get(Application, id=ident)
    assert found is not None
    return str(found.status)


def test_live_campaigns_expire_at_their_deadline(brand: Party) -> None:
    soon, later, draft = due_in(brand, 5), due_in(brand, 60), due_in(brand, 5, status="DRAFT")
    tick(4)
    assert [status(ident) for ident in (soon, later, draft)] == ["LIVE", "LIVE", "DRAFT"]
    tick(6)
    assert [status(ident) for ident in (soon, later, draft)] == ["EXPIRED", "LIVE", "DRAFT"]
    tick(61)
    assert [status(ident) for ident in (soon, later, draft)] == ["EXPIRED", "EXPIRED", "DRAFT"]
    assert list(store.each(Deadline)) == []
    listed = brand.get(f"{BASE}/campaigns?status=EXPIRED").body
    assert [one["id"] for one in listed["campaigns"]] == [later, soon]
    assert listed["pagination"]["total"] == 2


def test_a_deadline_that_moved_or_was_left_behind_expires_nothing(brand: Party) -> None:
    moved, locked, gone = due_in(brand, 5), due_in(brand, 5), due_in(brand, 5)
    brand.put(f"{BASE}/campaigns/{moved}", {"start_deadline": rfc3339(now() + timedelta(hours=2))})
    brand.put(f"{BASE}/campaigns/{locked}", {"status": "LOCKED"})
    brand.delete(f"{BASE}/campaigns/{gone}")
    tick(30)
    assert (status(moved), status(locked)) == ("LIVE", "LOCKED")
    assert store.get(Campaign, id=gone) is None
    assert [due.campaign_id for due in store.each(Deadline)] == [moved]
    tick(121)
    assert status(moved) == "EXPIRED"


def test_a_draft_published_later_is_watched(brand: Party) -> None:
    ident = due_in(brand, 5, status="DRAFT")
    brand.put(f"{BASE}/campaigns/{ident}", {"status": "LIVE"})
    tick(6)
    assert status(ident) == "EXPIRED"


def test_expiring_withdraws_what_is_pending_and_keeps_who_is_accepted(brand: Party) -> None:
    ident = due_in(brand, 5)
    pending, taken = applied(party("INFLUENCER"), ident)["id"], applied(party("INFLUENCER"), ident)["id"]
    accepted(brand, taken)
    tick(6)
    assert (application_status(pending), application_status(taken)) == ("CANCELLED", "ACCEPTED")
    assert list(store.each(Withdrawal)) == []


def test_the_clock_finishes_what_a_request_had_no_time_for(brand: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(withdrawals, "PATIENCE", -1.0)
    ident = due_in(brand, 600)
    pending = [applied(party("INFLUENCER"), ident)["id"] for _ in range(3)]
    assert brand.delete(f"{BASE}/campaigns/{ident}").status == 200
    assert [application_status(one) for one in pending] == ["PENDING"] * 3
    tick()
    assert [application_status(one) for one in pending] == ["CANCELLED"] * 3
    assert list(store.each(Withdrawal)) == []


def test_one_that_fails_keeps_no_other_waiting(brand: Party) -> None:
    first, second = due_in(brand, 4), due_in(brand, 5)

    def broken(params: dict[str, Any]) -> Refused | None:
        return Refused("ValidationException") if first in str(params) else None

    with failing("TransactWriteItems", broken), pytest.raises(Exception, match="ValidationException"):
        tick(6)
    assert (status(first), status(second)) == ("LIVE", "EXPIRED")
    tick(6)
    assert status(first) == "EXPIRED"


def test_the_clock_comes_every_five_minutes() -> None:
    assert (expire.id, expire.schedule, expire.method) == ("campaigns.expire", "rate(5 minutes)", None)
