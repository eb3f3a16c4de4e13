"""Sales tax by destination."""

from __future__ import annotations

from decimal import Decimal

import pytest

from storefront.orders.addresses import countries, us_states
from storefront.orders.pricing import rate_for

# The freely associated states, most territories and military addresses levy no sales tax of ours.
_UNTAXED = {"AA", "AE", "AP", "AS", "FM", "GU", "MH", "MP", "PW", "VI"}


def test_new_york_pays_eight_and_three_quarters() -> None:
    assert rate_for("US", "NY") == rate_for("us", "ny") == Decimal("8.75")


@pytest.mark.parametrize("state", ["DE", "MT", "NH", "OR"])
def test_states_without_sales_tax(state: str) -> None:
    assert rate_for("US", state) == 0


def test_every_other_state_and_puerto_rico_has_a_plausible_rate() -> None:
    for state in us_states().keys() - _UNTAXED - {"DE", "MT", "NH", "OR"}:
        assert 1 < rate_for("US", state) < 12, state


def test_puerto_rico_pays_the_same_as_a_country_and_as_a_state() -> None:
    assert rate_for("PR") == rate_for("PR", "San Juan") == rate_for("US", "PR") == Decimal("11.5")


def test_the_rest_of_the_world_is_not_taxed() -> None:
    assert {rate_for(country, "NY") for country in countries().keys() - {"US", "PR"}} == {Decimal(0)}
    assert rate_for("", "") == 0
