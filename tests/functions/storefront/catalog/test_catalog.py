"""The public catalogue."""

from __future__ import annotations

from typing import Any

import pytest

from quintet.models import Money, now, rfc3339
from quintet.models.time import frozen
from quintet.store.calls import batch_write, table_call
from quintet.store.counters import Tally
from quintet.testing import Client
from storefront.catalog.category_store import change_category, create_category
from storefront.catalog.product_store import change_product, create_product
from storefront.catalog.products import Product
from storefront.catalog.taxonomy import Category
from storefront.service import store
from tests.support.calls import crashing, recorded

PRODUCTS = "/api/v1/catalog/products"
USD = Money(amount=99999, currency="USD")


def add(sku: str, name: str = "Thing", category: Category | None = None, **more: Any) -> Product:
    fields = {"sku": sku, "name": name, "base_price": USD, "status": "active", **more}
    return create_product({**fields, "category_id": category.id if category else ""})


def category(name: str, parent: Category | None = None) -> Category:
    return create_category({"name": name}, parent and current(parent), None)


def current(category: Category) -> Category:
    """The category as it now stands."""
    found = store.get(Category, id=category.id)
    assert found
    return found


def skus(client: Client, path: str, **query: Any) -> list[str]:
    return [product["sku"] for product in client.get(path, query=query).data]


def linked(client: Client, path: str, link: str) -> Any:
    """The page a `Link` header leads to."""
    assert link.endswith('>; rel="next"')
    return client.get(path + link.removeprefix("<").partition(">")[0])


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_a_product_is_listed_and_shown_with_every_documented_field(shop: Client, version: Any) -> None:
    with frozen() as clock:
        laptop = add(
            "LAPTOP-001",
            "Professional Laptop",
            category("Laptops"),
            description="High-performance laptop for professionals",
            sale_price=Money(amount=89999, currency="USD"),
            brand_id="brand-1",
            images=["https://example.com/laptop.jpg"],
            attributes={"color": "silver", "ram": "16GB"},
        )
    expected = {
        "id": laptop.id,
        "sku": "LAPTOP-001",
        "name": "Professional Laptop",
        "description": "High-performance laptop for professionals",
        "base_price": {"amount": 99999, "currency": "USD"},
        "SalePrice": {"amount": 89999, "currency": "USD"},
        "status": "active",
        "brand_id": "brand-1",
        "category_id": laptop.category_id,
        "images": ["https://example.com/laptop.jpg"],
        "attributes": {"color": "silver", "ram": "16GB"},
        "created_at": rfc3339(clock.at),
        "updated_at": rfc3339(clock.at),
    }
    meta = {"page": 1, "page_size": 20, "total_items": 1, "total_pages": 1, "has_next": False, "has_prev": False}
    client = shop.speaking(version)
    assert client.get(f"{PRODUCTS}/{laptop.id}").body == {"data": expected}
    for path in (PRODUCTS, f"{PRODUCTS}?keyword=LAPTOP", f"{PRODUCTS}/category/{laptop.category_id}"):
        answer = client.get(path)
        assert (answer.status, answer.body) == (200, {"data": [expected], "meta": meta})
        assert "link" not in answer.headers


def test_an_empty_catalogue_is_three_empty_lists(shop: Client) -> None:
    meta = {"page": 1, "page_size": 20, "total_items": 0, "total_pages": 0, "has_next": False, "has_prev": False}
    for path in ("products", "products?keyword=laptop", "categories", "brands"):
        answer = shop.get(f"/api/v1/catalog/{path}")
        assert (answer.status, answer.body) == (200, {"data": [], "meta": meta})


def test_products_come_newest_first_by_page_and_by_cursor(shop: Client) -> None:
    for number in range(5):
        add(f"S{number}")
    add("D", status="draft")
    first = shop.get(PRODUCTS, query={"page_size": 2})
    assert [product["sku"] for product in first.data] == ["S4", "S3"]
    assert first.body["meta"] == {
        "page": 1,
        "page_size": 2,
        "total_items": 5,
        "total_pages": 3,
        "has_next": True,
        "has_prev": False,
    }
    second = linked(shop, PRODUCTS, first.headers["link"])
    assert [product["sku"] for product in second.data] == ["S2", "S1"]
    third = shop.get(PRODUCTS, query={"page_size": 2, "page": 3})
    assert [product["sku"] for product in third.data] == ["S0"]
    assert third.body["meta"]["has_next"] is False
    assert third.body["meta"]["has_prev"] is True
    assert shop.get(PRODUCTS, query={"page": 9}).data == []


@pytest.mark.parametrize("query", [{"page": 0}, {"page_size": 101}, {"page": "x"}, {"keyword": "a" * 201}])
def test_bad_query_parameters_are_refused(shop: Client, query: dict[str, Any]) -> None:
    answer = shop.get(PRODUCTS, query=query)
    assert (answer.status, answer.error["code"]) == (400, "invalid_request")
    assert [problem["field"] for problem in answer.error["details"]] == list(query)


