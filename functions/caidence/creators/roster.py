"""The roster as it is kept: each handle once in an organization, and every creator in the lists of their status.

What it says of somebody the campaigns know as well, which count followers and money by influencers.
"""

from collections.abc import Callable, Sequence
from typing import Final

from caidence.access.callers import Permitted
from caidence.access.rows import BRAND_NOT_FOUND, located, page
from caidence.activity.log import record
from caidence.campaigns import influencers
from caidence.campaigns.entities import Influencer
from caidence.creators.entities import CREATOR_EXISTS, STATUSES, Creator, HandleClaim, Standing, Status
from caidence.directory.entities import Brand, User
from caidence.service import store
from quintet.models import Page, SkipQuery
from quintet.store import ConditionFailed, Transaction
from quintet.store.errors import Old
from quintet.store.merge import merged_page

_IN_WORDS: Final[dict[Status, str]] = {"prospect": "a prospective", "active": "an active", "past": "a past"}


def add(tx: Transaction, new: Creator, by: User) -> None:
    """Add a creator with the transaction; committing it raises 409 when the organization has the handle already, and
    `ConditionFailed` when a campaign came to know the handle meanwhile."""
    new.influencer_id = influencers.enrol(tx, new.organization_id, _seen(new))
    tx.create(new)
    tx.create(_claim(new), _taken(new))
    tx.create(_standing(new))
    _tell(tx, new, by, "creator.added", f"Added @{new.handle} ({new.platform}) to the roster")


def change(tx: Transaction, old: Creator, new: Creator, by: User) -> None:
    """Put `new` in the place of `old` with the transaction, their handle and lists along with it.

    Committing it raises 409 for another creator's handle, `ConditionFailed` when somebody wrote since `old` was read.
    """
    if _seen(old) != _seen(new):
        new.influencer_id = influencers.follow(tx, new.organization_id, old.influencer_id, _seen(new))
    tx.replace(old, new, refused=None)
    if (old.platform, old.handle) != (new.platform, new.handle):
        tx.create(_claim(new), _taken(new))
        tx.remove(_claim(old).own_key())
    if old.commission_rate != new.commission_rate:
        told = f"Set the commission of @{new.handle} ({new.platform}) to {new.commission_rate:g}%"
        _tell(tx, new, by, "creator.commission", told)
    if old.status != new.status:
        tx.create(_standing(new))
        tx.delete(_standing(old), refused=None)
        _tell(tx, new, by, "creator.status", f"Made @{new.handle} ({new.platform}) {_IN_WORDS[new.status]} creator")


def creators_of(people: Sequence[Influencer], *, consistent: bool = True) -> list[Creator | None]:
    """Who some influencers are on the roster, in their order: one batch."""
    refs = {
        one.creator_id: Creator.ref(organization_id=one.organization_id, id=one.creator_id)
        for one in people
        if one.creator_id is not None
    }
    found = dict(zip(refs, store.get_all([*refs.values()], consistent=consistent), strict=True))
    return [found[one.creator_id] if one.creator_id is not None else None for one in people]


def listed(caller: Permitted, query: SkipQuery, brand_id: str | None, status: Status | None) -> Page[Creator]:
    """One page of the creators that a caller may see, newest first: of one brand, of one status, of both, or all.

    Raises 404 for a brand that the caller cannot see, 403 without the permission in the brand or the organization.
    """
    if brand_id is not None:
        return _of_brand(caller, query, brand_id, status)
    if status is None:
        return page(caller, Creator, query)
    if caller.is_super:
        caller.require(())
        return _everywhere(query, status)
    caller.require(caller.account.scopes)
    if caller.organization_id is None:
        return Page([], 0, query.number, query.size)
    return store.page(Creator, "gsi2", query, organization_id=caller.organization_id, status=status)


def _of_brand(caller: Permitted, query: SkipQuery, brand_id: str, status: Status | None) -> Page[Creator]:
    brand = located(caller, Brand, brand_id, BRAND_NOT_FOUND)
    caller.require(brand.scopes)
    if status is not None:
        return store.page(Creator, "gsi3", query, brand_id=brand.id, status=status)
    lists = [{"brand_id": brand.id, "status": one} for one in STATUSES]
    return merged_page(store, Creator, "gsi3", query, lists, f"brand {brand.id}")


def _everywhere(query: SkipQuery, status: Status) -> Page[Creator]:
    standings = store.page(Standing, "main", query, status=status)
    refs = [Creator.ref(organization_id=one.organization_id, id=one.creator_id) for one in standings.items]
    found = store.get_all(refs, consistent=False)
    # Between the two reads a creator may have come to another status.
    creators = [creator for creator in found if creator is not None and creator.status == status]
    return Page(creators, standings.total, standings.page, standings.page_size, standings.next_cursor)


def _tell(tx: Transaction, creator: Creator, by: User, what: str, description: str) -> None:
    record(tx, by, what, description, organization_id=creator.organization_id)


def _seen(creator: Creator) -> influencers.Seen:
    """What the campaigns are told of a creator."""
    return influencers.Seen(
        creator.id, creator.handle, creator.platform, creator.name, creator.follower_count
    )  # fmt: skip


def _claim(creator: Creator) -> HandleClaim:
    return HandleClaim(
        organization_id=creator.organization_id, platform=creator.platform, handle=creator.handle,
        creator_id=creator.id,
    )  # fmt: skip


def _taken(creator: Creator) -> Callable[[Old], Exception]:
    """What a handle that is claimed already means: it is another creator's, or a twin of this request was first."""

    def refusal(claim: Old) -> Exception:
        own = claim is not None and claim.get("creator_id") == creator.id
        return ConditionFailed(claim) if own else CREATOR_EXISTS()

    return refusal


def _standing(creator: Creator) -> Standing:
    return Standing(status=creator.status, creator_id=creator.id, organization_id=creator.organization_id)
