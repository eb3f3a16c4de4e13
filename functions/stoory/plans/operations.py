"""Plans: what brands may subscribe to, and their upkeep by administrators."""

import json
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict

from quintet.models import Length, Line, Timestamp, new_id, now
from quintet.store import STALE
from stoory.envelope import Id
from stoory.money.amounts import Number, Rupees, to_paise, to_rupees
from stoory.plans.billing import BillingCycle
from stoory.plans.entities import PLAN_NOT_FOUND, Plan
from stoory.service import Admin, BrandOrAdmin, api, store

MOST_FEATURES = 20_000
"""Characters of a plan's features as JSON: a list of plans must stay far below Lambda's 6 MB reply."""


def _features(value: dict[str, Any]) -> dict[str, Any]:
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        text.encode()
    except (ValueError, RecursionError):
        raise ValueError("must be a plain JSON object") from None
    if len(text) > MOST_FEATURES:
        raise ValueError(f"must have at most {MOST_FEATURES} characters")
    return value


Name = Annotated[Line, Length(1, 200)]
Features = Annotated[dict[str, Any], AfterValidator(_features)]


class NewPlan(BaseModel):
    model_config = ConfigDict(defer_build=True)

    name: Name
    features: Features | None = None
    price: Rupees
    billing_cycle: BillingCycle = BillingCycle.MONTHLY
    is_active: bool = True


class PlanChanges(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(defer_build=True)

    name: Name | None = None
    features: Features | None = None
    price: Rupees | None = None
    billing_cycle: BillingCycle | None = None
    is_active: bool | None = None


class PlanView(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    name: str
    price: Number
    billing_cycle: BillingCycle
    features: dict[str, Any]
    is_active: bool
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, plan: Plan) -> Self:
        """A stored plan as the document shows it."""
        return cls(
            id=plan.id,
            name=plan.name,
            price=to_rupees(plan.price_paise),
            billing_cycle=plan.billing_cycle,
            features=plan.features,
            is_active=plan.is_active,
            created_at=plan.created_at,
            updated_at=plan.updated_at,
        )


class PlansReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    plans: list[PlanView]


class PlanReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    message: str
    plan: PlanView


@api.get("/plans", needs={"table:read"})
def list_plans(caller: BrandOrAdmin) -> PlansReply:
    """Get all active plans

    Oldest first, all at once.
    """
    return PlansReply(plans=[PlanView.of(plan) for plan in store.each(Plan, "gsi1")])


@api.post("/plans", status=201, needs={"table:write"}, idempotent=True)
def create(body: NewPlan, caller: Admin) -> PlanReply:
    """Create a new plan"""
    at = now()
    plan = Plan(
        id=new_id(),
        name=body.name,
        price_paise=to_paise(body.price),
        billing_cycle=body.billing_cycle,
        features_json=_written(body.features),
        is_active=body.is_active,
        created_at=at,
        updated_at=at,
    )
    store.create(plan)
    return PlanReply(message="Plan created successfully", plan=PlanView.of(plan))


@api.put("/plans/{id}", errors=[PLAN_NOT_FOUND, STALE], needs={"table:write"})
def update(id: Id, body: PlanChanges, caller: Admin) -> PlanReply:
    """Update a plan

    Subscriptions that run keep the price and the cycle they began with.
    """
    old = store.require(Plan, PLAN_NOT_FOUND, id=id)
    given = body.model_dump(exclude_none=True, include={"name", "billing_cycle", "is_active"})
    if body.price is not None:
        given["price_paise"] = to_paise(body.price)
    if body.features is not None:
        given["features_json"] = _written(body.features)
    new = store.replace(old, old.model_copy(update={**given, "updated_at": now()}))
    return PlanReply(message="Plan updated successfully", plan=PlanView.of(new))


@api.delete("/plans/{id}", errors=[PLAN_NOT_FOUND, STALE], needs={"table:write"}, extension=True)
def delete(id: Id, caller: Admin) -> PlanReply:
    """Delete a plan

    It is deactivated: nobody can subscribe to it any more, and subscriptions that run go on.
    """
    plan = store.require(Plan, PLAN_NOT_FOUND, id=id)
    if plan.is_active:
        plan = store.replace(plan, plan.model_copy(update={"is_active": False, "updated_at": now()}))
    return PlanReply(message="Plan deleted successfully", plan=PlanView.of(plan))


def _written(features: dict[str, Any] | None) -> str:
    return json.dumps(features or {}, ensure_ascii=False, separators=(",", ":"))
