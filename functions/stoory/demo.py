"""First contents of a marketplace: its first administrator anywhere, and demo data for a laptop.

The demo has an administrator, a brand, an influencer, two plans, and a campaign to apply to. It is never for a deployed
marketplace: outside the local stages `seed` refuses.
"""

import secrets
from datetime import timedelta

from quintet.models import now, rfc3339
from quintet.store import ConditionFailed, Entity
from quintet.store.seeding import seeds
from stoory.accounts.entities import EmailClaim, User
from stoory.accounts.sign_up import enter_by_phone, join_email_account
from stoory.campaigns.entities import Campaign
from stoory.campaigns.states import CampaignStatus
from stoory.campaigns.store import create_campaign
from stoory.plans.billing import BillingCycle
from stoory.plans.entities import Plan
from stoory.profiles.choices import Tier
from stoory.profiles.fields import ProfileFields
from stoory.service import USER_NOT_FOUND, Role, store

PASSWORD = "Quintet-local-1"
ADMIN_EMAIL, BRAND_EMAIL = "admin@quintet.test", "brand@quintet.test"
PHONE = "+919876543210"
ACCOUNTS = [
    ("administrator", ADMIN_EMAIL, PASSWORD),
    ("brand", BRAND_EMAIL, PASSWORD),
    ("influencer", PHONE, "code in the outbox"),
]
MONTHLY, YEARLY, CAMPAIGN = (f"01930000-0000-7000-8000-00000000000{n}" for n in (1, 2, 3))
"""Fixed ids, so that an interrupted seeding makes nothing twice."""


def make_admin(email: str) -> str | None:
    """Make an administrator's account with this canonical e-mail address.

    Answers its random password, which is stored nowhere; None when the address is an administrator's already.
    Raises ValueError when it belongs to a brand: roles never change.
    """
    password = secrets.token_urlsafe(15)
    user, made = ensure_account(Role.ADMIN, email, "Administrator", password)
    if user.role is not Role.ADMIN:
        raise ValueError(f"{email} is the address of an account with another role")
    return password if made else None


def ensure_account(role: Role, email: str, name: str, password: str) -> tuple[User, bool]:
    """The account with an e-mail address, and whether it was made just now, its address confirmed."""
    from quintet.auth.passwords import hash_password

    claim = store.get(EmailClaim, email=email)
    if claim is not None:
        return store.require(User, USER_NOT_FOUND, id=claim.user_id), False
    tx = store.transaction()
    user = join_email_account(tx, role, email, name, hash_password(password))
    tx.commit()
    changes = {"email_verified": True, "updated_at": rfc3339(now())}
    return store.update(User, user.own_key(), put=changes), True


@seeds(store)
def seed() -> None:
    """Put the demo data into the system's table."""
    ensure_account(Role.ADMIN, ADMIN_EMAIL, "Ada Admin", PASSWORD)
    brand, _ = ensure_account(Role.BRAND, BRAND_EMAIL, "Bela Brands", PASSWORD)
    enter_by_phone(PHONE, "Isha Influencer", ProfileFields(city="Pune", country="India", tier=Tier.MICRO))
    _once(_plan(MONTHLY, "Starter", 99_900, BillingCycle.MONTHLY))
    _once(_plan(YEARLY, "Growth", 999_900, BillingCycle.YEARLY))
    _launch(brand.id)


def _plan(plan_id: str, name: str, price: int, cycle: BillingCycle) -> Plan:
    at = now()
    return Plan(id=plan_id, name=name, price_paise=price, billing_cycle=cycle, created_at=at, updated_at=at)


def _launch(brand_id: str) -> None:
    at = now()
    campaign = Campaign(
        id=CAMPAIGN,
        brand_id=brand_id,
        title="Monsoon coffee stories",
        description="Show how you brew our monsoon roast at home.",
        status=CampaignStatus.LIVE,
        min_influencers=1,
        max_influencers=5,
        start_deadline=at + timedelta(days=30),
        budget=5_000_000,
        platform=["Instagram"],
        content_type=["REEL"],
        influencer_tier=Tier.MICRO,
        categories="Food",
        language="English",
        created_at=at,
        updated_at=at,
    )
    try:
        create_campaign(campaign, lambda _: None)
    except ConditionFailed:
        return


def _once(entity: Entity) -> None:
    try:
        store.create(entity)
    except ConditionFailed:
        return
