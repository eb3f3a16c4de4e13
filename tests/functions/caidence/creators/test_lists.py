"""Lists of creators: every filter by an index with its exact total, through every change."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from caidence.creators.entities import STATUSES, Creator, Standing
from caidence.directory.entities import Organization
from caidence.service import store
from quintet.models import new_id
from quintet.testing import Client
from quintet.testing.client import Answer
from tests.functions.caidence.conftest import account_of, make_brand, make_organization
from tests.functions.caidence.creators.conftest import CREATORS, make_creator
from tests.functions.caidence.tenancy.conftest import fields, ids


def shown(answer: Answer) -> tuple[list[str], int]:
    return ids(answer), int(answer.headers["x-total-count"])


def walked(client: Client, query: dict[str, Any]) -> list[str]:
    """All ids of a list, a page after the other by its links."""
    answer = client.get(CREATORS, query={**query, "limit": 2})
    found = ids(answer)
    while "link" in answer.headers:
        answer = client.get(CREATORS + answer.headers["link"].partition("<")[2].partition(">")[0])
        found += ids(answer)
    return found


def test_every_filter_and_both_together_with_exact_totals(
    member: Client, super_admin: Client, organization: Organization, other: Organization
) -> None:
    brands = [make_brand(organization), make_brand(organization)]
    made = [
        make_creator(organization, brand, status=status)
        for status, brand in [*product(STATUSES, [*brands, None]), ("past", brands[0]), ("past", None)]
    ]
    foreign = [make_creator(other, status=status) for status in STATUSES]
    for client, rows in ((member, made), (super_admin, made + foreign)):
        for brand_id, status in product([None, *(brand.id for brand in brands)], [None, *STATUSES]):
            wanted = [
                row.id for row in reversed(rows) if status in (None, row.status) and brand_id in (None, row.brand_id)
            ]
            given = {"brand_id": brand_id, "status": status}
            query = {name: value for name, value in given.items() if value}
            assert shown(client.get(CREATORS, query={**query, "limit": 100})) == (wanted, len(wanted)), query
            assert walked(client, query) == wanted, query
            page = client.get(CREATORS, query={**query, "skip": 1, "limit": 3})
            assert shown(page) == (wanted[1:4], len(wanted)), query


def test_a_filter_that_is_no_status_or_id_is_refused(member: Client) -> None:
    assert fields(member.get(CREATORS, query={"status": "gone"})) == ["query.status"]
    assert fields(member.get(CREATORS, query={"brand_id": "7"})) == ["query.brand_id"]
    assert fields(member.get(CREATORS, query={"limit": 101})) == ["query.limit"]


def test_an_empty_filter_is_none(member: Client, organization: Organization) -> None:
    creator = make_creator(organization)
    assert ids(member.get(f"{CREATORS}?status=&brand_id=")) == [creator.id]


def test_a_creator_between_two_statuses_is_left_out_and_not_shown_wrongly(
    super_admin: Client, organization: Organization
) -> None:
    creator = make_creator(organization, status="active")
    store.create(Standing(status="past", creator_id=creator.id, organization_id=organization.id))
    assert ids(super_admin.get(CREATORS, query={"status": "past"})) == []


Change = tuple[int, str, int | None]


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=some.lists(
        some.tuples(some.integers(0, 2), some.sampled_from(STATUSES), some.sampled_from([None, 0, 1])), max_size=6
    )
)
def test_whatever_changes_each_list_counts_who_is_in_it(super_admin: Client, changes: list[Change]) -> None:
    """The totals of a new organization's lists, and of the platform's by their growth."""
    organization = make_organization("Acme")
    before = {status: store.count(Standing, status=status) for status in STATUSES}
    brands = [make_brand(organization), make_brand(organization)]
    creators = [make_creator(organization).id for _ in range(3)]
    for which, status, where in changes:
        brand_id = None if where is None else brands[where].id
        answer = super_admin.patch(f"{CREATORS}/{creators[which]}", {"status": status, "brand_id": brand_id})
        assert answer.status == 200
    rows = list(store.each(Creator, organization_id=organization.id))
    for status in STATUSES:
        wanted = [row for row in rows if row.status == status]
        assert store.count(Creator, "gsi2", organization_id=organization.id, status=status) == len(wanted)
        assert store.count(Standing, status=status) - before[status] == len(wanted)
        for brand in brands:
            inside = [row for row in wanted if row.brand_id == brand.id]
            assert store.count(Creator, "gsi3", brand_id=brand.id, status=status) == len(inside)


@pytest.mark.parametrize("query", [{}, {"status": "prospect"}])
def test_a_cursor_is_good_for_its_list_alone(
    member: Client, super_admin: Client, organization: Organization, query: dict[str, str]
) -> None:
    for _ in range(3):
        make_creator(organization, handle=f"x{new_id()[-6:]}")
    link = member.get(CREATORS, query={**query, "limit": 1}).headers["link"]
    cursor = link.partition("cursor=")[2].partition(">")[0]
    assert account_of(member).organization_id == organization.id
    for client, asked in ((super_admin, query), (member, {"status": "active"})):
        assert client.get(CREATORS, query={**asked, "cursor": cursor}).status == 400
