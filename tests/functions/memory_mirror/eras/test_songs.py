"""The shipped list of songs: its facts are whole, and searching and choosing in it."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_mirror.eras import decades
from memory_mirror.eras import songs as era_songs
from memory_mirror.eras.mood_labels import SONG_MOODS, TONES, meaning, song_moods, tone
from tests.functions.memory_mirror.lives import LANGUAGES

ERAS = st.sampled_from(["1920s", "1930s", "1940s", "1950s", "1960s", "1970s", "1980s", "1990s", "present", "2010s"])


def test_the_list_holds_hundreds_of_songs_of_every_language_and_decade() -> None:
    songs = era_songs.songs()
    languages, eras = Counter(song.language for song in songs), Counter(song.era for song in songs)
    assert len(songs) >= 500
    assert all(languages[language] >= 40 for language in LANGUAGES), languages
    assert all(eras[f"{year}s"] >= 15 for year in range(1920, 2000, 10)), eras


def test_each_song_is_whole_and_stands_once() -> None:
    songs = era_songs.songs()
    for song in songs:
        assert song.title, song
        assert song.artist, song
        assert 1919 < song.year < 2000, song
        assert len(song.region) == 2, song
        assert song.genres, song
        assert song.moods, song
        assert set(song.moods) <= set(SONG_MOODS), song
    names = Counter((song.title, song.artist) for song in songs)
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize(
    ("query", "era", "title"),
    [
        ("sinatra moon", None, "Fly Me to the Moon"),
        ("MOON RIVER", "1960s", "Moon River"),
        ("edith piaf rose", None, "La Vie en rose"),
        ("sukiyaki", None, "上を向いて歩こう"),
        ("邓丽君 月亮", None, "月亮代表我的心"),
        ("조용필", "1970s", "돌아와요 부산항에"),
        ("فيروز كيفك", None, "كيفك إنت"),
        ("ام كلثوم", "1960s", "إنت عمري"),
        ("weisse rosen", None, "Weiße Rosen aus Athen"),
    ],
)
def test_a_song_is_found_by_its_words_however_they_are_spelt(query: str, era: str | None, title: str) -> None:
    assert title in [song.title for song in era_songs.find(query, era)]


def test_a_search_filters() -> None:
    assert era_songs.find("sinatra", "1920s") == []
    assert era_songs.find("nobody has ever sung this") == []
    assert era_songs.find("sinatra", "no era") == []
    assert era_songs.find(language="it") == []
    jazz = era_songs.find(genres=["jazz"], era="1930s", language="en-GB", limit=100)
    assert jazz
    assert all("jazz" in song.genres and song.era == "1930s" and song.language == "en" for song in jazz)
    worried = era_songs.find(moods=["anxious"], limit=500)
    assert worried
    assert all({"calm", "tender", "reflective"} & set(song.moods) for song in worried)


@settings(deadline=None, max_examples=25)
@given(
    query=st.text(max_size=12),
    era=st.none() | ERAS,
    moods=st.lists(st.sampled_from([*SONG_MOODS, "sad", "???"]), max_size=3),
    genres=st.lists(st.sampled_from(["jazz", "pop", "", "enka"]), max_size=2),
    limit=st.integers(-1, 30),
)
def test_every_hit_of_a_search_has_what_was_asked_for(
    query: str, era: str | None, moods: list[str], genres: list[str], limit: int
) -> None:
    found = era_songs.find(query, era, moods, genres, limit=limit)
    assert len(found) <= max(limit, 0)
    assert found == era_songs.find(query, era, moods, genres, limit=limit)
    for song in found:
        assert era is None or decades.distance(song.era, era) == 0
        assert not song_moods(moods) or song_moods(moods) & set(song.moods)


@settings(deadline=None, max_examples=25)
@given(era=st.none() | ERAS, language=st.none() | st.sampled_from(LANGUAGES), limit=st.integers(0, 40), seed=st.text())
def test_there_is_always_music_that_suits(era: str | None, language: str | None, limit: int, seed: str) -> None:
    found = era_songs.suited(era, ("calm",), ("jazz",), language, ("dancing",), limit, seed)
    assert len(found) == limit == len(set(found))


def test_what_suits_is_of_the_language_the_time_and_the_taste() -> None:
    for language in LANGUAGES:
        found = era_songs.suited("1960s", ("happy",), (), language, limit=5)
        assert {song.language for song in found} == {language}
    assert {song.era for song in era_songs.suited("1960s", ("happy",), (), "en", limit=9)} == {"1960s"}
    jazz = era_songs.suited("1950s", ("calm",), ("jazz",), "en", limit=6)
    assert all("jazz" in song.genres for song in jazz)
    assert era_songs.suited("1960s", limit=9, seed="a") != era_songs.suited("1960s", limit=9, seed="b")


def test_a_song_is_known_by_title_and_artist_alone() -> None:
    found = era_songs.known("yesterday", "beatles")
    assert found is not None
    assert (found.title, found.artist, found.year) == ("Yesterday", "The Beatles", 1965)
    assert era_songs.known("Ue o muite aruko", "Sakamoto Kyu") is not None
    assert era_songs.known("Yesterday", "Nobody Else") is None
    assert era_songs.known("No such song", "The Beatles") is None
    assert era_songs.known("", "") is None


@pytest.mark.parametrize(
    ("said", "era"),
    [("1960s", "1960s"), ("60s", "1960s"), ("the 1960s", "1960s"), ("1964", "1960s"), (" Present ", "present")],
)
def test_an_era_is_read_however_it_is_written(said: str, era: str) -> None:
    assert decades.normalised(said) == era


@pytest.mark.parametrize("said", ["", "long ago", "19600s", "3060s", "1750s", "10s"])
def test_what_is_no_era_is_refused(said: str) -> None:
    assert decades.decade(said) is None
    with pytest.raises(ValueError, match="decade"):
        decades.normalised(said)


@settings(deadline=None, max_examples=25)
@given(ERAS, ERAS, ERAS)
def test_the_distance_of_eras_is_one(one: str, other: str, third: str) -> None:
    there, back = decades.distance(one, other), decades.distance(other, one)
    assert there is not None
    assert there == back
    assert (there == 0) == (decades.decade(one) == decades.decade(other))
    over, rest = decades.distance(one, third), decades.distance(third, other)
    assert over is not None
    assert rest is not None
    assert there <= over + rest


@pytest.mark.parametrize(
    ("label", "expected"),
    [("Anxious", "calm"), ("very happy", "joyful"), ("triste", "comforting"), ("懐かしい", "nostalgic"),
     ("불안해요", "calm"), ("سعيدة", "joyful"), ("ängstlich", "calm"), ("einsam", "comforting"), ("高兴", "joyful")],
)  # fmt: skip
def test_moods_are_understood_in_every_language(label: str, expected: str) -> None:
    assert tone(label) == expected
    assert song_moods([label])


def test_an_unknown_mood_means_nothing() -> None:
    assert meaning("flibbertigibbet") is None
    assert tone("") is tone(None) is None
    assert song_moods(["flibbertigibbet", ""]) == frozenset()
    assert set(TONES) == {"calm", "joyful", "nostalgic", "comforting"}
