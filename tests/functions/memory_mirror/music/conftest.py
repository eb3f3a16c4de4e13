"""Fixtures of music: the house's stand-in for YouTube."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.local import youtube
from infra.local.youtube import YouTube
from quintet.settings import use
from tests.functions.memory_mirror.conftest import Configure


@pytest.fixture
def tube(configure: Configure) -> Iterator[YouTube]:
    """YouTube's stand-in, configured, without videos."""
    found = YouTube()
    found.start()
    configure(youtube_api_key=youtube.API_KEY)
    with use({"QUINTET_YOUTUBE_URL": found.url}):
        yield found
    found.stop()
