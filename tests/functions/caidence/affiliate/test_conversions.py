"""Conversions: told once however often, commission at the rate of the sale's time, refunds taken off exactly."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from caidence.affiliate.conversions import REFUND_TOLD, REFUND_TOO_LARGE, Conversion, commission_on, refund_of
from caidence.creators.entities import Creator
from caidence.directory.entities import Organization
from quintet.errors import ApiError
from quintet.models.money import MAX_AMOUNT
from quintet.models.time import frozen, rfc3339
from quintet.testing import Client
from quintet.testing.client import Answer
from tests.functions.caidence.affiliate.conftest import CONVERSIONS, LAPTOP, PHONE, code_of, figures, opened, summed
from tests.functions.caidence.conftest import SignIn, lend, make_brand
from tests.functions.caidence.creators.conftest import CREATORS, make_creator
from tests.functions.caidence.tenancy.conftest import detail, fields
from tests.support.aws import in_threads

TOLD = (409, REFUND_TOLD.message)
USED = (409, "The external_id was used for another conversion")


@pytest.fixture
def creator(organization: Organization) -> Creator:
    return make_creator(organization, commission_rate=12.5)


@pytest.fixture
def code(member: Client, creator: Creator) -> str:
    return code_of(member, creator)


def tell(
    client: Client, code: str, status: str, amount: int | None, external_id: str = "order-1", **more: str
) -> Answer:
    body = {"code": code, "external_id": external_id, "status": status, "amount": amount, **more}
    return client.post(CONVERSIONS, body)


def test_a_sale_has_its_commission(member: Client, organization: Organization, creator: Creator, code: str) -> None:
    opened(member, code, PHONE)
    opened(member, code, LAPTOP)
    with frozen() as clock:
        answer = tell(member, code.upper(), "sale", 9_999)
    assert answer.status == 200
    assert answer.body == {
        "id": answer.body["id"], "organization_id": organization.id, "creator_id": creator.id, "code": code,
        "external_id": "order-1", "refund_id": None, "status": "sale", "amount": 9_999, "commission_rate": 12.5,
        "commission": 1_250, "created_at": rfc3339(clock.at),
    }  # fmt: skip
    shown = member.get(f"{CREATORS}/{creator.id}/performance").body
    assert shown == summed(clicks=2, conversions=1, revenue=9_999, commission=1_250, rate=50.0)


def test_a_sale_told_again_changes_nothing(member: Client, creator: Creator, code: str) -> None:
    first = tell(member, code, "sale", 1_000)
    member.patch(f"{CREATORS}/{creator.id}", {"commission_rate": 50})
    again = tell(member, code, "sale", 1_000)
    assert (again.status, again.body) == (200, first.body)
    assert figures(creator) == summed(conversions=1, revenue=1_000, commission=125)


def test_a_sale_told_many_times_at_once_counts_once(member: Client, creator: Creator, code: str) -> None:
    answers = in_threads(8, lambda _: tell(member, code, "sale", 1_000).body["id"])
    assert len(set(answers)) == 1
    assert figures(creator) == summed(conversions=1, revenue=1_000, commission=125)


def test_the_rate_of_the_sales_time_holds_for_its_refund(member: Client, creator: Creator, code: str) -> None:
    tell(member, code, "sale", 1_000, "old")
    member.patch(f"{CREATORS}/{creator.id}", {"commission_rate": 50})
    tell(member, code, "sale", 1_000, "new")
    assert figures(creator) == summed(conversions=2, revenue=2_000, commission=625)
    back = tell(member, code, "refund", 1_000, "old")
    assert (back.status, back.body["commission_rate"], back.body["commission"]) == (200, 12.5, 125)
    assert figures(creator) == summed(conversions=1, revenue=1_000, commission=500)


def test_a_refund_reverses_the_sale_once(member: Client, creator: Creator, code: str) -> None:
    tell(member, code, "sale", 999)
    first = tell(member, code, "refund", 999)
    assert (first.body["status"], first.body["amount"], first.body["commission"]) == ("refund", 999, 125)
    assert figures(creator) == summed()
    for amount in (999, None):
        assert tell(member, code, "refund", amount).body == first.body
    answers = in_threads(6, lambda _: tell(member, code, "refund", 999).body["id"])
    assert set(answers) == {first.body["id"]}
    assert tell(member, code, "sale", 999).status == 200
    assert figures(creator) == summed()


def test_a_part_that_is_refunded_takes_its_part(member: Client, creator: Creator, code: str) -> None:
    tell(member, code, "sale", 1_000)
    back = tell(member, code, "refund", 300)
    assert (back.body["amount"], back.body["commission"]) == (300, 37)
    assert figures(creator) == summed(conversions=1, revenue=700, commission=88)
    assert detail(tell(member, code, "refund", 700)) == TOLD


def test_refunds_of_a_sale_add_up_to_it_at_most(member: Client, creator: Creator, code: str) -> None:
    tell(member, code, "sale", 1_000)
    tell(member, code, "refund", 300)
    second = tell(member, code, "refund", 333, refund_id="r2")
    assert (second.status, second.body["refund_id"], second.body["commission"]) == (200, "r2", 42)
    assert tell(member, code, "refund", 333, refund_id="r2").body == second.body
    assert figures(creator) == summed(conversions=1, revenue=367, commission=46)
    assert detail(tell(member, code, "refund", 368, refund_id="r3")) == (400, REFUND_TOO_LARGE.message)
    last = tell(member, code, "refund", None, refund_id="r3")
    assert (last.body["amount"], last.body["commission"]) == (367, 46)
    assert tell(member, code, "refund", None, refund_id="r3").body == last.body
    assert detail(tell(member, code, "refund", None, refund_id="r4")) == (400, REFUND_TOO_LARGE.message)
    assert figures(creator) == summed()


def test_of_refunds_at_once_no_more_than_the_sale_is_taken_off(member: Client, creator: Creator, code: str) -> None:
    tell(member, code, "sale", 1_000)
    answers = in_threads(6, lambda n: tell(member, code, "refund", 300, refund_id=f"r{n}").status)
    assert (answers.count(200), answers.count(400)) == (3, 3)
    assert figures(creator) == summed(conversions=1, revenue=100, commission=13)


def test_a_sale_of_nothing_is_refunded_once(member: Client, creator: Creator, code: str) -> None:
    tell(member, code, "sale", 0)
    assert tell(member, code, "refund", 0).status == 200
    assert tell(member, code, "refund", 0, refund_id="r2").status == 400
    assert figures(creator) == summed()


@pytest.mark.parametrize("amount", [1_001, 0])
def test_a_refund_is_no_more_than_the_sale_and_not_nothing(
    member: Client, creator: Creator, code: str, amount: int
) -> None:
    tell(member, code, "sale", 1_000)
    assert detail(tell(member, code, "refund", amount)) == (400, REFUND_TOO_LARGE.message)
    assert figures(creator) == summed(conversions=1, revenue=1_000, commission=125)


def test_a_refund_without_its_sale_is_not_there(member: Client, creator: Creator, code: str) -> None:
    assert detail(tell(member, code, "refund", 100)) == (404, "Sale not found")
    assert figures(creator) == summed()


def test_an_id_is_for_one_conversion(member: Client, organization: Organization, creator: Creator, code: str) -> None:
    another = code_of(member, make_creator(organization))
    tell(member, code, "sale", 1_000)
    for wrong in (
        tell(member, code, "sale", 1_001), tell(member, another, "sale", 1_000), tell(member, another, "refund", 1_000)
    ):  # fmt: skip
        assert detail(wrong) == USED
    assert figures(creator) == summed(conversions=1, revenue=1_000, commission=125)


def test_two_organizations_may_have_the_same_order_id(
    member: Client, sign_in: SignIn, creator: Creator, code: str, other: Organization
) -> None:
    rival = sign_in("agency_member", other)
    theirs = make_creator(other)
    assert tell(member, code, "sale", 1_000).status == 200
    assert tell(rival, code_of(rival, theirs), "sale", 70).status == 200
    assert (figures(creator)["revenue"], figures(theirs)["revenue"]) == (1_000, 70)


def test_two_brands_may_have_the_same_order_id(member: Client, organization: Organization) -> None:
    creators = [make_creator(organization, make_brand(organization)) for _ in range(2)]
    first, second = (code_of(member, creator) for creator in creators)
    assert [tell(member, first, "sale", 100).status, tell(member, second, "sale", 70).status] == [200, 200]
    assert tell(member, second, "refund", 70).status == 200
    assert [figures(creator)["revenue"] for creator in creators] == [100, 0]
    member.patch(f"{CREATORS}/{creators[0].id}", {"brand_id": None})
    assert tell(member, first, "refund", 100).status == 200, "the code stays the brand's for whom it was made"


def test_a_foreign_code_is_not_there(
    member: Client, sign_in: SignIn, code: str, creator: Creator, other: Organization
) -> None:
    tell(member, code, "sale", 1_000)
    rival = sign_in("agency_admin", other)
    none = (404, "Affiliate code not found")
    for status, tried in (("sale", code), ("refund", code), ("sale", "nobody22"), ("refund", "nobody22")):
        assert detail(tell(rival, tried, status, 1_000)) == none
    assert figures(creator) == summed(conversions=1, revenue=1_000, commission=125)


def test_who_may_tell(
    platform: Client, sign_in: SignIn, super_admin: Client, code: str, organization: Organization
) -> None:
    assert tell(platform, code, "sale", 100).status == 401
    for role in ("viewer", "brand_member", "creator"):
        assert tell(sign_in(role), code, "sale", 100).status == 403
    assert tell(super_admin, code, "sale", 100).status == 200
    viewer, brand = sign_in("viewer"), make_brand(organization)
    lend(viewer, "creators:write", scope="brand", id=brand.id)
    assert tell(viewer, code, "sale", 100, "order-2").status == 403
    inside = code_of(viewer, make_creator(organization, brand))
    assert tell(viewer, inside, "sale", 100, "order-2").status == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": ""}, "code"),
        ({"code": None}, "code"),
        ({"external_id": " "}, "external_id"),
        ({"external_id": "x" * 201}, "external_id"),
        ({"external_id": 7}, "external_id"),
        ({"status": "lead"}, "status"),
        ({"status": None}, "status"),
        ({"amount": -1}, "amount"),
        ({"amount": 1.5}, "amount"),
        ({"amount": MAX_AMOUNT + 1}, "amount"),
        ({"amount": None}, "amount"),
        ({"refund_id": "r1"}, "refund_id"),
        ({"status": "refund", "refund_id": ""}, "refund_id"),
    ],
)
def test_a_bad_conversion_is_refused_by_field(member: Client, code: str, change: dict[str, Any], field: str) -> None:
    body = {"code": code, "external_id": "o", "status": "sale", "amount": 100, **change}
    assert fields(member.post(CONVERSIONS, body)) == [f"body.{field}"]


@pytest.mark.parametrize("amount", [0, MAX_AMOUNT])
def test_the_smallest_and_the_largest_sale(member: Client, creator: Creator, code: str, amount: int) -> None:
    assert tell(member, code, "sale", amount, "#~%é" * 50).status == 200
    assert figures(creator) == summed(conversions=1, revenue=amount, commission=commission_on(amount, 12.5))
    assert tell(member, code, "refund", None, "#~%é" * 50).status == 200
    assert figures(creator) == summed()


amounts = some.integers(0, MAX_AMOUNT)
rates = some.integers(0, 10_000).map(lambda hundredths: hundredths / 100)


@given(amount=amounts, rate=rates)
def test_commission_is_rounded_once_and_half_up(amount: int, rate: float) -> None:
    exact = Fraction(amount) * Fraction(str(rate)) / 100
    found = commission_on(amount, rate)
    assert -Fraction(1, 2) < found - exact <= Fraction(1, 2)
    assert 0 <= found <= amount


@given(amount=amounts, rate=rates, part=some.none() | amounts)
def test_what_is_left_after_a_refund_has_the_commission_of_such_a_sale(
    amount: int, rate: float, part: int | None
) -> None:
    sale = Conversion(
        organization_id="o", creator_id="c", code="x", external_id="1", status="sale", amount=amount,
        commission_rate=rate, commission=commission_on(amount, rate),
    )  # fmt: skip
    if part is not None and (part > amount or (part == 0 and amount > 0)):
        with pytest.raises(ApiError):
            refund_of(sale, part)
        return
    back = refund_of(sale, part)
    assert back.amount == (amount if part is None else part)
    assert sale.commission - back.commission == commission_on(amount - back.amount, rate)
    assert 0 <= back.commission <= sale.commission
