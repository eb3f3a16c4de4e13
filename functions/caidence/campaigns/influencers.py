"""Who is in campaigns, and whom they reach: the followers of those in active campaigns, each influencer once.

An influencer is a person on a platform and keeps their id; a handle is a name that can move from one to another. Each
creator of the roster points to theirs. Campaigns name handles alone, so whom only they name is somebody whose platform
is guessed, until the roster has them.

That sum is kept, too: it changes with the transaction that launches or ends a campaign, takes somebody into an active
one, or learns of other followers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from caidence.campaigns.dimensions import SOCIAL, channel_of
from caidence.campaigns.entities import (
    MOST_PLATFORMS,
    TOO_MANY_PLATFORMS,
    Campaign,
    Influencer,
    Namesakes,
    Participation,
)
from caidence.campaigns.figures import EVERYBODY, organization
from caidence.service import store
from quintet.models import now
from quintet.store import ConditionFailed, Transaction
from quintet.store.meters import Meter

REACH: Final = Meter("reach", shards=4)
"""`followers` of the influencers in active campaigns."""
SPENT: Final = Meter("spent on influencers", shards=2)
"""`spend` of each influencer: their parts of what their campaigns spent."""
_LEAVING: Final = 25
"""Of whom each takes three actions of a transaction."""
_USUAL: Final = "instagram"
"""The platform of a handle of which nothing else says one."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a roster says about somebody."""

    creator_id: str
    handle: str
    platform: str
    name: str = ""
    followers: int | None = None


def named(organization_id: str, handle: str, platforms: Sequence[str] = ()) -> Influencer | None:
    """Whom an organization means by a canonical handle: of several the one on the first of `platforms` where there is
    one, else who came first."""
    held = store.get(Namesakes, organization_id=organization_id, handle=handle)
    return _influencer(organization_id, held.meant(platforms)) if held else None


def meant_in(campaign: Campaign, handle: str) -> tuple[Influencer | None, bool]:
    """Whom a campaign means by a canonical handle, and whether they are in it.

    Of several who have the handle it is the one who is in it already, else the one on the first of its channels where
    somebody has the handle, else who came first.
    """
    held = store.get(Namesakes, organization_id=campaign.organization_id, handle=handle)
    if held is None:
        return None, False
    refs = [Participation.ref(campaign_id=campaign.id, influencer_id=each) for each in held.all]
    inside = [row.influencer_id for row in store.get_all(refs) if row is not None]
    chosen = inside[0] if inside else held.meant([channel_of(channel) for channel in campaign.channels])
    return _influencer(campaign.organization_id, chosen), bool(inside)


def of_campaign(campaign: Campaign) -> list[Influencer]:
    """Everybody in a campaign, who came into the organization last first."""
    rows = store.query(Participation, campaign_id=campaign.id, consistent=True).items
    refs = [Influencer.ref(organization_id=campaign.organization_id, id=row.influencer_id) for row in rows]
    return [influencer for influencer in store.get_all(refs) if influencer is not None]


def join(tx: Transaction, campaign: Campaign, handle: str, influencer: Influencer | None) -> Influencer:
    """Take somebody into a campaign with the transaction that counts them there; `influencer` is who has the handle.

    Committing it raises `ConditionFailed` when somebody else was named so, or changed, meanwhile.
    """
    step = int(campaign.status == "active")
    if influencer is None:
        influencer = Influencer(
            organization_id=campaign.organization_id, handle=handle, platform=_platform(campaign), name=handle,
            joined=1, active_in=step,
        )  # fmt: skip
        influencer.updated_at = influencer.created_at
        tx.create(influencer)
        tx.create(
            Namesakes(organization_id=campaign.organization_id, handle=handle, guessed=influencer.id)
        )  # fmt: skip
    else:
        counted = {"joined": influencer.joined + 1, "active_in": influencer.active_in + step}
        influencer = _change(tx, influencer, counted)
    tx.create(
        Participation(
            campaign_id=campaign.id, influencer_id=influencer.id, organization_id=campaign.organization_id
        )
    )  # fmt: skip
    return influencer


def leave(tx: Transaction, campaign: Campaign) -> int:
    """Take some influencers out of a campaign that is not active, with the transaction that counts them off; answers
    how many. Committing it raises `ConditionFailed` when one of them was changed meanwhile."""
    rows = store.query(Participation, campaign_id=campaign.id, consistent=True, limit=_LEAVING).items
    refs = [Influencer.ref(organization_id=campaign.organization_id, id=row.influencer_id) for row in rows]
    for row, influencer in zip(rows, store.get_all(refs), strict=True):
        tx.delete(row, refused=None)
        if influencer is not None:
            _change(tx, influencer, {"joined": influencer.joined - 1})
    return len(rows)


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


