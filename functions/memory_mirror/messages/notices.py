"""Notices: telling somebody something in the app and by e-mail, with the transaction that is its cause.

In a transaction a notice is one action (the Notification), and one more for its e-mail. `deliver` sends the e-mails
once the transaction is committed; what is not sent then, the sweep sends (quintet.messaging.outbox). A Notification is
`pending` until its e-mail went; `settle` finds out later what became of one that the sweep sent.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from memory_mirror.accounts.entities import Account
from memory_mirror.messages.entities import Notification
from memory_mirror.records.record import Record, join, new, noted
from memory_mirror.service import store
from quintet.messaging import outbox
from quintet.messaging.outbox import DEAD, Message
from quintet.store import ConditionFailed, Transaction

SYSTEM = "system"
"""Who makes records that no account made."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What `tell` added to a transaction."""

    notification: Notification
    message: Message | None


def address_of(record: Record) -> str | None:
    """The address of the person whom a record is about, if there is one.

    A person without an account is reached by who made the record, most likely their family.
    """
    account = store.get(Account, id=record.subject, consistent=False)
    return account.email if account else record.created_by if "@" in record.created_by else None


def tell(
    tx: Transaction,
    subject: str,
    recipient: str,
    title: str,
    message: str,
    type: str,
    *,
    related_id: str | None = None,
    email: bool = True,
    by: str = SYSTEM,
) -> Notice:
    """Add a notice to a transaction: a Notification among the subject's records, and an e-mail unless told otherwise.

    Answers it for `deliver`. `title` is one line, cut at 200 characters; it is the e-mail's subject.
    """
    mail = Message.email(recipient, title[:200], message).join(tx) if email else None
    notification = new(
        Notification,
        subject,
        by,
        recipient_email=recipient,
        title=title[:200],
        message=message,
        type=type,
        channel="email" if mail else "in_app",
        status="pending" if mail else "sent",
        related_id=related_id,
        message_id=mail.id if mail else None,
    )
    join(tx, notification)
    return Notice(notification, mail)


def deliver(notices: Iterable[Notice]) -> int:
    """Send the e-mails of a committed transaction; answers how many went. Never raises for a mail that did not."""
    sent = 0
    for notice in notices:
        if notice.message is not None and outbox.deliver(store, notice.message):
            sent += 1
            _became(notice.notification, "sent")
    return sent


def settle(notification: Notification) -> Notification:
    """A pending notification as it stands now: `sent` when its e-mail is gone from the outbox, `failed` when dead."""
    if notification.status != "pending":
        return notification
    waiting = store.get(Message, id=notification.message_id) if notification.message_id else None
    if waiting is not None and waiting.queue != DEAD:
        return notification
    return _became(notification, "failed" if waiting else "sent")


def _became(notification: Notification, status: str) -> Notification:
    changed = notification.changed(status=status)
    try:
        store.replace(notification, changed, refused=None)
    except ConditionFailed:  # it was read in the app, or settled, meanwhile
        return notification
    noted("write", changed)
    return changed
