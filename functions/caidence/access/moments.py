"""`?at=`: permissions as of a moment in the past, and the same questions asked of the present."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from caidence.access.callers import User
from caidence.access.grants import Principal
from caidence.access.history import catalogue_at, rights_at
from caidence.access.levels import USER_NOT_FOUND
from caidence.access.rights import Rights
from caidence.access.roles import PERMISSIONS
from quintet.auth.permissions import Role, Scope, allowed
from quintet.models.time import as_utc, epoch, now, read_instant

_SKEW: Final = timedelta(minutes=1)
"""By which a caller's clock may be ahead of ours."""


def _past(value: datetime) -> datetime:
    try:
        at = as_utc(value)
    except OverflowError:
        raise ValueError("is outside the years 1 to 9999 in UTC") from None
    if at > now() + _SKEW:
        raise ValueError("must not be in the future")
    return at


At = Annotated[
    datetime,
    BeforeValidator(read_instant),
    AfterValidator(_past),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A moment of the past to the microsecond: an audit entry's `created_at` asks for the rights just after it."""


class AsOf(BaseModel):
    """The moment as of which to answer; now when it is absent."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    at: Annotated[At | None, Field(description="RFC 3339; answer as of this moment")] = None


def rights_asked(held: Principal, at: datetime | None) -> Rights:
    """A user's rights now or as of a moment. Raises 404 when there was no such user then."""
    if at is None:
        return Rights.of(held)
    found = rights_at(held.user.id, at)
    if found is None:
        raise USER_NOT_FOUND("The user did not exist then")
    return found


def roles_asked(caller: User, at: datetime | None) -> Mapping[str, Role]:
    """The roles now or as of a moment, as the engine reads them."""
    return caller.rules if at is None else catalogue_at(at).rules()


def effective(
    user_id: str, rights: Rights, roles: Mapping[str, Role], where: Sequence[Scope] = (), at: datetime | None = None
) -> dict[str, list[str]]:
    """What somebody may do in some scopes, by resource: the same answers as a check of each permission gives."""
    held = allowed(rights.subject(user_id), roles, PERMISSIONS, where, at=epoch(at))
    found: dict[str, list[str]] = {}
    for permission in PERMISSIONS:
        if permission in held:
            resource, _, action = permission.partition(":")
            found.setdefault(resource, []).append(action)
    return found
