"""Playlists and suggestions: her own music first, then songs of her time, and nothing made up."""

from __future__ import annotations

from typing import Any

import pytest

from infra.local.converse import Step
from memory_mirror.eras import songs as era_songs
from memory_mirror.languages.spoken import fits
from memory_mirror.music.entities import Playlist
from memory_mirror.records.record import every
from quintet.testing import Client
from tests.functions.memory_mirror.conftest import Keep, MakePatient, Settle, SignIn, subject_of
from tests.functions.memory_mirror.lives import LANGUAGES
from tests.support.aws import in_threads
from tests.support.model import model

PLAYLIST, SUGGEST = "/functions/generatePlaylist", "/functions/suggestMusic"
SUNDAY = {"name": "Sunday Morning", "mood": "calm", "genres": ["jazz", "classical"], "era": "1960s"}
DANCING = {"mood": "calm", "era": "1950s", "context": "User mentioned they used to enjoy dancing"}


@pytest.mark.parametrize(("path", "body"), [(PLAYLIST, SUNDAY), (SUGGEST, DANCING), (SUGGEST, {"mood": 1})])
def test_anonymous_callers_learn_nothing(mirror: Client, path: str, body: dict[str, Any]) -> None:
    answer = mirror.post(path, body)
    assert (answer.status, answer.body) == (401, {"error": "Unauthorized"})


@pytest.mark.parametrize(("path", "body"), [(PLAYLIST, SUNDAY), (SUGGEST, DANCING)])
def test_music_of_others_is_not_played(
    path: str, body: dict[str, Any], keep: Keep, rose: Client, carer: Client, sign_in: SignIn,
    make_patient: MakePatient,
) -> None:  # fmt: skip
    keep("Music", title="Tom's waltz", artist="Tom", moods=["calm"])
    named = {"X-Patient-Id": make_patient(rose, caregivers=["carer@example.com"])["id"]}
    assert "Tom's waltz" in str(carer.post(path, body, headers=named).body)
    stranger = sign_in("caregiver", "stranger@example.com").post(path, body, headers=named)
    assert (stranger.status, stranger.body) == (404, {"error": "Patient not found"})
    assert "Tom's waltz" not in str(sign_in("user", "other@example.com").post(path, body).body)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (PLAYLIST, {}, "name"),
        (PLAYLIST, {"name": " "}, "name"),
        (PLAYLIST, {"name": "x", "era": "yesterday"}, "era"),
        (PLAYLIST, {"name": "x", "genres": "jazz"}, "genres"),
        (PLAYLIST, {"name": "x", "genres": [""]}, "genres"),
        (PLAYLIST, {"name": "x", "mood": ""}, "mood"),
        (SUGGEST, {}, "mood"),
        (SUGGEST, {"mood": "calm", "era": "soon"}, "era"),
        (SUGGEST, {"mood": "calm", "context": 4}, "context"),
    ],
)
def test_a_bad_field_is_named(rose: Client, path: str, body: dict[str, Any], field: str) -> None:
    answer = rose.post(path, body)
    assert answer.status == 400
    assert list(answer.body) == ["error"]
    assert field in answer.body["error"]


def test_a_playlist_begins_with_her_own_music_and_is_kept(rose: Client, keep: Keep) -> None:
    own = keep("Music", title="Take Five", artist="The Dave Brubeck Quartet", year=1959, genres=["Jazz"], url="m/5.mp3")
    keep("Music", title="Loud guitars", artist="Someone", era="1990s", genres=["metal"])
    answer = rose.post(PLAYLIST, SUNDAY)
    assert (answer.status, answer.headers["x-answer-source"]) == (200, "fallback")
    assert list(answer.body) == ["playlist_id", "tracks", "name"]
    assert answer.body["name"] == "Sunday Morning"
    tracks = answer.body["tracks"]
    assert tracks[0] == {
        "title": "Take Five", "artist": "The Dave Brubeck Quartet", "year": 1959, "url": "m/5.mp3",
        "music_id": own.id, "source": "library", "reason": "From the person's own library.", "verified": True,
    }  # fmt: skip
    assert len(tracks) == 12
    assert len({(track["title"], track["artist"]) for track in tracks}) == 12
    assert "Loud guitars" not in str(tracks)
    for track in tracks[1:]:
        song = era_songs.known(track["title"], track["artist"])
        assert song is not None
        assert track["source"] == "era_songs"
        assert any("jazz" in genre or "classical" in genre for genre in song.genres), song
    (kept,) = every(Playlist, subject_of(rose))
    assert (kept.id, kept.name, kept.mood, kept.era) == (answer.body["playlist_id"], "Sunday Morning", "calm", "1960s")
    assert [track.model_dump() for track in kept.tracks] == tracks
    assert "jazz" in kept.genres


def test_mood_and_era_change_the_playlist(rose: Client) -> None:
    calm = rose.post(PLAYLIST, {"name": "a", "mood": "calm", "era": "1940s"}).body["tracks"]
    happy = rose.post(PLAYLIST, {"name": "a", "mood": "happy", "era": "1970s"}).body["tracks"]
    assert all(1940 <= track["year"] < 1950 for track in calm[:6])
    assert all(1970 <= track["year"] < 1980 for track in happy[:6])
    assert rose.post(PLAYLIST, {"name": "only a name"}).body["tracks"]


