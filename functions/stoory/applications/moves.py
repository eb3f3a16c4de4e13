"""Applications on their way: applied, accepted within the campaign's places, moved on by either side.

Every move is a transaction on condition that nobody wrote the application since it was read, so of two that meet
(accept and cancel, complete and cancel) exactly one wins, and the other reads what it left. The campaign's count of
taken places changes in the same transaction, and only while the campaign is open and has a place.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from quintet.errors import ErrorType
from quintet.models import new_id, now
from quintet.store import Condition, Ref, Transaction, equals, exists, one_of
from quintet.store.contention import until_settled
from stoory.applications.entities import APPLICATION_NOT_FOUND, Applicant, Application
from stoory.applications.states import ApplicationStatus, accepted_change, phase_of, transition
from stoory.campaigns.entities import Campaign
from stoory.campaigns.rules import CampaignClosed, check_applicable, check_place
from stoory.campaigns.states import CampaignStatus
from stoory.campaigns.store import CAMPAIGN_NOT_FOUND
from stoory.chat.entities import Chat
from stoory.lifecycle.transitions import Actor, IllegalMove
from stoory.money.fees import split_fee
from stoory.service import User, api, store

ALREADY_APPLIED = ErrorType(400, "already_applied", "Already applied to this campaign")
CAMPAIGN_CLOSED = ErrorType(400, "campaign_closed", "Campaign is not accepting applications")
CAMPAIGN_OVER = ErrorType(400, "campaign_over", "Campaign is not open")
WRONG_CAMPAIGN = ErrorType(400, "wrong_campaign", "Application does not belong to this campaign")
ILLEGAL_MOVE = ErrorType(400, "illegal_move", "The application's status does not permit this")

OPEN = (CampaignStatus.LIVE, CampaignStatus.LOCKED, CampaignStatus.ACTIVE)
"""While a campaign is in one of these, its brand may accept; only LIVE takes new applications."""

Join = Callable[[Transaction, Application], None]


@dataclass(frozen=True, slots=True)
class Terms:
    """What an application is accepted for: paise, a percentage, and whether a script comes first.

    `requires_script` None is what the campaign says.
    """

    agreed: int
    percent: Decimal
    requires_script: bool | None


def apply(campaign_id: str, influencer_id: str, join: Join) -> Application:
    """A new application; raises 404, 400 when the campaign takes none or the influencer applied before."""
    return until_settled(lambda: _apply(campaign_id, influencer_id, join))


def _apply(campaign_id: str, influencer_id: str, join: Join) -> Application:
    campaign = store.get(Campaign, id=campaign_id)
    if campaign is None or campaign.is_draft:
        raise CAMPAIGN_NOT_FOUND()
    try:
        check_applicable(campaign.facts(), now())
    except CampaignClosed as closed:
        if store.get(Applicant, campaign_id=campaign_id, influencer_id=influencer_id):
            raise ALREADY_APPLIED() from None
        raise CAMPAIGN_CLOSED(str(closed)) from None
    at = now()
    application = Application(
        id=new_id(), campaign_id=campaign_id, brand_id=campaign.brand_id, influencer_id=influencer_id,
        created_at=at, updated_at=at,
    )  # fmt: skip
    claim = Applicant(campaign_id=campaign_id, influencer_id=influencer_id, application_id=application.id)
    tx = store.transaction()
    tx.create(application)
    tx.create(claim, ALREADY_APPLIED)
    tx.check(campaign.own_key(), [equals("status", CampaignStatus.LIVE)])
    join(tx, application)
    tx.commit()
    return application


def accept_application(application_id: str, brand_id: str, terms: Terms, campaign_id: str | None = None) -> Application:
    """A brand accepts: a place of the campaign is taken and the chat opened.

    With `campaign_id` the application must be one of that campaign. Raises 404, 403, 400.
    """
    return until_settled(lambda: _accept(application_id, brand_id, terms, campaign_id))


def _accept(application_id: str, brand_id: str, terms: Terms, campaign_id: str | None) -> Application:
    application = store.require(Application, APPLICATION_NOT_FOUND, id=application_id)
    if campaign_id is not None and application.campaign_id != campaign_id:
        raise WRONG_CAMPAIGN()
    if application.brand_id != brand_id:
        raise api.errors.forbidden()
    status = _after(application, "accept", Actor.BRAND)
    refs: list[Ref[Any]] = [Campaign.ref(id=application.campaign_id), Chat.ref(application_id=application.id)]
    campaign, chat = store.get_all(refs)
    _check_open(campaign)
    accepted = _accepted(application, status, terms, campaign.requires_script, now())
    tx = store.transaction()
    tx.replace(application, accepted, refused=None)
    tx.update(campaign.own_key(), add={"accepted_count": 1}, where=[one_of("status", OPEN), _has_place()])
    if chat is None:
        tx.create(new_chat(accepted, accepted.updated_at))
    tx.commit()
    return accepted


def _accepted(
    old: Application, status: ApplicationStatus, terms: Terms, usually_script: bool, at: datetime
) -> Application:
    split = split_fee(terms.agreed, terms.percent)
    script = usually_script if terms.requires_script is None else terms.requires_script
    changes = {
        "status": status,
        "phase": phase_of(script),
        "requires_script": script,
        "agreed_amount": split.agreed,
        "platform_fee_percent": terms.percent,
        "platform_fee_amount": split.fee,
        "net_amount": split.net,
        "updated_at": at,
    }
    return old.model_copy(update=changes)


def _check_open(campaign: Campaign | None) -> None:
    if campaign is None or campaign.status not in OPEN:
        raise CAMPAIGN_OVER()
    try:
        check_place(campaign.facts())
    except CampaignClosed as closed:
        raise CAMPAIGN_OVER(str(closed)) from None


def _has_place() -> Condition:
    template = "(attribute_not_exists({n0}) OR {n1} < {n0})"
    return Condition(template, ("max_influencers", "accepted_count"))


def new_chat(application: Application, at: datetime) -> Chat:
    """The chat of an application, empty."""
    return Chat(
        id=new_id(),
        application_id=application.id,
        campaign_id=application.campaign_id,
        brand_id=application.brand_id,
        influencer_id=application.influencer_id,
        created_at=at,
        updated_at=at,
    )


def move(application_id: str, verb: str, user: User) -> Application:
    """Reject, cancel or complete an application by the hand of its brand, its influencer or an admin.

    Raises 404, 403 when it is somebody else's, 400 `Cannot <verb> application. Current status: …`.
    """

    def attempt() -> Application:
        application = store.require(Application, APPLICATION_NOT_FOUND, id=application_id)
        if not user.is_party_or_admin(application):
            raise api.errors.forbidden()
        return _moved(application, verb, Actor(user.role))

    return until_settled(attempt)


def withdraw(application_id: str, actor: Actor) -> None:
    """Withdraw an application whose campaign has ended, unless somebody decided upon it meanwhile."""

    def attempt() -> None:
        application = store.get(Application, id=application_id)
        if application is not None and application.status is ApplicationStatus.PENDING:
            _moved(application, "withdraw", actor)

    until_settled(attempt)


def _moved(application: Application, verb: str, actor: Actor) -> Application:
    status = _after(application, verb, actor)
    moved = application.model_copy(update={"status": status, "updated_at": now()})
    tx = store.transaction()
    tx.replace(application, moved, refused=None)
    change = accepted_change(application.status, status)
    if change:
        key = Campaign.key(id=application.campaign_id)
        tx.update(key, add={"accepted_count": change}, where=[exists()])
    tx.commit()
    return moved


def _after(application: Application, verb: str, actor: Actor) -> ApplicationStatus:
    try:
        return transition(application.status, verb, actor)
    except IllegalMove as error:
        raise ILLEGAL_MOVE(str(error)) from None
