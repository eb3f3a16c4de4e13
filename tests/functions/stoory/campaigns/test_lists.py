"""Lists of campaigns: what each viewer sees, filters, search, pages."""

from typing import Any
from urllib.parse import quote

import pytest

from quintet.testing import Client
from tests.conftest import Systems
from tests.support.calls import crashing, recorded
from tests.support.market import (
    BASE,
    FORBIDDEN,
    UNSIGNED,
    Party,
    anyone,
    campaign,
    party,
    refused,
)

CAMPAIGNS = f"{BASE}/campaigns"


@pytest.fixture(autouse=True)
def market(system: Systems) -> None:
    system("stoory")


def titles(viewer: Client, query: str = "", path: str = CAMPAIGNS) -> list[str]:
    """The titles of a list, whose total must be their number."""
    answer = viewer.get(f"{path}?limit=100&{query}")
    assert answer.status == 200, answer
    found = [str(one["title"]) for one in answer.body["campaigns"]]
    assert answer.body["pagination"]["total"] == len(found)
    return found


def test_a_list_is_newest_first_with_its_place() -> None:
    brand = party("BRAND")
    made = [campaign(brand, title=f"Campaign {n}") for n in range(12)][::-1]
    answer = party("INFLUENCER").get(CAMPAIGNS)
    assert (answer.status, answer.body) == (
        200,
        {
            "success": True,
            "campaigns": made[:10],
            "pagination": {"page": 1, "limit": 10, "total": 12, "totalPages": 2},
        },
    )
    second = party("INFLUENCER").get(f"{CAMPAIGNS}?page=2").body
    assert second["campaigns"] == made[10:]
    assert second["pagination"] == {"page": 2, "limit": 10, "total": 12, "totalPages": 2}


@pytest.mark.parametrize("role", ["INFLUENCER", "BRAND", "ADMIN"])
@pytest.mark.parametrize("query", ["", "type=NORMAL", "search=campaign"])
def test_the_next_pages_are_linked_until_the_last(role: str, query: str) -> None:
    brand, viewer = party("BRAND"), party(role)
    made = [campaign(brand, title=f"Campaign {n}")["title"] for n in range(5)][::-1]
    answer = viewer.get(f"{CAMPAIGNS}?limit=2&{query}")
    found = answer.body["campaigns"]
    while "link" in answer.headers:
        answer = viewer.get(CAMPAIGNS + answer.headers["link"].partition(">")[0][1:])
        assert answer.status == 200
        assert answer.body["pagination"]["total"] == 5
        found = found + answer.body["campaigns"]
    assert [one["title"] for one in found] == made


@pytest.mark.parametrize("query", ["", "type=NORMAL", "search=campaign"])
def test_what_comes_between_two_pages_repeats_and_skips_nothing(query: str) -> None:
    brand, viewer = party("BRAND"), party("INFLUENCER")
    made = [campaign(brand, title=f"Campaign {n}")["title"] for n in range(5)][::-1]
    link = viewer.get(f"{CAMPAIGNS}?limit=2&skip=1&{query}").headers["link"].partition(">")[0][1:]
    assert "skip" not in link
    campaign(brand, title="Newer campaign")
    second = viewer.get(CAMPAIGNS + link).body
    assert [one["title"] for one in second["campaigns"]] == made[2:4]
    assert second["pagination"]["total"] == 6
    longer = viewer.get(CAMPAIGNS + link.replace("limit=2", "limit=50")).body
    assert [one["title"] for one in longer["campaigns"]] == made[2:]


def test_an_influencers_list_is_one_query() -> None:
    viewer = party("INFLUENCER")
    campaign(party("BRAND"))
    for query in ("", "?status=LIVE"):
        with recorded() as calls:
            assert viewer.get(CAMPAIGNS + query).body["pagination"]["total"] == 1
        assert calls.names == ["Query"]


def test_drafts_are_listed_for_their_brand_and_admins() -> None:
    brand, other = party("BRAND"), party("BRAND")
    campaign(brand, title="Old draft", status="DRAFT")
    campaign(other, title="Live one")
    campaign(brand, title="New draft", status="DRAFT")
    everything = ["New draft", "Live one", "Old draft"]
    drafts = ["New draft", "Old draft"]
    admin, influencer = party("ADMIN"), party("INFLUENCER")
    for query in ("", "type=NORMAL"):
        assert titles(brand, query) == everything
        assert titles(admin, query) == everything
        assert titles(other, query) == titles(influencer, query) == ["Live one"]
    for query in ("status=DRAFT", f"brand_id={brand.id}", "search=draft", f"status=DRAFT&brand_id={brand.id}"):
        assert titles(brand, query) == titles(admin, query) == drafts
        assert titles(other, query) == titles(influencer, query) == []


def test_a_brands_own_list_has_its_campaigns_alone() -> None:
    brand, other = party("BRAND"), party("BRAND")
    campaign(brand, title="Draft", status="DRAFT")
    campaign(other, title="Not mine")
    campaign(brand, title="Live")
    mine = f"{CAMPAIGNS}/my"
    assert titles(brand, path=mine) == ["Live", "Draft"]
    assert titles(brand, "status=LIVE", mine) == ["Live"]
    assert titles(brand, f"brand_id={brand.id}&type=NORMAL&search=draft", mine) == ["Draft"]
    assert titles(brand, f"brand_id={other.id}", mine) == []
    assert refused(party("INFLUENCER").get(mine)) == (403, FORBIDDEN)
    assert refused(party("ADMIN").get(mine)) == (403, FORBIDDEN)
    assert refused(anyone().get(mine)) == (401, UNSIGNED)


