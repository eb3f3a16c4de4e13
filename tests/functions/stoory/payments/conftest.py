"""Fixtures of the payments' tests: a till, the parties, and an application that is to be paid."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.razorpay import Razorpay
from stoory.applications.entities import Application
from tests.conftest import Systems
from tests.support.market import Party, party
from tests.support.till import finished, till


@pytest.fixture
def razorpay(system: Systems, tmp_path: Path) -> Iterator[Razorpay]:
    system("stoory")
    with till(tmp_path) as server:
        yield server


@pytest.fixture
def brand(razorpay: Razorpay) -> Party:
    return party("BRAND")


@pytest.fixture
def influencer(razorpay: Razorpay) -> Party:
    return party("INFLUENCER")


@pytest.fixture
def admin(razorpay: Razorpay) -> Party:
    return party("ADMIN")


@pytest.fixture
def done(brand: Party, influencer: Party) -> Application:
    """A completed application over 1234.57 rupees: 123.46 of them the platform's."""
    return finished(brand, influencer)