def enrol(tx: Transaction, organization_id: str, seen: Seen) -> str:
    """Take over, with the transaction that puts somebody on the roster, who they are; answers their influencer's id.

    Whom a campaign named by this handle, and no roster yet, is taken for them. Raises 409 for too many platforms;
    committing it raises `ConditionFailed` when somebody was named so, or changed, meanwhile.
    """
    held = store.get(Namesakes, organization_id=organization_id, handle=seen.handle)
    guessed = _influencer(organization_id, held.guessed) if held and held.guessed else None
    if guessed is None:
        known = Influencer(organization_id=organization_id, **_said(seen))
        known.updated_at = known.created_at
        tx.create(known)
    else:
        known = _change(tx, guessed, _said(seen))
    _name(tx, held, known)
    return known.id


def follow(tx: Transaction, organization_id: str, influencer_id: str, seen: Seen) -> str:
    """Take over, with a transaction, what the roster says of somebody now, be it another handle; it takes up to seven
    of its actions, and answers their influencer's id.

    It is another one only when no campaign ever took them in, and one named their new handle. Raises like `enrol`.
    """
    old = _influencer(organization_id, influencer_id)
    if old is None:
        return enrol(tx, organization_id, seen)
    if (old.handle, old.platform) == (seen.handle, seen.platform):
        return _change(tx, old, _said(seen)).id
    left = store.get(Namesakes, organization_id=organization_id, handle=old.handle)
    if left is None:  # moved on since `old` was read
        raise ConditionFailed(None)
    others = {platform: who for platform, who in left.people.items() if who != old.id}
    if old.handle == seen.handle:
        new = _change(tx, old, _said(seen))
        _name(tx, left.model_copy(update={"people": others}), new)
        return new.id
    if others or left.guessed:
        tx.replace(left, left.model_copy(update={"people": others}), refused=None)
    else:
        tx.delete(left, refused=None)
    held = store.get(Namesakes, organization_id=organization_id, handle=seen.handle)
    if held is not None and held.guessed is not None and not old.joined:
        tx.delete(old, refused=None)
        return enrol(tx, organization_id, seen)
    new = _change(tx, old, _said(seen))
    _name(tx, held, new)
    return new.id


def reach(whose: str | None) -> int:
    """The followers of the influencers in somebody's active campaigns; `whose` as for figures."""
    return max(0, REACH.read([whose])[0].get("followers", 0)) if whose else 0


def _influencer(organization_id: str, id: str) -> Influencer | None:
    return store.get(Influencer, organization_id=organization_id, id=id)


def _said(seen: Seen) -> dict[str, Any]:
    """What an influencer is by the roster."""
    return {
        "creator_id": seen.creator_id, "handle": seen.handle, "platform": seen.platform,
        "name": seen.name or seen.handle, "followers": seen.followers,
    }  # fmt: skip


def _name(tx: Transaction, held: Namesakes | None, who: Influencer) -> None:
    """Let somebody of the roster have their handle, beside those who have it already."""
    if held is None:
        tx.create(
            Namesakes(organization_id=who.organization_id, handle=who.handle, people={who.platform: who.id})
        )  # fmt: skip
        return
    people = {**held.people, who.platform: who.id}
    if len(people) > MOST_PLATFORMS:
        raise TOO_MANY_PLATFORMS()
    guessed = None if held.guessed == who.id else held.guessed
    tx.replace(held, held.model_copy(update={"people": people, "guessed": guessed}), refused=None)


def _change(tx: Transaction, old: Influencer, values: Mapping[str, Any]) -> Influencer:
    if all(getattr(old, name) == value for name, value in values.items()):
        return old
    new = old.model_copy(update={**values, "updated_at": now()})
    tx.replace(old, new, refused=None)
    _gain(tx, old.organization_id, new.reach - old.reach)
    return new


def _gain(tx: Transaction, organization_id: str, followers: int) -> None:
    if followers:
        for whose in (organization(organization_id), EVERYBODY):
            REACH.join(tx, whose, followers=followers)


def _platform(campaign: Campaign) -> str:
    """On which platform a campaign means a handle: its first channel where people have some."""
    return next((found for found in map(channel_of, campaign.channels) if found in SOCIAL), _USUAL)
