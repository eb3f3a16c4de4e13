"""The e-mails of brand accounts."""

from __future__ import annotations

from quintet.messaging.outbox import Message


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
