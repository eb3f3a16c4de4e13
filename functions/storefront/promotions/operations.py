"""Promotion codes, for those who manage them."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

from quintet.api import ErrorType
from quintet.models import Length, Line, Page, PageQuery, Timestamp, now, rfc3339
from quintet.store import exists
from storefront.access.callers import PromotionManager
from storefront.promotions.rules import Terms, normalise_code
from storefront.promotions.store import StoredPromotion
from storefront.service import api, store

PROMOTION_EXISTS = ErrorType(409, "promotion_exists", "A promotion with this code already exists")
PROMOTION_NOT_FOUND = ErrorType(404, "promotion_not_found", "Promotion not found")

_CODE = re.compile(r"[A-Z0-9][A-Z0-9._-]*")


def _plain(code: str) -> str:
    if not _CODE.fullmatch(code):
        raise ValueError("must be letters, digits, dots, hyphens and underscores")
    return code


class NewPromotion(Terms):
    """A promotion's terms, its code fit to be part of a path."""

    code: Annotated[Line, AfterValidator(normalise_code), Length(1, 50), AfterValidator(_plain)]


class PromotionReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    code: str
    type: Literal["percent", "amount"]
    value: int
    minimum_subtotal: int
    starts_at: Timestamp | None
    ends_at: Timestamp | None
    usage_limit: int | None
    usage_limit_per_customer: int | None
    disabled: bool
    uses: int
    created_at: Timestamp
    updated_at: Timestamp


@api.get("/admin/promotions", needs={"table:read"}, extension=True)
def list_promotions(query: PageQuery, caller: PromotionManager) -> Page[PromotionReply]:
    """List promotions with their uses, newest first"""
    return store.page(StoredPromotion, "gsi1", query).map(_reply)


@api.post(
    "/admin/promotions",
    status=201,
    errors=[PROMOTION_EXISTS],
    needs={"table:write"},
    extension=True,
    idempotent=True,
    example={"code": "SAVE10", "type": "percent", "value": 10, "minimum_subtotal": 50000},
)
def create_promotion(body: NewPromotion, caller: PromotionManager) -> PromotionReply:
    """Create a promotion

    `value` is a whole per cent, or an amount in minor units; `minimum_subtotal` is in minor units.
    """
    return _reply(store.create(StoredPromotion(**body.model_dump()), PROMOTION_EXISTS))


@api.delete("/admin/promotions/{code}", status=204, errors=[PROMOTION_NOT_FOUND], needs={"table:write"}, extension=True)
def disable_promotion(code: str, caller: PromotionManager) -> None:
    """Disable a promotion

    Orders that used it keep their discount; the code stays taken.
    """
    store.update(
        StoredPromotion,
        StoredPromotion.key(code=normalise_code(code)),
        put={"disabled": True, "updated_at": rfc3339(now())},
        where=[exists()],
        refused=PROMOTION_NOT_FOUND,
    )


def _reply(promotion: StoredPromotion) -> PromotionReply:
    return PromotionReply.model_validate(promotion, from_attributes=True)
