"""The marketplace: a brand finds an influencer, they talk, the work is paid, and the clock does what falls due."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from infra.local.razorpay import KEY_ID, KEY_SECRET, WEBHOOK_SECRET, Razorpay, signed
from tests.deploy.cloud import Cloud
from tests.deploy.front import Answer, Front
from tests.deploy.stories import Outside, Stage
from tests.deploy.waiting import every_minute, until
from tests.support.market import FORM, form, png

API = "/api/v1"
AUTH, BRAND_AUTH = f"{API}/auth", f"{API}/auth/brand"
CAMPAIGNS, APPLICATIONS = f"{API}/campaigns", f"{API}/applications"
PAYMENTS, PLANS, SUBSCRIPTIONS = f"{API}/payments", f"{API}/plans", f"{API}/subscriptions"
BRAND, LATE_BRAND = "brand@example.com", "newcomer@example.org"
FIRST_PASSWORD, PASSWORD = "First-password-1", "Second-password-2"
ASHA, RAVI = "+919812345601", "+919812345602"
TERMS = {"agreedAmount": 1234.57, "platformFeePercent": 10}
PAYOUT = 111_111
"""Paise: what is left of 1234.57 rupees after a tenth, its 123.457 rounded to 123.46."""


@contextmanager
def outside(_cloud: Cloud) -> Iterator[Outside]:
    """Razorpay's stand-in; the story itself carries its webhooks to the front door."""
    with tempfile.TemporaryDirectory() as folder:
        server = Razorpay(Path(folder) / "razorpay.jsonl")
        server.start()
        try:
            keys = {
                "razorpay_key_id": KEY_ID,
                "razorpay_key_secret": KEY_SECRET,
                "razorpay_webhook_secret": WEBHOOK_SECRET,
            }
            yield Outside({"StooryRazorpayUrl": server.url, "SmsSender": "QUINTET"}, keys, server)
        finally:
            server.stop()


def tell(front: Front, stage: Stage) -> None:
    email, password = stage.admin
    admin = front.as_caller(_login(front, email, password)["token"])
    brand = _brands_sign_up(front, stage)
    asha, ravi = _influencers_sign_up(front, stage)
    _introduce(brand, asha)
    campaign = _campaigns(brand, asha, stage)
    application = _apply_and_decide(brand, asha, ravi, campaign)
    _talk(brand, asha, application)
    _ok(admin.post(f"{APPLICATIONS}/{application}/complete"))
    _pay(front, brand, admin, application, stage)
    assert _ok(asha.get(f"{API}/wallet"))["wallet"] == {"balance_paise": PAYOUT}
    _subscribe(brand, admin, stage)
    _read_the_mail(front, stage)
    stage.notes.update(campaign=campaign, application=application, brand=brand, front=front)


def _brands_sign_up(front: Front, stage: Stage) -> Front:
    for address in (BRAND, LATE_BRAND):
        _ok(front.post(f"{BRAND_AUTH}/register", {"email": address, "password": FIRST_PASSWORD, "name": "Acme"}))
    _ok(front.post(f"{BRAND_AUTH}/verify-email", {"token": _mailed(stage, BRAND, 1)}))
    _ok(front.post(f"{BRAND_AUTH}/resend-verification", {"email": LATE_BRAND}))
    session = _login(front, BRAND, FIRST_PASSWORD)
    assert session["user"]["email_verified"] is True
    _ok(front.post(f"{BRAND_AUTH}/forgot-password", {"email": BRAND}))
    renewed = _ok(front.post(f"{AUTH}/refresh-token", {"refreshToken": session["refreshToken"]}))
    brand = front.as_caller(renewed["token"])
    stage.notes["brand_id"] = session["user"]["id"]
    return brand


