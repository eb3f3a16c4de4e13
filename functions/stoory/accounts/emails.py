"""The e-mails of brand accounts, and asking for them without learning whether there is an account.

Each request counts against its address and its e-mail; then, in one transaction, a token and a message are written.
For nobody, rows of the same size are written that expire unread. The message is sent by the outbox's sweep within a
minute, not here: the provider's time would tell.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from quintet.auth import one_time_tokens, throttle
from quintet.auth.one_time_tokens import Purpose
from quintet.auth.throttle import Cap, TooManyAttempts
from quintet.messaging import outbox
from quintet.messaging.outbox import Message
from quintet.models import epoch, new_id
from stoory.accounts.entities import EmailClaim, User
from stoory.service import store

VERIFY_EMAIL: Final = Purpose("VERIFY_EMAIL", timedelta(hours=24))
RESET_PASSWORD: Final = Purpose("RESET_PASSWORD", timedelta(hours=1))
HOUR = 3600
PER_IP, PER_EMAIL = 30, 5
"""Messages an hour; further requests are answered alike and do nothing."""

Compose = Callable[[str, str], Message]


def verification(to: str, token: str) -> Message:
    """Asks to confirm an address; the token is good for a day."""
    return Message.email(
        to,
        "Confirm your e-mail address",
        f"Welcome to Stoory.\n\nYour verification token:\n\n{token}\n\nIt is good for 24 hours and one use. "
        "If you did not sign up, ignore this message.\n",
    )


def password_reset(to: str, token: str) -> Message:
    """Lets somebody who forgot a password set a new one; the token is good for an hour."""
    return Message.email(
        to,
        "Reset your password",
        f"Your password reset token:\n\n{token}\n\nIt is good for one hour and one use. "
        "If you did not ask for it, ignore this message: your password stays as it is.\n",
    )


def request_mail(email: str, ip: str, purpose: Purpose, compose: Compose, wanted: Callable[[User], bool]) -> None:
    """Mail a token of `purpose` to the account with that address, if there is one and `wanted` says so."""
    try:
        throttle.begin(f"mail-{purpose.name}", [Cap(f"ip:{ip}", PER_IP, HOUR), Cap(f"email:{email}", PER_EMAIL, HOUR)])
    except TooManyAttempts:
        return
    claim = store.get(EmailClaim, email=email)
    user = store.get(User, id=claim.user_id if claim else new_id())
    tx = store.transaction()
    if user is not None and wanted(user):
        message = compose(email, one_time_tokens.give(tx, user.id, purpose))
        message.model_copy(update={"due_at": epoch()}).join(tx)
    else:
        outbox.pretend(tx, compose(email, one_time_tokens.give_nothing(tx, purpose)))
    tx.commit()
