"""Fixtures of voice, music, translation and mail: their outside services on this machine, and mail that is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from infra.local import elevenlabs, youtube
from infra.local.elevenlabs import ElevenLabs
from infra.local.faulty import Asked, FaultyServer, Told
from infra.local.tones import melody
from infra.local.translate import Translate
from infra.local.youtube import YouTube
from quintet.keys import keyring
from quintet.net import aws
from quintet.settings import settings, use
from quintet.testing import Client
from tests.layers.http_servers import opened
from tests.support.aws import SECRET, sent_emails

Configure = Callable[..., None]
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
def configure(mirror: Client) -> Configure:
    """`configure(elevenlabs_api_key="…")` puts values into the system's secret beside its keys."""

    def put(**values: str) -> None:
        text = json.dumps({**SECRET, **values})
        aws.client("secretsmanager").put_secret_value(SecretId=settings().secret, SecretString=text)
        keyring.reset()

    return put


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


@pytest.fixture
def tube(configure: Configure) -> Iterator[YouTube]:
    """YouTube's stand-in, configured, without videos."""
    found = YouTube()
    found.start()
    configure(youtube_api_key=youtube.API_KEY)
    with use({"QUINTET_YOUTUBE_URL": found.url}):
        yield found
    found.stop()


@pytest.fixture
def translator(mirror: Client) -> Iterator[Translate]:
    """Amazon Translate's stand-in."""
    found = Translate()
    found.start()
    with use({"AWS_ENDPOINT_URL_TRANSLATE": found.url}):
        yield found
    found.stop()


@contextmanager
def mail_trouble(code: str, status: int, *only: str) -> Iterator[None]:
    """Have SES answer an error to messages for some recipients, or for all when none is named."""

    def answer(request: Any, **_: Any) -> Any:
        to = json.loads(request.body)["Destination"]["ToAddresses"]
        return _answered(status, code) if not only or set(only) & set(to) else None

    with mail_watched(answer):
        yield


@contextmanager
def mail_watched(handler: Callable[..., Any]) -> Iterator[None]:
    """Show `handler` every e-mail on its way to SES; what it answers is SES's answer."""
    events = aws.client("sesv2").meta.events
    events.register_first("before-send.sesv2.SendEmail", handler)
    try:
        yield
    finally:
        events.unregister("before-send.sesv2.SendEmail", handler)


def _answered(status: int, code: str) -> Any:
    from botocore.awsrequest import AWSResponse
    from botocore.compat import HTTPHeaders
    from moto.core.botocore_stubber import MockRawResponse

    raw: Any = MockRawResponse(json.dumps({"message": code}))
    headers: Any = HTTPHeaders()
    headers["x-amzn-ErrorType"] = code
    return AWSResponse("https://email.test/", status, headers, raw)


@pytest.fixture
def mailed() -> Callable[[str], list[dict[str, Any]]]:
    """`mailed("a@example.com")` is every e-mail to an address since the test began."""
    before = len(sent_emails())

    def to(address: str) -> list[dict[str, Any]]:
        return [one for one in sent_emails()[before:] if address in one["destinations"]["ToAddresses"]]

    return to
