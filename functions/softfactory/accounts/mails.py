"""The mails of accounts, and asking for one without learning whether there is an account.

A mail is written with the token that it carries, in one transaction. For nobody, rows of the same size are written that
expire unread; and a mail for a forgotten password is sent by the outbox's sweep within a minute, not at once, since the
provider's time would tell.
"""

from datetime import datetime, timedelta
from typing import Final

from quintet.auth import one_time_tokens, throttle
from quintet.auth.one_time_tokens import Purpose
from quintet.auth.throttle import Cap, TooManyAttempts
from quintet.messaging import outbox
from quintet.messaging.outbox import Message
from quintet.models import epoch, new_id, now
from quintet.store import Transaction
from softfactory.people.entities import EmailClaim, User
from softfactory.service import store

VERIFY: Final = Purpose("verify-email", timedelta(hours=24))
RESET: Final = Purpose("reset-password", timedelta(hours=1))
HOUR: Final = 3600
PER_IP: Final = 60
PER_EMAIL: Final = 5
"""Mails an hour. Beyond them accounts are made and requests answered as ever, and nothing is sent: nobody's mailbox is
a target."""


def verification(tx: Transaction, user: User, ip: str) -> Message | None:
    """The mail that confirms an account's address, written with the transaction; None where no more may be sent.

    Its token names the address, and is worth nothing for another.
    """
    if not _may_send("verify-email", user.email, ip):
        return None
    token = one_time_tokens.give(tx, user.id, VERIFY, user.email)
    text = (
        f"Welcome to SoftFactory.\n\nYour verification token:\n\n{token}\n\nIt is good for 24 hours and one use. "
        "If you did not sign up, ignore this message.\n"
    )
    return Message.email(user.email, "Confirm your e-mail address", text).join(tx)


def request_reset(email: str, ip: str) -> None:
    """Mail a token to set a new password with to the account with that address, if there is one."""
    if not _may_send("reset-password", email, ip):
        return
    claim = store.get(EmailClaim, email=email)
    user = store.get(User, id=claim.user_id if claim else new_id())
    tx = store.transaction()
    if user is None or user.is_gone(now()):
        outbox.pretend(tx, _reset(email, one_time_tokens.give_nothing(tx, RESET)))
    else:
        message = _reset(email, one_time_tokens.give(tx, user.id, RESET))
        message.model_copy(update={"due_at": epoch()}).join(tx)
    tx.commit()


def notice(tx: Transaction, user: User, what: str) -> None:
    """Tell an account's person, with the transaction, that its credentials changed: whoever did not do it must know."""
    text = (
        f"{what} for your SoftFactory account.\n\nIf it was you, there is nothing to do. If it was not, set a new "
        "password at once, which signs everybody out.\n"
    )
    message = Message.email(user.email, f"SoftFactory: {what[0].lower()}{what[1:]}", text)
    message.model_copy(update={"due_at": epoch()}).join(tx)


def farewell(tx: Transaction, user: User, due: datetime) -> None:
    """Tell an account's person, with the transaction, that it was deleted, and until when that can be taken back."""
    text = (
        "Your SoftFactory account was deleted, and nobody sees it any more.\n\nEverything of it is erased on "
        f"{due:%Y-%m-%d at %H:%M} UTC. If that is not what you want, sign in before: that takes the deletion back.\n"
    )
    message = Message.email(user.email, "SoftFactory: your account was deleted", text)
    message.model_copy(update={"due_at": epoch()}).join(tx)


def _reset(to: str, token: str) -> Message:
    return Message.email(
        to,
        "Set a new password for SoftFactory",
        f"Your password reset token:\n\n{token}\n\nIt is good for one hour and one use, and setting a new password "
        "signs you out everywhere.\n\nIf you did not ask for it, ignore this message: your password stays as it is.\n",
    )


def _may_send(purpose: str, email: str, ip: str) -> bool:
    try:
        throttle.begin(f"mail-{purpose}", [Cap(f"ip:{ip}", PER_IP, HOUR), Cap(f"email:{email}", PER_EMAIL, HOUR)])
    except TooManyAttempts:
        return False
    return True