def test_a_made_up_cursor_is_refused(shop: Client) -> None:
    parent = category("A")
    category("B", parent)
    for path in (PRODUCTS, f"{PRODUCTS}?keyword=x", f"{PRODUCTS}/category/{parent.id}"):
        answer = shop.get(path, query={"cursor": "bWFkZSB1cA"})
        assert (answer.status, answer.error["code"]) == (400, "invalid_cursor")


def test_a_product_that_is_not_public_is_not_found(shop: Client) -> None:
    unknown = {"error": {"code": "product_not_found", "message": "Product not found"}}
    hidden = [add(status, status=status).id for status in ("draft", "archived")]
    for wanted in (*hidden, "none"):
        answer = shop.get(f"{PRODUCTS}/{wanted}")
        assert (answer.status, answer.body) == (404, unknown)


def test_a_blank_product_id_is_asked_for(shop: Client) -> None:
    answer = shop.get(f"{PRODUCTS}/%20")
    assert (answer.status, answer.body) == (
        400,
        {"error": {"code": "invalid_request", "message": "Product ID is required"}},
    )


def test_a_product_may_be_kept_a_moment_and_is_asked_for_again_by_its_tag(shop: Client) -> None:
    product = add("A")
    first = shop.get(f"{PRODUCTS}/{product.id}")
    assert first.headers["cache-control"] == "public, max-age=30"
    tag = first.headers["etag"]
    again = shop.get(f"{PRODUCTS}/{product.id}", headers={"If-None-Match": tag})
    assert (again.status, again.body, again.headers["etag"]) == (304, None, tag)
    change_product(product, {"name": "Other"})
    changed = shop.get(f"{PRODUCTS}/{product.id}", headers={"If-None-Match": tag})
    assert (changed.status, changed.data["name"]) == (200, "Other")
    assert changed.headers["etag"] != tag


def test_keywords_are_found_in_name_sku_and_description_names_first(shop: Client) -> None:
    add("CAFE-1", "Espresso machine", description="Makes Café crème")
    add("X-1", "Café table", description="Round")
    add("X-2", "Machine oil", description="For tables")
    assert skus(shop, PRODUCTS, keyword="cafe") == ["X-1", "CAFE-1"]
    assert skus(shop, PRODUCTS, keyword="CAFÉ  tab") == ["X-1"], "every word, also as the beginning of one"
    assert skus(shop, PRODUCTS, keyword="x 2") == ["X-2"]
    assert skus(shop, PRODUCTS, keyword="machine") == ["X-2", "CAFE-1"]
    assert skus(shop, PRODUCTS, keyword="able") == []
    assert skus(shop, PRODUCTS, keyword="!?") == []
    assert len(skus(shop, PRODUCTS, keyword="  ")) == 3, "a blank keyword is none"


def test_hits_are_paged_with_exact_totals(shop: Client) -> None:
    for number in range(5):
        add(f"S{number}", "Lamp")
    add("N", "Table")
    first = shop.get(PRODUCTS, query={"keyword": "lamp", "page_size": 2})
    assert first.body["meta"] == {
        "page": 1,
        "page_size": 2,
        "total_items": 5,
        "total_pages": 3,
        "has_next": True,
        "has_prev": False,
    }
    second = linked(shop, PRODUCTS, first.headers["link"])
    last = linked(shop, PRODUCTS, second.headers["link"])
    found = [product["sku"] for answer in (first, second, last) for product in answer.data]
    assert found == ["S4", "S3", "S2", "S1", "S0"]
    assert "link" not in last.headers
    assert skus(shop, PRODUCTS, keyword="lamp", page_size=2, page=2) == ["S2", "S1"]
    stolen = linked(shop, f"{PRODUCTS}?keyword=table", first.headers["link"].replace("keyword=lamp&", ""))
    assert stolen.status == 400


def test_what_comes_between_two_pages_of_hits_repeats_and_skips_nothing(shop: Client) -> None:
    for number in range(5):
        add(f"S{number}", "Lamp")
    first = shop.get(PRODUCTS, query={"keyword": "lamp", "page_size": 2})
    add("NEWER", "Lamp")
    second = linked(shop, PRODUCTS, first.headers["link"])
    assert [product["sku"] for product in second.data] == ["S2", "S1"]
    assert second.body["meta"]["total_items"] == 6
    longer = first.headers["link"].replace("page_size=2", "page_size=50")
    assert [product["sku"] for product in linked(shop, PRODUCTS, longer).data] == ["S2", "S1", "S0"]


@pytest.mark.parametrize(
    ("name", "keyword"), [("机械键盘", "键盘"), ("ワイヤレスイヤホン", "イヤホン"), ("무선이어폰", "이어폰")]
)
def test_a_word_is_found_within_writing_that_has_no_spaces(shop: Client, name: str, keyword: str) -> None:
    add("S", name)
    add("N", "Lamp")
    assert skus(shop, PRODUCTS, keyword=keyword) == ["S"]


def test_a_search_reads_the_postings_of_its_words_and_the_products_once(shop: Client) -> None:
    add("S", "Blue lamp")
    with recorded() as calls:
        assert skus(shop, PRODUCTS, keyword="blue lamp") == ["S"]
    assert calls.names == ["Query", "Query", "BatchGetItem"]


