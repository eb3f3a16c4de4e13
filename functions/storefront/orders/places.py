"""Countries and US states an address may name."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path


@cache
def _places() -> dict[str, dict[str, str]]:
    data: dict[str, dict[str, str]] = json.loads(Path(__file__).with_name("places.json").read_text(encoding="utf-8"))
    return data


def countries() -> dict[str, str]:
    """ISO 3166-1 alpha-2 codes with their short English names."""
    return _places()["countries"]


def us_states() -> dict[str, str]:
    """USPS state codes (Publication 28, appendix B) with their names.

    The fifty states, the District of Columbia, territories, freely associated states, and the three
    military "states" AA, AE and AP.
    """
    return _places()["us_states"]


def us_state_code(text: str) -> str | None:
    """The USPS code for a code or name in any case (`ny`, `New York`), or None."""
    code = text.upper()
    if code in us_states():
        return code
    wanted = text.casefold()
    return next((code for code, name in us_states().items() if name.casefold() == wanted), None)
