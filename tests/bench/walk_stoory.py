"""A walk through Stoory that uses every operation once, as its users do, Razorpay played by its stand-in."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from infra.local.razorpay import Razorpay
from quintet.models import now
from quintet.models.time import frozen
from quintet.net import aws as clients
from quintet.testing import Client
from stoory.demo import ensure_account
from stoory.service import Role, api
from tests.bench.walk import Walk
from tests.support import aws, market, till
from tests.support.people import code_sent_to, token_mailed_to

BASE = "/api/v1"
EMAIL, ADMIN, PASSWORD, NEW_PASSWORD = "acme@example.com", "ada@example.com", "SecurePassword1", "AnotherPassword2"
PHONE, OTHER_PHONE = "+919876543210", "+919876543211"
TERMS = {"agreedAmount": 1000, "platformFeePercent": 10}


class MarketWalk(Walk):
    """A walk of an administrator, a brand, influencers and visitors."""

    def __init__(self) -> None:
        super().__init__(api)
        ensure_account(Role.ADMIN, ADMIN, "Ada Admin", PASSWORD)
        self.brand = self.influencer = self.client
        self.admin = self.log_in(ADMIN, PASSWORD)

    def log_in(self, email: str, password: str) -> Client:
        body = {"email": email, "password": password}
        return self.client.as_caller(self.step(self.client, "POST", f"{BASE}/auth/brand/login", body)["token"])


def walked() -> Walk:
    """The walk when it is done, in a marketplace of its own."""
    with aws.aws_backend():
        key = clients.client("kms").create_key(Description="tests")["KeyMetadata"]["KeyId"]
    settings = {"QUINTET_SMS_SENDER": "QUINTET", "QUINTET_KMS_KEY": key}
    with (
        tempfile.TemporaryDirectory(prefix="quintet-bench-") as folder,
        aws.system("stoory", settings),
        till.till(Path(folder)) as razorpay,
    ):
        walk = MarketWalk()
        _brand(walk)
        _influencer(walk)
        campaign = _campaigns(walk)
        done = _applications(walk, campaign)
        _payments(walk, razorpay, done)
        _subscriptions(walk)
        _clock(walk)
        return walk


def _brand(walk: MarketWalk) -> None:
    auth, visitor = f"{BASE}/auth/brand", walk.client
    walk.step(visitor, "POST", auth + "/register", {"email": EMAIL, "password": PASSWORD, "name": "Acme"})
    walk.step(visitor, "POST", auth + "/resend-verification", {"email": EMAIL})
    walk.event("notifications.send_due")
    walk.step(visitor, "POST", auth + "/verify-email", {"token": token_mailed_to(EMAIL)})
    walk.step(visitor, "POST", auth + "/forgot-password", {"email": EMAIL})
    walk.event("notifications.send_due")
    walk.step(visitor, "POST", auth + "/reset-password",
              {"token": token_mailed_to(EMAIL), "new_password": NEW_PASSWORD})  # fmt: skip
    walk.brand = walk.log_in(EMAIL, NEW_PASSWORD)


def _influencer(walk: MarketWalk) -> None:
    auth, visitor = f"{BASE}/auth", walk.client
    walk.step(visitor, "GET", auth + "/whatsapp-status")
    walk.step(visitor, "POST", auth + "/send-otp", {"phone": OTHER_PHONE})
    walk.step(visitor, "POST", auth + "/send-registration-otp", {"phone": PHONE})
    proof = {"phone": PHONE, "token": code_sent_to(PHONE), "userData": {"name": "Asha", "city": "Pune"}}
    session = walk.step(visitor, "POST", auth + "/verify-otp", proof)
    renewed = walk.step(visitor, "POST", auth + "/refresh-token", {"refreshToken": session["refreshToken"]})
    walk.influencer = visitor.as_caller(renewed["token"])
    about = {"upi_id": "asha@okbank", "bio": "Food and travel", "languages": ["English", "Hindi"], "tier": "MICRO"}
    walk.step(walk.influencer, "PUT", auth + "/profile/complete", about)
    walk.step(walk.influencer, "GET", f"{BASE}/users/me")


def _campaigns(walk: MarketWalk) -> str:
    path = f"{BASE}/campaigns"
    for number in range(20):
        walk.step(walk.brand, "POST", path, market.wanted(title=f"Summer Launch {number}", budget=50_000))
    found = walk.step(walk.brand, "POST", path, market.wanted(status="DRAFT"))["campaign"]["id"]
    walk.step(walk.brand, "DELETE", f"{path}/{found}")
    campaign = str(walk.step(walk.brand, "POST", path, market.wanted(max_influencers=9))["campaign"]["id"])
    walk.step(walk.brand, "PUT", f"{path}/{campaign}", {"description": "Show how you spend the summer."})
    walk.step(walk.influencer, "GET", path)
    walk.step(walk.influencer, "GET", f"{path}/{campaign}")
    walk.step(walk.brand, "GET", path + "/my")
    return campaign


def _applications(walk: MarketWalk, campaign: str) -> list[str]:
    """Two completed applications."""
    path = f"{BASE}/applications"

    def apply(who: Client) -> str:
        return str(walk.step(who, "POST", path, {"campaignId": campaign})["application"]["id"])

    first, second, third, fourth = (
        apply(who) for who in (walk.influencer, *(market.party("INFLUENCER") for _ in "123"))
    )
    _chat(walk, first)
    walk.step(walk.brand, "POST", f"{path}/{first}/accept", TERMS)
    bulk = {"campaignId": campaign, "applications": [{"applicationId": second, **TERMS}]}
    walk.step(walk.brand, "POST", path + "/bulk-accept", bulk)
    walk.step(walk.brand, "POST", f"{path}/{third}/reject")
    walk.step(walk.brand, "POST", f"{path}/{fourth}/cancel")
    walk.step(walk.brand, "GET", path)
    walk.step(walk.brand, "GET", f"{path}/{first}")
    for application in (first, second):
        walk.step(walk.admin, "POST", f"{path}/{application}/complete")
    return [first, second]


def _chat(walk: MarketWalk, application: str) -> None:
    path = f"{BASE}/chat/{application}"
    walk.step(walk.influencer, "POST", path)
    for content in ("Hello", "May I begin on Monday?"):
        walk.step(walk.influencer, "POST", path + "/messages", {"content": content})
    walk.step(walk.brand, "GET", path)
    walk.step(walk.brand, "GET", path + "/history")


def _payments(walk: MarketWalk, razorpay: Razorpay, applications: list[str]) -> None:
    """One payment proven by the brand's checkout, the other by Razorpay's webhook."""
    path = f"{BASE}/payments"
    walk.step(walk.brand, "GET", path + "/config")

    def paid(application: str) -> dict[str, Any]:
        order = walk.step(walk.brand, "POST", f"{path}/applications/{application}")["order"]["id"]
        return {**razorpay.pay(order), "application_id": application}

    first, second = applications
    walk.step(walk.brand, "POST", path + "/verify", paid(first))
    paid(second)
    event = next(e for e in reversed(till.events(razorpay)) if e["body"]["event"] == "payment.captured")
    with walk.booked("payments.webhook"):
        answer = till.webhook(event)
    assert answer.status == 200, answer
    walk.step(walk.brand, "GET", f"{path}/applications/{first}")
    walk.step(walk.admin, "POST", f"{path}/applications/{first}/release")
    walk.step(walk.influencer, "GET", f"{BASE}/wallet")


def _subscriptions(walk: MarketWalk) -> None:
    plans, path = f"{BASE}/plans", f"{BASE}/subscriptions"
    dropped = walk.step(walk.admin, "POST", plans, {"name": "Trial", "price": 99})["plan"]["id"]
    walk.step(walk.admin, "DELETE", f"{plans}/{dropped}")
    plan = walk.step(walk.admin, "POST", plans, {"name": "Starter", "price": 999})["plan"]["id"]
    walk.step(walk.admin, "PUT", f"{plans}/{plan}", {"features": {"campaigns": 10}})
    walk.step(walk.brand, "GET", plans)

    def subscribe() -> str:
        return str(walk.step(walk.brand, "POST", path, {"plan_id": plan})["subscription"]["user_id"])

    subscribe()
    walk.step(walk.brand, "DELETE", path)
    user = subscribe()
    walk.step(walk.admin, "DELETE", f"{path}/{user}")
    subscribe()
    walk.step(walk.brand, "GET", path + "/current")
    walk.step(walk.admin, "GET", f"{path}/current/{user}")
    walk.step(walk.admin, "GET", path + "/all")


def _clock(walk: MarketWalk) -> None:
    """Forty days on: the subscription is due, and one campaign's deadline has passed with an application undecided."""
    for number, campaign in enumerate(_live(walk)):
        if number:
            walk.brand.delete(f"{BASE}/campaigns/{campaign}")
        else:
            market.applied(market.party("INFLUENCER"), campaign)
    with frozen(now() + timedelta(days=40)):
        walk.event("campaigns.expire")
        assert walk.event("subscriptions.renew")["renewed"] == 1


def _live(walk: MarketWalk) -> list[str]:
    """The campaigns without an accepted application."""
    listed = walk.brand.get(f"{BASE}/campaigns/my?limit=100").body["campaigns"]
    return [campaign["id"] for campaign in listed if not campaign["accepted_count"]]
