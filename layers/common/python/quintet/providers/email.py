"""E-mail, sent with Amazon SES (API v2)."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from quintet.models.email import normalise_email
from quintet.net import aws
from quintet.providers.errors import NotConfigured, Rejected, aws_errors
from quintet.settings import settings

_SERVICE = "e-mail"
_MAX_SUBJECT = 998  # a header line's limit, RFC 5322 section 2.1.1
_MAX_RECIPIENTS = 50  # SES, per message
# Errors of the account, not of the message: the same message may go once they are resolved.
_ACCOUNT_TROUBLE = frozenset(
    {"AccountSuspendedException", "SendingPausedException", "MailFromDomainNotVerifiedException"}
)


def send_email(
    to: str | Sequence[str],
    subject: str,
    text: str,
    html: str | None = None,
    reply_to: str | None = None,
) -> str:
    """Send one message from `QUINTET_EMAIL_SENDER`; answers the provider's message id.

    Addresses are bare (no display name). The subject becomes one line: line breaks and other control
    characters, which could start a header of their own, turn into spaces. Sending is not idempotent.
    Raises NotConfigured, Rejected (also for an address that is none), Throttled or Unavailable.
    """
    sender = settings().email_sender
    if not sender:
        raise NotConfigured(_SERVICE, "QUINTET_EMAIL_SENDER")
    recipients = _addresses([to] if isinstance(to, str) else to)
    body = {"Text": _content(text)}
    if html is not None:
        body["Html"] = _content(html)
    message: dict[str, Any] = {
        "FromEmailAddress": sender,
        "Destination": {"ToAddresses": recipients},
        "Content": {"Simple": {"Subject": _content(one_line(subject)), "Body": body}},
    }
    if reply_to is not None:
        message["ReplyToAddresses"] = _addresses([reply_to])
    with aws_errors(_SERVICE, unavailable=_ACCOUNT_TROUBLE):
        return str(aws.client("sesv2").send_email(**message)["MessageId"])


def one_line(text: str) -> str:
    """`text` on one line, at most as long as a header may be."""
    visible = "".join(" " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char for char in text)
    return " ".join(visible.split())[:_MAX_SUBJECT]


def _content(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}


def _addresses(given: Sequence[str]) -> list[str]:
    if not 1 <= len(given) <= _MAX_RECIPIENTS:
        raise Rejected(f"a message has 1 to {_MAX_RECIPIENTS} recipients")
    try:
        return [normalise_email(address) for address in given]
    except ValueError as error:
        raise Rejected(f"a recipient {error}") from None