def _influencers_sign_up(front: Front, stage: Stage) -> tuple[Front, Front]:
    assert _ok(front.get(f"{AUTH}/whatsapp-status"))["whatsapp"] == {"status": "disconnected"}
    found = []
    for phone, asked in ((ASHA, "send-registration-otp"), (RAVI, "send-otp")):
        _ok(front.post(f"{AUTH}/{asked}", {"phone": phone}))
        about = {"name": "An Influencer", "pan_number": "ABCDE1234F"}
        proof = {"phone": phone, "token": _code(stage, phone), "userData": about}
        found.append(front.as_caller(_ok(front.post(f"{AUTH}/verify-otp", proof))["token"]))
    return found[0], found[1]


def _introduce(brand: Front, asha: Front) -> None:
    said = form({"bio": "Food and travel", "pan_number": "BCDEF2345G", "languages": ["English"]}, profileImage=png())
    profile = _ok(asha.put(f"{AUTH}/profile/complete", content=said, headers=FORM))["profile"]
    assert profile["bio"] == "Food and travel"
    assert "BCDEF2345G" not in json.dumps(profile)
    assert _ok(asha.get(f"{API}/users/me"))["wallet"] == {"balance_paise": 0}
    _ok(brand.put(f"{AUTH}/profile/complete", {"bio": "Coffee"}))


def _campaigns(brand: Front, asha: Front, stage: Stage) -> str:
    wanted = {"title": "Monsoon coffee", "status": "LIVE", "start_deadline": _in(days=7), "max_influencers": 5}
    made = _ok(brand.post(CAMPAIGNS, content=form(wanted, coverImage=png()), headers=FORM))["campaign"]
    changed = _ok(brand.put(f"{CAMPAIGNS}/{made['id']}", {"description": "At home"}))["campaign"]
    assert changed["cover_image"]
    draft = _ok(brand.post(CAMPAIGNS, {**wanted, "title": "Never mind", "status": "DRAFT"}))["campaign"]
    assert len(_ok(brand.get(f"{CAMPAIGNS}/my"))["campaigns"]) == 2
    _ok(brand.delete(f"{CAMPAIGNS}/{draft['id']}"))
    assert [one["id"] for one in _ok(asha.get(CAMPAIGNS, query={"search": "coffee"}))["campaigns"]] == [made["id"]]
    assert _ok(asha.get(f"{CAMPAIGNS}/{made['id']}"))["campaign"]["title"] == "Monsoon coffee"
    soon = _ok(brand.post(CAMPAIGNS, {**wanted, "title": "Too late", "start_deadline": _in(seconds=20)}))["campaign"]
    stage.notes["soon"] = soon["id"]
    return str(made["id"])


def _apply_and_decide(brand: Front, asha: Front, ravi: Front, campaign: str) -> str:
    first, second = (_ok(one.post(APPLICATIONS, {"campaignId": campaign}))["application"]["id"] for one in (asha, ravi))
    _ok(brand.post(f"{API}/chat/{second}"))
    assert _ok(brand.post(f"{APPLICATIONS}/{first}/accept", TERMS))["application"]["net_amount"] == PAYOUT / 100
    bulk = {"campaignId": campaign, "applications": [{**TERMS, "applicationId": second}]}
    assert _ok(brand.post(f"{APPLICATIONS}/bulk-accept", bulk))["succeeded"] == 1
    return _second_thoughts(brand, ravi, campaign, first, second)


def _second_thoughts(brand: Front, ravi: Front, campaign: str, first: str, second: str) -> str:
    """Ravi's place is given back, and his next application turned down."""
    _ok(ravi.post(f"{APPLICATIONS}/{second}/cancel"))
    other = {"title": "Another one", "status": "LIVE", "start_deadline": _in(days=7)}
    another = _ok(brand.post(CAMPAIGNS, other))["campaign"]["id"]
    third = _ok(ravi.post(APPLICATIONS, {"campaignId": another}))["application"]["id"]
    _ok(brand.post(f"{APPLICATIONS}/{third}/reject"))
    listed = _ok(brand.get(APPLICATIONS, query={"campaignId": campaign}))["applications"]
    assert {one["id"]: one["status"] for one in listed} == {first: "ACCEPTED", second: "CANCELLED"}
    assert _ok(ravi.get(f"{APPLICATIONS}/{third}"))["application"]["status"] == "REJECTED"
    return str(first)


