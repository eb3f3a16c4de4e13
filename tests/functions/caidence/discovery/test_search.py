"""Searching creators: what is asked, what comes back, what it costs, and what is refused before anything is spent."""

from __future__ import annotations

from typing import Any

import pytest

from caidence.discovery import filters
from infra.local.influencers_club import InfluencersClub, creators
from quintet.providers.influencers_club import Platform
from quintet.testing import Client
from tests.functions.caidence.conftest import SignIn, lend
from tests.functions.caidence.discovery.conftest import DISCOVERY, Rich, check_books, configure

SEARCH = f"{DISCOVERY}/search"


def asked(club: InfluencersClub) -> dict[str, Any]:
    """The body of the last request."""
    return dict(club.asked[-1].json)


def test_a_search_answers_creators_and_costs_a_hundredth_each(rich: Rich, club: InfluencersClub) -> None:
    client = rich(1.0)
    answer = client.post(f"{SEARCH}?limit=3&ai_search=vegan%20cooking")

    assert answer.status == 200, answer.body
    assert answer.body == {
        "results": [
            {
                "platform": "instagram",
                "handle": one["username"],
                "name": one["full_name"],
                "followers": one["follower_count"],
                "engagement_rate": one["engagement_percent"],
                "picture_url": one["profile_picture"],
            }
            for one in creators("instagram", '["vegan cooking", ""]')[:3]
        ],
        "total": 240,
        "page": 1,
        "limit": 3,
        "credits_used": 0.03,
        "credits_remaining": 0.97,
    }
    assert asked(club) == {
        "platform": "instagram",
        "paging": {"limit": 3, "page": 0},
        "sort": {"sort_by": "relevancy", "sort_order": "desc"},
        "filters": {"ai_search": "vegan cooking"},
    }
    assert check_books(client).balance == 97


def test_without_anything_said_ten_of_instagram_come(rich: Rich, club: InfluencersClub) -> None:
    answer = rich().post(SEARCH)
    assert (len(answer.body["results"]), answer.body["limit"], answer.body["page"]) == (10, 10, 1)
    assert asked(club)["platform"] == "instagram"
    assert asked(club)["filters"] is None


def test_pages_follow_each_other_without_overlap(rich: Rich) -> None:
    client = rich()
    pages = [client.post(f"{SEARCH}?limit=50&page={n}").body for n in range(1, 7)]
    handles = [one["handle"] for page in pages for one in page["results"]]
    assert len(handles) == len(set(handles)) == 240
    assert [page["credits_used"] for page in pages] == [0.5, 0.5, 0.5, 0.5, 0.4, 0.0]


def test_the_query_overrules_the_body_and_the_body_fills_in(rich: Rich, club: InfluencersClub) -> None:
    filters = {
        "platform": "tiktok",
        "ai_search": "books",
        "min_followers": 10,
        "location": ["Spain", "Germany"],
        "is_verified": False,
        "limit": 5,
        "page": 2,
        "engagement_percent": {"gte": 1, "lte": 9},
        "hashtags": ["jazz"],
        "creator_has": {"has_linktree": True},
        "audience": {"location": [{"name": "Spain", "min_pct": 20}]},
    }
    query = "platform=youtube&ai_search=running&min_followers=5000&max_followers=90000&min_engagement=2.5&limit=4"
    answer = rich().post(f"{SEARCH}?{query}&has_brand_deals=true&is_verified=true", {"filters": filters})

    assert answer.status == 200, answer.body
    assert (answer.body["limit"], answer.body["page"]) == (4, 2)
    assert asked(club) == {
        "platform": "youtube",
        "paging": {"limit": 4, "page": 1},
        "sort": {"sort_by": "relevancy", "sort_order": "desc"},
        "filters": {
            "ai_search": "running",
            "number_of_subscribers": {"min": 5000, "max": 90000},
            "engagement_percent": {"min": 2.5, "max": 9},
            "location": ["Spain", "Germany"],
            "has_done_brand_deals": True,
            "is_verified": True,
            "hashtags": ["jazz"],
            "creator_has": {"has_linktree": True},
            "audience": {"location": [{"name": "Spain", "min_pct": 20}]},
        },
    }


