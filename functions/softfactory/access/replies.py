"""How an account is shown."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from quintet.models import Timestamp
from softfactory.access.rights import Rights


class UserReply(BaseModel):
    """An account as its own person and administrators see it. `role` is the highest it holds, `roles` names all."""

    model_config = ConfigDict(defer_build=True)

    user_id: str
    email: str
    name: str
    role: str
    roles: list[str]
    status: Literal["active", "suspended", "banned", "deactivated"]
    avatar_url: str | None
    bio: str
    language: str
    timezone: str
    two_factor_enabled: bool
    email_verified: bool
    created_at: Timestamp
    last_login: Timestamp | None

    @classmethod
    def of(cls, rights: Rights) -> Self:
        user = rights.account
        return cls(
            user_id=user.id, role=rights.shown_role, roles=[role.name for role in rights.held],
            status="deactivated" if user.is_deleted else user.standing(rights.at),
            **{name: getattr(user, name) for name in _SAME},
        )  # fmt: skip


_SAME = (
    "email", "name", "avatar_url", "bio", "language", "timezone", "two_factor_enabled", "email_verified", "created_at",
    "last_login",
)  # fmt: skip
