"""ElevenLabs' stand-in: its voices and text-to-speech over HTTP on 127.0.0.1. Never deployed.

It clones nothing and says no words: speech is an MP3 melody made from the text and the voice (`infra.local.tones`),
as long as the text takes to say, one tone a word. Voices are kept in a file, as JSON lines. Beside its own paths:
    GET /_sample?text=…    a recording to clone a voice from
    PUT /_faults           makes it fail (`infra.local.faulty`): `{"status": 401, "code": "quota_exceeded"}`
"""

from __future__ import annotations

import json
import secrets
import string
import threading
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from infra.local.faulty import Asked, FaultyServer, Told
from infra.local.tones import melody

API_KEY = "sk_quintet_local"
MOST_CHARACTERS = 10_000
_LETTERS = string.ascii_letters + string.digits


class ElevenLabs(FaultyServer):
    """The stand-in. `charged` counts the characters spoken, `made` the voices ever made."""

    def __init__(self, state: Path, port: int = 0) -> None:
        super().__init__(port)
        self._path, self._lock = state, threading.Lock()
        self.voices: dict[str, dict[str, Any]] = {}
        self.charged = self.made = 0
        for line in state.read_text().splitlines() if state.exists() else ():
            kept = json.loads(line)
            self.voices[kept["voice_id"]] = kept
            if kept.get("deleted"):
                del self.voices[kept["voice_id"]]

    def answer(self, asked: Asked) -> Told:
        if asked.path == "/_sample":
            return Told(200, melody(asked.query.get("text", "A voice that somebody loves")), "audio/mpeg")
        if asked.headers.get("xi-api-key") != API_KEY:
            return self.failure(401, "invalid_api_key")
        match [asked.method, *asked.path.strip("/").split("/")]:
            case ["POST", "v1", "voices", "add"]:
                return self._add(asked)
            case ["GET", "v1" | "v2", "voices"]:
                return self._list(asked.query.get("search", ""))
            case ["GET" | "DELETE" as method, "v1", "voices", id]:
                return self._voice(method, id)
            case ["POST", "v1", "text-to-speech", id]:
                return self._speak(id, asked.json)
        return Told(404, {"detail": "Not Found"})

    def failure(self, status: int, code: str) -> Told:
        return Told(status, {"detail": {"status": code or "error", "message": f"The request failed: {code or status}"}})

    def _add(self, asked: Asked) -> Told:
        form = _form(asked)
        name, sample = form.get("name", b"").decode(), form.get("files", b"")
        missing = [field for field, value in (("name", name), ("files", sample)) if not value]
        if missing:
            told = [{"loc": ["body", field], "msg": "Field required", "type": "missing"} for field in missing]
            return Told(422, {"detail": told})
        voice = {
            "voice_id": "".join(secrets.choice(_LETTERS) for _ in range(20)),
            "name": name,
            "category": "cloned",
            "description": form.get("description", b"").decode() or None,
            "labels": json.loads(form.get("labels", b"{}")),
        }
        self._keep(voice)
        return Told(200, {"voice_id": voice["voice_id"], "requires_verification": False})

    def _voice(self, method: str, voice_id: str) -> Told:
        voice = self.voices.get(voice_id)
        if voice is None:
            return self.failure(404, "voice_not_found")
        if method == "GET":
            return Told(200, voice)
        self._keep({**voice, "deleted": True})
        return Told(200, {"status": "ok"})

    def _list(self, search: str) -> Told:
        found = [voice for voice in self.voices.values() if search in json.dumps(voice)]
        return Told(200, {"voices": found, "has_more": False, "total_count": len(found)})

    def _speak(self, voice_id: str, body: Any) -> Told:
        if voice_id not in self.voices:
            return self.failure(404, "voice_not_found")
        text = body.get("text") if isinstance(body, dict) else None
        settings = (body.get("voice_settings") if isinstance(body, dict) else None) or {}
        if not isinstance(text, str) or not text:
            return Told(422, {"detail": [{"loc": ["body", "text"], "msg": "Field required", "type": "missing"}]})
        if not all(isinstance(value, int | float) and 0 <= value <= 1 for value in settings.values()):
            return self.failure(400, "invalid_voice_settings")
        if len(text) > MOST_CHARACTERS:
            return self.failure(400, "max_character_limit_exceeded")
        with self._lock:
            self.charged += len(text)
        return Told(200, melody(text, voice_id), "audio/mpeg")

    def _keep(self, voice: dict[str, Any]) -> None:
        with self._lock:
            if voice.get("deleted"):
                self.voices.pop(voice["voice_id"], None)
            else:
                self.made += 1
                self.voices[voice["voice_id"]] = voice
            with self._path.open("a") as file:
                file.write(json.dumps(voice) + "\n")


def _form(asked: Asked) -> dict[str, bytes]:
    """The parts of a multipart form by their names."""
    head = f"Content-Type: {asked.headers.get('content-type', '')}\r\n\r\n".encode()
    message = message_from_bytes(head + asked.body, policy=policy.HTTP)
    found: dict[str, bytes] = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        found[str(name)] = content if isinstance(content, bytes) else b""
    return found
