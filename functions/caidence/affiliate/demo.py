"""Demo data of a roster: three creators, what the links of two of them came to, and one to be won."""

from typing import Any, Final

from caidence.affiliate import codes, conversions
from caidence.affiliate.figures import FIGURES
from caidence.creators import roster
from caidence.creators.entities import Creator
from caidence.directory.entities import Brand, User
from caidence.service import store

_SHOP: Final = "https://shop.example.com/sol-citrus"
CREATORS: Final[tuple[dict[str, Any], ...]] = (
    {
        "handle": "ana.cooks", "platform": "instagram", "name": "Ana Ruiz", "email": "ana@creators.example",
        "bio": "Andalusian home cooking in sixty seconds.", "category": "food", "tier": "micro",
        "follower_count": 48_200, "engagement_rate": 4.1, "status": "active", "commission_rate": 12.5,
        "notes": "Prefers reels. Sends drafts on Mondays.",
    },
    {
        "handle": "citrus_runner", "platform": "tiktok", "name": "Jonas Beck", "email": "jonas@creators.example",
        "bio": "Trail running, and what to drink after it.", "category": "sports", "tier": "mid",
        "follower_count": 212_000, "engagement_rate": 2.7, "status": "active", "commission_rate": 10,
    },
    {
        "handle": "slowkitchen", "platform": "youtube", "name": "Mei Tanaka", "category": "food", "tier": "macro",
        "follower_count": 631_000, "engagement_rate": 1.9, "notes": "Met at the spring fair; call in June.",
    },
)  # fmt: skip
"""The creators, in the order in which they came."""
_FIGURES: Final[tuple[tuple[int, tuple[int, ...], int | None], ...]] = (
    (412, (3_490, 2_990, 6_980, 3_490, 12_400), 1),
    (1_268, (2_990, 2_990, 5_980), None),
)
"""For each of the first creators: clicks, the amounts of sales, and which of the sales was refunded."""


def seed_affiliate(user: User, brand: Brand) -> list[Creator]:
    """Give a brand its creators, added by this user, and answer them as they are then.

    What is there already stays as it is, so that a seeding that was interrupted may be begun again.
    """
    found = [_creator(number, user, brand) for number in range(len(CREATORS))]
    for number, (clicks, amounts, refunded) in enumerate(_FIGURES):
        creator = found[number]
        code = codes.given(creator, None if creator.affiliate_code else _SHOP, user)
        if creator.affiliate_code is None:
            FIGURES.add(creator.id, clicks=clicks)
        for place, amount in enumerate(amounts):
            conversions.sold(code, creator.commission_rate, _order(number, place), amount)
        if refunded is not None:
            conversions.refunded(code, _order(number, refunded), None)
    return [_stored(brand, creator.id) or creator for creator in found]


def _creator(number: int, user: User, brand: Brand) -> Creator:
    creator_id = f"01930000-0000-7000-8000-0000000017{number + 1:02}"
    held = _stored(brand, creator_id)
    if held is not None:
        return held
    new = Creator(id=creator_id, organization_id=brand.organization_id, brand_id=brand.id, **CREATORS[number])
    tx = store.transaction()
    roster.add(tx, new, user)
    tx.commit()
    return new


def _stored(brand: Brand, creator_id: str) -> Creator | None:
    return store.get(Creator, organization_id=brand.organization_id, id=creator_id)


def _order(creator: int, place: int) -> str:
    return f"demo-{creator + 1}-{place + 1}"
