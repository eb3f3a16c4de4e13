"""Managing brands, and their public list."""

from __future__ import annotations

from typing import Any

import pytest

from quintet.models import rfc3339
from quintet.models.time import frozen
from quintet.testing import Client
from tests.functions.storefront.conftest import SignIn

TECHCORP = {"name": "TechCorp", "description": "Leading technology manufacturer", "logo_url": "https://x.test/l.png"}


def test_a_brand_is_created_with_a_slug_from_its_name(manager: Client) -> None:
    with frozen() as clock:
        answer = manager.post("/api/v1/admin/brands", TECHCORP)
    moment = rfc3339(clock.at)
    assert answer.status == 201
    assert answer.body == {
        "data": {
            "id": answer.data["id"],
            "name": "TechCorp",
            "slug": "techcorp",
            "description": "Leading technology manufacturer",
            "logo_url": "https://x.test/l.png",
            "active": True,
            "created_at": moment,
            "updated_at": moment,
        }
    }


def test_namesakes_get_slugs_of_their_own(manager: Client) -> None:
    slugs = [manager.post("/api/v1/admin/brands", {"name": name}).data["slug"] for name in ("Ace", "ace", "Áce")]
    assert slugs == ["ace", "ace-2", "ace-3"]


def test_a_slug_that_is_taken_is_refused_and_one_given_up_is_free(manager: Client) -> None:
    first = manager.post("/api/v1/admin/brands", {"name": "One", "slug": "the-one"}).data
    clash = manager.post("/api/v1/admin/brands", {"name": "Two", "slug": "the-one"})
    assert (clash.status, clash.body) == (409, {"error": {"code": "slug_exists", "message": "Slug already exists"}})
    assert manager.put(f"/api/v1/admin/brands/{first['id']}", {"name": "One", "slug": "one"}).status == 200
    assert manager.post("/api/v1/admin/brands", {"name": "Two", "slug": "the-one"}).status == 201


def test_an_update_keeps_what_it_does_not_name(shop: Client, manager: Client) -> None:
    brand = manager.post("/api/v1/admin/brands", TECHCORP).data
    with frozen() as clock:
        clock.advance(minutes=1)
        answer = manager.put(f"/api/v1/admin/brands/{brand['id']}", {"name": "Tech Corp."})
    changed = {**brand, "name": "Tech Corp.", "updated_at": rfc3339(clock.at)}
    assert (answer.status, answer.body) == (200, {"data": changed})
    assert shop.get("/api/v1/catalog/brands").data == [changed]


def test_a_slug_of_another_brand_cannot_be_taken_over(manager: Client) -> None:
    manager.post("/api/v1/admin/brands", {"name": "One"})
    two = manager.post("/api/v1/admin/brands", {"name": "Two"}).data
    answer = manager.put(f"/api/v1/admin/brands/{two['id']}", {"name": "Two", "slug": "one"})
    assert (answer.status, answer.error["code"]) == (409, "slug_exists")


def test_the_public_list_is_alphabetical_and_without_inactive_brands(shop: Client, manager: Client) -> None:
    for name in ("zeta", "Éclair", "Alpha", "eclipse", "Beta"):
        manager.post("/api/v1/admin/brands", {"name": name})
    gone = manager.post("/api/v1/admin/brands", {"name": "Gone"}).data
    manager.put(f"/api/v1/admin/brands/{gone['id']}", {"name": "Gone", "active": False})
    answer = shop.get("/api/v1/catalog/brands", query={"page_size": 2})
    assert [brand["name"] for brand in answer.data] == ["Alpha", "Beta"]
    assert answer.body["meta"] == {
        "page": 1,
        "page_size": 2,
        "total_items": 5,
        "total_pages": 3,
        "has_next": True,
        "has_prev": False,
    }
    following = shop.get("/api/v1/catalog/brands" + answer.headers["link"].partition(">")[0].removeprefix("<"))
    assert [brand["name"] for brand in following.data] == ["Éclair", "eclipse"]
    assert shop.get("/api/v1/catalog/brands?page=3&page_size=2").data[0]["name"] == "zeta"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "A\x00B"}, "name"),
        ({"name": "A", "slug": "Not A Slug"}, "slug"),
        ({"name": "A", "logo_url": "javascript:alert(1)"}, "logo_url"),
        ({"name": "A", "active": "yes"}, "active"),
    ],
)
def test_a_bad_brand_is_refused_naming_the_field(manager: Client, body: dict[str, Any], field: str) -> None:
    for answer in (manager.post("/api/v1/admin/brands", body), manager.put("/api/v1/admin/brands/none", body)):
        assert (answer.status, answer.error["code"]) == (400, "invalid_request")
        assert answer.error["message"] == "Invalid request body"
        assert [problem["field"] for problem in answer.error["details"]] == [field]


def test_an_unknown_brand_is_not_found(manager: Client) -> None:
    answer = manager.put("/api/v1/admin/brands/none", {"name": "A"})
    assert (answer.status, answer.body) == (404, {"error": {"code": "brand_not_found", "message": "Brand not found"}})


def test_only_product_managers_may_write_brands(shop: Client, sign_in: SignIn) -> None:
    for client, status, code in (
        (shop, 401, "unauthorized"),
        (sign_in(), 403, "insufficient_permissions"),
        (sign_in("customer_experience"), 403, "insufficient_permissions"),
    ):
        for answer in (
            client.post("/api/v1/admin/brands", {"name": ""}),
            client.put("/api/v1/admin/brands/x", {"name": ""}),
        ):
            assert (answer.status, answer.error["code"]) == (status, code)


def test_creating_twice_with_one_key_creates_one_brand(shop: Client, manager: Client) -> None:
    answers = [
        manager.post("/api/v1/admin/brands", {"name": "Once"}, headers={"Idempotency-Key": "k"}) for _ in range(2)
    ]
    assert answers[0].body == answers[1].body
    assert answers[1].headers["idempotency-replayed"] == "true"
    assert shop.get("/api/v1/catalog/brands").body["meta"]["total_items"] == 1
