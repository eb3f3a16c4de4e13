"""The sales tax rate of a destination, from an editable table."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from pathlib import Path

_ANY_STATE = "*"


@cache
def _rates() -> dict[str, dict[str, Decimal]]:
    table = json.loads(Path(__file__).with_name("tax_rates.json").read_text(encoding="utf-8"))["rates"]
    return {country: {state: Decimal(rate) for state, rate in states.items()} for country, states in table.items()}


def rate_for(country: str, state: str = "") -> Decimal:
    """The tax rate in per cent for goods sent there: `Decimal("8.75")` for US, NY.

    `country` is ISO 3166 alpha-2, `state` the code a checked address carries. A place the table does
    not know is not taxed.
    """
    states = _rates().get(country.upper(), {})
    return states.get(state.upper(), states.get(_ANY_STATE, Decimal(0)))
