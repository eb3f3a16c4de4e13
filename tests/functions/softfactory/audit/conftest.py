"""The accounts of those whose acts are recorded: the log seals nothing for whoever has none."""

from __future__ import annotations

import pytest

from tests.functions.softfactory.audit.support import ADA, BOB, EVE, join


@pytest.fixture(autouse=True)
def people(request: pytest.FixtureRequest) -> None:
    """Wherever there is a table, Ada, Bob and Eve have accounts."""
    if "system" in request.fixturenames:
        request.getfixturevalue("suite")
        join(ADA, BOB, EVE)
