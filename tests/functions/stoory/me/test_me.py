"""The caller's own account, with what belongs to it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from quintet.models import new_id
from quintet.testing import Client
from stoory.accounts.entities import User
from stoory.payments.wallets import Wallet
from stoory.plans.billing import BillingCycle, Snapshot
from stoory.plans.subscriptions import begin
from stoory.service import store
from tests.functions.stoory.conftest import user_of

NOON = datetime(2026, 1, 18, 12, tzinfo=UTC)
ME = "/api/v1/users/me"
EMPTY: dict[str, Any] = {
    **dict.fromkeys(("pan_number", "upi_id", "bio", "city", "country", "gender", "tier", "min_value", "max_value")),
    **dict.fromkeys(("brand_name", "brand_description", "profile_image", "brand_logo", "completed_at")),
    **{name: [] for name in ("social_platforms", "languages", "categories")},
}


def test_strangers_are_turned_away(market: Client) -> None:
    answer = market.get(ME)
    assert (answer.status, answer.body["message"]) == (401, "Authentication required")


def test_an_influencer_sees_the_wallet(influencer: Client) -> None:
    user_id = user_of(influencer)
    user = store.get(User, id=user_id)
    assert user is not None
    store.create(Wallet(user_id=user_id, balance_paise=12345))
    answer = influencer.get(ME)
    assert answer.status == 200
    assert answer.body == {
        "success": True,
        "data": {
            "user": {
                "id": user_id,
                "phone": user.phone,
                "email": None,
                "role": "INFLUENCER",
                "name": None,
                "phone_verified": True,
                "email_verified": False,
                "created_at": answer.data["user"]["created_at"],
                "updated_at": answer.data["user"]["updated_at"],
            },
            "profile": {"user_id": user_id, **EMPTY, "updated_at": answer.data["profile"]["updated_at"]},
            "wallet": {"balance_paise": 12345},
        },
    }


def test_a_new_influencers_wallet_is_empty(influencer: Client) -> None:
    assert influencer.get(ME).data["wallet"] == {"balance_paise": 0}


def test_a_brand_sees_its_subscription(brand: Client) -> None:
    assert brand.get(ME).data["subscription"] is None
    tx = store.transaction()
    plan = Snapshot(new_id(), "Starter", 99_900, BillingCycle.MONTHLY)
    subscription = begin(tx, user_of(brand), plan, NOON, auto_renew=True)
    tx.commit()
    data = brand.get(ME).data
    assert sorted(data) == ["profile", "subscription", "user"]
    assert (data["subscription"]["id"], data["subscription"]["price"]) == (subscription.id, 999)


def test_an_administrator_has_neither(admin: Client) -> None:
    assert sorted(admin.get(ME).data) == ["profile", "user"]


def test_a_removed_account_is_not_found(influencer: Client) -> None:
    user = store.get(User, id=user_of(influencer))
    assert user is not None
    store.delete(user)
    answer = influencer.get(ME)
    assert answer.status == 404
    assert answer.body == {"success": False, "message": "User not found", "error": "user_not_found"}
