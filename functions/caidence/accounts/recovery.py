"""Forgotten passwords: mailing a token to whoever an address belongs to, without telling whether it belongs to anybody.

Each request counts against its sender and its address; then, in one transaction, a token and a message are written. For
nobody, rows of the same size are written that expire unread. The message is sent by the outbox's sweep within a minute,
not here: the provider's time would tell.
"""

from datetime import timedelta
from typing import Final

from caidence.directory.entities import EmailClaim, User
from caidence.service import store
from quintet.auth import one_time_tokens, throttle
from quintet.auth.one_time_tokens import Purpose
from quintet.auth.throttle import Cap, TooManyAttempts
from quintet.messaging import outbox
from quintet.messaging.outbox import Message
from quintet.models import epoch, new_id

RESET: Final = Purpose("reset-password", timedelta(hours=1))
"""Of the token in the mail."""
HOUR: Final = 3600
PER_IP: Final = 30
PER_EMAIL: Final = 5
"""Messages an hour; further requests are answered alike and do nothing."""


def request_token(email: str, ip: str) -> None:
    """Mail a new token to the account with that address, if there is one."""
    try:
        throttle.begin("recover-password", [Cap(f"ip:{ip}", PER_IP, HOUR), Cap(f"email:{email}", PER_EMAIL, HOUR)])
    except TooManyAttempts:
        return
    claim = store.get(EmailClaim, email=email)
    user = store.get(User, id=claim.user_id if claim else new_id())
    tx = store.transaction()
    message = _mail(email, one_time_tokens.give(tx, user.id if user else new_id(), RESET))
    if user is None:
        outbox.pretend(tx, message)
    else:
        message.model_copy(update={"due_at": epoch()}).join(tx)
    tx.commit()


def _mail(to: str, token: str) -> Message:
    return Message.email(
        to,
        "Set a new password for C(AI)DENCE",
        f"Your password reset token:\n\n{token}\n\nIt is good for one hour and one use, and setting a new password "
        "signs you out everywhere.\n\nIf you did not ask for it, ignore this message: your password stays as it is.\n",
    )