def _talk(brand: Front, asha: Front, application: str) -> None:
    assert _ok(asha.get(f"{API}/chat/{application}"))["chat"]["message_count"] == 0
    for who, text in ((brand, "When?"), (asha, "On Sunday")):
        _ok(who.post(f"{API}/chat/{application}/messages", {"content": text}))
    told = _ok(brand.get(f"{API}/chat/{application}/history"))["messages"]
    assert [one["content"] for one in told] == ["When?", "On Sunday"]


def _pay(front: Front, brand: Front, admin: Front, application: str, stage: Stage) -> None:
    razorpay: Razorpay = stage.outside.service
    assert _ok(brand.get(f"{PAYMENTS}/config"))["config"] == {"razorpay_key": KEY_ID, "currency": "INR"}
    order = _ok(brand.post(f"{PAYMENTS}/applications/{application}"))["order"]
    assert order["amount"] == 123_457
    proof = razorpay.pay(order["id"])
    for event in razorpay.book.all("delivery")[::-1]:
        body = json.dumps(event["body"], separators=(",", ":"))
        headers = {
            "Content-Type": "application/json", "X-Razorpay-Event-Id": event["id"],
            "X-Razorpay-Signature": signed(body.encode(), WEBHOOK_SECRET),
        }  # fmt: skip
        _ok(front.post(f"{PAYMENTS}/webhook", content=body, headers=headers))
    seen = _ok(brand.get(f"{PAYMENTS}/applications/{application}"))["payments"]
    assert [one["status"] for one in seen] == ["VERIFIED"]
    _ok(brand.post(f"{PAYMENTS}/verify", {**proof, "application_id": application}))
    released = _ok(admin.post(f"{PAYMENTS}/applications/{application}/release"))
    assert released["payout_amount_paise"] == released["new_wallet_balance_paise"] == PAYOUT


def _subscribe(brand: Front, admin: Front, stage: Stage) -> None:
    monthly, old = (
        _ok(admin.post(PLANS, {"name": name, "price": 999}))["plan"]["id"] for name in ("Starter", "Old")
    )  # fmt: skip
    _ok(admin.put(f"{PLANS}/{monthly}", {"features": {"campaigns": 10}}))
    _ok(admin.delete(f"{PLANS}/{old}"))
    assert [plan["id"] for plan in _ok(brand.get(PLANS))["plans"]] == [monthly]
    wanted, brand_id = {"plan_id": monthly, "is_auto_renew": False}, stage.notes["brand_id"]
    _ok(brand.post(SUBSCRIPTIONS, wanted))
    _ok(brand.delete(SUBSCRIPTIONS))
    _ok(brand.post(SUBSCRIPTIONS, wanted))
    _ok(admin.get(f"{SUBSCRIPTIONS}/current/{brand_id}"))
    _ok(admin.delete(f"{SUBSCRIPTIONS}/{brand_id}"))
    last = _ok(brand.post(SUBSCRIPTIONS, wanted))["subscription"]["id"]
    assert _ok(brand.get(f"{SUBSCRIPTIONS}/current"))["subscription"]["id"] == last
    assert len(_ok(admin.get(f"{SUBSCRIPTIONS}/all"))["subscriptions"]) == 3
    stage.notes["subscription"] = last


def _read_the_mail(front: Front, stage: Stage) -> None:
    """Mails that anybody can ask for leave with the schedule of once a minute."""
    _ok(front.post(f"{BRAND_AUTH}/verify-email", {"token": _mailed(stage, LATE_BRAND, 2)}))
    reset = {"token": _mailed(stage, BRAND, 2), "new_password": PASSWORD}
    _ok(front.post(f"{BRAND_AUTH}/reset-password", reset))


