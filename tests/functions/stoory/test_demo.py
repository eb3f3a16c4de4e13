"""The demo data."""

from __future__ import annotations

import pytest

from quintet import settings
from quintet.testing import Client
from stoory import demo
from tests.support.people import enter


def test_the_demo_can_be_walked_and_is_seeded_once(market: Client) -> None:
    demo.seed()
    demo.seed()
    sessions = {}
    for email in (demo.ADMIN_EMAIL, demo.BRAND_EMAIL):
        body = {"email": email, "password": demo.PASSWORD}
        answer = market.post("/api/v1/auth/brand/login", body)
        sessions[answer.body["user"]["role"]] = answer.body["token"]
    influencer = enter(market, demo.PHONE).body
    assert sorted(sessions) == ["ADMIN", "BRAND"]
    assert influencer["user"]["name"] == "Isha Influencer"
    plans = market.as_caller(sessions["BRAND"]).get("/api/v1/plans").body["plans"]
    assert [plan["name"] for plan in plans] == ["Starter", "Growth"]
    campaigns = market.as_caller(influencer["token"]).get("/api/v1/campaigns").body
    assert [(c["id"], c["status"]) for c in campaigns["campaigns"]] == [(demo.CAMPAIGN, "LIVE")]
    assert campaigns["pagination"]["total"] == 1


def test_a_deployed_marketplace_is_never_seeded(market: Client) -> None:
    with settings.use({"QUINTET_STAGE": "prod"}), pytest.raises(RuntimeError, match="'prod'"):
        demo.seed()
