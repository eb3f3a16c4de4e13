"""Placing an order: the cart, the stock, the promotions' uses and the order change together or not at all.

Three round trips: the cart; one batch with products, stock and promotions; one transaction. Every figure the order
rests upon is either a condition of the transaction or was read at the moment the order is of. When a condition
fails, somebody else was faster, and the order is drafted anew from what is true then: so the buyer learns of every
short line at once, of an emptied cart, or gets the order without the promotion whose last use is gone.
"""

from collections.abc import Callable
from contextlib import suppress

from quintet.messaging.outbox import Message
from quintet.models import now, rfc3339
from quintet.store import Store, Transaction, at_least, equals
from quintet.store.contention import until_settled
from quintet.store.errors import Old
from storefront.cart.entities import Cart, read_shelf
from storefront.catalog.products import Stock
from storefront.orders.drafting import Wish, draft
from storefront.orders.entities import Committed, Order, OrderNumber, announce
from storefront.orders.mails import OrderEvent
from storefront.promotions.rules import Candidate
from storefront.promotions.store import candidates, promotion_refs, use

Join = Callable[[Transaction, Order], None]


class _Landed(Exception):
    """The order stands already: an earlier send of this very transaction was committed, and its reply lost."""

    def __init__(self, _: Old) -> None:
        super().__init__("the order was committed before")


def place(store: Store, wish: Wish, join: Join) -> Committed:
    """Order everything in the buyer's cart.

    `join` adds to the transaction what the caller wants committed with the order. Raises what `draft` raises, and
    503 `busy` when others keep changing what the order rests upon.
    """
    return until_settled(lambda: _attempt(store, wish, join))


def _attempt(store: Store, wish: Wish, join: Join) -> Committed:
    cart = store.get(Cart, user_id=wish.user_id)
    lines = cart.items if cart else []
    shelf, found = read_shelf(store, lines, promotion_refs(wish.codes, wish.user_id) if lines else ())
    promotions = candidates(wish.codes, found) if lines else {}
    order = draft(wish, cart, shelf, promotions, now())
    assert cart is not None  # draft refuses to order from none
    tx = store.transaction()
    # First, for the first failed condition is the one that is raised: of all of them, these two decide.
    tx.create(order, _Landed)
    join(tx, order)
    message = _write(tx, cart, order, promotions)
    with suppress(_Landed):
        tx.commit()
    return Committed(order, message)


def _write(tx: Transaction, cart: Cart, order: Order, promotions: dict[str, Candidate]) -> Message | None:
    """All that commits with the order."""
    tx.replace(cart, cart.holding([]), refused=None)
    tx.create(OrderNumber(number=order.order_number, order_id=order.id))
    owners = {item.sku: item.product_id for item in order.items}
    wanted: dict[str, int] = {}
    for item in order.items:
        wanted[item.sku] = wanted.get(item.sku, 0) + item.quantity
    for sku, quantity in wanted.items():
        where = [at_least("quantity", quantity), equals("product_id", owners[sku])]
        put = {"updated_at": rfc3339(order.created_at)}
        tx.update(Stock.key(sku=sku), add={"quantity": -quantity}, put=put, where=where)
    use(tx, order.applied_codes, promotions, order.user_id)
    return announce(order, OrderEvent.RECEIVED, tx)
