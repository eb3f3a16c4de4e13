"""First contents of a suite: its first administrator anywhere, and demo data for a laptop.

The demo has an administrator, a moderator, a creator, a user and one with a subscription, files, and what somebody has
reported. It is never for a deployed suite: outside the local stages `seed` refuses.
"""

from typing import Final

from quintet.store import until_settled
from quintet.store.seeding import seeds
from softfactory.access.changes import change_user
from softfactory.accounts.demo import PASSWORD, PEOPLE, make_admin, seed_accounts
from softfactory.files.demo import seed_files
from softfactory.people.entities import User
from softfactory.service import api, store

__all__ = ["ACCOUNTS", "PASSWORD", "make_admin", "seed"]

ADMIN_EMAIL, USER_EMAIL, PREMIUM_EMAIL = "admin@quintet.test", "user@quintet.test", "premium@quintet.test"
_CALLED: Final = {"admin@quintet.test": "administrator", "premium@quintet.test": "premium user"}
ACCOUNTS = [(_CALLED.get(email, role), email, PASSWORD) for role, email, _ in PEOPLE]


@seeds(store)
def seed() -> None:
    """Put the demo data into the system's table."""
    people = seed_accounts()
    _subscribe(people[PREMIUM_EMAIL].id)
    seed_files(people[USER_EMAIL])


def _subscribe(user_id: str) -> None:
    """Put somebody into the tier of subscribers."""

    def attempt() -> None:
        user = store.require(User, api.errors.not_found, id=user_id)
        if not user.premium:
            tx = store.transaction()
            change_user(tx, user, user.model_copy(update={"premium": True}))
            tx.commit()

    until_settled(attempt)
