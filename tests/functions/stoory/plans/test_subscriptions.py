"""Subscriptions: one at a time, on the terms of their first day, renewed or ended by the clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from unittest.mock import ANY

import pytest

from quintet.auth import tokens
from quintet.models import new_id
from quintet.models.time import FrozenClock, frozen
from quintet.store import exists
from quintet.testing import Client
from quintet.testing.client import Answer
from quintet.testing.context import LambdaContext
from quintet.testing.events import schedule_event
from stoory.plans import subscription_operations
from stoory.plans.billing import MOST_AT_ONCE
from stoory.plans.subscriptions import BilledPeriod, Subscription
from stoory.service import api, store
from tests.conftest import Systems
from tests.support.aws import in_threads
from tests.support.market import BASE, FORBIDDEN, UNSIGNED, Party, anyone, failure, refused, said, wrong

SUBSCRIPTIONS = f"{BASE}/subscriptions"


class Lasting(Party):
    """Somebody who signs in anew before each request, for the clock moves by months here."""

    role: str = ""

    def request(self, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        self.token, _ = tokens.issue(self.id, {"role": self.role}, timedelta(hours=1))
        return super().request(method, path, body, **options)


def party(role: str) -> Lasting:
    found = Lasting(api)
    found.id, found.role = new_id(), role
    return found


@pytest.fixture
def admin(system: Systems) -> Lasting:
    system("stoory")
    return party("ADMIN")


@pytest.fixture
def brand(admin: Party) -> Lasting:
    return party("BRAND")


@pytest.fixture
def clock(system: Systems) -> Iterator[FrozenClock]:
    with frozen(datetime(2027, 1, 31, 9, 30, tzinfo=UTC)) as clock:
        yield clock


@pytest.fixture
def plan(admin: Party) -> dict[str, Any]:
    return planned(admin)


def planned(admin: Party, **fields: Any) -> dict[str, Any]:
    answer = admin.post(f"{BASE}/plans", {"name": "Growth", "price": 999.5, "billing_cycle": "MONTHLY", **fields})
    found: dict[str, Any] = answer.body["plan"]
    return found


def subscribe(client: Client, plan: dict[str, Any], **more: Any) -> Answer:
    return client.post(SUBSCRIPTIONS, {"plan_id": plan["id"], **more})


def begun(client: Client, plan: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = subscribe(client, plan, **more)
    assert answer.status == 201, answer
    found: dict[str, Any] = answer.body["subscription"]
    return found


def tick() -> dict[str, int]:
    """The clock's run, as EventBridge starts it."""
    found: dict[str, int] = subscription_operations.renew(schedule_event(), LambdaContext())
    return found


def billed(subscription: dict[str, Any]) -> list[BilledPeriod]:
    """What a subscription was billed, oldest first."""
    return store.query(BilledPeriod, begins="PERIOD#", consistent=True, subscription_id=subscription["id"]).items


def test_anonymous_callers_learn_nothing(admin: Party) -> None:
    assert refused(anyone().post(SUBSCRIPTIONS, {})) == (401, {**UNSIGNED, "error": ANY})
    for method, path in (
        ("GET", "/all"), ("GET", "/current/x"), ("GET", "/current"), ("DELETE", ""), ("DELETE", "/x"),
    ):  # fmt: skip
        assert refused(anyone().request(method, SUBSCRIPTIONS + path)) == (401, UNSIGNED)


def test_other_roles_may_not(admin: Party, brand: Party) -> None:
    influencer = party("INFLUENCER")
    for client in (admin, influencer):
        assert refused(client.post(SUBSCRIPTIONS, {})) == (403, {**FORBIDDEN, "error": "FORBIDDEN"})
        assert refused(client.get(f"{SUBSCRIPTIONS}/current")) == (403, FORBIDDEN)
        assert refused(client.delete(SUBSCRIPTIONS)) == (403, FORBIDDEN)
    for client in (brand, influencer):
        assert refused(client.get(f"{SUBSCRIPTIONS}/all")) == (403, FORBIDDEN)
        assert refused(client.get(f"{SUBSCRIPTIONS}/current/{brand.id}")) == (403, FORBIDDEN)
        assert refused(client.delete(f"{SUBSCRIPTIONS}/{brand.id}")) == (403, FORBIDDEN)


