"""Merging, bounds and refreshing of a cart's lines."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintet.models import Money
from storefront.cart.rules import (
    MAX_LINES,
    CartLine,
    CartWarning,
    CurrentProduct,
    InvalidQuantity,
    ItemNotInCart,
    TooManyLines,
    WarningCode,
    add_line,
    key_of,
    quantity_by_sku,
    refresh,
    remove_line,
    set_quantity,
)


def usd(amount: int) -> Money:
    return Money(amount=amount, currency="USD")


def line(**changes: Any) -> CartLine:
    plain = {"id": "i1", "product_id": "p1", "sku": "LAPTOP-001", "name": "Laptop", "price": usd(100), "quantity": 1}
    return CartLine(**{**plain, **changes})


def test_the_same_product_variant_and_attributes_become_one_line() -> None:
    first = line(attributes={"size": "15", "color": "Black"}, quantity=2)
    again = line(id="i2", attributes={"color": "Black", "size": "15"}, quantity=3, price=usd(90))
    [merged] = add_line(add_line([], first), again)
    assert merged == line(attributes={"color": "Black", "size": "15"}, quantity=5, price=usd(90))
    assert list(merged.attributes) == ["color", "size"]


@pytest.mark.parametrize(
    "other", [{"product_id": "p2"}, {"variant_id": "v"}, {"attributes": {"color": "Red"}}, {"variant_id": ""}]
)
def test_anything_different_is_a_line_of_its_own_at_the_end(other: dict[str, Any]) -> None:
    assert add_line([line()], line(id="i2", **other)) == [line(), line(id="i2", **other)]


@pytest.mark.parametrize("quantity", [-1, 0, 1000, 10**9])
def test_quantities_outside_the_bounds_are_refused(quantity: int) -> None:
    with pytest.raises(InvalidQuantity, match="Quantity must be between 1 and 999"):
        add_line([], line(quantity=quantity))
    with pytest.raises(InvalidQuantity):
        set_quantity([line()], "i1", quantity)


def test_a_merge_may_not_pass_the_bound_either() -> None:
    assert add_line([line(quantity=998)], line())[0].quantity == 999
    with pytest.raises(InvalidQuantity):
        add_line([line(quantity=999)], line())


def test_a_full_cart_takes_more_of_what_it_has_but_nothing_new() -> None:
    full = [line(id=f"i{n}", product_id=f"p{n}") for n in range(MAX_LINES)]
    assert add_line(full, line(product_id="p7"))[7].quantity == 2
    with pytest.raises(TooManyLines, match="at most 80"):
        add_line(full, line(product_id="new"))


def test_changing_and_removing_touch_only_the_named_line() -> None:
    cart = [line(), line(id="i2", product_id="p2")]
    assert set_quantity(cart, "i2", 7) == [line(), line(id="i2", product_id="p2", quantity=7)]
    assert remove_line(cart, "i1") == [cart[1]]
    with pytest.raises(ItemNotInCart):
        set_quantity(cart, "i3", 1)
    with pytest.raises(ItemNotInCart):
        remove_line(cart, "i3")


lines = st.builds(
    CartLine,
    id=st.uuids().map(str),
    product_id=st.sampled_from(["p1", "p2", "p3"]),
    variant_id=st.sampled_from([None, "v1"]),
    sku=st.just("S"),
    name=st.just("N"),
    price=st.integers(0, 1000).map(usd),
    quantity=st.integers(1, 40),
    attributes=st.dictionaries(st.sampled_from(["color", "size"]), st.sampled_from(["a", "b"])),
)


@given(st.lists(lines, max_size=20))
@settings(max_examples=100)
def test_adding_keeps_every_piece_and_never_two_equal_lines(added: list[CartLine]) -> None:
    cart: list[CartLine] = []
    for new in added:
        cart = add_line(cart, new)
    keys = [key_of(each) for each in cart]
    assert keys == list(dict.fromkeys(key_of(each) for each in added))
    assert quantity_by_sku(cart) == quantity_by_sku(added)


def current(**changes: Any) -> CurrentProduct:
    return CurrentProduct(**{"sku": "LAPTOP-001", "name": "Laptop", "price": usd(100), "available": 5, **changes})


def test_an_unchanged_catalogue_gives_no_warning() -> None:
    assert refresh([line()], {"p1": current()}) == ([line()], [])


def test_a_changed_price_is_shown_and_reported_once() -> None:
    products = {"p1": current(price=usd(12000), name="Laptop 2")}
    lines, warnings = refresh([line()], products)
    assert lines == [line(price=usd(12000), name="Laptop 2")]
    assert warnings == [
        CartWarning(
            code=WarningCode.PRICE_CHANGED,
            item_id="i1",
            message="The price of Laptop 2 changed from 1.00 USD to 120.00 USD",
            previous_price=usd(100),
            current_price=usd(12000),
        )
    ]
    assert refresh(lines, products) == (lines, [])


@pytest.mark.parametrize("products", [{}, {"p1": current(active=False)}])
def test_an_unavailable_product_keeps_its_line_and_is_reported(products: dict[str, CurrentProduct]) -> None:
    warning = CartWarning(code=WarningCode.UNAVAILABLE, item_id="i1", message="Laptop is no longer available")
    assert refresh([line()], products) == ([line()], [warning])


def test_lines_of_one_sku_share_its_stock_in_cart_order() -> None:
    cart = [line(id=f"i{n}", quantity=3, attributes={"engraving": str(n)}) for n in range(3)]
    refreshed, warnings = refresh(cart, {"p1": current(available=5)})
    assert refreshed == cart
    assert warnings == [
        CartWarning(
            code=WarningCode.INSUFFICIENT_STOCK,
            item_id="i1",
            message="Only 2 of Laptop available",
            requested=3,
            available=2,
        ),
        CartWarning(
            code=WarningCode.INSUFFICIENT_STOCK,
            item_id="i2",
            message="Laptop is out of stock",
            requested=3,
            available=0,
        ),
    ]


@given(st.lists(lines, max_size=10), st.integers(0, 100))
@settings(max_examples=100)
def test_refreshing_never_changes_quantities_and_warns_exactly_when_stock_is_short(
    cart: list[CartLine], stock: int
) -> None:
    products = {each: current(sku="S", available=stock) for each in ("p1", "p2", "p3")}
    refreshed, warnings = refresh(cart, products)
    assert [(each.id, each.quantity) for each in refreshed] == [(each.id, each.quantity) for each in cart]
    short = any(warning.code is WarningCode.INSUFFICIENT_STOCK for warning in warnings)
    assert short == (quantity_by_sku(cart).get("S", 0) > stock)