def test_filters_combine() -> None:
    brand, other, viewer = party("BRAND"), party("BRAND"), party("INFLUENCER")
    campaign(brand, title="Cheap", budget=100, type="BULK")
    campaign(brand, title="Dear", budget=900.5)
    campaign(brand, title="Unsaid")
    campaign(other, title="Other", budget=500, type="BULK")
    ended = campaign(other, title="Ended", budget=500)["id"]
    other.put(f"{CAMPAIGNS}/{ended}", {"status": "CANCELLED"})
    assert titles(viewer, "type=BULK") == ["Other", "Cheap"]
    assert titles(viewer, "min_budget=500") == ["Ended", "Other", "Dear"]
    assert titles(viewer, "max_budget=500") == ["Ended", "Other", "Cheap"]
    assert titles(viewer, "min_budget=900.5&max_budget=900.50") == ["Dear"]
    assert titles(viewer, "min_budget=900.51") == []
    assert titles(viewer, "status=CANCELLED") == ["Ended"]
    assert titles(viewer, f"status=LIVE&brand_id={other.id}") == ["Other"]
    assert titles(viewer, f"brand_id={brand.id}&type=BULK&max_budget=100") == ["Cheap"]
    assert titles(viewer, "status=EXPIRED") == []


def test_a_search_looks_in_title_and_description() -> None:
    brand, viewer = party("BRAND"), party("INFLUENCER")
    campaign(brand, title="Crème & Café", description="Autumn skincare")
    campaign(brand, title="Autumn shoes", budget=10)
    ident = campaign(brand, title="Draft autumn", status="DRAFT")["id"]
    assert titles(viewer, "search=autumn") == ["Autumn shoes", "Crème & Café"]
    assert titles(viewer, "search=CREME%20skin") == ["Crème & Café"]
    assert titles(viewer, "search=autumn&min_budget=1") == ["Autumn shoes"]
    assert titles(viewer, "search=nothing") == titles(viewer, "search=%21") == []
    brand.put(f"{CAMPAIGNS}/{ident}", {"status": "LIVE", "title": "Winter boots"})
    assert titles(viewer, "search=autumn") == ["Autumn shoes", "Crème & Café"]
    assert titles(viewer, "search=boots") == ["Winter boots"]


@pytest.mark.parametrize(
    ("title", "word"), [("机械键盘", "键盘"), ("ワイヤレスイヤホン", "イヤホン"), ("무선이어폰", "이어폰")]
)
def test_a_word_is_found_within_writing_that_has_no_spaces(title: str, word: str) -> None:
    brand = party("BRAND")
    campaign(brand, title=title)
    campaign(brand, title="Summer")
    assert titles(party("INFLUENCER"), f"search={quote(word)}") == [title]


def test_a_campaign_that_changes_while_it_is_searched_is_not_found_for_what_it_never_was() -> None:
    brand, viewer = party("BRAND"), party("INFLUENCER")
    ident, reads = campaign(brand, title="Alpha")["id"], [0]

    def change_between(params: dict[str, Any]) -> None:
        if "begins_with" in params["KeyConditionExpression"]:
            reads[0] += 1
            if reads[0] == 2:
                assert brand.put(f"{CAMPAIGNS}/{ident}", {"title": "Beta"}).status == 200

    with crashing("Query", change_between):
        assert titles(viewer, "search=alpha%20beta") == []
    assert titles(viewer, "search=beta") == ["Beta"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=OPEN", "status"),
        ("type=HUGE", "type"),
        ("brand_id=12", "brand_id"),
        ("min_budget=-1", "min_budget"),
        ("max_budget=many", "max_budget"),
        ("min_budget=1.005", "min_budget"),
        ("search=" + "x" * 101, "search"),
        ("page=0", "page"),
        ("limit=101", "limit"),
        ("limit=0", "limit"),
    ],
)
@pytest.mark.parametrize("path", ["", "/my"])
def test_a_filter_that_does_not_fit_is_named(query: str, field: str, path: str) -> None:
    answer = party("BRAND").get(f"{CAMPAIGNS}{path}?{query}")
    assert (answer.status, answer.body["message"]) == (400, "Validation failed")
    problems: list[dict[str, Any]] = answer.body["errors"]
    assert [(problem["param"], problem["location"]) for problem in problems] == [(field, "query")]


def test_strangers_see_no_list() -> None:
    assert refused(anyone().get(CAMPAIGNS)) == (401, UNSIGNED)


def find(viewer: Party, total: int) -> None:
    assert viewer.get(CAMPAIGNS).body["pagination"]["total"] == total


def test_the_total_follows_every_change() -> None:
    brand, viewer = party("BRAND"), party("INFLUENCER")
    ident = campaign(brand, status="DRAFT")["id"]
    find(viewer, 0)
    brand.put(f"{CAMPAIGNS}/{ident}", {"status": "LIVE"})
    find(viewer, 1)
    brand.delete(f"{CAMPAIGNS}/{ident}")
    find(viewer, 0)
    find(brand, 0)
