"""Affiliate links: making one, following it, telling of sales through it, and what it came to."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from caidence.access.callers import CreatorsReader, CreatorsWriter
from caidence.access.rows import row
from caidence.affiliate import clicks, codes, conversions
from caidence.affiliate.codes import CODE_NOT_FOUND, AffiliateCode
from caidence.affiliate.conversions import (
    EXTERNAL_ID_USED,
    REFUND_TOLD,
    REFUND_TOO_LARGE,
    SALE_NOT_FOUND,
    Conversion,
    Status,
)
from caidence.affiliate.figures import Performance, performances
from caidence.affiliate.targets import Target
from caidence.affiliate.visitors import is_person
from caidence.creators.entities import CREATOR_NOT_FOUND, Creator
from caidence.creators.links import link
from caidence.envelope import Id
from caidence.service import api
from quintet.api import ApiError, Reply, Request
from quintet.log import logger
from quintet.models import Length, Line, Timestamp
from quintet.models.money import MAX_AMOUNT
from quintet.store import until_settled

creators = api.section("creators")

Code = Annotated[Line, Length(1, 100), Field(description="Without regard to case")]
Amount = Annotated[int, Field(ge=0, le=MAX_AMOUNT)]


class AffiliateLink(BaseModel):
    model_config = ConfigDict(defer_build=True)

    target_url: Annotated[
        Target | None, Field(description="The page to lead to; as it is when absent, at first the platform's own")
    ] = None


class AffiliateReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    affiliate_code: str
    affiliate_url: str
    target_url: str | None


class Told(BaseModel):
    """A sale, or the refund of one."""

    model_config = ConfigDict(defer_build=True)

    code: Code
    external_id: Annotated[Line, Length(1, 200), Field(description="The order's id; a refund has its sale's")]
    status: Status
    amount: Annotated[
        Amount | None,
        Field(validate_default=True, description="In minor units; a refund without it is of all that is left"),
    ] = None
    refund_id: Annotated[
        Annotated[Line, Length(1, 200)] | None,
        Field(description="Tells the refunds of a sale apart where there are several"),
    ] = None

    @field_validator("refund_id")
    @classmethod
    def _of_refunds(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and info.data.get("status") == "sale":
            raise ValueError("is for refunds alone")
        return value

    @field_validator("amount")
    @classmethod
    def _of_sales(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value is None and info.data.get("status") == "sale":
            raise ValueError("is required for a sale")
        return value


class ConversionReply(BaseModel):
    """Of a refund `amount` and `commission` are what it took off."""

    model_config = ConfigDict(defer_build=True)

    id: str
    organization_id: str
    creator_id: str
    code: str
    external_id: str
    refund_id: str | None
    status: Status
    amount: int
    commission_rate: float
    commission: int
    created_at: Timestamp

    @classmethod
    def of(cls, conversion: Conversion) -> Self:
        return cls.model_validate({**conversion.model_dump(), "refund_id": conversion.refund_id or None})


@creators.post("/creators/{creator_id}/affiliate", errors=[CREATOR_NOT_FOUND], needs={"table:write"})
def generate_affiliate(
    creator_id: Id, caller: CreatorsWriter, request: Request, body: AffiliateLink | None = None
) -> AffiliateReply:
    """Get the affiliate code and link of a creator, made if there is none

    A creator has one code for good. With `target_url` its link leads there from now on.
    """
    target = body.target_url if body else None

    def attempt() -> AffiliateCode:
        creator = row(caller, Creator, creator_id, CREATOR_NOT_FOUND)
        return codes.given(creator, target, caller.account)

    code = until_settled(attempt)
    return AffiliateReply(affiliate_code=code.code, affiliate_url=link(code.code, request), target_url=code.target_url)


@creators.get("/creators/{creator_id}/performance", errors=[CREATOR_NOT_FOUND], needs={"table:read"})
def get_performance(creator_id: Id, caller: CreatorsReader) -> Performance:
    """What a creator's affiliate link came to: clicks, conversions, revenue and commission"""
    creator = row(caller, Creator, creator_id, CREATOR_NOT_FOUND)
    return performances([creator.id])[0]


@api.get(
    "//r/{code}",
    status=302,
    extension=True,
    errors=[CODE_NOT_FOUND],
    needs={"table:write"},
    headers={"Location": "The page that the link leads to, with the code in `ref`"},
)
def follow(code: str, request: Request) -> Reply[None]:
    """Follow an affiliate link

    Public. A visitor is counted once a day, of one address five at most, a machine never.
    """
    found = codes.named(code)
    if not request.head and is_person(request.headers):
        try:
            clicks.count(found, request.ip, request.headers.get("user-agent", ""))
        except ApiError as error:  # a click less is better than a visitor turned away
            logger().warning("a click was not counted", extra={"affiliate_code": found.code, "reason": error.code})
    return Reply(None, headers={"Location": found.destination(request), "Cache-Control": "no-store"})


@api.post(
    "/affiliate/conversions",
    extension=True,
    errors=[CODE_NOT_FOUND, SALE_NOT_FOUND, EXTERNAL_ID_USED, REFUND_TOLD, REFUND_TOO_LARGE],
    needs={"table:write"},
    example={"code": "7kq2mxva", "external_id": "order-1001", "amount": 4990, "status": "sale"},
)
def record_conversion(body: Told, caller: CreatorsWriter) -> ConversionReply:
    """Tell of a sale through an affiliate link, or of its refund

    A sale once for each `external_id` in the code's brand, a refund once for each `refund_id` of a sale, and one
    without: told again they change nothing and answer the same. Commission is at the creator's rate of the sale's time;
    a refund takes off its part of it, and all refunds of a sale are at most the sale.
    """
    code = codes.named(body.code)
    creator = row(caller, Creator, code.creator_id, CODE_NOT_FOUND)
    if body.status == "refund":
        return ConversionReply.of(conversions.refunded(code, body.external_id, body.amount, body.refund_id))
    assert body.amount is not None
    return ConversionReply.of(conversions.sold(code, creator.commission_rate, body.external_id, body.amount))
