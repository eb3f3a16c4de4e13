"""Importing a catalogue file into the shop."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from quintet.models import Money
from quintet.testing import Client
from storefront.catalog.product_store import change_product
from storefront.catalog.products import Product, Stock
from storefront.catalog_import.importing import Outcome, Summary, import_catalog
from storefront.catalog_import.rows import UnusableFile
from storefront.service import store
from tests.support.calls import recorded

DATA = Path(__file__).parent / "data"
HEADER = "sku,name,description,base_price,SalePrice,currency,status,brand,category,images,attributes,quantity\n"


def imported(text: str, currency: str = "USD") -> tuple[Summary, list[Outcome]]:
    """Import a file and answer the summary with every outcome that has a message."""
    outcomes: list[Outcome] = []
    summary = import_catalog(io.StringIO(text, newline=""), outcomes.append, currency)
    assert len(outcomes) == summary.created + summary.updated + summary.unchanged + summary.refused
    return summary, [outcome for outcome in outcomes if outcome.message]


def counts(text: str) -> tuple[int, int, int, int]:
    summary, told = imported(text)
    assert not told
    return summary.created, summary.updated, summary.unchanged, summary.refused


def public(shop: Client, **query: Any) -> dict[str, dict[str, Any]]:
    answer = shop.get("/api/v1/catalog/products", query={"page_size": 100, **query})
    return {product["sku"]: product for product in answer.data}


def product(sku: str) -> Product:
    stock = store.get(Stock, sku=sku)
    found = store.get(Product, id=stock.product_id) if stock else None
    assert found
    return found


def in_stock(sku: str) -> int:
    stock = store.get(Stock, sku=sku)
    assert stock
    return stock.quantity


def names(shop: Client, what: str) -> dict[str, str]:
    return {found["id"]: found["name"] for found in shop.get(f"/api/v1/catalog/{what}?page_size=100").data}


def test_our_own_file_becomes_products_stock_categories_and_brands(shop: Client) -> None:
    text = (DATA / "catalog.csv").read_text(encoding="utf-8")
    assert counts(text) == (3, 0, 0, 0)
    found = public(shop)
    categories, brands = names(shop, "categories"), names(shop, "brands")
    laptop = found["LAPTOP-14"]
    assert laptop == {
        "id": laptop["id"],
        "sku": "LAPTOP-14",
        "name": "Travel Laptop 14",
        "description": "Light enough for every day.\nFourteen hours on one charge.",
        "base_price": {"amount": 99999, "currency": "USD"},
        "SalePrice": {"amount": 89999, "currency": "USD"},
        "status": "active",
        "brand_id": next(key for key, name in brands.items() if name == "TechCorp"),
        "category_id": next(key for key, name in categories.items() if name == "Laptops"),
        "images": ["https://img.example.com/laptop-front.jpg", "https://img.example.com/laptop-side.jpg"],
        "attributes": {"color": "silver", "ram": "16GB"},
        "created_at": laptop["created_at"],
        "updated_at": laptop["created_at"],
    }
    assert sorted(found) == ["KETTLE-1", "LAPTOP-14"]
    assert (product("MUG-RED").status, product("MUG-RED").sale_price) == ("draft", Money(amount=990, currency="USD"))
    assert [in_stock(sku) for sku in ("LAPTOP-14", "KETTLE-1", "MUG-RED")] == [12, 40, 0]
    assert sorted(categories.values()) == ["Electronics", "Kitchen", "Laptops"]
    electronics = next(key for key, name in categories.items() if name == "Electronics")
    below = shop.get(f"/api/v1/catalog/products/category/{electronics}").data
    assert [entry["sku"] for entry in below] == ["LAPTOP-14"]
    assert list(public(shop, keyword="gooseneck")) == ["KETTLE-1"]


def test_a_shopify_export_becomes_one_product_for_each_variant(shop: Client) -> None:
    text = (DATA / "shopify_export.csv").read_text(encoding="utf-8")
    assert counts(text) == (4, 0, 0, 0)
    shirts = public(shop, keyword="linen shirt")
    assert {sku: shirt["attributes"] for sku, shirt in shirts.items()} == {
        "LS-S-W": {"Size": "S", "Color": "White"},
        "LS-M-W": {"Size": "M", "Color": "White"},
    }
    assert (in_stock("LS-S-W"), in_stock("LS-M-W"), in_stock("00417")) == (7, 0, 15)
    assert shirts["LS-S-W"]["base_price"] == {"amount": 6500, "currency": "USD"}
    assert shirts["LS-S-W"]["SalePrice"] == {"amount": 4900, "currency": "USD"}
    assert sorted(names(shop, "categories").values()) == ["Apparel & Accessories", "Clothing", "Kitchen", "Shirts"]


@pytest.mark.parametrize("file", ["catalog.csv", "shopify_export.csv"])
def test_a_second_import_changes_nothing(shop: Client, file: str) -> None:
    text = (DATA / file).read_text(encoding="utf-8")
    first, _ = imported(text)
    before = public(shop)
    with recorded() as calls:
        assert counts(text) == (0, 0, first.created, 0)
    assert not set(calls.names) - {"BatchGetItem", "Query"}, "nothing is written"
    assert public(shop) == before


def test_only_what_differs_is_written(shop: Client) -> None:
    row = "A,Lamp,Bright,1000,,USD,active,Homely,Light,,,5\n"
    imported(HEADER + row)
    with recorded() as calls:
        assert counts(HEADER + row.replace(",5\n", ",9\n")) == (0, 1, 0, 0)
    assert calls.names.count("UpdateItem") == 1
    assert in_stock("A") == 9
    assert product("A").version == 1, "more stock is no new version of the product"
    assert counts(HEADER + row.replace("Lamp", "Desk lamp").replace(",5\n", ",2\n")) == (0, 1, 0, 0)
    assert (product("A").name, in_stock("A")) == ("Desk lamp", 2)
    assert list(public(shop, keyword="desk")) == ["A"]


def test_an_empty_quantity_leaves_the_stock_as_it_is(shop: Client) -> None:
    imported(HEADER + "A,Lamp,,1000,,,,,,,,5\n")
    assert counts(HEADER + "A,Lamp,,1100,,,,,,,,\n") == (0, 1, 0, 0)
    assert in_stock("A") == 5


def test_a_list_of_prices_changes_prices_only(shop: Client) -> None:
    imported(HEADER + "A,Lamp,Bright,1000,900,USD,draft,Homely,Light,https://x.test/a.png,color=red,5\n")
    before = product("A")
    assert counts("sku,name,base_price\nA,Lamp,1200\n") == (0, 1, 0, 0)
    after = product("A")
    price = Money(amount=1200, currency="USD")
    assert after == before.model_copy(update={"base_price": price, "version": 2, "updated_at": after.updated_at}), (
        "what the file has no column for stays"
    )
    assert counts(HEADER + "A,Lamp,,1200,,,,,,,,\n") == (0, 1, 0, 0)
    cleared = product("A")
    assert (cleared.description, cleared.sale_price, cleared.brand_id, cleared.images) == ("", None, "", [])
    assert cleared.status == "active", "an empty status is a column that says active"


def test_names_of_brands_and_categories_are_found_again_whatever_their_slug(shop: Client, manager: Client) -> None:
    brand = manager.post("/api/v1/admin/brands", {"name": "Café Noir", "slug": "noir", "active": False}).data["id"]
    top = manager.post("/api/v1/admin/categories", {"name": "Shirts", "slug": "tops"}).data["id"]
    text = (
        HEADER + "A,A,,1,,,,CAFE NOIR,shirts > Shirts,,,\nB,B,,1,,,,C++,Trousers > Shirts,,,\nC,C,,1,,,,C#,SHIRTS,,,\n"
    )
    assert counts(text) == (3, 0, 0, 0)
    assert product("A").brand_id == brand
    assert product("C").category_id == top
    categories = shop.get("/api/v1/catalog/categories").data
    assert sorted((row["name"], row["slug"]) for row in categories) == [
        ("Shirts", "shirts"),
        ("Shirts", "shirts-2"),
        ("Shirts", "tops"),
        ("Trousers", "trousers"),
    ]
    assert sorted(found["slug"] for found in shop.get("/api/v1/catalog/brands").data) == ["c", "c-2"]


def test_bad_rows_are_refused_by_line_and_the_others_imported(shop: Client) -> None:
    rows = [
        "A,Lamp,,1000,,,,,,,,5",
        "B,Lamp,,cheap,,,,,,,,5",
        "C,,,1000,,,,,,,,5",
        '"D","Two\nlines",,1000,,,,,,,,5',
        "E,Free,,0,,,,,,,,5",
        "F,Lamp,,1000,,,,,,ftp://x.test/a,,5",
        f"G,Deep,,1000,,,,Brand of G,{' > '.join(map(str, range(11)))},,,5",
        "A,Again,,1000,,,,,,,,5",
        "H,Lamp,,1000,,,,,,,,5",
    ]
    summary, told = imported(HEADER + "\n".join(rows) + "\n")
    assert (summary.created, summary.refused) == (2, 7)
    assert [(outcome.line, outcome.result) for outcome in told] == [
        (line, "refused") for line in (3, 4, 5, 7, 8, 9, 10)
    ]
    assert [outcome.message.partition(":")[0] for outcome in told] == [
        "base_price",
        "name",
        "name",
        "base_price",
        "images.0",
        "Categories can be nested 10 levels deep",
        "sku",
    ]
    assert sorted(public(shop)) == ["A", "H"]
    for sku in "BCDEFG":
        assert store.get(Stock, sku=sku) is None, "nothing of a refused product is written"


def test_of_very_many_images_the_first_are_taken_and_that_is_said(shop: Client) -> None:
    images = "|".join(f"https://x.test/{number}.png" for number in range(25))
    summary, told = imported(HEADER + f"A,Lamp,,1000,,,,,,{images},,\n")
    assert summary == Summary(created=1)
    assert told == [Outcome(2, "created", "images: the first 20 of 25 were taken")]
    assert product("A").images == [f"https://x.test/{number}.png" for number in range(20)]


def test_a_kept_sale_price_must_fit_a_new_currency(shop: Client) -> None:
    imported(HEADER + "A,Lamp,,1000,900,USD,,,,,,\n")
    summary, told = imported("sku,name,base_price\nA,Lamp,1000\n", "EUR")
    assert summary == Summary(refused=1)
    assert told == [Outcome(2, "refused", "SalePrice: must be in EUR like base_price")]
    assert product("A").base_price.currency == "USD"


def test_a_product_changed_meanwhile_is_read_again(shop: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    imported(HEADER + "A,Lamp,,1000,,,,,,,,5\n")
    meddled = False

    def meddling(old: Product, fields: dict[str, Any], quantity: int | None = None) -> Product:
        nonlocal meddled
        if not meddled:
            meddled = True
            change_product(old, {"description": "Just edited"})
        return change_product(old, fields, quantity)

    monkeypatch.setattr("storefront.catalog_import.importing.change_product", meddling)
    assert counts("sku,name,base_price\nA,Lamp,1200\n") == (0, 1, 0, 0)
    assert (product("A").description, product("A").base_price.amount) == ("Just edited", 1200)


def test_a_file_of_another_kind_is_refused_whole(shop: Client) -> None:
    for text in ("", "first,last\nA,B\n"):
        with pytest.raises(UnusableFile):
            imported(text)


def test_looking_up_takes_two_round_trips_for_fifty_rows(shop: Client) -> None:
    text = "sku,name,base_price\n" + "".join(f"S{number},Lamp,1000\n" for number in range(100))
    imported(text)
    with recorded() as calls:
        imported(text)
    assert calls.names == ["BatchGetItem"] * 4
