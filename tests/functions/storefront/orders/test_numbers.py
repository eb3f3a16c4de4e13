"""Order numbers."""

from __future__ import annotations

import re

from storefront.orders.entities import new_order_number


def test_order_numbers_have_the_documented_form_and_are_not_counted_up() -> None:
    numbers = [new_order_number() for _ in range(200)]
    assert all(re.fullmatch(r"ORD-[0-9]{8}", number) for number in numbers)
    assert len(set(numbers)) > 190
    assert numbers != sorted(numbers)
