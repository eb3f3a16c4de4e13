"""The platform's figures: what there is, what is paid, what is used."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from caidence.access import audit
from caidence.directory.entities import Organization
from caidence.service import store
from caidence.tenancy import plans, usage
from quintet.models import SkipQuery
from quintet.models.time import frozen
from quintet.net import aws
from quintet.providers.errors import Unavailable
from quintet.testing import Client
from tests.functions.caidence.conftest import BASE, account_of, as_account, make_brand, make_user
from tests.functions.caidence.tenancy.conftest import NOBODY, detail, fields
from tests.support.aws import in_threads

ADMIN = f"{BASE}/admin"
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def plan(organization: Organization) -> str:
    return f"{ADMIN}/organizations/{organization.id}/plan"


def counted(name: str, value: float, at: datetime, service: str = "caidence") -> None:
    """What CloudWatch makes of a function's metrics line."""
    data = {"MetricName": name, "Value": value, "Timestamp": at, "Dimensions": [{"Name": "service", "Value": service}]}
    aws.client("cloudwatch").put_metric_data(Namespace="Quintet", MetricData=[data])


@pytest.mark.parametrize("path", ["overview", "billing", "subscriptions", "usage"])
def test_figures_are_for_super_admins(platform: Client, agency_admin: Client, path: str) -> None:
    assert platform.get(f"{ADMIN}/{path}").status == 401
    assert agency_admin.get(f"{ADMIN}/{path}").status == 403


def test_the_overview_counts_everything(super_admin: Client, organization: Organization, other: Organization) -> None:
    make_brand(organization)
    make_user("viewer", other, is_approved=False)
    make_user("brand_admin", None, is_approved=False)
    super_admin.patch(plan(organization), query={"plan_tier": "enterprise"})
    assert super_admin.get(f"{ADMIN}/overview").body == {
        "total_organizations": 2, "total_users": 3, "total_brands": 1, "pending_approvals": 2, "mrr": 499,
        "active_subscriptions": 1,
    }  # fmt: skip


def test_a_plan_is_changed_with_its_audit_entry(super_admin: Client, organization: Organization) -> None:
    for _ in range(2):
        answer = super_admin.patch(plan(organization), query={"plan_tier": "pro"})
        assert (answer.status, answer.body["id"], answer.body["plan_tier"]) == (200, organization.id, "pro")
    (entry,) = audit.page(SkipQuery(), "plan.update", None).items
    assert (entry.before, entry.after) == (
        {"plan_tier": "free", "is_active": True},
        {"plan_tier": "pro", "is_active": True},
    )


def test_a_bad_plan_is_refused(
    platform: Client, super_admin: Client, agency_admin: Client, organization: Organization
) -> None:
    assert platform.patch(plan(organization), query={"plan_tier": "pro"}).status == 401
    assert agency_admin.patch(plan(organization), query={"plan_tier": "pro"}).status == 403
    for query in ({}, {"plan_tier": "gold"}, {"plan_tier": ""}):
        assert fields(super_admin.patch(plan(organization), query=query)) == ["query.plan_tier"]
    answer = super_admin.patch(f"{ADMIN}/organizations/{NOBODY}/plan", query={"plan_tier": "pro"})
    assert detail(answer) == (404, "Organization not found")
    assert super_admin.get(f"{ADMIN}/billing").body["free_count"] == 1


def test_parallel_changes_of_a_plan_are_billed_once(super_admin: Client, organization: Organization) -> None:
    tiers = ["pro", "enterprise", "free", "pro", "enterprise"]
    in_threads(5, lambda n: super_admin.patch(plan(organization), query={"plan_tier": tiers[n]}))
    found = store.get(Organization, id=organization.id)
    assert found is not None
    bill = super_admin.get(f"{ADMIN}/billing").body
    assert bill["mrr"] == plans.PRICES[found.plan_tier]
    assert bill["total_customers"] == 1
    assert bill[f"{found.plan_tier}_count"] == 1


