"""The platform at a glance: how many there are, what they pay, what they use."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from caidence.access.audit import Actor
from caidence.access.callers import SuperAdmin
from caidence.access.rows import ORGANIZATION_NOT_FOUND
from caidence.activity.log import record
from caidence.admin import traffic
from caidence.directory.entities import Brand, Organization, PlanTier, User
from caidence.envelope import Id
from caidence.service import api, store
from caidence.tenancy import organizations, plans, usage
from caidence.tenancy.organization_operations import OrganizationReply
from quintet.api import Request
from quintet.models import Page, SkipQuery
from quintet.store import Transaction

Dollars = Annotated[int, Field(description="US dollars")]


class OverviewReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    total_organizations: int
    total_users: int
    total_brands: int
    pending_approvals: Annotated[int, Field(description="Accounts that are not approved")]
    mrr: Dollars
    active_subscriptions: Annotated[int, Field(description="Active organizations on a tier that costs something")]


class BillingReply(BaseModel):
    """Revenue and customers of now; customers are the active organizations."""

    model_config = ConfigDict(defer_build=True)

    mrr: Dollars
    arr: Annotated[Dollars, Field(description="Twelve times the monthly revenue, in US dollars")]
    total_customers: int
    free_count: int
    pro_count: int
    enterprise_count: int
    churn_rate: Annotated[
        float,
        Field(description="Percent of those who paid 30 days ago (UTC days, today included) that stopped since"),
    ]


class SubscriptionReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    organization_id: str
    organization_name: str
    plan_tier: PlanTier
    monthly_amount: Annotated[int, Field(description="US dollars; 0 for an organization that is not active")]
    is_active: bool


class ActiveUsers(BaseModel):
    model_config = ConfigDict(defer_build=True)

    date: Annotated[str, Field(description="A UTC day", examples=["2026-11-30"])]
    users: Annotated[int, Field(description="Users who signed in or renewed their session on it")]


class PlatformUsageReply(BaseModel):
    """What is used by all together; days and months are UTC."""

    model_config = ConfigDict(defer_build=True)

    daily_active_users: Annotated[list[ActiveUsers], Field(description="The last 7 days, oldest first")]
    api_calls_today: int
    storage_used: Annotated[int, Field(description="Bytes of the files that are kept")]
    bandwidth_used: Annotated[int, Field(description="Bytes of replies in this month")]


@api.get("/admin/overview", needs={"table:read"})
def get_overview(caller: SuperAdmin) -> OverviewReply:
    """Platform overview"""
    revenue = plans.revenue()
    waiting = [{"role": role.name, "is_approved": False} for role in caller.catalogue.roles]
    return OverviewReply(
        total_organizations=store.count(Organization),
        total_users=store.count(User, "gsi1"),
        total_brands=store.count(Brand, "gsi1"),
        pending_approvals=sum(store.counts(User, "gsi3", waiting)),
        mrr=revenue.monthly,
        active_subscriptions=revenue.paying,
    )


@api.get("/admin/billing", needs={"table:read"})
def get_billing(caller: SuperAdmin) -> BillingReply:
    """Billing overview"""
    revenue = plans.revenue()
    return BillingReply(
        mrr=revenue.monthly,
        arr=12 * revenue.monthly,
        total_customers=sum(revenue.customers.values()),
        free_count=revenue.customers["free"],
        pro_count=revenue.customers["pro"],
        enterprise_count=revenue.customers["enterprise"],
        churn_rate=plans.churn_rate(revenue.paying),
    )


@api.get("/admin/subscriptions", needs={"table:read"})
def list_subscriptions(query: SkipQuery, caller: SuperAdmin) -> Page[SubscriptionReply]:
    """List all organizations' subscriptions, those of the newest organization first"""
    return store.page(Organization, "main", query).map(_subscription)


@api.patch("/admin/organizations/{org_id}/plan", errors=[ORGANIZATION_NOT_FOUND], needs={"table:write"})
def update_organization_plan(
    org_id: Id, plan_tier: PlanTier, caller: SuperAdmin, request: Request
) -> OrganizationReply:  # fmt: skip
    """Update an organization's plan tier"""

    def join(tx: Transaction) -> None:
        text = f"Moved the organization to the plan {plan_tier}"
        record(tx, caller.account, "organization.plan_updated", text, organization_id=org_id)

    actor = Actor.of(caller.account, request.id)
    return OrganizationReply.of(organizations.change(actor, org_id, {"plan_tier": plan_tier}, join))


@api.get("/admin/usage", errors=[traffic.UNREADABLE], needs={"table:read", "metrics"})
def get_usage(caller: SuperAdmin) -> PlatformUsageReply:
    """Platform usage analytics"""
    served = traffic.read()
    return PlatformUsageReply(
        daily_active_users=[ActiveUsers(date=day, users=users) for day, users in usage.daily_active()],
        api_calls_today=served.calls_today,
        storage_used=usage.storage_used(),
        bandwidth_used=served.bytes_this_month,
    )


def _subscription(organization: Organization) -> SubscriptionReply:
    return SubscriptionReply(
        organization_id=organization.id,
        organization_name=organization.name,
        plan_tier=organization.plan_tier,
        monthly_amount=plans.monthly_amount(organization),
        is_active=organization.is_active,
    )
