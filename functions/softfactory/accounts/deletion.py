"""The wish to be deleted: the account is nobody's at once, and is erased when its time to be taken back has passed."""

from datetime import datetime, timedelta
from typing import Final

from quintet.models import now
from quintet.store import Transaction
from softfactory.access.changes import change_user
from softfactory.accounts import mails
from softfactory.people.entities import User

DELAY: Final = timedelta(days=30)
"""How long a deleted account can still be taken back, by signing in."""


def plan_deletion(tx: Transaction, user: User) -> datetime:
    """Have an account erased in DELAY: its sessions end, nobody sees it, and its person is told by mail. Answers when.

    Raises as `change_user`.
    """
    due = now() + DELAY
    change_user(tx, user, user.model_copy(update={"deletion_due": due, "epoch": user.epoch + 1}))
    mails.farewell(tx, user, due)
    return due
