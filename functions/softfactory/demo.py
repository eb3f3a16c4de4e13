"""First contents of a suite: its first administrator anywhere, and demo data for a laptop.

The demo has an administrator, a moderator, a creator, a user and one with a subscription, files, and what somebody has
reported. It is never for a deployed suite: outside the local stages `seed` refuses.
"""

from typing import ClassVar, Final

from quintet.settings import settings
from quintet.store import ConditionFailed, Entity, Keys, until_settled
from softfactory.access.changes import change_user
from softfactory.accounts.demo import PASSWORD, PEOPLE, make_admin, seed_accounts
from softfactory.files.demo import seed_files
from softfactory.people.entities import User
from softfactory.service import api, store

__all__ = ["ACCOUNTS", "PASSWORD", "make_admin", "seed"]

ADMIN_EMAIL, USER_EMAIL, PREMIUM_EMAIL = "admin@quintet.test", "user@quintet.test", "premium@quintet.test"
_CALLED: Final = {"admin@quintet.test": "administrator", "premium@quintet.test": "premium user"}
ACCOUNTS = [(_CALLED.get(email, role), email, PASSWORD) for role, email, _ in PEOPLE]


class Seeded(Entity):
    """That this table has had its demo data. It is not seeded again: what was done or edited since stays so."""

    kind: ClassVar[str] = "demo"
    keys: ClassVar[Keys] = Keys("DEMO", "SEEDED")


def seed() -> None:
    """Put the demo data into the system's table, unless it was put there before.

    An interrupted call is completed by the next one. Raises RuntimeError outside the stages `local` and `dev`.
    """
    if not settings().is_local:
        raise RuntimeError(f"demo data is for local stages, not for {settings().stage!r}")
    if store.get(Seeded) is not None:
        return
    people = seed_accounts()
    _subscribe(people[PREMIUM_EMAIL].id)
    seed_files(people[USER_EMAIL])
    try:
        store.create(Seeded())
    except ConditionFailed:
        return


def _subscribe(user_id: str) -> None:
    """Put somebody into the tier of subscribers."""

    def attempt() -> None:
        user = store.require(User, api.errors.not_found, id=user_id)
        if not user.premium:
            tx = store.transaction()
            change_user(tx, user, user.model_copy(update={"premium": True}))
            tx.commit()

    until_settled(attempt)
