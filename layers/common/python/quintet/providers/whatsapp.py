"""WhatsApp messages, sent with AWS End User Messaging Social in the message form of WhatsApp's Cloud API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import inf
from threading import Lock
from time import monotonic
from typing import Any

from quintet.models.phone import parse_phone
from quintet.net import aws
from quintet.providers.errors import NotConfigured, ProviderError, Rejected, aws_errors
from quintet.settings import settings

_SERVICE = "WhatsApp"
_API_VERSION = "v20.0"  # of Meta's API, within what every region of the service supports
_MAX_TEXT = 4096  # characters of a text message's body, Cloud API
_MAX_CODE = 15  # characters of a code in an authentication template, Cloud API
LOOK_AGAIN = 60.0
"""Seconds for which `connected` believes what it saw last."""

# Errors of the account or of Meta behind it, not of the message: it may go once they are resolved.
_ACCOUNT_TROUBLE = frozenset({"AccessDeniedException", "AccessDeniedByMetaException", "ResourceNotFoundException"})

_lock = Lock()
_seen: dict[tuple[str, int], tuple[float, bool]] = {}


def send_code(to: str, code: str) -> str:
    """Send a one-time code to an E.164 number; answers the provider's message id.

    It goes as the authentication template that `QUINTET_WHATSAPP_TEMPLATE` names, in the language of
    `QUINTET_WHATSAPP_LANGUAGE` (`en_US` unless set), with its copy-code button: WhatsApp carries a
    business's first words to somebody in approved templates only. Sending is not idempotent.
    Raises NotConfigured, Rejected (also for a number that is none), Throttled or Unavailable.
    """
    template = settings().get("QUINTET_WHATSAPP_TEMPLATE")
    if not template:
        raise NotConfigured(_SERVICE, "QUINTET_WHATSAPP_TEMPLATE")
    if not (code.isascii() and code.isalnum() and len(code) <= _MAX_CODE):
        raise Rejected(f"a code has 1 to {_MAX_CODE} letters and digits")
    shown = [{"type": "text", "text": code}]
    return _send(
        to,
        "template",
        {
            "name": template,
            "language": {"code": settings().get("QUINTET_WHATSAPP_LANGUAGE", "en_US")},
            # The button copies the code; the API wants it there once more, whatever the button's kind.
            "components": [
                {"type": "body", "parameters": shown},
                {"type": "button", "sub_type": "url", "index": "0", "parameters": shown},
            ],
        },
    )


def send_text(to: str, text: str) -> str:
    """Send free text, which WhatsApp delivers only within 24 hours of the recipient's last message.

    Answers the provider's message id. Raises as `send_code` does.
    """
    if not 1 <= len(text) <= _MAX_TEXT:
        raise Rejected(f"a WhatsApp text has 1 to {_MAX_TEXT} characters")
    return _send(to, "text", {"preview_url": False, "body": text})


def takes_codes() -> bool:
    """Whether a code can be sent: there is a template for it, and the number is `connected`. Never raises."""
    return bool(settings().get("QUINTET_WHATSAPP_TEMPLATE")) and connected()


def connected() -> bool:
    """Whether a text can be sent: the number is set and linked to a WhatsApp business account.

    What the service says is believed for LOOK_AGAIN seconds. When it cannot say, the answer is that of
    the last time, or no: then a message goes another way. Never raises.
    """
    phone = settings().get("QUINTET_WHATSAPP_PHONE_ID")
    if not phone:
        return False
    place, now = (phone, aws.generation()), monotonic()
    with _lock:
        at, last = _seen.get(place, (-inf, False))
        if now - at < LOOK_AGAIN:
            return last
        _seen[place] = (now, last)  # the others go on with what was known while this one looks
    found = _linked(phone, last)
    with _lock:
        _seen[place] = (now, found)
    return found


def reset() -> None:
    """Forget what the service said."""
    with _lock:
        _seen.clear()


def _linked(phone: str, last: bool) -> bool:
    try:
        with aws_errors(_SERVICE):
            aws.client("socialmessaging").get_linked_whatsapp_business_account_phone_number(id=phone)
    except Rejected:
        return False
    except ProviderError:
        return last
    return True


def _send(to: str, kind: str, content: Mapping[str, Any]) -> str:
    phone = settings().get("QUINTET_WHATSAPP_PHONE_ID")
    if not phone:
        raise NotConfigured(_SERVICE, "QUINTET_WHATSAPP_PHONE_ID")
    try:
        number = parse_phone(to)
    except ValueError as error:
        raise Rejected(f"the number {error}") from None
    message = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": number,
        "type": kind,
        kind: content,
    }
    with aws_errors(_SERVICE, unavailable=_ACCOUNT_TROUBLE):
        reply = aws.client("socialmessaging").send_whatsapp_message(
            originationPhoneNumberId=phone,
            message=json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode(),
            metaApiVersion=settings().get("QUINTET_WHATSAPP_API", _API_VERSION),
        )
    return str(reply["messageId"])
