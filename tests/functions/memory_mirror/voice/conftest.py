"""Fixtures of voice: the stand-in for ElevenLabs, and a site with recordings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local import elevenlabs
from infra.local.elevenlabs import ElevenLabs
from infra.local.faulty import Asked, FaultyServer, Told
from infra.local.tones import melody
from quintet.settings import use
from quintet.testing import Client
from tests.functions.memory_mirror.conftest import Configure
from tests.layers.http_servers import opened

SAMPLE = melody("This is how grandmother Rose speaks when she tells of the sea.")


class Recordings(FaultyServer):
    """A site with recordings that somebody uploaded, by path."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, bytes] = {"/rose.mp3": SAMPLE}

    def answer(self, asked: Asked) -> Told:
        if asked.path not in self.files:
            return Told(404, b"<html>Not found</html>", "text/html")
        return Told(200, self.files[asked.path], "application/octet-stream")

    def at(self, path: str = "/rose.mp3") -> str:
        return self.url + path


@pytest.fixture
def recordings(mirror: Client) -> Iterator[Recordings]:
    """Recordings that a guarded request may fetch."""
    found = Recordings()
    found.start()
    with opened(found.server_address[1]):
        yield found
    found.stop()


@pytest.fixture
def studio(configure: Configure, recordings: Recordings, tmp_path: Path) -> Iterator[ElevenLabs]:
    """ElevenLabs' stand-in, configured."""
    found = ElevenLabs(tmp_path / "elevenlabs.jsonl")
    found.start()
    configure(elevenlabs_api_key=elevenlabs.API_KEY)
    with use({"QUINTET_ELEVENLABS_URL": found.url}):
        yield found
    found.stop()
