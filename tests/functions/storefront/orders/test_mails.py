"""The mails about an order, word for word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quintet.models import Money
from storefront.orders.addresses import Address
from storefront.orders.mails import MailLine, OrderEvent, OrderMail, order_mail


def usd(amount: int) -> Money:
    return Money(amount=amount, currency="USD")


ORDER = OrderMail(
    order_number="ORD-12345678",
    first_name="John",
    lines=[MailLine("Professional Laptop", "LAPTOP-001", 2, usd(199998)), MailLine("Mouse", "MOUSE-1", 1, usd(2500))],
    subtotal=usd(202498),
    discount_total=usd(2498),
    tax_total=usd(17500),
    shipping_total=usd(0),
    total=usd(217500),
    shipping_address=Address(
        first_name="John",
        last_name="Doe",
        company="",
        address1="123 Main St",
        address2="",
        city="New York",
        state="NY",
        postal_code="10001",
        country="US",
        phone_number="",
    ),
)


def test_a_paid_order_is_confirmed_with_lines_totals_and_address() -> None:
    subject, text = order_mail(OrderEvent.PAID, ORDER)
    assert subject == "Payment received for your order ORD-12345678"
    assert (
        text
        == """Hello John,

your payment has arrived, thank you. Your order is confirmed and we are preparing it now.

Order ORD-12345678

2 × Professional Laptop (LAPTOP-001): 1,999.98 USD
1 × Mouse (MOUSE-1): 25.00 USD

Subtotal: 2,024.98 USD
Discount: -24.98 USD
Shipping: 0.00 USD
Tax: 175.00 USD
Total: 2,175.00 USD

Delivery address:
John Doe
123 Main St
New York NY 10001
US

If anything is unclear, answer this mail and mention ORD-12345678.
"""
    )


@pytest.mark.parametrize(
    ("event", "subject"),
    [
        (OrderEvent.RECEIVED, "We have received your order ORD-12345678"),
        (OrderEvent.SHIPPED, "Your order ORD-12345678 is on its way"),
        (OrderEvent.DELIVERED, "Your order ORD-12345678 has been delivered"),
        (OrderEvent.CANCELLED, "Your order ORD-12345678 has been cancelled"),
    ],
)
def test_every_event_has_its_subject_and_names_order_lines_and_total(event: OrderEvent, subject: str) -> None:
    found, text = order_mail(event, ORDER)
    assert found == subject
    assert "Order ORD-12345678" in text
    assert "2 × Professional Laptop (LAPTOP-001): 1,999.98 USD" in text
    assert "Total: 2,175.00 USD" in text


def test_a_cancelled_order_shows_no_delivery_address() -> None:
    assert "Delivery address" not in order_mail(OrderEvent.CANCELLED, ORDER)[1]


def test_without_a_discount_there_is_no_line_for_it() -> None:
    assert "Discount" not in order_mail(OrderEvent.RECEIVED, replace(ORDER, discount_total=usd(0)))[1]


@pytest.mark.parametrize(("currency", "shown"), [("JPY", "217,500 JPY"), ("KWD", "217.500 KWD")])
def test_amounts_are_written_in_the_currency_s_own_decimals(currency: str, shown: str) -> None:
    order = replace(ORDER, total=Money(amount=217500, currency=currency))
    assert f"Total: {shown}" in order_mail(OrderEvent.PAID, order)[1]


def test_names_cannot_fake_lines_of_the_mail() -> None:
    order = replace(ORDER, first_name="Eve\r\nTotal: 0.00 USD", order_number="ORD-1\nBcc: x")
    subject, text = order_mail(OrderEvent.PAID, order)
    assert "\n" not in subject
    assert "Hello Eve Total: 0.00 USD," in text.splitlines()