@pytest.mark.parametrize(
    ("query", "body", "searched"),
    [
        ("", {"query": "in words"}, "in words"),
        ("", {"query": "in words", "filters": {"ai_search": "as a filter"}}, "as a filter"),
        ("?ai_search=as%20parameter", {"query": "in words"}, "as parameter"),
        ("", {"query": None, "filters": None}, None),
    ],
)
def test_the_words_searched_for(
    rich: Rich, club: InfluencersClub, query: str, body: dict[str, Any], searched: str | None
) -> None:
    assert rich().post(SEARCH + query, body).status == 200
    assert (asked(club)["filters"] or {}).get("ai_search") == searched


@pytest.mark.parametrize(
    ("network", "key"),
    [
        ("instagram", "number_of_followers"),
        ("tiktok", "number_of_followers"),
        ("twitter", "number_of_followers"),
        ("youtube", "number_of_subscribers"),
        ("twitch", "followers"),
    ],
)
@pytest.mark.parametrize("said", ["number_of_followers", "number_of_subscribers", "followers"])
def test_followers_are_sent_by_the_name_that_the_platform_knows(
    rich: Rich, club: InfluencersClub, network: str, key: str, said: str
) -> None:
    answer = rich().post(f"{SEARCH}?platform={network}&max_followers=200000", {"filters": {said: {"min": 1000}}})
    assert answer.status == 200, answer.body
    assert asked(club)["filters"] == {key: {"min": 1000, "max": 200000}}
    assert all(1000 <= one["followers"] <= 200000 for one in answer.body["results"])


@pytest.mark.parametrize(
    ("query", "body", "where"),
    [
        ("", {"filters": {"min_follower": 5}}, ["body", "filters", "min_follower"]),
        ("", {"min_followers": 5}, ["body", "min_followers"]),
        ("?min_follower=5", None, ["query", "min_follower"]),
        ("", {"filters": {"audience": {"age_range": "18-24"}}}, ["body", "filters", "audience", "age_range"]),
        ("", {"filters": {"number_of_followers": {"above": 5}}}, ["body", "filters", "number_of_followers", "above"]),
        ("", {"filters": {"number_of_followers": {"min": 5, "gte": 6}}}, ["body", "filters", "number_of_followers"]),
        ("", {"filters": {"number_of_followers": {"min": 9, "max": 5}}}, ["body", "filters", "number_of_followers"]),
        ("", {"filters": {"creator_has": {"has_yacht": True}}}, ["body", "filters", "creator_has"]),
        ("", {"filters": {"is_verified": "yes"}}, ["body", "filters", "is_verified"]),
        ("", {"filters": {"limit": 51}}, ["body", "filters", "limit"]),
        ("", {"filters": []}, ["body", "filters"]),
        ("", {"query": "x"}, ["body", "query"]),
        ("?platform=myspace", None, ["query", "platform"]),
        ("?limit=51", None, ["query", "limit"]),
        ("?limit=0", None, ["query", "limit"]),
        ("?page=0", None, ["query", "page"]),
        ("?min_followers=-1", None, ["query", "min_followers"]),
        ("?min_engagement=nan", None, ["query", "min_engagement"]),
        ("?min_engagement=101", None, ["query", "min_engagement"]),
        ("?is_verified=perhaps", None, ["query", "is_verified"]),
        ("?ai_search=ab", None, ["query", "ai_search"]),
        ("?min_followers=10&max_followers=9", None, ["query", "max_followers"]),
        ("?min_followers=10", {"filters": {"max_followers": 9}}, ["query", "min_followers"]),
        ("", {"filters": {"min_followers": 10, "max_followers": 9}}, ["body", "filters", "max_followers"]),
        ("", {"filters": {"platform": "onlyfans", "min_followers": 9}}, ["body", "filters", "min_followers"]),
        ("?min_engagement=5", {"filters": {"engagement_percent": {"max": 4}}}, ["query", "min_engagement"]),
        ("", {"filters": {"tweets": ["vegan"]}}, ["body", "filters", "tweets"]),
        ("?platform=twitch", {"filters": {"reels_percent": {"min": 5}}}, ["body", "filters", "reels_percent"]),
        ("?platform=tiktok", {"filters": {"has_shorts": True}}, ["body", "filters", "has_shorts"]),
        ("", {"filters": {"exclude_handles": ["@"]}}, ["body", "filters", "exclude_handles"]),
        ("?platform=onlyfans&min_followers=10", None, ["query", "min_followers"]),
        ("?platform=onlyfans", {"filters": {"followers": {"min": 1}}}, ["body", "filters", "followers"]),
    ],
)
def test_what_is_wrong_is_named_before_anything_is_spent(
    rich: Rich, club: InfluencersClub, query: str, body: Any, where: list[str]
) -> None:
    client = rich(1.0)
    answer = client.post(SEARCH + query, body)
    assert answer.status == 422, answer.body
    assert answer.body["detail"][0]["loc"][: len(where)] == where
    assert club.asked == []
    assert check_books(client).transactions == 1


