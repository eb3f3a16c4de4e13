"""What the measured shops sell: the same products, cart and buyer for every framework."""

from __future__ import annotations

from typing import Any

BUYER = "01936e5a-7c1e-7000-8000-0000000000aa"
PRODUCTS = 100
AT = "2025-01-18T10:00:00Z"
ADDRESS = {
    "first_name": "John", "last_name": "Doe", "company": "Tech Corp", "address1": "123 Main St",
    "address2": "Apt 4B", "city": "New York", "state": "NY", "postal_code": "10001", "country": "US",
    "phone_number": "555-0100",
}  # fmt: skip
ORDER = {
    "shipping_address": ADDRESS, "payment_method_id": "pm_123", "promotion_codes": [],
    "shipping_method_id": "ship_standard", "notes": "Please deliver after 5 PM",
}  # fmt: skip
CART = ((0, 2), (1, 1))
"""What is in the buyer's cart: number of the product, quantity."""


def product_id(number: int) -> str:
    """Time-ordered like the real ones."""
    return f"01936e5a-7c1e-7000-9000-{number:012x}"


def product(number: int) -> dict[str, Any]:
    """The document's own example, numbered."""
    return {
        "id": product_id(number),
        "sku": f"LAPTOP-{number:05}",
        "name": f"Professional Laptop {number}",
        "description": "High-performance laptop for professionals",
        "base_price": {"amount": 99999, "currency": "USD"},
        "sale_price": {"amount": 89999, "currency": "USD"},
        "status": "active",
        "brand_id": "brand-1",
        "category_id": "cat-1",
        "images": ["https://example.com/laptop.jpg"],
        "attributes": {"color": "silver", "ram": "16GB"},
        "created_at": AT,
        "updated_at": AT,
    }