def test_billing_tells_revenue_and_churn_from_the_plans_history(platform: Client, super_admin: Client) -> None:
    user = account_of(super_admin)

    def admin() -> Client:
        return as_account(platform, user)  # with a token of the present moment

    def made(name: str, tier: str) -> str:
        return str(admin().post(f"{BASE}/organizations", {"name": name, "plan_tier": tier}).body["id"])

    def changed(organization_id: str, **body: Any) -> None:
        assert admin().patch(f"{BASE}/organizations/{organization_id}", body).status == 200

    def bill() -> dict[str, Any]:
        return dict(admin().get(f"{ADMIN}/billing").body)

    with frozen(NOON) as clock:
        stays, leaves, pauses = made("a", "pro"), made("b", "enterprise"), made("c", "pro")
        made("d", "free")
        assert bill() == {
            "mrr": 697, "arr": 8364, "total_customers": 5, "free_count": 2, "pro_count": 2, "enterprise_count": 1,
            "churn_rate": 0.0,
        }  # fmt: skip
        clock.advance(days=40)
        changed(made("e", "pro"), plan_tier="free")
        assert bill()["churn_rate"] == 0.0  # it did not pay yet when the 30 days began
        changed(leaves, plan_tier="free")
        assert bill()["churn_rate"] == 33.33
        changed(stays, plan_tier="enterprise")
        changed(pauses, is_active=False)
        after = bill()
        assert (after["churn_rate"], after["mrr"], after["total_customers"]) == (66.67, 499, 5)
        clock.advance(days=30)
        assert bill()["churn_rate"] == 0.0


def test_subscriptions_add_up_to_the_revenue(
    super_admin: Client, organization: Organization, other: Organization
) -> None:
    super_admin.patch(plan(organization), query={"plan_tier": "pro"})
    super_admin.patch(f"{BASE}/organizations/{other.id}", {"plan_tier": "enterprise", "is_active": False})
    answer = super_admin.get(f"{ADMIN}/subscriptions")
    assert answer.headers["x-total-count"] == "2"
    assert answer.body == [
        {
            "organization_id": other.id, "organization_name": "Rival", "plan_tier": "enterprise",
            "monthly_amount": 0, "is_active": False,
        },
        {
            "organization_id": organization.id, "organization_name": "Acme", "plan_tier": "pro",
            "monthly_amount": 99, "is_active": True,
        },
    ]  # fmt: skip
    assert sum(row["monthly_amount"] for row in answer.body) == super_admin.get(f"{ADMIN}/overview").body["mrr"]


def test_usage_is_what_was_counted(platform: Client, super_admin: Client, organization: Organization) -> None:
    user = account_of(super_admin)
    with frozen(NOON) as clock:
        usage.active("a")
        usage.active("b")
        tx = store.transaction()
        usage.stored(tx, organization.id, 700)
        tx.commit()
        counted("Requests", 5, NOON - timedelta(hours=1))
        counted("Requests", 2, NOON)
        counted("Requests", 100, NOON - timedelta(days=1))
        counted("Requests", 100, NOON, service="stoory")
        counted("BytesOut", 300, NOON)
        counted("BytesOut", 20, NOON - timedelta(days=29))
        counted("BytesOut", 1000, NOON - timedelta(days=30))
        days = [plans.day_of(clock.at - timedelta(days=back)) for back in range(6, -1, -1)]
        assert as_account(platform, user).get(f"{ADMIN}/usage").body == {
            "daily_active_users": [{"date": day, "users": 2 if day == "2026-11-30" else 0} for day in days],
            "api_calls_today": 7, "storage_used": 700, "bandwidth_used": 320,
        }  # fmt: skip


def test_calls_and_their_bytes_are_logged_as_metrics(
    super_admin: Client, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POWERTOOLS_METRICS_DISABLED", raising=False)
    answer = super_admin.get(f"{ADMIN}/overview")
    (line,) = [json.loads(text) for text in capsys.readouterr().out.splitlines() if "CloudWatchMetrics" in text]
    (told,) = line["_aws"]["CloudWatchMetrics"]
    assert {metric["Name"] for metric in told["Metrics"]} >= {"Requests", "BytesOut"}
    assert (line["service"], line["Requests"], line["BytesOut"]) == ("caidence", [1.0], [float(len(answer.raw))])


def test_usage_is_refused_when_the_metrics_cannot_be_read(super_admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: Any) -> dict[str, dict[datetime, float]]:
        raise Unavailable("CloudWatch cannot be reached")

    monkeypatch.setattr("caidence.admin.traffic.daily_sums", down)
    assert detail(super_admin.get(f"{ADMIN}/usage")) == (
        502,
        "The usage metrics cannot be read at the moment: CloudWatch cannot be reached",
    )
