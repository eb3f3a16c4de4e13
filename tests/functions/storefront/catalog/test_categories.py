"""Managing the tree of categories."""

from __future__ import annotations

from typing import Any

import pytest

from quintet.models import rfc3339
from quintet.models.time import frozen
from quintet.testing import Answer, Client
from storefront.catalog.category_tree import DEEPEST, MOST_BELOW
from storefront.catalog.taxonomy import Category
from storefront.service import store
from tests.functions.storefront.conftest import SignIn
from tests.support.aws import in_threads

CATEGORIES = "/api/v1/admin/categories"


def make(manager: Client, name: str, parent: str | None = None, **more: Any) -> str:
    answer = manager.post(CATEGORIES, {"name": name, "parent_id": parent, **more})
    assert answer.status == 201, answer
    return str(answer.data["id"])


def put(manager: Client, id: str, name: str, **more: Any) -> Answer:
    return manager.put(f"{CATEGORIES}/{id}", {"name": name, **more})


def listed(shop: Client) -> list[str]:
    answer = shop.get("/api/v1/catalog/categories?page_size=100")
    assert answer.body["meta"]["total_items"] == len(answer.data)
    return [category["name"] for category in answer.data]


def tree() -> dict[str, list[str]]:
    """Every category with the names from the top down to it, read from the paths."""
    rows = list(store.each(Category, "gsi2"))
    names = {row.id: row.name for row in rows}
    return {row.name: [names[part] for part in row.path.split("/")] for row in rows}


def test_a_category_is_created_with_a_slug_from_its_name(shop: Client, manager: Client) -> None:
    with frozen() as clock:
        answer = manager.post(CATEGORIES, {"name": "Electronics & Más", "description": "Devices"})
    moment = rfc3339(clock.at)
    electronics = {
        "id": answer.data["id"],
        "name": "Electronics & Más",
        "slug": "electronics-and-mas",
        "description": "Devices",
        "parent_id": None,
        "image_url": "",
        "active": True,
        "created_at": moment,
        "updated_at": moment,
    }
    assert (answer.status, answer.body) == (201, {"data": electronics})
    laptops = manager.post(CATEGORIES, {"name": "Laptops", "parent_id": answer.data["id"]}).data
    assert laptops["parent_id"] == electronics["id"]
    assert shop.get("/api/v1/catalog/categories").data == [electronics, laptops]


def test_namesakes_get_slugs_of_their_own_and_a_taken_slug_is_refused(manager: Client) -> None:
    top = manager.post(CATEGORIES, {"name": "Bags"}).data
    below = manager.post(CATEGORIES, {"name": "Bags", "parent_id": top["id"]}).data
    assert (top["slug"], below["slug"]) == ("bags", "bags-2")
    clash = manager.post(CATEGORIES, {"name": "Other", "slug": "bags"})
    assert (clash.status, clash.body) == (409, {"error": {"code": "slug_exists", "message": "Slug already exists"}})
    clash = put(manager, below["id"], "Bags", slug="bags")
    assert (clash.status, clash.error["code"]) == (409, "slug_exists")


def test_brands_and_categories_have_slugs_apart(manager: Client) -> None:
    assert manager.post("/api/v1/admin/brands", {"name": "Apple"}).data["slug"] == "apple"
    assert manager.post(CATEGORIES, {"name": "Apple"}).data["slug"] == "apple"


def test_an_update_keeps_what_it_does_not_name(shop: Client, manager: Client) -> None:
    top = make(manager, "Top")
    old = manager.post(CATEGORIES, {"name": "Old", "parent_id": top, "description": "Kept", "slug": "s"}).data
    with frozen() as clock:
        clock.advance(minutes=1)
        answer = put(manager, old["id"], "New")
    assert (answer.status, answer.body) == (
        200,
        {"data": {**old, "name": "New", "updated_at": rfc3339(clock.at)}},
    )
    assert listed(shop) == ["New", "Top"]


def test_moving_a_category_takes_everything_below_along(manager: Client) -> None:
    a, b = make(manager, "A"), make(manager, "B")
    c = make(manager, "C", a)
    d = make(manager, "D", c)
    make(manager, "E", d)
    assert put(manager, c, "C", parent_id=b).data["parent_id"] == b
    assert tree() == {"A": ["A"], "B": ["B"], "C": ["B", "C"], "D": ["B", "C", "D"], "E": ["B", "C", "D", "E"]}
    assert put(manager, d, "D", parent_id=None).data["parent_id"] is None
    assert tree() == {"A": ["A"], "B": ["B"], "C": ["B", "C"], "D": ["D"], "E": ["D", "E"]}
    children = {row.name: row.children for row in store.each(Category, "gsi2")}
    assert children == {"A": 0, "B": 1, "C": 0, "D": 1, "E": 0}


def test_a_category_cannot_lie_below_itself(manager: Client) -> None:
    a = make(manager, "A")
    b = make(manager, "B", a)
    for parent in (a, b):
        answer = put(manager, a, "A", parent_id=parent)
        assert (answer.status, answer.body) == (
            409,
            {"error": {"code": "category_cycle", "message": "A category cannot lie below itself"}},
        )