def test_a_product_that_changes_while_it_is_searched_is_not_found_for_what_it_never_was(shop: Client) -> None:
    product, reads = add("S", "Alpha"), [0]

    def change_between(params: dict[str, Any]) -> None:
        if "begins_with" in params["KeyConditionExpression"]:
            reads[0] += 1
            if reads[0] == 2:
                change_product(product, {"name": "Beta"})

    with crashing("Query", change_between):
        assert skus(shop, PRODUCTS, keyword="alpha beta") == []
    assert skus(shop, PRODUCTS, keyword="beta") == ["S"]


def test_a_category_lists_what_is_below_it_too(shop: Client) -> None:
    electronics = category("Electronics")
    laptops, phones = category("Laptops", electronics), category("Phones", electronics)
    gaming = category("Gaming", laptops)
    for number, place in enumerate((gaming, phones, electronics, laptops, None, phones, gaming)):
        add(f"S{number}", category=place)
    path = f"{PRODUCTS}/category/"
    assert skus(shop, path + electronics.id) == ["S6", "S5", "S3", "S2", "S1", "S0"]
    assert skus(shop, path + laptops.id) == ["S6", "S3", "S0"]
    assert skus(shop, path + gaming.id) == ["S6", "S0"]
    first = shop.get(path + electronics.id, query={"page_size": 4})
    assert first.body["meta"] == {
        "page": 1,
        "page_size": 4,
        "total_items": 6,
        "total_pages": 2,
        "has_next": True,
        "has_prev": False,
    }
    second = linked(shop, path + electronics.id, first.headers["link"])
    assert [product["sku"] for product in second.data] == ["S1", "S0"]
    assert second.body["meta"]["page"] == 2
    assert skus(shop, path + electronics.id, page_size=2, page=2) == ["S3", "S2"]


def test_an_inactive_category_hides_its_branch_from_listings(shop: Client) -> None:
    top = category("Top")
    middle = category("Middle", top)
    leaf = category("Leaf", middle)
    add("T", category=top)
    add("L", category=leaf)
    add("M", category=middle)
    path = f"{PRODUCTS}/category/"
    assert skus(shop, path + top.id) == ["M", "L", "T"]
    change_category(current(middle), {"name": "Middle", "active": False}, current(top))
    assert skus(shop, path + top.id) == ["T"]
    unknown = {"error": {"code": "category_not_found", "message": "Category not found"}}
    for wanted in (middle.id, leaf.id, "none"):
        answer = shop.get(path + wanted)
        assert (answer.status, answer.body) == (404, unknown)
    assert skus(shop, PRODUCTS) == ["M", "L", "T"], "the products themselves are still sold"


def test_moved_categories_take_their_products_along(shop: Client) -> None:
    one, two = category("One"), category("Two")
    leaf = category("Leaf", one)
    add("A", category=leaf)
    change_category(current(leaf), {"name": "Leaf"}, current(two))
    path = f"{PRODUCTS}/category/"
    assert (skus(shop, path + one.id), skus(shop, path + two.id)) == ([], ["A"])


def stocked_up(count: int, places: list[Category]) -> None:
    """Many products at once, spread over some categories, with the counters their lists keep."""
    moment, tally = now(), Tally()
    products = [
        Product(
            id=f"{number:05}",
            sku=f"S{number}",
            name="Thing",
            base_price=USD,
            status="active",
            category_id=places[number % len(places)].id,
            created_at=moment,
            updated_at=moment,
        )
        for number in range(count)
    ]
    for product in products:
        tally.changed(None, product)
    batch_write([{"PutRequest": {"Item": product.item()}} for product in products])
    for write in tally.writes():
        table_call("UpdateItem", **write["Update"])


@pytest.mark.parametrize("count", [100, 1000])
def test_page_one_costs_the_same_however_many_there_are(shop: Client, count: int) -> None:
    parent = category("Parent")
    leaves = [category(f"Leaf {number}", parent) for number in range(2)]
    stocked_up(count, leaves)

    def cost(path: str, total: int) -> list[tuple[str, int | None]]:
        """The calls page 1 makes and how many rows each of them may read."""
        with recorded() as calls:
            answer = shop.get(path, query={"page_size": 4})
        assert (len(answer.data), answer.body["meta"]["total_items"]) == (min(4, total), total)
        return [(call.operation, call.params.get("Limit")) for call in calls.made]

    below = f"{PRODUCTS}/category/"
    assert cost(PRODUCTS, count) == [("Query", 6)], "four, one to see whether more follow, and the total"
    assert cost("/api/v1/catalog/categories", 3) == [("Query", 6)]
    assert cost(below + leaves[0].id, count // 2) == [("GetItem", None), ("Query", 6)]
    assert cost(below + parent.id, count) == [
        ("GetItem", None),
        ("Query", None),  # the categories below
        ("BatchGetItem", None),  # the totals
        ("Query", 6),
        ("Query", 6),
    ]
    with recorded() as calls:
        assert shop.get(f"{PRODUCTS}/00000").status == 200
    assert calls.names == ["GetItem"]
