"""Scheduled playlists: started once at their times, in the app and on their speaker."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.local.devices import Devices
from memory_mirror.accounts.people import UserProfile
from memory_mirror.home.control import thing_name
from memory_mirror.home.entities import SmartDevice
from memory_mirror.languages.spoken import LANGUAGES
from memory_mirror.music.entities import Playlist
from memory_mirror.music.playbacks import _WORDS, Playback
from memory_mirror.music.playlist_operations import play_scheduled_playlist
from memory_mirror.records.record import create, new
from memory_mirror.service import store
from quintet.models.time import FrozenClock
from quintet.settings import use
from quintet.testing import Client
from tests.functions.memory_mirror.rosa import ROSA, fresh, rewritten, stored, told
from tests.support.aws import in_threads

URL = "/functions/playScheduledPlaylist"
NOTHING = {"played": False, "playlist_id": None, "track_count": 0}


def playlist(subject: str, starts_at: str, *, rrule: str | None = None, tracks: int = 3, **fields: Any) -> Playlist:
    """A stored playlist with a schedule in Berlin."""
    made = stored(
        Playlist,
        subject,
        name="Sunday Morning",
        tracks=[{"title": f"Song {n}"} for n in range(tracks)],
        schedule={"starts_at": starts_at, "timezone": "Europe/Berlin", "rrule": rrule},
        **fields,
    )
    assert isinstance(made, Playlist)
    return made


def playbacks(subject: str) -> list[Playback]:
    return store.query(Playback, subject=subject, consistent=True).items


def test_a_due_playlist_is_started_once(clock: FrozenClock, rosa: str, mirror: Client) -> None:
    made = playlist(rosa, "2026-11-20T09:00", rrule="FREQ=DAILY")
    answer = mirror.post(URL)
    assert (answer.status, answer.body) == (200, {"played": True, "playlist_id": made.id, "track_count": 3})
    assert told(rosa) == [(ROSA, "Time for music", "Here is some music for you: “Sunday Morning”.", "in_app")]
    (one,) = playbacks(rosa)
    assert (one.playlist_id, one.occurrence, one.track_count, one.started_at, one.verified) == (
        made.id, "2026-11-20T09:00", 3, clock.at, None,
    )  # fmt: skip
    assert mirror.post(URL).body == NOTHING
    clock.advance(days=1)
    assert mirror.post(URL).body["playlist_id"] == made.id
    assert len(playbacks(rosa)) == 2


def test_nothing_scheduled_plays_nothing(rosa: str, mirror: Client) -> None:
    playlist(rosa, "2026-11-20T09:05")
    stored(Playlist, rosa, name="Any time", tracks=[{"title": "Song"}])
    playlist(rosa, "2026-11-20T09:00", enabled=False)
    assert mirror.post(URL).body == NOTHING
    assert (told(rosa), playbacks(rosa)) == ([], [])


def test_an_empty_playlist_plays_nothing(rosa: str, mirror: Client) -> None:
    made = playlist(rosa, "2026-11-20T09:00", tracks=0)
    assert mirror.post(URL).body == NOTHING
    assert fresh(made).next_due is None
    assert told(rosa) == []


def test_several_are_all_started_and_the_reply_names_the_first(rosa: str, mirror: Client) -> None:
    later = playlist(rosa, "2026-11-20T08:50", tracks=2)
    first = playlist("somebody else", "2026-11-20T08:40", tracks=5)
    assert mirror.post(URL).body == {"played": True, "playlist_id": first.id, "track_count": 5}
    assert [one.playlist_id for one in playbacks(rosa)] == [later.id]
    assert mirror.post(URL).body == NOTHING


def test_music_that_is_late_is_started_once_however_often_it_was_missed(
    clock: FrozenClock, rosa: str, mirror: Client
) -> None:
    made = playlist(rosa, "2026-11-20T09:10", rrule="FREQ=HOURLY")
    clock.at = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
    assert mirror.post(URL).body["played"] is True
    assert [one.occurrence for one in playbacks(rosa)] == ["2026-11-20T13:10"]
    assert fresh(made).next_due == "2026-11-20T13:10:00Z"


def test_one_that_is_switched_off_meanwhile_does_not_play(rosa: str, mirror: Client) -> None:
    made = playlist(rosa, "2026-11-20T09:00")
    rewritten(made, enabled=False)
    assert mirror.post(URL).body == NOTHING


def test_sixteen_clocks_at_once_start_each_once(rosa: str, mirror: Client) -> None:
    made = [playlist(rosa, "2026-11-20T09:00") for _ in range(3)]
    answers: list[Any] = in_threads(16, lambda _: mirror.post(URL).body)
    assert {answer["playlist_id"] for answer in answers} - {None} <= {one.id for one in made}
    assert sorted(one.playlist_id for one in playbacks(rosa)) == sorted(one.id for one in made)
    assert len(told(rosa)) == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_person_is_told_in_their_language(rosa: str, mirror: Client, language: str) -> None:
    create(new(UserProfile, rosa, ROSA, full_name="Rosa Klein", language=language))
    playlist(rosa, "2026-11-20T09:00")
    mirror.post(URL)
    title, text = _WORDS[language]
    assert told(rosa) == [(ROSA, title, text.format(name="Sunday Morning"), "in_app")]
    assert len(set(_WORDS.values())) == len(LANGUAGES)


# The speaker


def speaker(subject: str, kind: str = "speaker") -> SmartDevice:
    return create(new(SmartDevice, subject, ROSA, name="Kitchen", type=kind))


def test_the_playlists_speaker_plays_it(rosa: str, mirror: Client, tmp_path: Path) -> None:
    kitchen = speaker(rosa)
    made = playlist(rosa, "2026-11-20T09:00", device_id=kitchen.id)
    home = Devices(tmp_path / "devices.jsonl")
    home.start()
    try:
        with use({"QUINTET_IOT_ENDPOINT": home.url}):
            assert mirror.post(URL).body["played"] is True
        desired = home.shadows.get(thing_name(rosa, kitchen.id))["state"]["desired"]
    finally:
        home.stop()
    assert (desired["playback"], desired["playlist_id"]) == ("playing", made.id)
    (one,) = playbacks(rosa)
    assert (one.device_id, one.verified, one.reason) == (kitchen.id, True, None)


def test_a_speaker_that_cannot_be_reached_is_written_down_and_the_app_plays(rosa: str, mirror: Client) -> None:
    playlist(rosa, "2026-11-20T09:00", device_id=speaker(rosa).id)
    with use({"QUINTET_IOT_ENDPOINT": "http://127.0.0.1:9"}):
        assert mirror.post(URL).body["played"] is True
    (one,) = playbacks(rosa)
    assert one.verified is False
    assert one.reason
    assert len(told(rosa)) == 1


@pytest.mark.parametrize("kind", ["gone", "light"])
def test_what_is_no_speaker_is_written_down(rosa: str, mirror: Client, kind: str) -> None:
    device = "no-such-device" if kind == "gone" else speaker(rosa, "light").id
    playlist(rosa, "2026-11-20T09:00", device_id=device)
    assert mirror.post(URL).body["played"] is True
    (one,) = playbacks(rosa)
    assert one.verified is False
    assert one.reason


def test_anothers_speaker_is_not_told(rosa: str, mirror: Client) -> None:
    theirs = speaker("somebody else")
    playlist(rosa, "2026-11-20T09:00", device_id=theirs.id)
    mirror.post(URL)
    assert [one.reason for one in playbacks(rosa)] == ["no such device"]


def test_the_schedule_is_every_minute() -> None:
    assert play_scheduled_playlist.schedule == "rate(1 minute)"
    assert play_scheduled_playlist.caller is None
