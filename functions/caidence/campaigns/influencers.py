"""Who is in campaigns, and whom they reach: the followers of those in active campaigns, each influencer once.

That sum is kept, too: it changes with the transaction that launches or ends a campaign, takes somebody into an active
one, or learns of other followers.
"""

from dataclasses import dataclass
from typing import Final

from caidence.campaigns.dimensions import SOCIAL, channel_of
from caidence.campaigns.entities import Campaign, HandleOwner, Influencer, Participation
from caidence.campaigns.figures import EVERYBODY, organization
from caidence.service import store
from quintet.store import Transaction
from quintet.store.meters import Meter

REACH: Final = Meter("reach", shards=4)
"""`followers` of the influencers in active campaigns."""
SPENT: Final = Meter("spent on influencers", shards=2)
"""`spend` of each influencer: their parts of what their campaigns spent."""
_USUAL: Final = "instagram"
"""The platform of a handle of which nothing else says one."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a roster says about somebody."""

    platform: str
    name: str = ""
    followers: int | None = None


def named(organization_id: str, handle: str) -> Influencer | None:
    """An organization's influencer by the canonical handle."""
    claim = store.get(HandleOwner, organization_id=organization_id, handle=handle)
    return store.get(Influencer, organization_id=organization_id, id=claim.influencer_id) if claim else None


def of_campaign(campaign: Campaign) -> list[Influencer]:
    """Everybody in a campaign, who came into the organization last first."""
    rows = store.query(Participation, campaign_id=campaign.id, consistent=True).items
    refs = [Influencer.ref(organization_id=campaign.organization_id, id=row.influencer_id) for row in rows]
    return [influencer for influencer in store.get_all(refs) if influencer is not None]


def is_in(influencer: Influencer, campaign: Campaign) -> bool:
    return store.get(Participation, campaign_id=campaign.id, influencer_id=influencer.id) is not None


def join(tx: Transaction, campaign: Campaign, handle: str, influencer: Influencer | None) -> Influencer:
    """Take somebody into a campaign with the transaction that counts them there; `influencer` is who has the handle.

    Committing it raises `ConditionFailed` when somebody else was named so, or changed, meanwhile.
    """
    step = int(campaign.status == "active")
    if influencer is None:
        influencer = _meet(tx, campaign.organization_id, handle, _platform(campaign), active_in=step)
    elif step:
        _change(tx, influencer, influencer.model_copy(update={"active_in": influencer.active_in + step}))
    tx.create(
        Participation(
            campaign_id=campaign.id, influencer_id=influencer.id, organization_id=campaign.organization_id
        )
    )  # fmt: skip
    return influencer


def count_active(tx: Transaction, campaign: Campaign, step: int) -> None:
    """Note, with the transaction that launches a campaign (1) or ends its activity (-1), where its influencers are.

    Committing it raises `ConditionFailed` when one of them was changed meanwhile.
    """
    gained = 0
    for influencer in of_campaign(campaign):
        after = influencer.model_copy(update={"active_in": influencer.active_in + step})
        tx.replace(influencer, after, refused=None)
        gained += after.reach - influencer.reach
    _gain(tx, campaign.organization_id, gained)


def share(tx: Transaction, campaign: Campaign, amount: int) -> None:
    """Count what a campaign spends, in minor units, to those who are in it at the time, in equal parts that add up."""
    rows = store.query(Participation, campaign_id=campaign.id, consistent=True).items
    for number, row in enumerate(rows):
        part = amount // len(rows) + (number < amount % len(rows))
        if part:
            SPENT.join(tx, row.influencer_id, spend=part)


def learn(tx: Transaction, organization_id: str, handle: str, seen: Seen) -> None:
    """Take over, with a transaction, what a roster says of a handle; it takes up to five of its actions.

    Committing it raises `ConditionFailed` when the influencer was changed meanwhile: read again and do it over. Whom
    no campaign names yet becomes known here.
    """
    followers = {} if seen.followers is None else {seen.platform: seen.followers}
    old = named(organization_id, handle)
    if old is None:
        _meet(tx, organization_id, handle, seen.platform, name=seen.name, followers=followers)
        return
    after = {"name": seen.name or old.name, "followers": {**old.followers, **followers}}
    if any(getattr(old, name) != value for name, value in after.items()):
        _change(tx, old, old.model_copy(update=after))


def reach(whose: str | None) -> int:
    """The followers of the influencers in somebody's active campaigns; `whose` as for figures."""
    return max(0, REACH.read([whose])[0].get("followers", 0)) if whose else 0


def _meet(
    tx: Transaction, organization_id: str, handle: str, platform: str, *, name: str = "",
    followers: dict[str, int] | None = None, active_in: int = 0,
) -> Influencer:  # fmt: skip
    new = Influencer(
        organization_id=organization_id, handle=handle, platform=platform, name=name or handle,
        followers=followers or {}, active_in=active_in,
    )  # fmt: skip
    new.updated_at = new.created_at
    tx.create(new)
    tx.create(HandleOwner(organization_id=organization_id, handle=handle, influencer_id=new.id))
    return new


def _change(tx: Transaction, old: Influencer, new: Influencer) -> None:
    tx.replace(old, new, refused=None)
    _gain(tx, old.organization_id, new.reach - old.reach)


def _gain(tx: Transaction, organization_id: str, followers: int) -> None:
    if followers:
        for whose in (organization(organization_id), EVERYBODY):
            REACH.join(tx, whose, followers=followers)


def _platform(campaign: Campaign) -> str:
    """On which platform a campaign means a handle: its first channel where people have some."""
    return next((found for found in map(channel_of, campaign.channels) if found in SOCIAL), _USUAL)
