"""The default account of development: who a request without a token acts as. It has no password, and no other stage."""

from typing import Final

from caidence.access.roles import SUPER_ADMIN
from caidence.directory.entities import User
from caidence.service import store
from quintet.auth.tokens import Claims
from quintet.models import now
from quintet.store import ConditionFailed

DEFAULT_ID: Final = "00000000-0000-7000-8000-000000000001"
DEFAULT_EMAIL: Final = "default@quintet.test"


def default_caller() -> tuple[str, Claims]:
    """The id and the claims of the default account, which is made at its first use."""
    account = store.get(User, id=DEFAULT_ID) or _made()
    present = now()
    return account.id, Claims(account.id, "", present, present, {"epoch": account.epoch})


def _made() -> User:
    account = User(id=DEFAULT_ID, email=DEFAULT_EMAIL, full_name="Default User", role=SUPER_ADMIN, is_approved=True)
    try:
        return store.create(account)
    except ConditionFailed:  # a request at the same moment made it
        return account
