"""Sales through affiliate links, and refunds of them: each told once however often it is, and commission on it.

A sale has its commission at the creator's rate of its time, rounded once, half up. A refund takes off what it was of
the sale: what is left of the sale has the commission that a sale of that amount would have had at that rate.
"""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar, Literal

from pydantic import Field

from caidence.affiliate.codes import AffiliateCode
from caidence.affiliate.figures import FIGURES
from caidence.service import store
from quintet.api import ErrorType
from quintet.models import new_id, now
from quintet.store import ConditionFailed, Entity, Keys

Status = Literal["sale", "refund"]

SALE_NOT_FOUND = ErrorType(404, "sale_not_found", "Sale not found")
EXTERNAL_ID_USED = ErrorType(409, "external_id_used", "The external_id was used for another conversion")
REFUND_TOO_LARGE = ErrorType(400, "refund_too_large", "A refund is of the sale's amount or of a part of it")


class Conversion(Entity):
    """A sale, or the refund of one. `amount` and `commission` are what it added, or for a refund took off."""

    kind: ClassVar[str] = "conversion"
    keys: ClassVar[Keys] = Keys("CONVERSION#{organization_id}#{external_id}", "{status}")

    id: str = Field(default_factory=new_id)
    organization_id: str
    creator_id: str
    code: str
    external_id: str
    status: Status
    amount: int
    commission_rate: float
    commission: int
    created_at: datetime = Field(default_factory=now)

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
    sale = Conversion(
        organization_id=code.organization_id, creator_id=code.creator_id, code=code.code, external_id=external_id,
        status="sale", amount=amount, commission_rate=rate, commission=commission_on(amount, rate),
    )  # fmt: skip
    return _recorded(sale, conversions=1)


def refunded(code: AffiliateCode, external_id: str, amount: int | None) -> Conversion:
    """Record the refund of a sale, of all of it when no amount is named, once for each sale.

    Raises 404 without such a sale, 400 for more than it, 409 when the sale has another code or another refund.
    """
    sale = store.require(
        Conversion, SALE_NOT_FOUND, organization_id=code.organization_id, external_id=external_id, status="sale"
    )
    if sale.code != code.code:
        raise EXTERNAL_ID_USED()
    back = refund_of(sale, amount)
    return _recorded(back, conversions=-1 if back.amount == sale.amount else 0)


def refund_of(sale: Conversion, amount: int | None) -> Conversion:
    """What a refund of `amount` (None: all) takes off a sale. Raises 400 for more than there is, or for nothing."""
    amount = sale.amount if amount is None else amount
    if amount > sale.amount or (amount == 0 and sale.amount > 0):
        raise REFUND_TOO_LARGE()
    kept = commission_on(sale.amount - amount, sale.commission_rate)
    return Conversion(
        organization_id=sale.organization_id, creator_id=sale.creator_id, code=sale.code,
        external_id=sale.external_id, status="refund", amount=amount, commission_rate=sale.commission_rate,
        commission=sale.commission - kept,
    )  # fmt: skip


def _recorded(new: Conversion, conversions: int) -> Conversion:
    tx = store.transaction()
    tx.create(new)
    FIGURES.join(tx, new.creator_id, conversions=conversions, **new.steps)
    try:
        tx.commit()
    except ConditionFailed as failed:
        stored = Conversion.revive(failed.old or {})
        if (stored.code, stored.amount) != (new.code, new.amount):
            raise EXTERNAL_ID_USED() from None
        return stored
    return new
