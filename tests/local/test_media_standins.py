"""The laptop's voice service, and how stand-ins are told to go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from infra.local.elevenlabs import API_KEY, ElevenLabs
from infra.local.environment import State
from infra.local.standins import secrets_for, standing_in
from infra.local.tones import melody

KEY = {"xi-api-key": API_KEY}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ElevenLabs]:
    found = ElevenLabs(tmp_path / "elevenlabs.jsonl")
    found.start()
    yield found
    found.stop()


def client(server: ElevenLabs) -> httpx.Client:
    return httpx.Client(base_url=server.url, headers=KEY, trust_env=False)


def made(http: httpx.Client) -> str:
    files = {"files": ("rose.mp3", melody("Rose"), "audio/mpeg")}
    return str(http.post("/v1/voices/add", data={"name": "Rose"}, files=files).json()["voice_id"])


def test_memory_mirror_has_a_voice_service_on_the_laptop(tmp_path: Path) -> None:
    with standing_in(State(tmp_path, 8000), ["memory_mirror"]) as found:
        url = found["memory_mirror"]["QUINTET_ELEVENLABS_URL"]
        assert httpx.get(f"{url}/v2/voices", headers=KEY, trust_env=False).json()["voices"] == []
    assert secrets_for("memory_mirror")["elevenlabs_api_key"] == API_KEY


def test_a_voice_is_made_listed_heard_and_deleted(server: ElevenLabs) -> None:
    with client(server) as http:
        voice = made(http)
        assert http.get(f"/v1/voices/{voice}").json()["name"] == "Rose"
        assert [one["voice_id"] for one in http.get("/v1/voices").json()["voices"]] == [voice]
        spoken = http.post(f"/v1/text-to-speech/{voice}", json={"text": "Good morning"})
        assert (spoken.headers["content-type"], spoken.content) == ("audio/mpeg", melody("Good morning", voice))
        assert http.delete(f"/v1/voices/{voice}").json() == {"status": "ok"}
        for gone in (
            http.get(f"/v1/voices/{voice}"),
            http.delete(f"/v1/voices/{voice}"),
            http.post(f"/v1/text-to-speech/{voice}", json={"text": "Good morning"}),
        ):
            assert (gone.status_code, gone.json()["detail"]["status"]) == (404, "voice_not_found")


def test_what_is_asked_wrongly_is_refused(server: ElevenLabs) -> None:
    with client(server) as http:
        voice = made(http)
        path = f"/v1/text-to-speech/{voice}"
        assert http.get("/v1/voices", headers={"xi-api-key": "wrong"}).json()["detail"]["status"] == "invalid_api_key"
        assert http.post("/v1/voices/add", data={"name": "Rose"}).status_code == 422
        assert http.post(path, json={"text": ""}).status_code == 422
        assert http.post(path, content=b"{").status_code == 422
        assert http.post(path, json={"text": "x" * 10_001}).status_code == 400
        assert http.post(path, json={"text": "x", "voice_settings": {"stability": 1.5}}).status_code == 400
        assert http.get("/v1/other").status_code == 404


def test_a_recording_to_clone_from_is_there_for_everybody(server: ElevenLabs) -> None:
    answer = httpx.get(f"{server.url}/_sample", params={"text": "Rose speaks"}, trust_env=False)
    assert (answer.headers["content-type"], answer.content) == ("audio/mpeg", melody("Rose speaks"))


def test_it_fails_as_it_is_told(server: ElevenLabs) -> None:
    with client(server) as http:
        fault = {"requests": 1, "status": 401, "code": "quota_exceeded"}
        assert http.put("/_faults", json=fault).json()["requests"] == 1
        refused = http.get("/v1/voices")
        assert (refused.status_code, refused.json()["detail"]["status"]) == (401, "quota_exceeded")
        assert http.get("/v1/voices").status_code == 200
        assert http.put("/_faults", json={"lost": True}).json()["lost"] is True
        with pytest.raises(httpx.RemoteProtocolError):
            http.get("/v1/voices")
        assert http.put("/_faults", json={"weather": 1}).status_code == 400
        http.put("/_faults", json={})
        assert http.get("/v1/voices").status_code == 200
