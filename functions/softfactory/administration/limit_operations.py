"""The limits of the tiers, changed while the suite runs."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from quintet.api import Request
from quintet.api.tiers import Allowance, adjust, allowance
from quintet.store import Transaction
from softfactory.access.callers import AdminReader, AdminWriter
from softfactory.service import PREMIUM, STANDARD
from softfactory.service import api as suite
from softfactory.trail.log import Act, record

api = suite.section("admin")

Number = Annotated[int, Field(ge=1, le=1_000_000)]


class Limits(BaseModel):
    """How many requests a tier allows in a minute and in an hour."""

    model_config = ConfigDict(defer_build=True)

    per_minute: Number
    per_hour: Number

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if self.per_hour < self.per_minute:
            raise ValueError("per_hour must not be below per_minute")
        return self


class TierLimits(BaseModel):
    """The limits of both tiers; administrators have none."""

    model_config = ConfigDict(defer_build=True)

    standard: Limits
    premium: Limits


class TierChange(BaseModel):
    """A tier that is left out, or null, keeps its limits."""

    model_config = ConfigDict(defer_build=True)

    standard: Limits | None = None
    premium: Limits | None = None


@api.get("/admin/rate-limits", extension=True, needs={"table:read"})
def get_rate_limits(caller: AdminReader) -> TierLimits:
    """The limits in force"""
    return _limits()


@api.put(
    "/admin/rate-limits",
    extension=True,
    needs={"table:write"},
    example={"standard": {"per_minute": 60, "per_hour": 1000}},
)
def put_rate_limits(body: TierChange, caller: AdminWriter, request: Request) -> TierLimits:
    """Change limits; every function goes by them within half a minute"""
    before = _limits()
    given = {name: limits for name in ("standard", "premium") if (limits := getattr(body, name)) is not None}
    if given:
        allowed = {name: Allowance(**limits.model_dump()) for name, limits in given.items()}
        told = {name: limits.model_dump() for name, limits in given.items()}

        def also(tx: Transaction) -> None:
            act = Act.of(caller, request)
            record(tx, act, "rate_limits.update", resource="rate_limits", before=before.model_dump(), after=told)

        adjust(allowed, also)
    return _limits()


def _limits() -> TierLimits:
    return TierLimits(
        standard=Limits(**allowance(STANDARD).model_dump()), premium=Limits(**allowance(PREMIUM).model_dump())
    )
