"""The task that writes to everybody in a campaign, each once however often its job is tried."""

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

from caidence.access.callers import User
from caidence.access.rows import located
from caidence.activity.log import record
from caidence.campaigns import influencers
from caidence.campaigns.entities import CAMPAIGN_NOT_FOUND, Campaign
from caidence.creators import roster
from caidence.creators.entities import Creator
from caidence.envelope import Id
from caidence.service import store
from caidence.tasks.registry import Place, effect_id, offer
from quintet.jobs import KEPT, Work
from quintet.messaging.outbox import Message, deliver
from quintet.models import Length, Line, Text, epoch
from quintet.providers.errors import NotConfigured
from quintet.settings import settings
from quintet.store import Entity, Keys

AT_ONCE: Final = 40
"""Messages of one transaction."""
BYTES_AT_ONCE: Final = 3_000_000
"""Bytes of one transaction's messages: DynamoDB takes 4 MB."""
_LEAST: Final = 10.0
"""Seconds that must be left for messages to be sent here; those that are not, the clock of the outbox sends."""


class CampaignEmails(BaseModel):
    """What is written, and to whose creators."""

    model_config = ConfigDict(defer_build=True)

    campaign_id: Id
    subject: Annotated[Line, Length(1, 200)]
    body: Annotated[Text, Length(1, 100_000)]


class Mailing(Entity):
    """To whom a mailing was written: the same for every job of a step, so that resuming it writes to nobody again."""

    kind: ClassVar[str] = "mailing"
    keys: ClassVar[Keys] = Keys("MAILING#{id}", "MAILING")

    id: str
    written: list[str] = Field(default_factory=list)
    """Ids of creators."""
    expires_at: int | None = None


class Mailed(BaseModel):
    """How many creators of the campaign were written to."""

    model_config = ConfigDict(defer_build=True)

    campaign_id: str
    recipients: int
    without_address: Annotated[
        int, Field(description="Influencers of the campaign of whom the roster knows none, or who were removed")
    ]


def _mail(work: Work, caller: User, place: Place, mail: CampaignEmails) -> Mailed:
    user, organization_id = caller.account, place.organization()
    if not settings().email_sender:
        raise NotConfigured("E-mail", "QUINTET_EMAIL_SENDER")
    campaign = store.require(Campaign, CAMPAIGN_NOT_FOUND, organization_id=organization_id, id=mail.campaign_id)
    known = roster.creators_of(influencers.of_campaign(campaign))
    addressed = [one for one in known if one is not None and one.email and one.status != "past"]
    reached = _reachable(addressed)
    for part in _unwritten(work, mail, reached):
        _write(work, mail, part, len(reached))
    told = f"Wrote to {len(reached)} creators of the campaign {campaign.name}: {mail.subject}"
    work.join(lambda tx: record(tx, user, "campaign.mailed", told, organization_id=organization_id))
    without = len(known) - len(addressed)
    return Mailed(campaign_id=campaign.id, recipients=len(reached), without_address=without)


def _reachable(creators: Sequence[Creator]) -> dict[str, Creator]:
    """Creators by their addresses, each address once."""
    return {str(creator.email): creator for creator in sorted(creators, key=lambda one: one.id, reverse=True)}


def _unwritten(work: Work, mail: CampaignEmails, reached: dict[str, Creator]) -> Iterator[list[Creator]]:
    """Those to whom no earlier attempt has written, as many at a time as a transaction takes."""
    written = set(_mailing(work).written)
    left = [creator for creator in reached.values() if creator.id not in written]
    one = len(Message.email("", mail.subject, mail.body).model_dump_json().encode()) + 1000
    many = max(1, min(AT_ONCE, BYTES_AT_ONCE // one))
    yield from (left[start : start + many] for start in range(0, len(left), many))


def _mailing(work: Work) -> Mailing:
    """What was written as it stands; that of a job which no run can resume is forgotten with the job."""
    found = store.get(Mailing, id=effect_id(work))
    return found or Mailing(id=effect_id(work), expires_at=None if work.job.follower else epoch() + KEPT)


def _write(work: Work, mail: CampaignEmails, part: Sequence[Creator], of: int) -> None:
    """Put messages into the outbox together with the note that they are there, and send them."""
    tx, old = store.transaction(), _mailing(work)
    messages = [Message.email(str(creator.email), mail.subject, mail.body).join(tx) for creator in part]
    new = old.model_copy(update={"written": [*old.written, *(creator.id for creator in part)]})
    if old.written:
        tx.replace(old, new, refused=None)
    else:
        tx.create(new)
    work.note(min(99, 100 * len(new.written) // of), {}, tx)
    for message in messages:
        if work.seconds < _LEAST:
            return
        deliver(store, message)


def _where(caller: User, mail: CampaignEmails, within: Place | None) -> Place:
    found = located(caller, Campaign, mail.campaign_id, CAMPAIGN_NOT_FOUND)
    if within is not None and within.organization_id != found.organization_id:
        raise CAMPAIGN_NOT_FOUND()
    return Place(found.organization_id, found.brand_id, found.scopes)


MAILING = offer("send_campaign_emails", CampaignEmails, _mail, _where, "marcom:write")
