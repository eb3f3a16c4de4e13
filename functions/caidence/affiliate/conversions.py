"""Sales through affiliate links, and refunds of them: each told once however often it is, and commission on it.

A sale has its commission at the creator's rate of its time, rounded once, half up. A refund takes off its part: what is
left of the sale has the commission that a sale of that amount would have had at that rate. A sale knows what was
refunded of it, so that all refunds together are never more.
"""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, ClassVar, Literal

from pydantic import Field

from caidence.affiliate.codes import AffiliateCode
from caidence.affiliate.figures import FIGURES
from caidence.service import store
from quintet.api import ErrorType
from quintet.models import new_id, now
from quintet.store import ConditionFailed, Entity, Keys, until_settled

Status = Literal["sale", "refund"]

SALE_NOT_FOUND = ErrorType(404, "sale_not_found", "Sale not found")
EXTERNAL_ID_USED = ErrorType(409, "external_id_used", "The external_id was used for another conversion")
REFUND_TOO_LARGE = ErrorType(400, "refund_too_large", "A refund is of what is left of the sale, or of a part of it")
REFUND_TOLD = ErrorType(
    409, "refund_told", "The sale has a refund of another amount under this refund_id; another one needs its own"
)  # fmt: skip


class Conversion(Entity):
    """A sale, or a refund of one. `amount` and `commission` are what it added, or for a refund took off."""

    kind: ClassVar[str] = "conversion"
    keys: ClassVar[Keys] = Keys("CONVERSION#{organization_id}#{brand}#{external_id}", "{status}#{refund_id}")

    id: str = Field(default_factory=new_id)
    organization_id: str
    brand: str = ""
    """The code's: two brands are two shops, whose orders may have the same ids."""
    creator_id: str
    code: str
    external_id: str
    refund_id: str = ""
    status: Status
    amount: int
    commission_rate: float
    commission: int
    refunds: int = 0
    """Of a sale: how many there were."""
    refunded: int = 0
    """Of a sale: their sum."""
    rest: bool = False
    """Of a refund: whether it was told to be of all that was left."""
    created_at: datetime = Field(default_factory=now)

    @property
    def left(self) -> int:
        """What a sale still is."""
        return self.amount - self.refunded

    @property
    def steps(self) -> dict[str, int]:
        """What it adds to the creator's figures, but for how many conversions there are."""
        sign = 1 if self.status == "sale" else -1
        return {"revenue": sign * self.amount, "commission": sign * self.commission}


def commission_on(amount: int, rate: float) -> int:
    """`rate` per cent of an amount in minor units, rounded once, half up."""
    return int((Decimal(amount) * Decimal(str(rate)) / 100).quantize(Decimal(1), ROUND_HALF_UP))


def sold(code: AffiliateCode, rate: float, external_id: str, amount: int) -> Conversion:
    """Record a sale at the creator's present rate; one that is told again answers as it was recorded first.

    Raises 409 when the id was used for a sale with another code or amount.
    """
    new = Conversion(
        organization_id=code.organization_id, brand=code.brand, creator_id=code.creator_id, code=code.code,
        external_id=external_id, status="sale", amount=amount, commission_rate=rate,
        commission=commission_on(amount, rate),
    )  # fmt: skip
    tx = store.transaction()
    tx.create(new)
    FIGURES.join(tx, new.creator_id, conversions=1, **new.steps)
    try:
        tx.commit()
    except ConditionFailed as failed:
        stored = Conversion.revive(failed.old or {})
        if (stored.code, stored.amount) != (new.code, new.amount):
            raise EXTERNAL_ID_USED() from None
        return stored
    return new


def refunded(code: AffiliateCode, external_id: str, amount: int | None, refund_id: str | None = None) -> Conversion:
    """Record a refund of a sale, of all that is left of it when no amount is named.

    Once for each `refund_id` and once without: told again it answers as it was recorded first. Raises 404 without such
    a sale, 400 for more than is left of it, 409 when the sale has another code, or a refund of this id another amount.
    """
    place: dict[str, Any] = {
        "organization_id": code.organization_id, "brand": code.brand, "external_id": external_id,
    }  # fmt: skip

    def attempt() -> Conversion:
        sale = store.require(Conversion, SALE_NOT_FOUND, **place, status="sale", refund_id="")
        if sale.code != code.code:
            raise EXTERNAL_ID_USED()
        earlier = store.get(Conversion, **place, status="refund", refund_id=refund_id or "")
        if earlier is None:
            return _taken_off(sale, refund_of(sale, amount, refund_id or ""))
        if (earlier.rest or earlier.amount == sale.amount) if amount is None else amount == earlier.amount:
            return earlier
        raise REFUND_TOLD()

    return until_settled(attempt)


def refund_of(sale: Conversion, amount: int | None, refund_id: str = "") -> Conversion:
    """What a refund of `amount` (None: all that is left) takes off a sale. Raises 400 for more, or for nothing."""
    back = sale.left if amount is None else amount
    if back > sale.left or (back == 0 and (sale.amount > 0 or sale.refunds)):
        raise REFUND_TOO_LARGE()
    rate = sale.commission_rate
    return Conversion(
        organization_id=sale.organization_id, brand=sale.brand, creator_id=sale.creator_id, code=sale.code,
        external_id=sale.external_id, refund_id=refund_id, status="refund", amount=back, commission_rate=rate,
        commission=commission_on(sale.left, rate) - commission_on(sale.left - back, rate), rest=amount is None,
    )  # fmt: skip


def _taken_off(sale: Conversion, back: Conversion) -> Conversion:
    """Store a refund; raises `ConditionFailed` when another one was first."""
    count = {"refunds": sale.refunds + 1, "refunded": sale.refunded + back.amount}
    tx = store.transaction()
    tx.replace(sale, sale.model_copy(update=count), refused=None)
    tx.create(back)
    FIGURES.join(tx, sale.creator_id, conversions=-1 if back.amount == sale.left else 0, **back.steps)
    tx.commit()
    return back