def remembered(front: Front, stage: Stage) -> dict[str, Any]:
    """The campaign, the application and its payment as the brand reads them."""
    brand = front.as_caller(_login(front, BRAND, PASSWORD)["token"])
    application = stage.notes["application"]
    campaign = _ok(brand.get(f"{CAMPAIGNS}/{stage.notes['campaign']}"))["campaign"]
    return {
        # Where the picture can be read is signed anew each time.
        "campaign": {name: value for name, value in campaign.items() if name != "cover_image"},
        "application": _ok(brand.get(f"{APPLICATIONS}/{application}")),
        "payments": _ok(brand.get(f"{PAYMENTS}/applications/{application}")),
    }


def _late_mails_came(stage: Stage) -> None:
    """The function that was asked for these mails may send none: only the schedule does."""
    assert min(len(_mails(stage, BRAND)), len(_mails(stage, LATE_BRAND))) >= 2


def _campaign_expires(stage: Stage) -> None:
    brand = _brand_again(stage)
    with every_minute(stage, "CampaignsExpire"):
        until(lambda: _ok(brand.get(f"{CAMPAIGNS}/{stage.notes['soon']}"))["campaign"]["status"] == "EXPIRED")


def _subscription_ends(stage: Stage) -> None:
    """Its period is set back to be over, as it would be in a month."""
    brand = _brand_again(stage)
    _set_back(stage, stage.notes["subscription"], timedelta(days=40))
    with every_minute(stage, "SubscriptionsRenew"):
        until(lambda: brand.get(f"{SUBSCRIPTIONS}/current").status == 404)


EFFECTS = {
    "notifications.send_due": _late_mails_came,
    "campaigns.expire": _campaign_expires,
    "subscriptions.renew": _subscription_ends,
}


def _set_back(stage: Stage, subscription: str, by: timedelta) -> None:
    """Begin a stored subscription and end its period that much earlier."""
    dynamodb, table = stage.cloud.client("dynamodb"), stage.resources["Table"]
    key = {"PK": {"S": f"SUBSCRIPTION#{subscription}"}, "SK": {"S": "SUBSCRIPTION"}}
    item = dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]
    for name in ("started_at", "current_period_start", "current_period_end"):
        at = datetime.fromisoformat(item[name]["S"]) - by
        earlier = at.isoformat().replace("+00:00", "Z")
        item["GSI2SK"] = {"S": item["GSI2SK"]["S"].replace(item[name]["S"], earlier)}
        item[name] = {"S": earlier}
    dynamodb.put_item(TableName=table, Item=item)


def _brand_again(stage: Stage) -> Front:
    front: Front = stage.notes["front"]
    return front.as_caller(_login(front, BRAND, PASSWORD)["token"])


def _login(front: Front, email: str, password: str) -> dict[str, Any]:
    found: dict[str, Any] = _ok(front.post(f"{BRAND_AUTH}/login", {"email": email, "password": password}))
    return found


def _in(**later: float) -> str:
    return (datetime.now(UTC) + timedelta(**later)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _code(stage: Stage, phone: str) -> str:
    match = re.match(r"\d{6}", stage.cloud.texts(phone)[-1])
    assert match is not None
    return match[0]


def _mails(stage: Stage, email: str) -> list[str]:
    return [text for text in map(json.dumps, stage.cloud.mails()) if email in text]


def _mailed(stage: Stage, email: str, count: int) -> str:
    """The token in the newest mail to an address, as soon as so many have come."""
    until(lambda: len(_mails(stage, email)) >= count)
    found = re.findall(r"\\n([\w-]{60,})\\n", _mails(stage, email)[-1])
    assert found, _mails(stage, email)[-1]
    return str(found[-1])


def _ok(answer: Answer) -> Any:
    assert answer.status < 400, answer
    return answer.data
