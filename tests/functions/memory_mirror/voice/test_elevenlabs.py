"""Cloned voices over HTTP: what is asked, what each answer becomes, and what an uncertain answer leaves open."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from infra.local.elevenlabs import API_KEY, ElevenLabs
from infra.local.faulty import Faults
from infra.local.tones import melody, seconds_of
from memory_mirror.voice import audio, elevenlabs
from memory_mirror.voice.elevenlabs import Unresolved, VoiceGone
from quintet.keys.keyring import SystemSecret
from quintet.providers.errors import NotConfigured, ProviderError, Rejected, Throttled, Unavailable
from quintet.settings import use
from tests.layers.http_servers import Site, serving
from tests.support.aws import SECRET

SAMPLE = melody("This is how grandmother Rose speaks.")


def holding(**values: str) -> Any:
    return patch.object(elevenlabs, "secret", lambda: SystemSecret.parse(json.dumps({**SECRET, **values})))


@pytest.fixture(autouse=True)
def _secret() -> Iterator[None]:
    with holding(elevenlabs_api_key=API_KEY):
        yield


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ElevenLabs]:
    """The stand-in."""
    found = ElevenLabs(tmp_path / "elevenlabs.jsonl")
    found.start()
    with use({"QUINTET_ELEVENLABS_URL": found.url}):
        yield found
    found.stop()


@pytest.fixture
def site() -> Iterator[Site]:
    """A server that answers whatever it is told to."""
    with serving(Site()) as site, use({"QUINTET_ELEVENLABS_URL": site.url("")}):
        yield site


def add(reference: str = "ref-1") -> str:
    return elevenlabs.add_voice("Grandma Rose", SAMPLE, "audio/mpeg", "sample.mp3", reference, "Warm, gentle")


def test_a_voice_is_made_from_a_form_with_the_sample(site: Site) -> None:
    site.answer(200, b'{"voice_id": "abcDEF123", "requires_verification": false}')
    assert add() == "abcDEF123"
    (asked,) = site.seen
    assert (asked["method"], asked["path"], asked["headers"]["xi-api-key"]) == ("POST", "/v1/voices/add", API_KEY)
    assert asked["headers"]["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="name"\r\n\r\nGrandma Rose\r\n' in asked["body"]
    assert b'name="description"\r\n\r\nWarm, gentle\r\n' in asked["body"]
    assert b'name="labels"\r\n\r\n{"reference": "ref-1"}\r\n' in asked["body"]
    assert b'name="files"; filename="sample.mp3"\r\nContent-Type: audio/mpeg\r\n\r\n' + SAMPLE in asked["body"]


def test_text_is_spoken_with_the_settings(site: Site) -> None:
    site.answer(200, b"ID3sound", content_type="audio/mpeg")
    assert elevenlabs.speak("abc", "Guten Tag, Zoë", 0.75, 0.5) == b"ID3sound"
    (asked,) = site.seen
    assert (asked["method"], asked["path"]) == ("POST", "/v1/text-to-speech/abc?output_format=mp3_44100_128")
    assert json.loads(asked["body"]) == {
        "text": "Guten Tag, Zoë",
        "model_id": "eleven_multilingual_v2",
        "voice_settings": {"stability": 0.75, "similarity_boost": 0.5},
    }


def test_a_voice_made_can_be_found_speaks_and_can_be_deleted_twice(server: ElevenLabs) -> None:
    voice = add("ref-1")
    assert (elevenlabs.find_voice("ref-1"), elevenlabs.find_voice("ref")) == (voice, None)
    text = "Good morning, how are you feeling today?"
    spoken = elevenlabs.speak(voice, text, 0.75, 0.75)
    assert spoken == melody(text, voice)
    assert audio.recognise(spoken).seconds == pytest.approx(seconds_of(text), abs=0.03)
    assert server.charged == len(text)
    elevenlabs.delete_voice(voice)
    elevenlabs.delete_voice(voice)
    assert elevenlabs.find_voice("ref-1") is None
    with pytest.raises(VoiceGone):
        elevenlabs.speak(voice, text, 0.75, 0.75)


def test_the_voices_of_the_stand_in_outlive_it(server: ElevenLabs, tmp_path: Path) -> None:
    kept, gone = add("kept"), add("gone")
    elevenlabs.delete_voice(gone)
    again = ElevenLabs(tmp_path / "elevenlabs.jsonl")
    again.server_close()
    assert list(again.voices) == [kept]


def test_without_a_key_nothing_is_asked(server: ElevenLabs) -> None:
    with holding():
        for call in (elevenlabs.require_configured, add, lambda: elevenlabs.speak("abc", "x", 1, 1)):
            with pytest.raises(NotConfigured, match="elevenlabs_api_key"):
                call()
    assert server.asked == []


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "quota_exceeded", Throttled),
        (400, "voice_limit_reached", Throttled),
        (429, "too_many_concurrent_requests", Throttled),
        (429, "system_busy", Throttled),
        (401, "invalid_api_key", Unavailable),
        (400, "can_not_use_instant_voice_cloning", Unavailable),
        (402, "payment_required", Unavailable),
        (403, "missing_permissions", Unavailable),
        (400, "voice_not_found", VoiceGone),
        (404, "voice_not_found", VoiceGone),
        (400, "max_character_limit_exceeded", Rejected),
        (422, "", Rejected),
        (503, "", Unavailable),
    ],
)
def test_each_refusal_becomes_what_a_caller_can_act_on(
    server: ElevenLabs, status: int, code: str, kind: type[ProviderError]
) -> None:
    server.faults = Faults(status=status, code=code)
    with pytest.raises(ProviderError) as caught:
        elevenlabs.speak("abc", "Hello", 0.75, 0.75)
    assert type(caught.value) is kind
    assert code in str(caught.value)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"detail": {"type": "rate_limit_error", "code": "concurrent_limit_exceeded"}}', Throttled),
        (b'{"detail": [{"loc": ["body", "files"], "msg": "Field required"}]}', Rejected),
        (b'{"detail": "nope"}', Rejected),
        (b"<html>", Rejected),
        (b"[]", Rejected),
    ],
)
def test_refusals_of_other_shapes_are_read_too(site: Site, body: bytes, kind: type[ProviderError]) -> None:
    site.answer(400, body)
    with pytest.raises(kind):
        elevenlabs.speak("abc", "Hello", 0.75, 0.75)


def test_what_was_said_stays_out_of_messages(site: Site) -> None:
    site.answer(400, b'{"detail": {"status": "bad_text", "message": "Hello is not allowed, Rose"}}')
    with pytest.raises(Rejected) as caught:
        elevenlabs.speak("abc", "Hello", 0.75, 0.75)
    assert str(caught.value) == "the voice service answered 400 bad_text"


@pytest.mark.parametrize("fault", [Faults(lost=True), Faults(status=500)])
def test_a_lost_answer_leaves_open_whether_a_voice_was_made(server: ElevenLabs, fault: Faults) -> None:
    server.faults = fault
    with pytest.raises(Unresolved):
        add("ref-9")
    server.faults = Faults()
    assert (elevenlabs.find_voice("ref-9") is not None) == fault.lost
    assert len([one for one in server.asked if one.path == "/v1/voices/add"]) == 1


@pytest.mark.parametrize("body", [b"not json", b"{}", b'{"voice_id": "../x"}', b'{"voice_id": 7}', b"[]"])
def test_an_answer_without_a_voice_leaves_it_open_too(site: Site, body: bytes) -> None:
    site.answer(200, body)
    with pytest.raises(Unresolved):
        add()


@pytest.mark.parametrize("id", ["", "../user", "a/b", "x" * 65, "a?b", "ä"])
def test_what_can_be_no_id_is_not_asked_for(server: ElevenLabs, id: str) -> None:
    with pytest.raises(VoiceGone):
        elevenlabs.speak(id, "Hello", 0.75, 0.75)
    elevenlabs.delete_voice(id)
    assert server.asked == []


def test_nobody_there_is_unavailable_and_surely_nothing_was_made() -> None:
    with use({"QUINTET_ELEVENLABS_URL": "http://127.0.0.1:9"}):
        with pytest.raises(Unavailable) as caught:
            add()
        assert not isinstance(caught.value, Unresolved)


def test_the_key_shows_in_no_log(server: ElevenLabs, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        add()
    assert API_KEY not in caplog.text
