"""Writing products: the product, its SKU with the stock, and the words it is found by, all or nothing."""

from typing import Any

from quintet.errors import Details, ErrorType
from quintet.models import Money, new_id, now, rfc3339
from quintet.store import STALE, Transaction, equals
from storefront.catalog.product_search import indexed
from storefront.catalog.products import Product, Stock
from storefront.catalog.taxonomy import Brand, Category
from storefront.service import store

SKU_EXISTS = ErrorType(409, "sku_exists", "SKU already exists")


def create_product(fields: dict[str, Any], quantity: int = 0) -> Product:
    """A new product with `quantity` pieces in stock. Raises `sku_exists`."""
    moment = now()
    product = Product(id=new_id(), created_at=moment, updated_at=moment, **fields)
    tx = store.transaction()
    tx.create(product)
    _claim_sku(tx, product, quantity)
    with indexed(product, new=True) as change:
        change.join(tx)
        tx.commit()
    return product


def change_product(old: Product, fields: dict[str, Any], quantity: int | None = None) -> Product:
    """`old` with other fields, and with `quantity` pieces in stock when that is given.

    Another SKU takes the stock along. Raises `sku_exists`, and `conflict` when someone else changed the product, or
    the stock that has to move, meanwhile.
    """
    new = old.model_copy(update={**fields, "updated_at": now()})
    tx = store.transaction()
    tx.replace(old, new)
    if new.sku != old.sku:
        _move_stock(tx, old, new, quantity)
    elif quantity is not None:
        counted = {"quantity": quantity, "updated_at": rfc3339(new.updated_at)}
        tx.update(Stock.key(sku=new.sku), put=counted, where=[equals("product_id", new.id)], refused=STALE)
    with indexed(new) as change:
        change.join(tx)
        tx.commit()
    return new


def archive(product: Product) -> None:
    """Take a product out of the shop for good; its SKU stays taken, its stock stays counted."""
    if product.status != "archived":
        change_product(product, {"status": "archived"})


def unusable(fields: dict[str, Any]) -> Details:
    """What a product's fields say that cannot be: `{field, message}` each; empty when all is well. One batch read."""
    problems = list(mixed_currencies(fields["base_price"], fields.get("sale_price")))
    wanted = [(name, kind.ref(id=fields[name])) for name, kind in (("brand_id", Brand), ("category_id", Category))
              if fields.get(name)]  # fmt: skip
    found = store.get_all([ref for _, ref in wanted]) if wanted else []
    problems += [
        {"field": name, "message": f"There is no such {name.removesuffix('_id')}"}
        for (name, _), entity in zip(wanted, found, strict=True)
        if entity is None
    ]
    return problems


def mixed_currencies(base: Money, sale: Money | None) -> Details:
    """The problem of a sale price in another currency than the base price, if it is one."""
    if sale is None or sale.currency == base.currency:
        return []
    return [{"field": "SalePrice", "message": f"must be in {base.currency} like base_price"}]


def _claim_sku(tx: Transaction, product: Product, quantity: int) -> None:
    stock = Stock(sku=product.sku, product_id=product.id, quantity=quantity, updated_at=product.updated_at)
    tx.create(stock, SKU_EXISTS)


def _move_stock(tx: Transaction, old: Product, new: Product, quantity: int | None) -> None:
    """The stock under the old SKU becomes that of the new one, exactly as it was read."""
    stock = store.require(Stock, STALE, sku=old.sku)
    tx.delete(stock, [equals("product_id", old.id)])
    _claim_sku(tx, new, stock.quantity if quantity is None else quantity)