def test_a_brand_subscribes(clock: FrozenClock, admin: Party, brand: Party, plan: dict[str, Any]) -> None:
    answer = subscribe(brand, plan)
    expected = {
        "id": ANY,
        "user_id": brand.id,
        "plan_id": plan["id"],
        "plan_name": "Growth",
        "price": 999.5,
        "billing_cycle": "MONTHLY",
        "status": "ACTIVE",
        "is_auto_renew": True,
        "started_at": "2027-01-31T09:30:00Z",
        "current_period_start": "2027-01-31T09:30:00Z",
        "current_period_end": "2027-02-28T09:30:00Z",
        "cancelled_at": None,
        "created_at": "2027-01-31T09:30:00Z",
        "updated_at": "2027-01-31T09:30:00Z",
    }
    assert (answer.status, answer.body) == (
        201,
        {"success": True, "message": "Subscription created successfully", "subscription": expected},
    )
    current = {"success": True, "subscription": answer.body["subscription"]}
    for found in (brand.get(f"{SUBSCRIPTIONS}/current"), admin.get(f"{SUBSCRIPTIONS}/current/{brand.id}")):
        assert (found.status, found.body) == (200, current)


def test_bad_bodies(brand: Party, plan: dict[str, Any]) -> None:
    told = {**wrong("plan_id", "must be a UUID"), "error": "invalid_body"}
    assert refused(subscribe(brand, {"id": "nonsense"})) == (400, told)
    assert said(subscribe(brand, plan, is_auto_renew="yes")) == (400, "Validation failed")
    assert said(brand.post(SUBSCRIPTIONS, {})) == (400, "Validation failed")


def test_only_active_plans_can_be_had(admin: Party, brand: Party) -> None:
    told = failure("Plan not found", error="plan_not_found")
    assert refused(subscribe(brand, planned(admin, is_active=False))) == (404, told)
    assert refused(subscribe(brand, {"id": new_id()})) == (404, told)


def test_a_brand_has_one_subscription_at_a_time(brand: Party, plan: dict[str, Any]) -> None:
    answers = in_threads(6, lambda _: subscribe(brand, plan))
    assert sorted(said(answer)[0] for answer in answers) == [201, 400, 400, 400, 400, 400]
    told = failure("An active subscription already exists", error="already_subscribed")
    assert refused(subscribe(brand, plan)) == (400, told)
    assert brand.delete(SUBSCRIPTIONS).status == 200
    assert subscribe(brand, plan).status == 201


def test_all_subscriptions_newest_first(admin: Party, brand: Party, plan: dict[str, Any]) -> None:
    begun(brand, plan)
    ended = brand.delete(SUBSCRIPTIONS).body["subscription"]
    other = begun(party("BRAND"), plan)
    answer = admin.get(f"{SUBSCRIPTIONS}/all")
    assert (answer.status, answer.body) == (200, {"success": True, "subscriptions": [other, ended]})


def test_cancelling_ends_it_at_once(clock: FrozenClock, admin: Party, brand: Party, plan: dict[str, Any]) -> None:
    for client, path in ((brand, SUBSCRIPTIONS), (admin, f"{SUBSCRIPTIONS}/{brand.id}")):
        subscription = begun(brand, plan)
        clock.advance(days=1)
        at = "2027-02-01T09:30:00Z" if client is brand else "2027-02-02T09:30:00Z"
        answer = client.delete(path)
        gone = {**subscription, "status": "CANCELLED", "cancelled_at": at, "updated_at": at}
        assert (answer.status, answer.body) == (
            200,
            {"success": True, "message": "Subscription cancelled successfully", "subscription": gone},
        )
        assert refused(client.delete(path)) == (404, failure("Subscription not found"))
        none = failure("No active subscription found")
        assert refused(brand.get(f"{SUBSCRIPTIONS}/current")) == (404, none)
        assert refused(admin.get(f"{SUBSCRIPTIONS}/current/{brand.id}")) == (404, none)


