"""Messages from people to people: mail to several at once, and word of a new chat message.

Round trips to the table: a mailing 5 and 1 for each recipient, a chat notification 6 for each. Access patterns are in
mailing.py and chat_notices.py.
"""

import hashlib
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from memory_mirror.messages.bodies import body_of
from memory_mirror.messages.chat_notices import notify
from memory_mirror.messages.mailing import INVALID, MOST_RECIPIENTS, recipients, send
from memory_mirror.service import User, api, bad_field
from memory_mirror.spending import allowances
from quintet.api import RateLimit, Request
from quintet.models import Email, Length, Line, Text, new_id
from quintet.settings import settings
from quintet.store import BUSY

MOST_BODY = 30_000
"""Bytes of a body: fifty messages with text and HTML fit into one transaction of 4 MB."""
RECIPIENTS_A_DAY, UNCONFIRMED_A_DAY = 500, 20
"""People whom one account may write to in a day; an account whose address nobody confirmed may be anybody's."""
TOLD_A_DAY = 2000


def _small(value: str) -> str:
    if len(value.encode()) > MOST_BODY:
        raise ValueError(f"must be at most {MOST_BODY:,} bytes")
    return value


class Mail(BaseModel):
    model_config = ConfigDict(defer_build=True)

    subject: Annotated[Line, Length(1, 200)]
    body: Annotated[Text, Length(1, MOST_BODY), AfterValidator(_small), Field(description="Plain text or HTML")]
    recipientEmails: Annotated[  # noqa: N815 (the document's spelling)
        Annotated[str, Field(max_length=20_000)]
        | Annotated[list[Annotated[str, Field(max_length=400)]], Field(max_length=500)],
        Field(description="One address, several with commas between them, or a list: at most 50 different ones"),
    ]

    @property
    def addresses(self) -> list[str]:
        """The recipients as they were written."""
        given = self.recipientEmails
        return re.split(r"[,;\s]+", given) if isinstance(given, str) else given


class Delivery(BaseModel):
    """One recipient's message. A failed one is not sent later."""

    model_config = ConfigDict(defer_build=True)

    email: str
    status: Literal["sent", "failed"]
    error: str | None = None


class MailReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    success: bool
    message: str
    totalRecipients: int  # noqa: N815 (the document's spelling)
    successCount: int  # noqa: N815
    failureCount: int  # noqa: N815
    details: list[Delivery]


class ChatMessage(BaseModel):
    model_config = ConfigDict(defer_build=True)

    message_id: Annotated[Line, Length(1, 200)]
    sender_name: Annotated[Line, Length(1, 100)]
    message_preview: Annotated[Text, Length(1, 5000)]
    recipient_emails: Annotated[list[Email], Field(min_length=1, max_length=MOST_RECIPIENTS)]


class Notified(BaseModel):
    model_config = ConfigDict(defer_build=True)

    success: Literal[True] = True
    notified: int


@api.post(
    "/sendBulkEmail",
    errors=[BUSY],
    needs={"table:write", "email"},
    idempotent=True,
    limit=RateLimit(most=30, per=60),
    example={
        "subject": "Weekly care summary",
        "body": "Here is this week's update…",
        "recipientEmails": ["carer@example.com"],
    },
)
def send_bulk_email(body: Mail, caller: User, request: Request) -> MailReply:
    """Send an e-mail to each of up to 50 recipients

    Each gets a message of their own, signed with the caller's address, once. `details` says for each whether it was
    sent; what failed is not sent later. `success` is false when nobody's was sent. An `Idempotency-Key` keeps a
    repeated request from being sent again.
    """
    valid, invalid = recipients(body.addresses)
    if not 1 <= len(valid) + len(invalid) <= MOST_RECIPIENTS:
        raise bad_field("recipientEmails", f"must be 1 to {MOST_RECIPIENTS} addresses")
    key = request.headers.get("idempotency-key")
    mailing = hashlib.sha256(key.encode()).hexdigest()[:40] if key else new_id()
    outcomes: list[Delivery] = []
    if valid:
        allowances.spend(caller.id, "mail", len(valid), _most(caller, RECIPIENTS_A_DAY))
        signature = f"Sent with Memory Mirror by {_name(caller)}"
        sent = send(caller.id, mailing, valid, body.subject, body_of(body.body, signature))
        outcomes = [Delivery(email=one.email, status=one.status, error=one.error) for one in sent]
    outcomes += [Delivery(email=email, status="failed", error=INVALID) for email in invalid]
    return _counted(outcomes)


@api.post(
    "/sendChatNotification",
    errors=[BUSY],
    needs={"table:write", "email"},
    limit=RateLimit(most=60, per=60),
    example={
        "message_id": "msg_abc",
        "sender_name": "Alice",
        "message_preview": "Just checking in…",
        "recipient_emails": ["family@example.com"],
    },
)
def send_chat_notification(body: ChatMessage, caller: User) -> Notified:
    """Tell recipients of a new chat message

    In the app where they have an account, and by e-mail. Each is told once of a message of the caller's, however often
    this is called; `notified` counts those who have been told, before or now.
    """
    to = list(dict.fromkeys(body.recipient_emails))
    allowances.spend(caller.id, "chat", len(to), _most(caller, TOLD_A_DAY))
    told = notify(caller.id, caller.email, body.message_id, body.sender_name, body.message_preview, to)
    return Notified(notified=told)


def _most(caller: User, most: int) -> int:
    return most if caller.confirmed or settings().is_local else UNCONFIRMED_A_DAY


def _name(caller: User) -> str:
    return f"{caller.name} ({caller.email})" if caller.name else caller.email


def _counted(outcomes: list[Delivery]) -> MailReply:
    sent = sum(one.status == "sent" for one in outcomes)
    failed = len(outcomes) - sent
    return MailReply(
        success=sent > 0,
        message=f"Sent {sent} emails successfully, {failed} failed",
        totalRecipients=len(outcomes),
        successCount=sent,
        failureCount=failed,
        details=outcomes,
    )
