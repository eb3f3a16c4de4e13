"""The laptop's creator search: found by the platform with its key, priced as the service prices, and able to fail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.local.environment import State
from infra.local.influencers_club import API_KEY, CREATORS, InfluencersClub, creators, known
from infra.local.standins import secrets_for, standing_in

KEY = {"authorization": f"Bearer {API_KEY}"}
ROOT = "/public/v1"


@pytest.fixture
def club() -> Iterator[InfluencersClub]:
    found = InfluencersClub()
    found.start()
    yield found
    found.stop()


def client(club: InfluencersClub) -> httpx.Client:
    return httpx.Client(base_url=club.url, headers=KEY, trust_env=False)


def test_the_platform_has_creators_on_the_laptop(tmp_path: Path) -> None:
    with standing_in(State(tmp_path, 8000), ["caidence"]) as found:
        url = found["caidence"]["QUINTET_INFLUENCERS_CLUB_URL"]
        assert httpx.get(f"{url}{ROOT}/accounts/credits/", headers=KEY, trust_env=False).status_code == 200
    assert secrets_for("caidence") == {"influencers_club_api_key": API_KEY}


def test_a_search_is_the_same_each_time_and_billed_by_result(club: InfluencersClub) -> None:
    body = {"platform": "youtube", "paging": {"limit": 5, "page": 0}, "filters": {"ai_search": "jazz"}}
    with client(club) as http:
        first, again = (http.post(f"{ROOT}/discovery/", json=body).json() for _ in range(2))
    assert first["accounts"] == again["accounts"]
    assert (first["total"], first["credits_left"], again["credits_left"]) == (CREATORS, "9999.95", "9999.90")
    assert club.billed == 10


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/discovery/", {"platform": "myspace"}),
        ("/discovery/", {"platform": "tiktok", "paging": {"limit": 51, "page": 0}}),
        ("/discovery/creators/similar/", {"platform": "tiktok", "filter_value": "nobody", "paging": {}}),
        ("/creators/enrich/handle/raw/", {"platform": "tiktok", "handle": "nobody"}),
        ("/creators/enrich/handle/half/", {"platform": "tiktok", "handle": "nobody"}),
        ("/creators/content/details/", {"platform": "youtube", "post_id": "1", "content_type": "audio"}),
        ("/creators/content/details/", {"platform": "youtube", "post_id": "1", "content_type": "likes"}),
        ("/nowhere/", {"platform": "tiktok"}),
    ],
)
def test_what_is_asked_wrongly_is_refused_and_not_billed(club: InfluencersClub, path: str, body: Any) -> None:
    with client(club) as http:
        assert http.post(ROOT + path, json=body).status_code in (400, 404)
        assert http.post(ROOT + path, json=body, headers={"authorization": "Bearer x"}).status_code == 401
    assert club.billed == 0


def test_creators_are_known_by_their_handles(club: InfluencersClub) -> None:
    everybody = creators("twitch")
    assert len({one["username"] for one in everybody}) == CREATORS
    assert all(known("twitch", "@" + one["username"].upper()) == one for one in everybody)
    assert known("twitch", "nobody") is None
    assert known("twitch", f"vegan.{CREATORS}") is None


def test_it_fails_when_told_to_and_tells_what_it_was_asked(club: InfluencersClub) -> None:
    with client(club) as http:
        http.put("/_faults", json={"status": 503, "code": "Down", "requests": 1})
        failed = http.get(f"{ROOT}/accounts/credits/")
        assert (failed.status_code, failed.json()) == (503, {"detail": "Down"})
        assert http.get(f"{ROOT}/accounts/credits/").status_code == 200
        http.put("/_faults", json={"cut": 20})
        with pytest.raises(httpx.RemoteProtocolError):
            http.get(f"{ROOT}/accounts/credits/")
        http.put("/_faults", json={})
        asked = http.get("/_asked").json()
    assert [one["path"] for one in asked][:2] == [f"{ROOT}/accounts/credits/"] * 2
