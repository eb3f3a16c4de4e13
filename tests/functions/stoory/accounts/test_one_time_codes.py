"""How many codes are sent, and what each counts against."""

from __future__ import annotations

import pytest

from quintet.auth.codes import Cap
from stoory.accounts.one_time_codes import caps


@pytest.mark.parametrize(
    ("phone", "prefix", "most"),
    [
        ("+919876543210", "91", 2000),
        ("+12125550123", "1", 100),
        ("+8816123456789", "881", 10),
        ("+9991234567", "0", 10),
    ],
)
def test_a_code_counts_against_its_phone_its_asker_and_its_country(phone: str, prefix: str, most: int) -> None:
    assert caps(phone, "203.0.113.7") == [
        Cap(f"phone:{phone}", 5, 3600),
        Cap("ip:203.0.113.7", 20, 3600),
        Cap(f"prefix:{prefix}", most, 3600),
    ]
