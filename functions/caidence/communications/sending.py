"""Sending one message: what a message may be, and how a provider that does not take it is told of.

The models are the bodies of the direct operations and the fields of a workflow's steps alike.
"""

from collections.abc import Callable
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from quintet.api import ErrorType
from quintet.auth import throttle
from quintet.auth.caps import Cap
from quintet.models import Email, Length, Line, MobilePhone, Phone, Text
from quintet.providers import email, sms, whatsapp
from quintet.providers.errors import NotConfigured, ProviderError

NOT_CONFIGURED = ErrorType(503, "channel_not_configured", "The channel is not configured")
NOT_SENT = ErrorType(502, "not_sent", "The message was not sent")
TOO_MANY = ErrorType(429, "too_many_texts", "Too many text messages today, please try again tomorrow")
PER_USER, PER_ORGANIZATION, WINDOW = 500, 2000, 24 * 3600
"""Text messages a day (UTC), against fraud that earns from what a stolen account sends."""
REFUSALS: Final = (NOT_CONFIGURED, NOT_SENT)
"""What a message may fail with beyond its own fields."""

Channel = Literal["email", "sms", "whatsapp"]


class EmailMessage(BaseModel):
    """One e-mail to one address, as plain text."""

    model_config = ConfigDict(defer_build=True)

    to_email: Email
    subject: Annotated[Line, Length(1, 200)]
    body: Annotated[Text, Length(1, 100_000)]


class SmsMessage(BaseModel):
    """One text message; the network splits and bills what is longer than 160 characters (70 beyond GSM 7-bit)."""

    model_config = ConfigDict(defer_build=True)

    phone_number: MobilePhone
    message: Annotated[Text, Length(1, 1600)]


class WhatsAppMessage(BaseModel):
    """One WhatsApp text."""

    model_config = ConfigDict(defer_build=True)

    phone_number: Phone
    content: Annotated[Text, Length(1, 4096)]


class Sent(BaseModel):
    """A message that its provider took."""

    model_config = ConfigDict(defer_build=True)

    success: Literal[True] = True
    message_id: Annotated[str, Field(description="The provider's own id of the message")]
    channel: Channel


def count_text(user_id: str, organization_id: str | None) -> None:
    """Count one text message of a user. Raises 429 when they or their organization sent too many today."""
    caps = [Cap(f"user:{user_id}", PER_USER, WINDOW)]
    if organization_id is not None:
        caps.append(Cap(f"organization:{organization_id}", PER_ORGANIZATION, WINDOW))
    try:
        throttle.begin("sms", caps)
    except throttle.TooManyAttempts as full:
        raise TOO_MANY(headers={"Retry-After": str(full.retry_after)}) from None


def send_email(message: EmailMessage) -> Sent:
    """Send an e-mail from the platform's sender. Sending is not idempotent.

    Raises 502 with the reason when the provider does not take it, 503 when no sender is configured.
    """
    return _sent("email", lambda: email.send_email(message.to_email, message.subject, message.body))


def send_sms(message: SmsMessage) -> Sent:
    """Send a text message; raises as `send_email` does."""
    return _sent("sms", lambda: sms.send_sms(message.phone_number, message.message))


def send_whatsapp(message: WhatsAppMessage) -> Sent:
    """Send a WhatsApp text, which reaches whoever wrote to the number within the last 24 hours; raises as `send_email`
    does."""
    return _sent("whatsapp", lambda: whatsapp.send_text(message.phone_number, message.content))


def _sent(channel: Channel, send: Callable[[], str]) -> Sent:
    try:
        return Sent(message_id=send(), channel=channel)
    except NotConfigured as error:
        raise NOT_CONFIGURED(str(error)) from error
    except ProviderError as error:
        raise NOT_SENT(f"{NOT_SENT.message}: {error}") from error
