"""Tasks that send one message: it is put into the outbox together with the job's end, so that it is there once, and
sent right after."""

from caidence.access.callers import User
from caidence.communications.sending import Channel, EmailMessage, Sent, SmsMessage, count_text
from caidence.service import store
from caidence.tasks.registry import Place, offer
from quintet.jobs import Work
from quintet.messaging.outbox import Message, deliver
from quintet.providers.errors import NotConfigured
from quintet.settings import settings


def _email(work: Work, _: User, __: Place, message: EmailMessage) -> Sent:
    if not settings().email_sender:
        raise NotConfigured("E-mail", "QUINTET_EMAIL_SENDER")
    return _sent(work, "email", Message.email(message.to_email, message.subject, message.body))


def _sms(work: Work, caller: User, place: Place, message: SmsMessage) -> Sent:
    if not settings().get("QUINTET_SMS_SENDER"):
        raise NotConfigured("SMS", "QUINTET_SMS_SENDER")
    count_text(caller.account.id, place.organization_id)
    return _sent(work, "sms", Message.sms(message.phone_number, message.message))


def _sent(work: Work, channel: Channel, message: Message) -> Sent:
    work.join(message.join)
    work.after(lambda: deliver(store, message))
    return Sent(message_id=message.id, channel=channel)


def _within(caller: User, _: EmailMessage | SmsMessage, within: Place | None) -> Place:
    return within or Place(caller.organization_id, None, caller.account.scopes)


EMAIL = offer("send_email", EmailMessage, _email, _within, "marcom:write")
SMS = offer("send_sms", SmsMessage, _sms, _within, "marcom:write")
