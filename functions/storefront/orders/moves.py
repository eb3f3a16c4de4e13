"""Moving an order on: the new status, its history entry and its mail, and for a cancellation what it gives back."""

from quintet.errors import ErrorType
from quintet.models import now, rfc3339
from quintet.store import Store, Transaction, equals
from quintet.store.contention import until_settled
from storefront.catalog.products import Product, Stock
from storefront.orders.entities import ORDER_NOT_FOUND, Committed, HistoryEntry, Order, announce
from storefront.orders.mails import OrderEvent
from storefront.orders.states import InvalidTransition, OrderStatus, transition
from storefront.promotions.store import give_back

INVALID_TRANSITION = ErrorType(409, "invalid_transition", "The order cannot take this status")


def move(store: Store, order_id: str, wanted: OrderStatus, by: str) -> Committed:
    """Bring an order to the status `wanted`, by the hand of user `by`; answers it with the mail to deliver.

    Raises 404 `order_not_found`, 409 `invalid_transition`. Of two that move an order at once, the second meets
    the status the first left it in.
    """
    return until_settled(lambda: _attempt(store, order_id, wanted, by))


def _attempt(store: Store, order_id: str, wanted: OrderStatus, by: str) -> Committed:
    order = store.require(Order, ORDER_NOT_FOUND, id=order_id)
    try:
        change = transition(order.status, wanted)
    except InvalidTransition as error:
        allowed = [str(status) for status in error.allowed]
        detail = {"status": str(error.current), "requested": str(error.wanted), "allowed": allowed}
        raise INVALID_TRANSITION(str(error), details=[detail]) from None
    at = now().replace(microsecond=0)
    entry = HistoryEntry(status=change.after, at=at, by=by)
    changed = {"status": change.after, "history": [*order.history, entry], "updated_at": at}
    moved = order.model_copy(update=changed)
    tx = store.transaction()
    tx.replace(order, moved, [equals("status", str(change.before))], refused=None)
    if change.releases:
        _return_stock(store, order, tx)
        give_back(tx, order.applied_codes, order.user_id)
    message = announce(moved, OrderEvent(str(change.after)), tx)
    tx.commit()
    return Committed(moved, message)


def _return_stock(store: Store, order: Order, tx: Transaction) -> None:
    """Put the pieces back to where their products are counted now: a product may have another SKU since."""
    pieces: dict[str, int] = {}
    for item in order.items:
        pieces[item.product_id] = pieces.get(item.product_id, 0) + item.quantity
    products = [found for found in store.get_all([Product.ref(id=key) for key in pieces]) if found is not None]
    stocks = store.get_all([Stock.ref(sku=product.sku) for product in products])
    for product, stock in zip(products, stocks, strict=True):
        if stock is not None and stock.product_id == product.id:
            where = [equals("product_id", product.id)]
            put = {"updated_at": rfc3339(now())}
            tx.update(stock.own_key(), add={"quantity": pieces[product.id]}, put=put, where=where)
