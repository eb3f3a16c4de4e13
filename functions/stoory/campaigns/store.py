"""Writing campaigns: the campaign, its words and the deadline the clock watches, all or nothing.

A campaign's end leaves a note (`Withdrawal`) in its own transaction: that the applications still undecided are to be
withdrawn.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import takewhile
from typing import Any

from quintet import log
from quintet.errors import ApiError, ErrorType
from quintet.models import now, rfc3339
from quintet.store import STALE, ConditionFailed, Transaction
from quintet.store.contention import until_settled
from stoory.campaigns.entities import Campaign, Deadline, Withdrawal
from stoory.campaigns.listing import INDEX, texts
from stoory.campaigns.rules import InvalidCampaign, check_deadline, check_influencers, deletable, expires
from stoory.campaigns.states import CampaignStatus, transition
from stoory.lifecycle.transitions import Actor, IllegalMove
from stoory.service import api, store

CAMPAIGN_NOT_FOUND = ErrorType(404, "campaign_not_found", "Campaign not found")
ILLEGAL_MOVE = ErrorType(400, "illegal_move", "The campaign's status does not permit this")

Join = Callable[[Transaction], None]


def create_campaign(campaign: Campaign, join: Join) -> None:
    """Store a new campaign; `join` adds what the caller wants committed with it."""
    tx = store.transaction()
    tx.create(campaign)
    _watch(tx, None, campaign)
    join(tx)
    with INDEX.prepare(campaign.id, texts(campaign), new=True) as change:
        change.join(tx)
        tx.commit()


def owned(campaign_id: str, brand_id: str) -> Campaign:
    """The campaign of a brand; raises 404 when there is none, 403 when it is another's."""
    campaign = store.require(Campaign, CAMPAIGN_NOT_FOUND, id=campaign_id)
    if campaign.brand_id != brand_id:
        raise api.errors.forbidden()
    return campaign


def change_campaign(campaign_id: str, brand_id: str, changes: Mapping[str, Any]) -> Campaign:
    """A brand's campaign with other fields. Raises 404, 403, and 400 for a field or a move that does not fit."""
    return until_settled(lambda: _change(campaign_id, brand_id, changes))


def _change(campaign_id: str, brand_id: str, changes: Mapping[str, Any]) -> Campaign:
    old = owned(campaign_id, brand_id)
    new = revised(old, changes, now())
    tx = store.transaction()
    tx.replace(old, new, refused=None)
    _watch(tx, old, new)
    if new.has_ended:
        tx.put(Withdrawal(campaign_id=new.id))
    if texts(old) == texts(new):
        tx.commit()
        return new
    with INDEX.prepare(new.id, texts(new)) as change:
        change.join(tx)
        _commit(tx)
    return new


def revised(old: Campaign, changes: Mapping[str, Any], at: datetime) -> Campaign:
    """`old` with changes, when the rules permit them; an ended campaign takes none.

    Raises 400 `Cannot <verb> campaign. Current status: …` or one that names the field.
    """
    if old.has_ended:
        raise ILLEGAL_MOVE(str(IllegalMove("update", "campaign", old.status)))
    new = old.model_copy(update={**changes, "updated_at": at})
    try:
        new.status = transition(old.status, new.status, Actor.BRAND)
        check_influencers(new.min_influencers, new.max_influencers, new.accepted_count)
        published = old.is_draft and new.status is CampaignStatus.LIVE
        if published or new.start_deadline != old.start_deadline:
            check_deadline(new.start_deadline, at)
    except IllegalMove as error:
        raise ILLEGAL_MOVE(str(error)) from None
    except InvalidCampaign as error:
        raise invalid(error.param, str(error)) from None
    return new


def invalid(param: str, message: str) -> ApiError:
    """400 about one field of the body."""
    return api.errors.invalid_body(details=[{"field": param, "message": message}])


def delete_campaign(campaign_id: str, brand_id: str) -> None:
    """Delete a brand's campaign; raises 404, 403, 400."""
    until_settled(lambda: _delete(campaign_id, brand_id))


def _delete(campaign_id: str, brand_id: str) -> None:
    campaign = owned(campaign_id, brand_id)
    if not deletable(campaign.facts()):
        message = str(IllegalMove("delete", "campaign", campaign.status))
        if campaign.accepted_count:
            message = "Cannot delete campaign with accepted applications"
        raise ILLEGAL_MOVE(message)
    tx = store.transaction()
    tx.delete(campaign, refused=None)
    _watch(tx, campaign, None)
    tx.put(Withdrawal(campaign_id=campaign.id))
    with INDEX.remove(campaign.id) as change:
        change.join(tx)
        _commit(tx)


def expire_due(at: datetime) -> list[Exception]:
    """Expire every LIVE campaign whose deadline has passed; answers what failed, as `tried` does."""
    return tried(partial(until_settled, partial(_expire, due, at)) for due in _passed(at))


def tried(works: Iterable[Callable[[], None]]) -> list[Exception]:
    """Do each work of the clock; answers the failures, which are logged: one keeps no other waiting."""
    failures: list[Exception] = []
    for work in works:
        try:
            work()
        except Exception as error:
            log.logger().exception("a campaign was not brought to its end")
            failures.append(error)
    return failures


def _passed(at: datetime) -> Iterator[Deadline]:
    return takewhile(lambda due: due.start_deadline <= rfc3339(at), store.each(Deadline, consistent=True))


def _expire(due: Deadline, at: datetime) -> None:
    campaign = store.get(Campaign, id=due.campaign_id)
    tx = store.transaction()
    tx.remove(due.own_key())
    if campaign is not None and expires(campaign.facts(), at):
        status = transition(campaign.status, CampaignStatus.EXPIRED, Actor.CLOCK)
        tx.replace(campaign, campaign.model_copy(update={"status": status, "updated_at": at}), refused=None)
        tx.put(Withdrawal(campaign_id=campaign.id))
    tx.commit()


def _watch(tx: Transaction, old: Campaign | None, new: Campaign | None) -> None:
    """Keep the deadline rows as they must be when `old` becomes `new`."""
    before, after = _deadline(old), _deadline(new)
    if before and (after is None or before.own_key() != after.own_key()):
        tx.remove(before.own_key())
    if after and (before is None or before.own_key() != after.own_key()):
        tx.put(after)


def _deadline(campaign: Campaign | None) -> Deadline | None:
    if campaign is None or campaign.status is not CampaignStatus.LIVE:
        return None
    return Deadline(start_deadline=rfc3339(campaign.start_deadline), campaign_id=campaign.id)


def _commit(tx: Transaction) -> None:
    """Commit; another's change of the index counts as any other change that came first."""
    try:
        tx.commit()
    except ApiError as error:
        if STALE.matches(error):
            raise ConditionFailed from None
        raise