def test_who_has_no_account_is_told_where_to_open_one(club: InfluencersClub, member: Client) -> None:
    for path in ("search", "similar?platform=tiktok&handle=a", "enrich?platform=tiktok&handle=a",
                 "post-details?platform=tiktok&post_id=1"):  # fmt: skip
        answer = member.post(f"{DISCOVERY}/{path}")
        assert answer.status == 402, path
        assert "/credits/initialize" in answer.body["detail"]
    assert club.asked == []


def test_where_credits_are_short_nothing_is_sent(rich: Rich, club: InfluencersClub) -> None:
    client = rich(0.05)
    answer = client.post(f"{SEARCH}?limit=6")
    assert (answer.status, answer.body) == (
        402,
        {"detail": "Insufficient credits: this may cost 0.06, and 0.05 can be spent"},
    )
    assert club.asked == []
    assert client.post(f"{SEARCH}?limit=5").body["credits_remaining"] == 0
    assert client.post(f"{SEARCH}?limit=1").status == 402


def test_no_result_costs_nothing(rich: Rich) -> None:
    client = rich(1.0)
    answer = client.post(f"{SEARCH}?min_followers=9000000")
    assert (answer.body["results"], answer.body["total"], answer.body["credits_used"]) == ([], 0, 0)
    assert check_books(client).balance == 100


def test_lookalikes_are_free_for_who_has_an_account(rich: Rich, club: InfluencersClub) -> None:
    client, like = rich(0.5), creators("twitch")[0]["username"]
    answer = client.post(f"{DISCOVERY}/similar?platform=twitch&handle=%40{like}&limit=4&page=2&min_followers=2000")
    assert answer.status == 200, answer.body
    assert len(answer.body["results"]) == 4
    assert (answer.body["credits_used"], answer.body["credits_remaining"], answer.body["page"]) == (0, 0.5, 2)
    assert asked(club) == {
        "platform": "twitch",
        "filter_key": "username",
        "filter_value": like,
        "paging": {"limit": 4, "page": 1},
        "filters": {"followers": {"min": 2000}},
    }
    stats = client.get(f"{DISCOVERY}/credits").body["usage_stats"]
    assert (stats["upstream_cost"], stats["drift"]) == (0.04, -0.04)
    assert check_books(client).balance == 50


@pytest.mark.parametrize(
    ("query", "field"),
    [("handle=a", "platform"), ("platform=tiktok", "handle"), ("platform=tiktok&handle=%40", "handle")],
)
def test_lookalikes_need_a_platform_and_a_handle(rich: Rich, query: str, field: str) -> None:
    answer = rich().post(f"{DISCOVERY}/similar?{query}")
    assert (answer.status, answer.body["detail"][0]["loc"]) == (422, ["query", field])