def test_two_moves_at_once_cannot_make_a_cycle(manager: Client) -> None:
    a, b = make(manager, "A"), make(manager, "B")
    answers = in_threads(2, lambda n: put(manager, *((a, "A"), (b, "B"))[n], parent_id=(b, a)[n]))
    statuses = sorted(answer.status for answer in answers if isinstance(answer, Answer))
    assert statuses == [200, 409]
    assert sorted(len(path) for path in tree().values()) == [1, 2]


def test_children_made_at_once_are_all_counted_and_carried(manager: Client) -> None:
    a, b = make(manager, "A"), make(manager, "B")
    in_threads(6, lambda n: make(manager, f"C{n}", a))
    assert put(manager, a, "A", parent_id=b).status == 200
    assert tree()["C5"] == ["B", "A", "C5"]
    assert {row.name: row.children for row in store.each(Category, "gsi2")}["A"] == 6


def test_a_child_made_while_its_parent_moves_is_never_left_behind(manager: Client) -> None:
    tops = [make(manager, name) for name in ("X", "Y", "Z")]
    a = make(manager, "A", tops[0])

    def act(n: int) -> None:
        if n < 2:
            put(manager, a, "A", parent_id=tops[n + 1])
        else:
            manager.post(CATEGORIES, {"name": f"C{n}", "parent_id": a})

    in_threads(8, act)
    where = tree()["A"]
    assert all(path == [*where, name] for name, path in tree().items() if name.startswith("C"))


def test_an_inactive_category_hides_everything_below(shop: Client, manager: Client) -> None:
    a = make(manager, "A")
    b = make(manager, "B", a)
    c = make(manager, "C", b)
    make(manager, "D")
    assert put(manager, b, "B", active=False).data["active"] is False
    assert listed(shop) == ["A", "D"]
    assert put(manager, a, "A", active=False).status == 200
    assert put(manager, b, "B", active=True).status == 200
    assert listed(shop) == ["D"], "what lies below an inactive category stays hidden"
    assert manager.post(CATEGORIES, {"name": "E", "parent_id": c}).data["active"] is True
    assert listed(shop) == ["D"]
    assert put(manager, c, "C", parent_id=None).status == 200
    assert listed(shop) == ["C", "D", "E"], "moved out of the inactive branch they are public"
    assert put(manager, a, "A", active=True).status == 200
    assert listed(shop) == ["A", "B", "C", "D", "E"]


def test_a_branch_too_large_for_one_transaction_stays_where_it_is(shop: Client, manager: Client) -> None:
    a, b = make(manager, "A"), make(manager, "B")
    for number in range(MOST_BELOW):
        make(manager, f"C{number}", a)
    assert put(manager, a, "A", parent_id=b, active=False, slug="moved").status == 200, "the most there can be"
    assert listed(shop) == ["B"]
    make(manager, "One more", a)
    for change in ({"parent_id": None}, {"active": True}):
        answer = put(manager, a, "A", **change)
        assert (answer.status, answer.body) == (
            409,
            {
                "error": {
                    "code": "category_too_large",
                    "message": "A category with more than 90 others below it cannot be moved, hidden or shown at once",
                }
            },
        )
    assert put(manager, a, "Renamed").status == 200


def test_the_tree_has_a_deepest_level(manager: Client) -> None:
    chain = [make(manager, "1")]
    for level in range(2, DEEPEST + 1):
        chain.append(make(manager, str(level), chain[-1]))
    answer = manager.post(CATEGORIES, {"name": "11", "parent_id": chain[-1]})
    assert (answer.status, answer.error["code"]) == (409, "category_too_deep")
    top = make(manager, "Top")
    answer = put(manager, chain[0], "1", parent_id=top)
    assert (answer.status, answer.error["code"]) == (409, "category_too_deep")
    assert put(manager, chain[1], "2", parent_id=top).status == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "a" * 101}, "name"),
        ({"name": "A", "slug": "-a"}, "slug"),
        ({"name": "A", "image_url": "ftp://x.test/a.png"}, "image_url"),
        ({"name": "A", "parent_id": 7}, "parent_id"),
        ({"name": "A", "parent_id": "nowhere"}, "parent_id"),
    ],
)
def test_a_bad_category_is_refused_naming_the_field(manager: Client, body: dict[str, Any], field: str) -> None:
    made = make(manager, "A")
    for answer in (manager.post(CATEGORIES, body), manager.put(f"{CATEGORIES}/{made}", body)):
        assert (answer.status, answer.error["code"]) == (400, "invalid_request")
        assert answer.error["message"] == "Invalid request body"
        assert [problem["field"] for problem in answer.error["details"]] == [field]


def test_an_unknown_category_is_not_found(manager: Client) -> None:
    answer = put(manager, "none", "A")
    assert (answer.status, answer.body) == (
        404,
        {"error": {"code": "category_not_found", "message": "Category not found"}},
    )


def test_only_product_managers_may_write_categories(shop: Client, sign_in: SignIn) -> None:
    for client, status, code in (
        (shop, 401, "unauthorized"),
        (sign_in(), 403, "insufficient_permissions"),
        (sign_in("customer_experience"), 403, "insufficient_permissions"),
    ):
        for answer in (client.post(CATEGORIES, {}), client.put(f"{CATEGORIES}/x", {})):
            assert (answer.status, answer.error["code"]) == (status, code)
