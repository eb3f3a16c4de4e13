"""Text messages, sent with Amazon SNS."""

from __future__ import annotations

from quintet.models.phone import parse_phone
from quintet.net import aws
from quintet.providers.errors import NotConfigured, Rejected, aws_errors
from quintet.settings import settings

_SERVICE = "SMS"
_MAX_CHARACTERS = 1600  # SNS, per publish; it splits longer texts into parts and bills each


def send_sms(to: str, text: str) -> str:
    """Send one transactional text message to an E.164 number; answers the provider's message id.

    `QUINTET_SMS_SENDER` is who it comes from: a sender id (up to 11 letters and digits) or one of
    the account's own numbers. Sending is not idempotent, and delivery is not known at return.
    Raises NotConfigured, Rejected (also for a number that is none), Throttled or Unavailable.
    """
    sender = settings().get("QUINTET_SMS_SENDER")
    if not sender:
        raise NotConfigured(_SERVICE, "QUINTET_SMS_SENDER")
    if not 1 <= len(text) <= _MAX_CHARACTERS:
        raise Rejected(f"a text message has 1 to {_MAX_CHARACTERS} characters")
    try:
        number = parse_phone(to)
    except ValueError as error:
        raise Rejected(f"the number {error}") from None
    origin = "AWS.MM.SMS.OriginationNumber" if sender.startswith("+") else "AWS.SNS.SMS.SenderID"
    with aws_errors(_SERVICE):
        reply = aws.client("sns").publish(
            PhoneNumber=number,
            Message=text,
            MessageAttributes={
                origin: _string(sender),
                "AWS.SNS.SMS.SMSType": _string("Transactional"),
            },
        )
    return str(reply["MessageId"])


def _string(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}
