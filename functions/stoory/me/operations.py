"""Showing the caller's own account."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from quintet.store import Ref
from stoory.accounts.entities import User as Account
from stoory.accounts.sessions import UserReply
from stoory.payments.wallet_operations import WalletView
from stoory.payments.wallets import Wallet
from stoory.plans.subscription_operations import SubscriptionView
from stoory.plans.subscriptions import CurrentSubscription, Subscription, is_running
from stoory.profiles.entities import Profile
from stoory.profiles.fields import ProfileReply
from stoory.service import USER_NOT_FOUND, Role, User, api, store

users = api.section("users")


class Everyone(BaseModel):
    model_config = ConfigDict(defer_build=True)

    user: UserReply
    profile: ProfileReply


class InfluencerData(Everyone):
    wallet: WalletView


class BrandData(Everyone):
    subscription: SubscriptionView | None


class MeReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    data: InfluencerData | BrandData | Everyone


@users.get("/users/me", errors=[USER_NOT_FOUND], needs={"table:read", "storage:read"}, error_shape="error")
def me(caller: User) -> MeReply:
    """The caller's account and profile, with an influencer's wallet or a brand's subscription"""
    refs: list[Ref[Any]] = [Account.ref(id=caller.id), Profile.ref(user_id=caller.id), Wallet.ref(user_id=caller.id),
            CurrentSubscription.ref(user_id=caller.id)]  # fmt: skip
    account, profile, wallet, pointer = store.get_all(refs)
    if account is None or profile is None:
        raise USER_NOT_FOUND()
    user, about = UserReply.of(account), ProfileReply.of(profile)
    if account.role is Role.INFLUENCER:
        balance = wallet.balance_paise if wallet else 0
        return MeReply(data=InfluencerData(user=user, profile=about, wallet=WalletView(balance_paise=balance)))
    if account.role is Role.BRAND:
        return MeReply(data=BrandData(user=user, profile=about, subscription=_current(pointer)))
    return MeReply(data=Everyone(user=user, profile=about))


def _current(pointer: CurrentSubscription | None) -> SubscriptionView | None:
    found = store.get(Subscription, id=pointer.subscription_id) if pointer else None
    return SubscriptionView.of(found) if found and is_running(found) else None
