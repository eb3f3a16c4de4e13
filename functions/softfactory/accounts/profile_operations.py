"""The caller's own account: what it says of itself, and the wish to be deleted.

Round trips to the table: profile 3, 4 for another name, account 3.
"""

from typing import Final

from pydantic import BaseModel, ConfigDict

from quintet.api import Request
from quintet.models import Name, WebAddress, now, rfc3339
from quintet.models.locale import Zone
from quintet.store import until_settled
from softfactory.access.callers import Person
from softfactory.access.callers import User as Caller
from softfactory.access.changes import LAST_ADMIN, change_user
from softfactory.access.replies import UserReply
from softfactory.access.rights import rights_of
from softfactory.accounts.deletion import plan_deletion
from softfactory.people.entities import Language, User
from softfactory.people.fields import Bio
from softfactory.service import api as suite
from softfactory.service import store
from softfactory.trail.log import Act, record

api = suite.section("auth")

CLEARABLE: Final = frozenset({"avatar_url"})
"""Fields of which null is a value; of the others it is the same as leaving them out."""


class ProfileUpdate(BaseModel):
    """What is left out stays as it is; null takes the avatar away."""

    model_config = ConfigDict(defer_build=True)

    name: Name | None = None
    avatar_url: WebAddress | None = None
    bio: Bio | None = None
    language: Language | None = None
    timezone: Zone | None = None


@api.put("/auth/profile", needs={"table:write"}, example={"name": "Ada Lovelace", "timezone": "Asia/Seoul"})
def update_profile(body: ProfileUpdate, caller: Caller, request: Request) -> UserReply:
    """Change the caller's profile

    Fields that are left out keep their value; null takes the avatar away, and an empty `bio` empties it. What an
    administrator changes in somebody's name enters into the trail.
    """
    said = body.model_dump(exclude_unset=True)
    given = {name: value for name, value in said.items() if value is not None or name in CLEARABLE}

    def attempt() -> User:
        user = store.require(User, suite.errors.unauthenticated, id=caller.id)
        changed = {name: value for name, value in given.items() if getattr(user, name) != value}
        if not changed:
            return user
        tx = store.transaction()
        after = change_user(tx, user, user.model_copy(update=changed))
        if caller.impersonator is not None:
            before = {name: getattr(user, name) for name in changed}
            record(
                tx, Act.of(caller, request), "user.update", resource="user", resource_id=user.id, before=before,
                after=changed,
            )  # fmt: skip
        tx.commit()
        return after

    return UserReply.of(rights_of(until_settled(attempt), now()))


@api.delete("/auth/account", status=204, errors=[LAST_ADMIN], needs={"table:write"})
def delete_account(caller: Person, request: Request) -> None:
    """Delete the caller's account

    Its sessions end and nobody sees it from now on. Everything of it is erased after 30 days; signing in within them
    takes the deletion back.
    """

    def attempt() -> None:
        user = store.require(User, suite.errors.unauthenticated, id=caller.id)
        if user.is_deleted:
            raise suite.errors.unauthenticated()
        tx = store.transaction()
        due = plan_deletion(tx, user)
        record(
            tx, Act.of(caller, request), "user.delete", resource="user", resource_id=user.id,
            before={"deletion_due": None}, after={"deletion_due": rfc3339(due)},
        )  # fmt: skip
        tx.commit()

    until_settled(attempt)