def test_who_may_not_discover_is_told_why(club: InfluencersClub, platform: Client, viewer: Client) -> None:
    paths = ["search", "similar?platform=tiktok&handle=a", "enrich?platform=tiktok&handle=a",
             "post-details?platform=tiktok&post_id=1", "credits/initialize"]  # fmt: skip
    reads = ["credits", "smoke", "classifiers/languages", "classifiers/locations/tiktok", "classifiers/yt-topics",
             "classifiers/twitch-games"]  # fmt: skip
    for path in paths:
        assert platform.post(f"{DISCOVERY}/{path}").status == 401
        assert viewer.post(f"{DISCOVERY}/{path}").status == 403
    for path in reads:
        assert platform.get(f"{DISCOVERY}/{path}").status == 401
        assert viewer.get(f"{DISCOVERY}/{path}").status == 403
    lend(viewer, "discovery:read")
    assert viewer.get(f"{DISCOVERY}/smoke").status == 200


def test_a_permission_for_a_foreign_place_opens_nothing(club: InfluencersClub, viewer: Client, other: Any) -> None:
    lend(viewer, "discovery:read", scope="organization", id=other.id)
    answer = viewer.post(SEARCH)
    assert answer.status == 403
    assert answer.body["detail"].startswith("deny: role viewer does not grant discovery:read")


def test_an_account_is_its_users_own(rich: Rich, sign_in: SignIn) -> None:
    first, second = rich(1.0), rich(2.0)
    assert first.post(f"{SEARCH}?limit=10").body["credits_remaining"] == 0.9
    assert second.get(f"{DISCOVERY}/credits").body["balance"] == 2
    assert sign_in("agency_member").get(f"{DISCOVERY}/credits").status == 402


def test_a_key_pays_once(rich: Rich, club: InfluencersClub) -> None:
    client = rich(1.0)
    first, again = (client.post(SEARCH, {}, headers={"Idempotency-Key": "search-1"}) for _ in range(2))
    assert first.body == again.body
    assert again.headers["idempotency-replayed"] == "true"
    assert len(club.asked) == 1
    assert check_books(client).balance == 90


def test_without_a_key_of_the_service_everything_but_credits_is_503(rich: Rich, club: InfluencersClub) -> None:
    client = rich(1.0)
    configure()
    for path in ("search", "similar?platform=tiktok&handle=a", "enrich?platform=tiktok&handle=a",
                 "post-details?platform=tiktok&post_id=1"):  # fmt: skip
        assert client.post(f"{DISCOVERY}/{path}").status == 503, path
    for path in ("smoke", "classifiers/languages", "classifiers/locations/tiktok", "classifiers/yt-topics",
                 "classifiers/twitch-games"):  # fmt: skip
        answer = client.get(f"{DISCOVERY}/{path}")
        assert (answer.status, "INFLUENCERS_CLUB_API_KEY" in answer.body["detail"]) == (503, True)
    assert client.get(f"{DISCOVERY}/credits").status == 200
    assert client.post(f"{DISCOVERY}/credits/initialize").status == 200
    assert club.asked == []
    assert check_books(client).transactions == 1


def test_handles_to_leave_out_are_named_as_everywhere(rich: Rich, club: InfluencersClub) -> None:
    first = creators("instagram", '[null, ""]')[0]["username"]
    answer = rich().post(f"{SEARCH}?limit=5", {"filters": {"exclude_handles": [f"@{first}"]}})
    assert answer.status == 200, answer.body
    assert club.asked[-1].json["filters"] == {"exclude_handles": [first]}
    assert first not in {one["handle"] for one in answer.body["results"]}


def test_every_platform_takes_its_own_filters() -> None:
    given: dict[Platform, dict[str, Any]] = {
        "instagram": {"reels_percent": {"min": 5.0}}, "youtube": {"topics": ["Cooking"]},
        "tiktok": {"has_tik_tok_shop": True}, "twitter": {"tweets": ["vegan"]},
        "twitch": {"games_played": ["Celeste"]}, "onlyfans": {"has_free_account": True},
    }  # fmt: skip
    for platform, own in given.items():
        assert filters.sent(platform, {}, filters.ProviderFilters.model_validate(own)) == own


def test_only_filters_that_there_are_belong_to_a_platform() -> None:
    named = [name for names in filters._ALONE.values() for name in names]
    assert set(named) <= set(filters.ProviderFilters.model_fields)
    assert len(set(named)) == len(named)
