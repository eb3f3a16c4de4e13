"""The channels and whether they are connected, and sending by each of them."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from caidence.access.callers import MarcomReader, MarcomWriter
from caidence.activity.log import record
from caidence.communications import sending
from caidence.communications.sending import REFUSALS, TOO_MANY, EmailMessage, Sent, SmsMessage, WhatsAppMessage
from caidence.service import api, store
from quintet import log
from quintet.api import ApiError
from quintet.providers import whatsapp
from quintet.settings import settings
from quintet.store import ConditionFailed


class ChannelStatus(BaseModel):
    """One channel. E-mail and SMS are connected when there is a sender; WhatsApp when its number is linked, too."""

    model_config = ConfigDict(defer_build=True)

    connected: bool
    provider: Annotated[str, Field(description="Which service sends it")]


class StatusReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    email: ChannelStatus
    sms: ChannelStatus
    whatsapp: ChannelStatus


@api.get("/communications/status", needs={"whatsapp"})
def get_status(caller: MarcomReader) -> StatusReply:
    """Which channels are connected, and who sends on each"""
    caller.require(caller.account.scopes)
    return StatusReply(
        email=ChannelStatus(connected=bool(settings().email_sender), provider="Amazon SES"),
        sms=ChannelStatus(connected=bool(settings().get("QUINTET_SMS_SENDER")), provider="Amazon SNS"),
        whatsapp=ChannelStatus(connected=whatsapp.connected(), provider="AWS End User Messaging Social"),
    )


@api.post(
    "/communications/send/email",
    errors=REFUSALS,
    needs={"email", "table:write"},
    idempotent=True,
    example={"to_email": "maria@example.com", "subject": "Your brief", "body": "Here is the brief for Sol Citrus."},
)
def send_email(body: EmailMessage, caller: MarcomWriter) -> Sent:
    """Send an e-mail

    Sent at once; 502 says why the service did not take it. With an `Idempotency-Key` a repeated request sends nothing.
    """
    caller.require(caller.account.scopes)
    return _noted(caller, sending.send_email(body), f"Sent the e-mail {body.subject}")


@api.post(
    "/communications/send/sms",
    errors=[*REFUSALS, TOO_MANY],
    needs={"sms", "table:write"},
    idempotent=True,
    example={"phone_number": "+14155550123", "message": "Sol Citrus is live. Thank you for a great launch!"},
)
def send_sms(body: SmsMessage, caller: MarcomWriter) -> Sent:
    """Send an SMS

    To a mobile number that exists in its country's plan. Sent at once, and repeated requests as for e-mail. At most
    500 a day for a user and 2000 for an organization.
    """
    caller.require(caller.account.scopes)
    sending.count_text(caller.id, caller.organization_id)
    return _noted(caller, sending.send_sms(body), "Sent an SMS")


@api.post(
    "/communications/send/whatsapp",
    errors=REFUSALS,
    needs={"whatsapp", "table:write"},
    idempotent=True,
    example={"phone_number": "+14155550123", "content": "Hi Maria, the brief is in your inbox."},
)
def send_whatsapp(body: WhatsAppMessage, caller: MarcomWriter) -> Sent:
    """Send a WhatsApp message

    WhatsApp delivers free text within 24 hours of the recipient's last message. Sent at once, and repeated requests as
    for e-mail.
    """
    caller.require(caller.account.scopes)
    return _noted(caller, sending.send_whatsapp(body), "Sent a WhatsApp message")


def _noted(caller: MarcomWriter, sent: Sent, description: str) -> Sent:
    """Enter what was sent into the activity list. Where that fails the message has gone all the same, and a refusal
    would only have it sent twice."""
    tx = store.transaction()
    record(tx, caller.account, f"{sent.channel}.sent", f"{description} (message {sent.message_id})")
    try:
        tx.commit()
    except (ApiError, ConditionFailed):
        log.logger().exception("an activity was not recorded")
    return sent
