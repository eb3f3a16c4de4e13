"""The races and the sums once more, on the real DynamoDB Local: its conditions and transactions, not a copy of them."""

import os
from typing import ClassVar

import pytest

from quintet.testing import Client
from storefront.service import api
from tests.conftest import Systems
from tests.functions.storefront.orders.test_races import (
    test_a_cart_cleared_while_the_order_is_placed_is_empty,
    test_a_cart_submitted_ten_times_at_once_is_one_order,
    test_a_customers_limit_holds_when_its_orders_race,
    test_a_key_sent_ten_times_at_once_is_one_order_and_one_answer,
    test_a_line_added_while_the_order_is_placed_is_in_it,
    test_a_promotion_is_used_as_often_as_its_limit_says,
    test_fifty_buyers_of_ten_pieces_get_ten_orders,
    test_lines_of_one_sku_in_one_cart_never_oversell_together,
    test_the_last_use_taken_meanwhile_is_reported,
)
from tests.functions.storefront.test_shop_conserves import BOUNDED, Shop

URL = os.environ.get("QUINTET_DYNAMODB_URL", "")

pytestmark = [
    pytest.mark.dynamodb,
    pytest.mark.skipif(not URL, reason="make test-dynamodb starts DynamoDB Local"),
]

__all__ = [
    "TestRealShop",
    "test_a_cart_cleared_while_the_order_is_placed_is_empty",
    "test_a_cart_submitted_ten_times_at_once_is_one_order",
    "test_a_customers_limit_holds_when_its_orders_race",
    "test_a_key_sent_ten_times_at_once_is_one_order_and_one_answer",
    "test_a_line_added_while_the_order_is_placed_is_in_it",
    "test_a_promotion_is_used_as_often_as_its_limit_says",
    "test_fifty_buyers_of_ten_pieces_get_ten_orders",
    "test_lines_of_one_sku_in_one_cart_never_oversell_together",
    "test_the_last_use_taken_meanwhile_is_reported",
]


class RealShop(Shop):
    """The shop of the stateful test, its table in DynamoDB Local."""

    given: ClassVar[dict[str, str]] = {"AWS_ENDPOINT_URL_DYNAMODB": URL}


TestRealShop = RealShop.TestCase
TestRealShop.settings = BOUNDED


@pytest.fixture
def shop(system: Systems) -> Client:
    """A client of the shop whose table is in DynamoDB Local."""
    system("storefront", AWS_ENDPOINT_URL_DYNAMODB=URL)
    return Client(api)
