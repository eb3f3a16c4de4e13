"""Profiles and posts: what they hold, what they cost, and what a day remembers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from caidence.discovery import profiles
from infra.local.influencers_club import InfluencersClub, creators
from quintet.models.time import frozen
from tests.functions.caidence.conftest import account_of, as_account
from tests.functions.caidence.discovery.conftest import DISCOVERY, Rich, check_books

ONE = creators("instagram")[0]
HANDLE = ONE["username"]
ENRICH = f"{DISCOVERY}/enrich?platform=instagram&handle={HANDLE}"
PLAIN = {
    "platform": "instagram",
    "handle": HANDLE,
    "name": ONE["full_name"],
    "biography": ONE["biography"],
    "picture_url": ONE["profile_picture"],
    "location": ONE["country"],
    "followers": ONE["follower_count"],
    "following": ONE["following_count"],
    "posts": ONE["media_count"],
    "engagement_rate": ONE["engagement_percent"],
    "is_verified": ONE["is_verified"],
}


def test_a_raw_profile_costs_three_hundredths(rich: Rich, club: InfluencersClub) -> None:
    client = rich(1.0)
    answer = client.post(ENRICH)
    assert answer.status == 200, answer.body
    assert answer.body == {
        "profile": {**PLAIN, "details": {"instagram": ONE}},
        "mode": "raw",
        "cached": False,
        "credits_used": 0.03,
        "credits_remaining": 0.97,
    }
    assert club.asked[-1].path == "/public/v1/creators/enrich/handle/raw/"
    assert club.asked[-1].json == {"handle": HANDLE, "platform": "instagram"}
    assert check_books(client).balance == 97


def test_a_full_profile_costs_a_credit_and_tells_more(rich: Rich, club: InfluencersClub) -> None:
    client = rich(2.5)
    answer = client.post(f"{ENRICH}&mode=full")
    assert answer.status == 200, answer.body
    profile = answer.body["profile"]
    details = profile.pop("details")
    assert profile == {
        **PLAIN,
        "email": f"{HANDLE}@example.com",
        "growth": {"3_months_ago": 2.4, "6_months_ago": 5.1, "12_months_ago": 11.8},
        "posting_frequency": 4.6,
        "connections": [{"platform": "youtube", "handle": HANDLE}, {"platform": "linktree", "handle": None}],
    }
    assert details["instagram"]["audience"]["audience_followers"]["success"] is True
    assert (answer.body["credits_used"], answer.body["credits_remaining"]) == (1, 1.5)
    assert club.asked[-1].json == {
        "handle": HANDLE,
        "platform": "instagram",
        "email_required": "preferred",
        "include_lookalikes": False,
        "include_audience_data": True,
    }


def test_the_same_again_within_a_day_is_free_and_says_so(rich: Rich, club: InfluencersClub) -> None:
    client = rich(1.0)
    user = account_of(client)
    with frozen() as clock:
        first = client.post(ENRICH)
        clock.at += timedelta(hours=23, minutes=59)
        client = as_account(client, user)
        again = client.post(f"{DISCOVERY}/enrich?platform=instagram&handle=%40{HANDLE.upper()}")
        assert again.body == {**first.body, "cached": True, "credits_used": 0}
        assert len(club.asked) == 1
        clock.at += timedelta(minutes=1)
        fresh = client.post(ENRICH)
        assert check_books(client).balance == 94
    assert (fresh.body["cached"], fresh.body["credits_used"], fresh.body["credits_remaining"]) == (False, 0.03, 0.94)
    assert len(club.asked) == 2


def test_another_mode_platform_or_account_is_another_profile(rich: Rich, club: InfluencersClub) -> None:
    client = rich(5.0)
    for query in ("", "&mode=full"):
        assert client.post(ENRICH + query).body["cached"] is False
    elsewhere = f"{DISCOVERY}/enrich?platform=tiktok&handle={creators('tiktok')[0]['username']}"
    assert client.post(elsewhere).body["profile"]["platform"] == "tiktok"
    assert rich(1.0).post(ENRICH).body["cached"] is False
    assert client.post(f"{ENRICH}&mode=full").body["cached"] is True
    assert len(club.asked) == 4


def test_a_repeat_is_free_with_an_empty_account_too(rich: Rich) -> None:
    client = rich(0.03)
    assert client.post(ENRICH).body["credits_remaining"] == 0
    assert client.post(ENRICH).body["cached"] is True
    assert client.post(f"{ENRICH}&mode=full").status == 402


def test_a_creator_that_nobody_knows_costs_nothing(rich: Rich) -> None:
    client = rich(1.0)
    answer = client.post(f"{DISCOVERY}/enrich?platform=instagram&handle=nobody")
    assert (answer.status, answer.body["detail"]) == (
        502,
        "Influencers Club answered 404: Creator not found; nothing was charged",
    )
    assert check_books(client).balance == 100


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("platform=instagram", "handle"),
        ("platform=instagram&handle=%20", "handle"),
        ("platform=instagram&handle=@%E2%80%8B", "handle"),
        ("platform=instagram&handle=a%0Ab", "handle"),
        ("handle=a", "platform"),
        ("platform=linkedin&handle=a", "platform"),
        ("platform=instagram&handle=a&mode=half", "mode"),
    ],
)
def test_what_names_no_profile_is_refused(rich: Rich, club: InfluencersClub, query: str, field: str) -> None:
    answer = rich().post(f"{DISCOVERY}/enrich?{query}")
    assert (answer.status, answer.body["detail"][0]["loc"]) == (422, ["query", field])
    assert club.asked == []


@pytest.mark.parametrize("content_type", ["data", "comments", "transcript", "audio"])
def test_a_post_costs_three_hundredths(rich: Rich, club: InfluencersClub, content_type: str) -> None:
    client = rich(1.0)
    answer = client.post(f"{DISCOVERY}/post-details?platform=tiktok&post_id=7301&content_type={content_type}")
    assert answer.status == 200, answer.body
    assert answer.body["post"]["post_id"] == "7301"
    assert {name: answer.body[name] for name in answer.body if name != "post"} == {
        "content_type": content_type,
        "credits_used": 0.03,
        "credits_remaining": 0.97,
    }
    assert club.asked[-1].json == {"platform": "tiktok", "post_id": "7301", "content_type": content_type}
    assert check_books(client).balance == 97


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("platform=tiktok", "post_id"),
        ("post_id=1", "platform"),
        ("platform=twitch&post_id=1", "platform"),
        ("platform=tiktok&post_id=1&content_type=likes", "content_type"),
        ("platform=youtube&post_id=1&content_type=audio", "content_type"),
    ],
)
def test_what_names_no_post_is_refused(rich: Rich, club: InfluencersClub, query: str, field: str) -> None:
    answer = rich().post(f"{DISCOVERY}/post-details?{query}")
    assert (answer.status, answer.body["detail"][0]["loc"]) == (422, ["query", field])
    assert club.asked == []


def test_whatever_the_service_answers_becomes_a_profile() -> None:
    odd: dict[str, Any] = {
        "youtube": {"custom_url": " @zoe ", "title": "Zoë", "subscriber_count": 12.0, "engagement_percent": "high",
                    "is_verified": "yes", "country": 7, "growth": {"year": 3.14159, "odd": None}},
        "instagram": {},
        "tiktok": "zoe",
        "twitch": {"username": None, "name": "x"},
        "creator_has": {"has_youtube": True, "has_tiktok": True, "has_vk": False},
        "email": "",
    }  # fmt: skip
    found = profiles.worded("youtube", "zoe", "full", odd)
    assert found.pop("details") == odd
    assert found == {
        "platform": "youtube", "handle": "@zoe", "name": "Zoë", "biography": None, "picture_url": None,
        "location": None, "followers": 12, "following": None, "posts": None, "engagement_rate": None,
        "is_verified": None, "email": None, "growth": {"year": 3.1416}, "posting_frequency": None,
        "connections": [{"platform": "twitch", "handle": None}, {"platform": "tiktok", "handle": None}],
    }  # fmt: skip


def test_a_channels_id_keeps_its_letter_case() -> None:
    channel = "UCabcdefghijklmnopqrstuv"
    assert profiles.key_of("youtube", channel, "raw")["handle"] == channel
    assert profiles.key_of("youtube", "Some.Name", "raw")["handle"] == "some.name"
    assert profiles.key_of("instagram", channel, "raw")["handle"] == channel.casefold()
