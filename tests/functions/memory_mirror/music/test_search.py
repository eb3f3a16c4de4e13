"""Music search: YouTube while it can be asked, and always something at home."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.faulty import Faults
from infra.local.youtube import Uploaded, YouTube
from memory_mirror.eras import songs as era_songs
from memory_mirror.life.entities import Music
from memory_mirror.music.cache import KEPT, KEPT_EMPTY, REST
from memory_mirror.music.library import ranked, songs
from memory_mirror.music.youtube import quota_returns
from quintet.models import new_id
from quintet.models.time import frozen
from quintet.testing import Client
from tests.functions.memory_mirror.conftest import Configure, SignIn
from tests.support.aws import in_threads

PATH = "/functions/searchMusic"
MOON = Uploaded("aaaaaaaaaa1", "Frank Sinatra - Fly Me To The Moon (Official Audio)", "Frank Sinatra")
SWAY = Uploaded("aaaaaaaaaa2", "Dean Martin - Sway", "DeanMartinVEVO")

Add = Callable[..., dict[str, Any]]


def add(client: Client, **fields: Any) -> dict[str, Any]:
    answer = client.post("/entities/Music", fields)
    assert answer.status == 201, answer
    return dict(answer.body)


def search(client: Client, query: str = "Frank Sinatra", **more: Any) -> list[dict[str, Any]]:
    answer = client.post(PATH, {"query": query, **more})
    assert answer.status == 200, answer
    assert set(answer.body) == {"results", "query"}
    assert answer.body["query"] == query
    return list(answer.body["results"])


def test_nobody_is_served_without_a_session(mirror: Client) -> None:
    answer = mirror.post(PATH, {})
    assert (answer.status, answer.body) == (401, {"error": "Unauthorized"})


def test_youtube_finds_videos(rose: Client, tube: YouTube) -> None:
    tube.videos = (MOON, SWAY)
    known = era_songs.known("Fly Me To The Moon", "Frank Sinatra")
    assert search(rose, era="1960s") == [
        {
            "title": "Fly Me To The Moon",
            "artist": "Frank Sinatra",
            "url": "https://www.youtube.com/watch?v=aaaaaaaaaa1",
            "thumbnail": "https://i.ytimg.com/vi/aaaaaaaaaa1/mqdefault.jpg",
            "source": "youtube",
            "video_id": "aaaaaaaaaa1",
            "era": known.era if known else None,
        }
    ]
    assert tube.asked[0].query["q"] == "Frank Sinatra 1960s"


def test_a_search_is_asked_once_however_it_is_spelt_and_whoever_asks(
    rose: Client, sign_in: SignIn, tube: YouTube
) -> None:
    tube.videos = (MOON,)
    first = search(rose, "Frank Sinatra", era="1960s")
    assert search(rose, "frank  SINATRA", era="60s") == first
    assert search(sign_in("user"), "Frank, Sinatra!", era="1964") == first
    assert len(tube.asked) == 1
    search(rose, "Frank Sinatra", era="1950s")
    search(rose, "Sinatra")
    assert len(tube.asked) == 3


def test_equal_searches_of_one_moment_share_a_call(rose: Client, tube: YouTube) -> None:
    tube.videos = (MOON,)
    tube.faults = Faults(delay=0.3)
    answers = in_threads(6, lambda _: search(rose)[0]["video_id"])
    assert (set(answers), len(tube.asked)) == ({"aaaaaaaaaa1"}, 1)


def test_what_was_found_is_asked_anew_after_a_week_and_nothing_after_a_day(sign_in: SignIn, tube: YouTube) -> None:
    def sources() -> set[str]:
        return {one["source"] for one in search(sign_in("user"))}

    with frozen() as clock:
        assert sources() == {"era_songs"}
        tube.videos = (MOON,)
        clock.advance(seconds=KEPT_EMPTY - 1)
        assert sources() == {"era_songs"}
        clock.advance(seconds=1)
        assert sources() == {"youtube"}
        tube.videos = ()
        clock.advance(seconds=KEPT - 1)
        assert sources() == {"youtube"}
        assert len(tube.asked) == 2
        clock.advance(seconds=1)
        assert sources() == {"era_songs"}
        assert len(tube.asked) == 3


def test_a_used_up_quota_is_not_tried_again_before_midnight_in_california(sign_in: SignIn, tube: YouTube) -> None:
    tube.videos, tube.left = (MOON,), 0
    with frozen() as clock:
        back = quota_returns()
        assert {one["source"] for one in search(sign_in("user"))} == {"era_songs"}
        assert {one["source"] for one in search(sign_in("user"), "Dean Martin")} == {"era_songs"}
        tube.left = 100
        clock.advance(seconds=(back - clock.at).total_seconds() - 1)
        search(sign_in("user"))
        assert len(tube.asked) == 1
        clock.advance(seconds=2)
        assert [one["source"] for one in search(sign_in("user"))] == ["youtube"]


def test_a_failing_youtube_is_left_alone_for_a_minute(rose: Client, tube: YouTube) -> None:
    tube.videos, tube.faults = (MOON,), Faults(status=503, code="backendError")
    with frozen() as clock:
        assert {one["source"] for one in search(rose)} == {"era_songs"}
        tube.faults = Faults()
        assert {one["source"] for one in search(rose)} == {"era_songs"}
        assert len(tube.asked) == 1
        clock.advance(seconds=REST + 1)
        assert [one["source"] for one in search(rose)] == ["youtube"]


def test_many_searches_meet_a_failing_youtube_once(rose: Client, tube: YouTube) -> None:
    tube.faults = Faults(status=503, delay=0.2)
    answers = in_threads(5, lambda _: {one["source"] for one in search(rose)})
    assert answers == [{"era_songs"}] * 5
    assert len(tube.asked) == 1


def test_what_was_found_is_answered_also_when_youtube_is_closed(rose: Client, tube: YouTube) -> None:
    tube.videos = (MOON,)
    first = search(rose)
    tube.left = 0
    search(rose, "Dean Martin")
    assert search(rose) == first


def test_without_a_key_the_persons_own_music_comes_first(rose: Client, sign_in: SignIn) -> None:
    own = add(rose, title="My Way", artist="Frank Sinatra", era="1960s", url="https://music.example.com/1.mp3")
    add(rose, title="Sway", artist="Dean Martin")
    add(sign_in("user"), title="New York, New York", artist="Frank Sinatra")
    found = search(rose, era="1960s")
    assert found[0] == {
        "title": own["title"],
        "artist": "Frank Sinatra",
        "url": "https://music.example.com/1.mp3",
        "thumbnail": None,
        "source": "library",
        "video_id": None,
        "era": "1960s",
    }
    assert len(found) > 1
    assert {(one["source"], one["era"]) for one in found[1:]} == {("era_songs", "1960s")}
    assert all("Sinatra" in one["artist"] for one in found)
    assert [one["title"] for one in found].count("My Way") == 1


def test_the_library_may_be_asked_for(rose: Client, tube: YouTube) -> None:
    tube.videos = (MOON,)
    assert {one["source"] for one in search(rose, source="library")} == {"era_songs"}
    assert tube.asked == []


def test_naming_a_file_of_the_bucket_opens_nothing(rose: Client) -> None:
    add(rose, title="Rose sings", artist="Rose", url="speech/somebody-else/secret.mp3")
    (found,) = search(rose, "Rose sings", source="library")[:1]
    assert found["url"] is None


def test_a_mood_finds_songs_and_nonsense_finds_none(rose: Client) -> None:
    calm = search(rose, "some relaxing music", era="1950s")
    assert {one["era"] for one in calm} == {"1950s"}
    assert search(rose, "qwxzy vbnmq") == []
    assert {one["era"] for one in search(rose, "songs", era="1940s")} == {"1940s"}


def test_the_patients_library_is_searched_for_their_caregiver(rose: Client, carer: Client) -> None:
    rose.post("/entities/Patient", {"name": "Rose", "caregivers": ["carer@example.com"]})
    add(rose, title="The song of our village", artist="")
    assert search(carer, "our village")[0]["title"] == "The song of our village"


BAD: list[tuple[dict[str, Any], str]] = [
    ({"query": None}, "query: "),
    ({"query": "  "}, "query: "),
    ({"query": "x" * 201}, "query: "),
    ({"query": 7}, "query: "),
    ({"era": "long ago"}, "era: must be a decade such as 1960s, or present"),
    ({"era": "2150s"}, "era: must be a decade such as 1960s, or present"),
    ({"source": "spotify"}, "source: "),
    ({"source": None}, "source: "),
]


def test_a_bad_field_is_named(rose: Client) -> None:
    for fields, error in BAD:
        answer = rose.post(PATH, {"query": "Frank Sinatra", **fields})
        assert answer.status == 400, (fields, answer)
        assert answer.body["error"].startswith(error)


def test_a_patient_nobody_knows_is_not_found(rose: Client) -> None:
    answer = rose.post(PATH, {"query": "Frank Sinatra"}, headers={"X-Patient-Id": "nobody"})
    assert (answer.status, answer.body) == (404, {"error": "Patient not found"})


def test_an_unreadable_answer_counts_as_a_failure(rose: Client, tube: YouTube, configure: Configure) -> None:
    tube.faults = Faults(lost=True)
    assert {one["source"] for one in search(rose)} == {"era_songs"}


def piece(title: str, artist: str) -> Music:
    return Music(subject="s", id=new_id(), title=title, artist=artist)


WORDS = st.lists(st.sampled_from(["moon", "river", "blue", "rose", "sway", "mond"]), max_size=3)


@settings(deadline=None, max_examples=60)
@given(st.lists(WORDS, max_size=8), WORDS)
def test_pieces_with_more_of_the_words_come_first_and_those_with_none_not_at_all(
    titles: list[list[str]], wanted: list[str]
) -> None:
    library = [piece(" ".join(title) or "untitled", "") for title in titles]
    wanted = list(dict.fromkeys(wanted))
    found = ranked(library, wanted, None)
    hits = [len(set(wanted) & set(music.title.split())) for music in found]
    assert hits == sorted(hits, reverse=True)
    if wanted:
        assert {music.id for music in found} == {
            music.id for music in library if set(wanted) & set(music.title.split())
        }
    else:
        assert found == library


@settings(deadline=None, max_examples=40)
@given(WORDS, st.sampled_from([None, "1940s", "1960s"]), st.integers(1, 20))
def test_shipped_songs_are_of_the_era_and_as_many_as_wanted(wanted: list[str], era: str | None, limit: int) -> None:
    found = songs(wanted, era, limit)
    assert len(found) <= limit
    assert era is None or {song.era for song in found} <= {era}
    assert len(set(found)) == len(found)
