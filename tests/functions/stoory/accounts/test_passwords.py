"""What a password must be made of."""

from __future__ import annotations

import pytest

from stoory.accounts.passwords import WeakPassword, check_password


@pytest.mark.parametrize("password", ["Passw0rd", "aB345678", "Пароль123", "A a 1 ü ß", "Aa1" + "x" * 253])
def test_eight_characters_of_three_kinds_are_enough(password: str) -> None:
    check_password(password)


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("", "Password must be at least 8 characters"),
        ("Passw0r", "Password must be at least 8 characters"),
        ("Aa1" + "x" * 254, "Password must be at most 256 characters"),
        ("passw0rd", "Password must contain uppercase, lowercase, and number"),
        ("PASSW0RD", "Password must contain uppercase, lowercase, and number"),
        ("Password", "Password must contain uppercase, lowercase, and number"),
        ("Passwo²d", "Password must contain uppercase, lowercase, and number"),
    ],
)
def test_weaker_ones_are_refused_with_the_reason(password: str, says: str) -> None:
    with pytest.raises(WeakPassword, match=f"^{says}$"):
        check_password(password)
