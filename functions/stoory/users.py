"""The caller's own account with all that belongs to it.

One round trip to the table, two for a brand with a subscription.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict

from quintet.store import Ref
from stoory.model.choices import Role
from stoory.model.profile_fields import ProfileReply
from stoory.model.sessions import UserReply, shown
from stoory.model.sign_up import USER_NOT_FOUND
from stoory.model.subscriptions import CurrentSubscription, Subscription, is_running
from stoory.model.users import Profile
from stoory.model.users import User as Account
from stoory.model.wallets import Wallet
from stoory.service import User, api, store
from stoory.subscriptions import SubscriptionView, view
from stoory.wallet import WalletView


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


@api.get("/users/me", errors=[USER_NOT_FOUND], needs={"table:read", "storage:read"}, error_shape="error")
def me(caller: User) -> MeReply:
    """The caller's account and profile, with an influencer's wallet or a brand's subscription"""
    refs: list[Ref[Any]] = [Account.ref(id=caller.id), Profile.ref(user_id=caller.id), Wallet.ref(user_id=caller.id),
            CurrentSubscription.ref(user_id=caller.id)]  # fmt: skip
    account, profile, wallet, pointer = store.get_all(refs)
    if account is None or profile is None:
        raise USER_NOT_FOUND()
    user, about = shown(account), ProfileReply.of(profile)
    if account.role is Role.INFLUENCER:
        balance = wallet.balance_paise if wallet else 0
        return MeReply(data=InfluencerData(user=user, profile=about, wallet=WalletView(balance_paise=balance)))
    if account.role is Role.BRAND:
        return MeReply(data=BrandData(user=user, profile=about, subscription=_current(pointer)))
    return MeReply(data=Everyone(user=user, profile=about))


def _current(pointer: CurrentSubscription | None) -> SubscriptionView | None:
    found = store.get(Subscription, id=pointer.subscription_id) if pointer else None
    return view(found) if found and is_running(found) else None