def test_without_an_era_the_music_is_of_her_youth(rose: Client, keep: Keep) -> None:
    keep("UserProfile", full_name="Rose Miller", birth_year=1938)
    tracks = rose.post(PLAYLIST, {"name": "a", "mood": "happy"}).body["tracks"]
    assert all(1950 <= track["year"] < 1960 for track in tracks[:6])


def test_a_request_sent_again_makes_one_playlist(rose: Client) -> None:
    again = {"Idempotency-Key": "once"}
    answers = in_threads(3, lambda _: rose.post(PLAYLIST, SUNDAY, headers=again))
    answers.append(rose.post(PLAYLIST, SUNDAY, headers=again))
    done = [answer.body for answer in answers if not isinstance(answer, Exception) and answer.status == 200]
    assert done
    assert all(body == done[0] for body in done)
    assert len(list(every(Playlist, subject_of(rose)))) == 1


def test_what_the_model_adds_is_checked(rose: Client, keep: Keep) -> None:
    keep("Music", title="Our waltz", artist="Tom", moods=["calm"])
    more = [{"title": "yesterday", "artist": "beatles"}, {"title": "A song nobody knows", "artist": "Nobody"}]
    chosen = {"library": [1], "songs": [2, 1, 3, 4, 5], "more": more}
    with model(Step(input={**chosen, "songs": [99]}), Step(input=chosen)) as asked:
        answer = rose.post(PLAYLIST, SUNDAY)
    assert len(asked.asked) == 2
    assert answer.headers["x-answer-source"] == "model"
    tracks = answer.body["tracks"]
    assert [track["source"] for track in tracks] == ["library", *["era_songs"] * 6, "model"]
    assert (tracks[6]["title"], tracks[6]["artist"], tracks[6]["year"]) == ("Yesterday", "The Beatles", 1965)
    assert [track["verified"] for track in tracks] == [*[True] * 7, False]
    assert tracks[7]["title"] == "A song nobody knows"


def test_suggestions_say_why(rose: Client, keep: Keep) -> None:
    own = keep("Music", title="Dance with me", artist="Tom", moods=["calm"], era="1950s")
    answer = rose.post(SUGGEST, DANCING)
    assert (answer.status, answer.headers["x-answer-source"]) == (200, "fallback")
    assert list(answer.body) == ["suggestions", "playlists", "rationale"]
    suggestions = answer.body["suggestions"]
    assert suggestions[0] == {
        "title": "Dance with me", "artist": "Tom", "year": None, "reason": "From the person's own library.",
        "source": "library", "url": None, "music_id": own.id, "verified": True,
    }  # fmt: skip
    assert len(suggestions) == 6
    assert all(one["reason"] for one in suggestions)
    assert all(1940 <= one["year"] < 1970 for one in suggestions[1:])
    said = answer.body["rationale"]
    assert "library: 1." in said
    assert "songs: 5." in said
    assert "calm" in said
    assert "1950s" in said
    assert answer.body["playlists"] == []


def test_playlists_that_suit_are_suggested_too(rose: Client) -> None:
    sunday = rose.post(PLAYLIST, SUNDAY).body
    rose.post(PLAYLIST, {"name": "Party", "mood": "happy"})
    found = rose.post(SUGGEST, DANCING).body["playlists"]
    assert found == [{"playlist_id": sunday["playlist_id"], "name": "Sunday Morning", "track_count": 12}]


def test_the_model_words_the_rationale(rose: Client) -> None:
    chosen = {"library": [], "songs": [1, 2, 3], "more": [], "rationale": "Soft voices for a quiet evening."}
    with model(Step(input={**chosen, "rationale": "She has dementia."}), Step(input=chosen)):
        answer = rose.post(SUGGEST, DANCING)
    assert answer.headers["x-answer-source"] == "model"
    assert answer.body["rationale"] == "Soft voices for a quiet evening."
    assert len(answer.body["suggestions"]) == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_music_is_of_her_language(rose: Client, settle: Settle, language: str) -> None:
    settle(language)
    answer = rose.post(SUGGEST, {"mood": "happy", "era": "1970s" if language == "zh" else "1960s"})
    songs = [era_songs.known(one["title"], one["artist"]) for one in answer.body["suggestions"]]
    assert sum(song is not None and song.language == language for song in songs) >= 5
    assert fits(answer.body["rationale"], language)
    for one in answer.body["suggestions"]:
        assert fits(one["reason"], language)


def test_music_about_what_she_avoids_is_not_suggested(rose: Client, keep: Keep) -> None:
    keep("UserProfile", full_name="Rose Miller", topics_to_avoid=["moon", "Tom"])
    keep("Music", title="Tom's waltz", artist="Tom", moods=["calm"])
    for path, body in ((PLAYLIST, {"name": "x", "mood": "calm", "era": "1960s"}), (SUGGEST, DANCING)):
        found = str(rose.post(path, body).body)
        assert "Moon" not in found
        assert "Tom" not in found
