"""Managing products of any status."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from quintet.models import rfc3339
from quintet.models.time import frozen
from quintet.store import ConditionFailed, at_least
from quintet.testing import Answer, Client
from storefront.catalog.products import Stock
from storefront.service import store
from tests.functions.storefront.conftest import SignIn
from tests.support.aws import in_threads

PRODUCTS, PUBLIC = "/api/v1/admin/products", "/api/v1/catalog/products"
PLAIN = {"sku": "P-1", "name": "Plain", "base_price": {"amount": 500, "currency": "USD"}}


def usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


def make(manager: Client, sku: str, **more: Any) -> dict[str, Any]:
    answer = manager.post(PRODUCTS, {**PLAIN, "sku": sku, **more})
    assert answer.status == 201, answer
    return dict(answer.data)


def found(shop: Client, keyword: str) -> list[str]:
    return [product["sku"] for product in shop.get(PUBLIC, query={"keyword": keyword}).data]


def stock_of(manager: Client, sku: str) -> int | None:
    answer = manager.get(f"/api/v1/admin/inventory/{sku}")
    return answer.data["quantity"] if answer.status == 200 else None


def test_a_product_is_created_with_every_field(shop: Client, manager: Client) -> None:
    brand = manager.post("/api/v1/admin/brands", {"name": "TechCorp"}).data["id"]
    category = manager.post("/api/v1/admin/categories", {"name": "Laptops"}).data["id"]
    body = {
        "sku": "LAPTOP-001",
        "name": "Professional Laptop",
        "description": "High-performance laptop\nfor professionals",
        "base_price": usd(99999),
        "SalePrice": usd(89999),
        "status": "active",
        "brand_id": brand,
        "category_id": category,
        "images": ["https://example.com/laptop.jpg"],
        "attributes": {"color": "silver", "ram": "16GB"},
    }
    with frozen() as clock:
        answer = manager.post(PRODUCTS, body)
    moment = rfc3339(clock.at)
    product = {"id": answer.data["id"], **body, "created_at": moment, "updated_at": moment}
    assert (answer.status, answer.body) == (201, {"data": product})
    public = shop.get(f"{PUBLIC}/{product['id']}")
    assert (public.status, public.body) == (200, {"data": product})
    assert public.headers["etag"] == answer.headers["etag"]
    assert stock_of(manager, "LAPTOP-001") == 0


def test_a_product_is_a_draft_unless_told_otherwise(shop: Client, manager: Client) -> None:
    answer = manager.post(PRODUCTS, PLAIN)
    assert answer.data == {
        "id": answer.data["id"],
        **PLAIN,
        "description": "",
        "SalePrice": None,
        "status": "draft",
        "brand_id": "",
        "category_id": "",
        "images": [],
        "attributes": {},
        "created_at": answer.data["created_at"],
        "updated_at": answer.data["created_at"],
    }
    assert shop.get(PUBLIC).data == []
    assert shop.get(f"{PUBLIC}/{answer.data['id']}").status == 404
    assert found(shop, "plain") == []


def test_the_list_shows_products_of_any_status_newest_first(manager: Client) -> None:
    for number, status in enumerate(("draft", "active", "archived")):
        make(manager, f"S-{number}", status=status)
    answer = manager.get(PRODUCTS, query={"page_size": 2})
    assert [product["status"] for product in answer.data] == ["archived", "active"]
    assert answer.body["meta"] == {
        "page": 1,
        "page_size": 2,
        "total_items": 3,
        "total_pages": 2,
        "has_next": True,
        "has_prev": False,
    }
    following = manager.get(PRODUCTS + answer.headers["link"].partition(">")[0].removeprefix("<"))
    assert [product["sku"] for product in following.data] == ["S-0"]


def test_a_sku_that_is_taken_is_refused_whatever_became_of_its_product(manager: Client) -> None:
    taken = {"error": {"code": "sku_exists", "message": "SKU already exists"}}
    first = make(manager, "A")
    other = make(manager, "B")
    manager.delete(f"{PRODUCTS}/{first['id']}")
    for answer in (
        manager.post(PRODUCTS, {**PLAIN, "sku": "A"}),
        manager.put(f"{PRODUCTS}/{other['id']}", {**PLAIN, "sku": "A"}),
    ):
        assert (answer.status, answer.body) == (409, taken)
    assert manager.get(PRODUCTS).body["meta"]["total_items"] == 2


def test_of_many_products_with_one_sku_one_is_created(manager: Client) -> None:
    answers = in_threads(8, lambda _: manager.post(PRODUCTS, PLAIN))
    statuses = sorted(answer.status for answer in answers if isinstance(answer, Answer))
    assert statuses == [201] + [409] * 7
    assert manager.get(PRODUCTS).body["meta"]["total_items"] == 1


def test_an_update_keeps_what_it_does_not_name(shop: Client, manager: Client) -> None:
    old = make(manager, "A", status="active", SalePrice=usd(400), description="Warm", attributes={"size": "L"})
    with frozen() as clock:
        clock.advance(minutes=1)
        answer = manager.put(f"{PRODUCTS}/{old['id']}", {"sku": "A", "name": "Jumper", "base_price": usd(700)})
    new = {**old, "name": "Jumper", "base_price": usd(700), "updated_at": rfc3339(clock.at)}
    assert (answer.status, answer.body) == (200, {"data": new})
    assert shop.get(f"{PUBLIC}/{old['id']}").data == new
    answer = manager.put(
        f"{PRODUCTS}/{old['id']}", {"sku": "A", "name": "Jumper", "base_price": usd(7), "SalePrice": None}
    )
    assert answer.data["SalePrice"] is None


def test_lists_and_search_follow_the_status(shop: Client, manager: Client) -> None:
    category = manager.post("/api/v1/admin/categories", {"name": "C"}).data["id"]
    product = make(manager, "A", name="Woollen jumper", category_id=category)
    where = f"{PUBLIC}/category/{category}"
    for status, public in (("active", ["A"]), ("draft", []), ("active", ["A"]), ("archived", [])):
        body = {**PLAIN, "sku": "A", "name": "Woollen jumper", "status": status}
        assert manager.put(f"{PRODUCTS}/{product['id']}", body).status == 200
        assert [p["sku"] for p in shop.get(PUBLIC).data] == public
        assert [p["sku"] for p in shop.get(where).data] == public
        assert found(shop, "jumper") == public
        totals = [shop.get(path).body["meta"]["total_items"] for path in (PUBLIC, where, f"{PUBLIC}?keyword=wool")]
        assert totals == [len(public)] * 3


def test_search_follows_the_name(shop: Client, manager: Client) -> None:
    product = make(manager, "A", name="Woollen jumper", status="active")
    manager.put(f"{PRODUCTS}/{product['id']}", {**PLAIN, "sku": "A", "name": "Cotton jumper"})
    assert [found(shop, word) for word in ("woollen", "cotton", "jumper")] == [[], ["A"], ["A"]]


def test_a_new_sku_takes_the_stock_along(shop: Client, manager: Client) -> None:
    product = make(manager, "OLD", status="active")
    manager.put("/api/v1/admin/inventory/OLD", {"quantity": 7})
    assert manager.put(f"{PRODUCTS}/{product['id']}", {**PLAIN, "sku": "NEW"}).data["sku"] == "NEW"
    assert (stock_of(manager, "OLD"), stock_of(manager, "NEW")) == (None, 7)
    assert (found(shop, "old"), found(shop, "new")) == ([], ["NEW"])
    make(manager, "OLD")
    assert stock_of(manager, "OLD") == 0, "a SKU given up is free, and has no stock"


def test_no_piece_is_lost_when_stock_changes_while_its_sku_does(manager: Client) -> None:
    product = make(manager, "S0")
    manager.put("/api/v1/admin/inventory/S0", {"quantity": 100})

    def act(number: int) -> int:
        """The pieces sold: some threads rename the SKU, the others sell one piece of each there is."""
        if number < 3:
            manager.put(f"{PRODUCTS}/{product['id']}", {**PLAIN, "sku": f"S{number + 1}"})
            return 0
        sold = 0
        for sku in ("S0", "S1", "S2", "S3"):
            with suppress(ConditionFailed):
                store.update(Stock, Stock.key(sku=sku), add={"quantity": -1}, where=[at_least("quantity", 1)])
                sold += 1
        return sold

    sold = [answer for answer in in_threads(8, act) if isinstance(answer, int)]
    left = [stock_of(manager, sku) for sku in ("S0", "S1", "S2", "S3")]
    assert len(sold) == 8
    assert [number for number in left if number is not None] == [100 - sum(sold)]


def test_an_update_can_be_tied_to_what_was_read(manager: Client) -> None:
    answer = manager.post(PRODUCTS, PLAIN)
    path, tag = f"{PRODUCTS}/{answer.data['id']}", answer.headers["etag"]
    first = manager.put(path, {**PLAIN, "name": "First"}, headers={"If-Match": tag})
    assert first.status == 200
    late = manager.put(path, {**PLAIN, "name": "Late"}, headers={"If-Match": tag})
    assert (late.status, late.body) == (
        412,
        {"error": {"code": "precondition_failed", "message": "The resource has changed since you read it"}},
    )
    assert manager.put(path, PLAIN, headers={"If-Match": first.headers["etag"]}).status == 200
    assert manager.put(path, PLAIN, headers={"If-Match": "*"}).status == 200


def test_archiving_takes_a_product_out_of_the_shop_and_may_be_repeated(shop: Client, manager: Client) -> None:
    product = make(manager, "A", status="active")
    for _ in range(2):
        answer = manager.delete(f"{PRODUCTS}/{product['id']}")
        assert (answer.status, answer.body) == (204, None)
    assert manager.get(PRODUCTS).data[0]["status"] == "archived"
    assert shop.get(f"{PUBLIC}/{product['id']}").status == 404
    assert found(shop, "plain") == []
    assert stock_of(manager, "A") == 0


BAD: list[tuple[dict[str, Any], str]] = [
    ({"sku": ""}, "sku"),
    ({"sku": "a\nb"}, "sku"),
    ({"name": " "}, "name"),
    ({"name": None}, "name"),
    ({"base_price": usd(0)}, "base_price"),
    ({"base_price": usd(-5)}, "base_price"),
    ({"base_price": {"amount": 9.99, "currency": "USD"}}, "base_price.amount"),
    ({"base_price": {"amount": 1, "currency": "XXX"}}, "base_price.currency"),
    ({"SalePrice": usd(0)}, "SalePrice"),
    ({"SalePrice": {"amount": 1, "currency": "EUR"}}, "SalePrice"),
    ({"status": "sold"}, "status"),
    ({"brand_id": "none"}, "brand_id"),
    ({"category_id": "none"}, "category_id"),
    ({"images": ["/local.png"]}, "images.0"),
    ({"images": ["https://x.test/a b"]}, "images.0"),
    ({"images": ["https://x.test/"] * 21}, "images"),
    ({"attributes": {str(n): "" for n in range(51)}}, "attributes"),
    ({"attributes": {"size": 5}}, "attributes.size"),
]


@pytest.mark.parametrize(("wrong", "field"), BAD)
def test_a_bad_product_is_refused_naming_the_field(manager: Client, wrong: dict[str, Any], field: str) -> None:
    product = make(manager, "A")
    body = {**PLAIN, **wrong}
    for answer in (manager.post(PRODUCTS, body), manager.put(f"{PRODUCTS}/{product['id']}", body)):
        assert (answer.status, answer.error["code"]) == (400, "invalid_request")
        assert answer.error["message"] == "Invalid request body"
        assert [problem["field"] for problem in answer.error["details"]] == [field]
    assert manager.get(PRODUCTS).data == [product]


def test_the_longest_description_is_taken_in_any_script(shop: Client, manager: Client) -> None:
    han = "".join(map(chr, range(0x4E00, 0x4E00 + 20_000)))
    product = make(manager, "A", name="Dictionary", description=han, status="active")
    assert product["description"] == han
    assert found(shop, "dictionary") == found(shop, han[100:104]) == ["A"]


def test_attributes_without_end_are_one_problem(manager: Client) -> None:
    answer = manager.post(PRODUCTS, {**PLAIN, "attributes": {f"n{n}": n for n in range(20_000)}})
    message = "Dictionary should have at most 50 items after validation, not 20000"
    assert (answer.status, answer.error["details"]) == (400, [{"field": "attributes", "message": message}])


def test_a_kept_sale_price_must_fit_a_new_currency(manager: Client) -> None:
    product = make(manager, "A", SalePrice=usd(400))
    body = {"sku": "A", "name": "A", "base_price": {"amount": 500, "currency": "EUR"}}
    answer = manager.put(f"{PRODUCTS}/{product['id']}", body)
    assert (answer.status, answer.error["details"]) == (
        400,
        [{"field": "SalePrice", "message": "must be in EUR like base_price"}],
    )


def test_an_unknown_product_is_not_found(manager: Client) -> None:
    unknown = {"error": {"code": "product_not_found", "message": "Product not found"}}
    for answer in (manager.put(f"{PRODUCTS}/none", PLAIN), manager.delete(f"{PRODUCTS}/none")):
        assert (answer.status, answer.body) == (404, unknown)


def test_only_product_managers_may_manage_products(shop: Client, sign_in: SignIn) -> None:
    for client, status, code in (
        (shop, 401, "unauthorized"),
        (sign_in(), 403, "insufficient_permissions"),
        (sign_in("customer_experience"), 403, "insufficient_permissions"),
    ):
        for answer in (
            client.get(PRODUCTS),
            client.post(PRODUCTS, {}),
            client.put(f"{PRODUCTS}/x", {}),
            client.delete(f"{PRODUCTS}/x"),
        ):
            assert (answer.status, answer.error["code"]) == (status, code)


def test_creating_twice_with_one_key_creates_one_product(manager: Client) -> None:
    answers = [manager.post(PRODUCTS, PLAIN, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].body == answers[1].body
    assert manager.get(PRODUCTS).body["meta"]["total_items"] == 1
