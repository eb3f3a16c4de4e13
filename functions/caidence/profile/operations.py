"""The caller's own profile. In development without a token it is the default account's, which is made at first use."""

from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict

from caidence.access import changes
from caidence.access.audit import Actor
from caidence.access.callers import User as Caller
from caidence.access.grants import principal
from caidence.directory.entities import User
from caidence.directory.replies import UserReply
from caidence.service import api, store
from quintet.api import Request
from quintet.models import Length, Line, Name, Phone, Text, WebAddress, now
from quintet.models.locale import Language, Zone
from quintet.store import until_settled


class Profile(UserReply):
    """An account with what its owner says about themselves."""

    bio: str
    avatar_url: str | None
    company: str
    phone: str | None
    timezone: str
    language: str

    @classmethod
    def of(cls, user: User) -> Self:
        return cls.model_validate({name: getattr(user, name) for name in Profile.model_fields})


class ProfileUpdate(BaseModel):
    """What is left out stays as it is; null takes an avatar or a phone number away."""

    model_config = ConfigDict(defer_build=True)

    full_name: Name | None = None
    bio: Annotated[Text, Length(0, 2000)] | None = None
    avatar_url: WebAddress | None = None
    company: Annotated[Line, Length(0, 200)] | None = None
    phone: Phone | None = None
    timezone: Zone | None = None
    language: Language | None = None


CLEARABLE: Final = frozenset({"avatar_url", "phone"})
"""Fields of which null is a value; of the others it is the same as leaving them out."""


@api.get("/profile", needs={"table:read"})
def get(caller: Caller) -> Profile:
    """The profile of the caller"""
    return Profile.of(caller.account)


@api.put("/profile", needs={"table:write"}, example={"bio": "Runs campaigns", "timezone": "Europe/Berlin"})
def update(body: ProfileUpdate, caller: Caller, request: Request) -> Profile:
    """Change the caller's profile

    Fields that are left out keep their value; null takes an avatar or a phone number away.
    """
    said = body.model_dump(exclude_unset=True)
    given = {name: value for name, value in said.items() if value is not None or name in CLEARABLE}

    def attempt() -> User:
        held = principal(caller.id)
        if held is None:
            raise api.errors.unauthenticated()
        changed = {name: value for name, value in given.items() if getattr(held.user, name) != value}
        if not changed:
            return held.user
        after = held.user.model_copy(update={**changed, "updated_at": now()})
        tx = store.transaction()
        changes.change_user(tx, Actor.of(caller.account, request.id), held, after)
        tx.commit()
        return after

    return Profile.of(until_settled(attempt))