def test_unknown_and_malformed_ids(admin: Party) -> None:
    assert said(admin.get(f"{SUBSCRIPTIONS}/current/{new_id()}")) == (404, "No active subscription found")
    assert said(admin.delete(f"{SUBSCRIPTIONS}/{new_id()}")) == (404, "Subscription not found")
    for answer in (admin.get(f"{SUBSCRIPTIONS}/current/x"), admin.delete(f"{SUBSCRIPTIONS}/x")):
        assert said(answer) == (400, "Validation failed")


def test_the_clock_renews_from_the_first_day(
    clock: FrozenClock, admin: Party, brand: Party, plan: dict[str, Any]
) -> None:
    begun(brand, plan)
    assert tick() == {"renewed": 0, "ended": 0, "failed": 0}
    for end in ("2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"):
        subscription = brand.get(f"{SUBSCRIPTIONS}/current").body["subscription"]
        assert subscription["current_period_end"] == f"{end}T09:30:00Z"
        clock.at = datetime.fromisoformat(f"{end}T09:30:00+00:00")
        assert tick() == {"renewed": 1, "ended": 0, "failed": 0}
        assert tick() == {"renewed": 0, "ended": 0, "failed": 0}
    clock.advance(days=100)
    assert tick() == {"renewed": 1, "ended": 0, "failed": 0}
    subscription = brand.get(f"{SUBSCRIPTIONS}/current").body["subscription"]
    assert subscription["current_period_start"] == "2027-08-31T09:30:00Z"
    assert subscription["current_period_end"] == "2027-09-30T09:30:00Z"


def test_each_period_is_billed_by_a_row_of_its_own(clock: FrozenClock, brand: Party, plan: dict[str, Any]) -> None:
    subscription = begun(brand, plan)
    assert [(one.number, one.billed_at) for one in billed(subscription)] == [("00000", clock.at)]
    clock.advance(days=100)
    for _ in range(2):
        tick()
        found = billed(subscription)
        assert [one.number for one in found] == ["00000", "00001", "00002", "00003"]
        days = ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]
        ends = [datetime.fromisoformat(f"{day}T09:30:00+00:00") for day in days]
        assert [(one.period_start, one.period_end) for one in found] == list(pairwise(ends))
        assert {(one.user_id, one.price_paise) for one in found} == {(brand.id, 99_950)}
        assert {one.billed_at for one in found[1:]} == {clock.at}


def test_years_that_the_clock_missed_are_billed_once_in_as_many_runs_as_they_take(
    clock: FrozenClock, brand: Party, plan: dict[str, Any]
) -> None:
    subscription = begun(brand, plan)
    clock.at = datetime(2032, 1, 31, 9, 30, tzinfo=UTC)
    counts = [1]
    while tick()["renewed"]:
        counts.append(len(billed(subscription)))
    assert counts == [1, 1 + MOST_AT_ONCE, 1 + 2 * MOST_AT_ONCE, 61]
    found = billed(subscription)
    assert [int(one.number) for one in found] == list(range(61))
    assert all(before.period_end == after.period_start for before, after in pairwise(found))
    current = brand.get(f"{SUBSCRIPTIONS}/current").body["subscription"]
    assert (current["current_period_start"], current["current_period_end"]) == (
        "2032-01-31T09:30:00Z",
        "2032-02-29T09:30:00Z",
    )


