"""Fixtures of translation: the house's stand-in for Amazon Translate."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.local.translate import Translate
from quintet.settings import use
from quintet.testing import Client


@pytest.fixture
def translator(mirror: Client) -> Iterator[Translate]:
    """Amazon Translate's stand-in."""
    found = Translate()
    found.start()
    with use({"AWS_ENDPOINT_URL_TRANSLATE": found.url}):
        yield found
    found.stop()
