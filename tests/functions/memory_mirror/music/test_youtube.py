"""Music search over HTTP: what is asked, how names are read, when the quota is gone and when it comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.faulty import Faults
from infra.local.youtube import API_KEY, Uploaded, YouTube
from memory_mirror.music import youtube
from memory_mirror.music.youtube import QuotaExceeded, Video, quota_returns, read_title
from quintet.keys.keyring import SystemSecret
from quintet.providers.errors import NotConfigured, ProviderError, Throttled, Unavailable
from quintet.settings import use
from tests.layers.http_servers import Site, serving
from tests.support.aws import SECRET

VIDEOS = (
    Uploaded("aaaaaaaaaa1", "Frank Sinatra - Fly Me To The Moon (Official Audio)", "Frank Sinatra"),
    Uploaded("aaaaaaaaaa2", "Strangers in the Night", "Frank Sinatra - Topic"),
    Uploaded("aaaaaaaaaa3", "Rock & Roll 'Til Dawn", "SomebodyVEVO"),
)


def holding(**values: str) -> Any:
    return patch.object(youtube, "secret", lambda: SystemSecret.parse(json.dumps({**SECRET, **values})))


@pytest.fixture(autouse=True)
def _secret() -> Iterator[None]:
    with holding(youtube_api_key=API_KEY):
        yield


@pytest.fixture
def server() -> Iterator[YouTube]:
    found = YouTube(VIDEOS, quota=3)
    found.start()
    with use({"QUINTET_YOUTUBE_URL": found.url}):
        yield found
    found.stop()


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site()) as site, use({"QUINTET_YOUTUBE_URL": site.url("")}):
        yield site


def test_music_fit_for_all_is_asked_for_and_the_key_is_in_no_url(site: Site) -> None:
    site.answer(200, b'{"items": []}')
    assert youtube.search("Frank Sinatra 1960s", 5) == []
    (asked,) = site.seen
    parts = urlsplit(asked["path"])
    assert (parts.path, asked["headers"]["x-goog-api-key"]) == ("/youtube/v3/search", API_KEY)
    assert {name: values[0] for name, values in parse_qs(parts.query).items()} == {
        "part": "snippet",
        "type": "video",
        "videoCategoryId": "10",
        "videoEmbeddable": "true",
        "safeSearch": "strict",
        "maxResults": "5",
        "q": "Frank Sinatra 1960s",
    }


def test_videos_come_with_title_artist_and_picture(server: YouTube) -> None:
    first = Video(
        "aaaaaaaaaa1", "Fly Me To The Moon", "Frank Sinatra", "https://i.ytimg.com/vi/aaaaaaaaaa1/mqdefault.jpg"
    )
    found = youtube.search("sinatra moon")
    assert found[0] == first
    assert (found[1].title, found[1].artist) == ("Strangers in the Night", "Frank Sinatra")
    assert first.url == "https://www.youtube.com/watch?v=aaaaaaaaaa1"
    assert [(one.title, one.artist) for one in youtube.search("rock")] == [("Rock & Roll 'Til Dawn", "Somebody")]
    assert youtube.search("sinatra", 1) == [found[0]]


def test_a_used_up_quota_is_told_from_other_refusals(server: YouTube) -> None:
    server.left = 0
    with pytest.raises(QuotaExceeded):
        youtube.search("moon")


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (403, "quotaExceeded", QuotaExceeded),
        (403, "dailyLimitExceeded", QuotaExceeded),
        (403, "rateLimitExceeded", Throttled),
        (429, "", Throttled),
        (403, "accessNotConfigured", Unavailable),
        (400, "keyInvalid", Unavailable),
        (400, "badRequest", Unavailable),
        (503, "backendError", Unavailable),
    ],
)
def test_each_refusal_becomes_what_a_caller_can_act_on(
    server: YouTube, status: int, code: str, kind: type[ProviderError]
) -> None:
    server.faults = Faults(status=status, code=code)
    with pytest.raises(ProviderError) as caught:
        youtube.search("moon")
    assert type(caught.value) is kind


def test_the_days_quota_shows_in_the_newer_error_form_too(site: Site) -> None:
    details = [{"metadata": {"quota_limit": "defaultSearchPerDayPerProject"}}]
    site.answer(429, json.dumps({"error": {"status": "RESOURCE_EXHAUSTED", "details": details}}).encode())
    with pytest.raises(QuotaExceeded):
        youtube.search("moon")


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b'{"items": 7}', b'{"items": [7]}'])
def test_an_answer_of_another_shape_is_no_answer(site: Site, body: bytes) -> None:
    site.answer(200, body)
    with suppress(Unavailable):
        assert youtube.search("moon") == []


def test_without_a_key_nothing_is_asked(server: YouTube) -> None:
    with holding():
        assert not youtube.configured()
        with pytest.raises(NotConfigured, match="youtube_api_key"):
            youtube.search("moon")
    assert server.asked == []
    assert youtube.configured()


@pytest.mark.parametrize(
    ("title", "channel", "song", "artist"),
    [
        ("Édith Piaf - La vie en rose (Audio officiel)", "Édith Piaf", "La vie en rose", "Édith Piaf"),
        ("Elvis Presley – Blue Suede Shoes [Remastered 2016]", "ElvisVEVO", "Blue Suede Shoes", "Elvis Presley"),
        ('Dean Martin - "Sway"', "x", "Sway", "Dean Martin"),
        ("(I Can't Get No) Satisfaction", "The Rolling Stones - Topic", "(I Can't Get No) Satisfaction",
         "The Rolling Stones"),
        ("Moon River", "", "Moon River", ""),
        ("(Official Video)", "Somebody", "(Official Video)", "Somebody"),
    ],
)  # fmt: skip
def test_song_and_artist_are_read_out_of_the_names(title: str, channel: str, song: str, artist: str) -> None:
    assert read_title(title, channel) == (song, artist)


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=80), st.text(max_size=40))
def test_names_of_any_kind_are_read_without_losing_the_title(title: str, channel: str) -> None:
    song, artist = read_title(title, channel)
    assert bool(song) == bool(title.strip())
    assert len(song) + len(artist) <= len(title) + len(channel)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 7 * 366 * 86_400))
def test_the_quota_comes_back_at_the_next_midnight_in_california(seconds: int) -> None:
    moment = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    back = quota_returns(moment)
    local = back.astimezone(ZoneInfo("America/Los_Angeles"))
    assert (local.hour, local.minute, local.second) == (0, 0, 0)
    assert timedelta(0) < back - moment <= timedelta(hours=25)