def test_clocks_that_run_at_one_moment_bill_a_period_once(
    clock: FrozenClock, brand: Party, plan: dict[str, Any]
) -> None:
    subscription = begun(brand, plan)
    clock.advance(days=100)
    done = [(one["renewed"], one["failed"]) for one in in_threads(4, lambda _: tick()) if isinstance(one, dict)]
    assert sorted(done) == [(0, 0), (0, 0), (0, 0), (1, 0)]
    assert [int(one.number) for one in billed(subscription)] == [0, 1, 2, 3]


def test_a_cancelled_subscription_is_billed_no_more(clock: FrozenClock, brand: Party, plan: dict[str, Any]) -> None:
    subscription = begun(brand, plan)
    brand.delete(SUBSCRIPTIONS)
    clock.advance(days=100)
    assert tick() == {"renewed": 0, "ended": 0, "failed": 0}
    assert len(billed(subscription)) == 1


def test_what_a_run_has_no_time_for_waits_for_the_next(
    clock: FrozenClock, brand: Party, plan: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(brand, plan)
    clock.advance(days=28)
    with monkeypatch.context() as hurried:
        hurried.setattr(subscription_operations, "PATIENCE", -1.0)
        assert tick() == {"renewed": 0, "ended": 0, "failed": 0}
    assert tick() == {"renewed": 1, "ended": 0, "failed": 0}


def test_without_renewal_it_ends(clock: FrozenClock, admin: Party, brand: Party, plan: dict[str, Any]) -> None:
    begun(brand, plan, is_auto_renew=False)
    begun(party("BRAND"), planned(admin, billing_cycle="YEARLY"), is_auto_renew=False)
    clock.advance(days=27)
    assert tick() == {"renewed": 0, "ended": 0, "failed": 0}
    clock.advance(days=1)
    assert tick() == {"renewed": 0, "ended": 1, "failed": 0}
    assert said(brand.get(f"{SUBSCRIPTIONS}/current")) == (404, "No active subscription found")
    statuses = [one["status"] for one in admin.get(f"{SUBSCRIPTIONS}/all").body["subscriptions"]]
    assert statuses == ["ACTIVE", "CANCELLED"]
    assert subscribe(brand, plan).status == 201


def test_later_changes_of_the_plan_change_nobodys_bill(
    clock: FrozenClock, admin: Party, brand: Party, plan: dict[str, Any]
) -> None:
    begun(brand, plan)
    admin.put(f"{BASE}/plans/{plan['id']}", {"price": 5000, "billing_cycle": "YEARLY", "is_active": False})
    clock.advance(days=28)
    assert tick()["renewed"] == 1
    subscription = brand.get(f"{SUBSCRIPTIONS}/current").body["subscription"]
    assert (subscription["price"], subscription["billing_cycle"]) == (999.5, "MONTHLY")
    assert subscription["current_period_end"] == "2027-03-31T09:30:00Z"


def test_renewing_and_cancelling_at_one_moment(clock: FrozenClock, brand: Party, plan: dict[str, Any]) -> None:
    subscription = begun(brand, plan)
    clock.advance(days=28)

    def act(number: int) -> int:
        return brand.delete(SUBSCRIPTIONS).status if number % 2 else tick()["failed"]

    answers = in_threads(6, act)
    assert answers[::2] == [0, 0, 0]
    assert sorted(answers[1::2], key=str) == [200, 404, 404]
    assert said(brand.get(f"{SUBSCRIPTIONS}/current")) == (404, "No active subscription found")
    kept = store.get(Subscription, id=subscription["id"])
    assert kept is not None
    assert kept.status == "CANCELLED"
    assert subscribe(brand, plan).status == 201


def test_one_that_cannot_be_renewed_does_not_hold_up_the_others(
    clock: FrozenClock, brand: Party, plan: dict[str, Any]
) -> None:
    broken = begun(brand, plan)
    begun(party("BRAND"), plan)
    store.update(Subscription, Subscription.key(id=broken["id"]), put={"period_number": 10**6}, where=[exists()])
    clock.advance(days=28)
    assert tick() == {"renewed": 1, "ended": 0, "failed": 1}
