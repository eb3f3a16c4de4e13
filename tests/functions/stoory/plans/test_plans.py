"""Plans: who sees and who keeps them, and what a plan may be."""

from __future__ import annotations

from typing import Any
from unittest.mock import ANY

import pytest

from quintet.models import new_id
from tests.conftest import Systems
from tests.support.aws import in_threads
from tests.support.market import BASE, FORBIDDEN, UNSIGNED, Party, anyone, failure, party, refused, said

PLANS = f"{BASE}/plans"
GROWTH = {"name": "Growth", "price": 999.5, "billing_cycle": "YEARLY", "features": {"seats": 5, "notes": None}}


@pytest.fixture
def admin(system: Systems) -> Party:
    system("stoory")
    return party("ADMIN")


def made(admin: Party, **fields: Any) -> dict[str, Any]:
    answer = admin.post(PLANS, {**GROWTH, **fields})
    assert answer.status == 201, answer
    found: dict[str, Any] = answer.body["plan"]
    return found


def test_anonymous_callers_learn_nothing(admin: Party) -> None:
    for answer in (
        anyone().get(PLANS),
        anyone().post(PLANS, {}),
        anyone().put(f"{PLANS}/x", {}),
        anyone().delete(f"{PLANS}/x"),
    ):
        assert refused(answer) == (401, UNSIGNED)


def test_other_roles_may_not(admin: Party) -> None:
    brand, influencer = party("BRAND"), party("INFLUENCER")
    assert refused(influencer.get(PLANS)) == (403, FORBIDDEN)
    for client in (brand, influencer):
        for answer in (client.post(PLANS, {}), client.put(f"{PLANS}/x", {}), client.delete(f"{PLANS}/x")):
            assert refused(answer) == (403, FORBIDDEN)


def test_an_admin_makes_a_plan(admin: Party) -> None:
    answer = admin.post(PLANS, GROWTH)
    plan = {"id": ANY, **GROWTH, "is_active": True, "created_at": ANY, "updated_at": ANY}
    expected = {"success": True, "message": "Plan created successfully", "plan": plan}
    assert (answer.status, answer.body) == (201, expected)
    assert list(answer.body["plan"]) == [
        "id", "name", "price", "billing_cycle", "features", "is_active", "created_at", "updated_at",
    ]  # fmt: skip


def test_what_is_left_out_has_its_default(admin: Party) -> None:
    plan = admin.post(PLANS, {"name": "  Free ", "price": 0}).body["plan"]
    assert {**plan, "id": "", "created_at": "", "updated_at": ""} == {
        "id": "", "name": "Free", "price": 0, "billing_cycle": "MONTHLY", "features": {}, "is_active": True,
        "created_at": "", "updated_at": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": 5}, "name"),
        ({"price": -1}, "price"),
        ({"price": 1.005}, "price"),
        ({"price": "10"}, "price"),
        ({"price": None}, "price"),
        ({"billing_cycle": "DAILY"}, "billing_cycle"),
        ({"features": []}, "features"),
        ({"features": {"text": "x" * 20_001}}, "features"),
        ({"is_active": "yes"}, "is_active"),
    ],
)
def test_what_a_plan_may_not_be(admin: Party, change: dict[str, Any], param: str) -> None:
    plan = made(admin)
    answers = [admin.post(PLANS, {**GROWTH, **change})]
    if change != {"price": None}:
        answers.append(admin.put(f"{PLANS}/{plan['id']}", change))
    for answer in answers:
        assert said(answer) == (400, "Validation failed")
        assert [(one["param"], one["location"]) for one in answer.body["errors"]] == [(param, "body")]


def test_numbers_that_are_none_are_refused(admin: Party) -> None:
    body = '{"name": "x", "price": 1, "features": {"a": NaN}}'
    assert admin.post(PLANS, body, headers={"Content-Type": "application/json"}).status == 400


def test_brands_see_active_plans_oldest_first(admin: Party) -> None:
    first, _, third = made(admin), made(admin, is_active=False), made(admin, name="Pro")
    for client in (admin, party("BRAND")):
        answer = client.get(PLANS)
        assert (answer.status, answer.body) == (200, {"success": True, "plans": [first, third]})


def test_an_admin_changes_a_part_of_a_plan(admin: Party) -> None:
    plan = made(admin)
    answer = admin.put(f"{PLANS}/{plan['id']}", {"price": 12, "features": {}, "is_active": False})
    expected = {**plan, "price": 12, "features": {}, "is_active": False, "updated_at": ANY}
    assert (answer.status, answer.body) == (
        200,
        {"success": True, "message": "Plan updated successfully", "plan": expected},
    )
    assert admin.get(PLANS).body["plans"] == []
    again = admin.put(f"{PLANS}/{plan['id']}", {"is_active": True}).body["plan"]
    assert admin.get(PLANS).body["plans"] == [again]


def test_deleting_a_plan_hides_it(admin: Party) -> None:
    plan = made(admin)
    for _ in range(2):
        answer = admin.delete(f"{PLANS}/{plan['id']}")
        assert (answer.status, answer.body) == (
            200,
            {
                "success": True,
                "message": "Plan deleted successfully",
                "plan": {**plan, "is_active": False, "updated_at": ANY},
            },
        )
    assert admin.get(PLANS).body["plans"] == []


def test_unknown_and_malformed_ids(admin: Party) -> None:
    for path, status, message in ((new_id(), 404, "Plan not found"), ("nonsense", 400, "Validation failed")):
        assert said(admin.put(f"{PLANS}/{path}", {})) == (status, message)
        assert said(admin.delete(f"{PLANS}/{path}")) == (status, message)
    assert refused(admin.delete(f"{PLANS}/{new_id()}")) == (404, failure("Plan not found"))


def test_changes_at_one_moment_lose_nothing(admin: Party) -> None:
    plan = made(admin)
    changes: list[dict[str, Any]] = [{"name": "A"}, {"price": 1}, {"billing_cycle": "MONTHLY"}, {"features": {"a": 1}}]
    answers = in_threads(4, lambda n: admin.put(f"{PLANS}/{plan['id']}", changes[n]))
    (after,) = admin.get(PLANS).body["plans"]
    for change, answer in zip(changes, answers, strict=True):
        assert not isinstance(answer, Exception)
        ((name, value),) = change.items()
        assert answer.status in {200, 409}
        assert (after[name] == value) == (answer.status == 200)
