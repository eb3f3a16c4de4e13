"""How an account is shown."""

from typing import Self

from pydantic import BaseModel, ConfigDict

from caidence.directory.entities import User
from quintet.models import Timestamp


class UserReply(BaseModel):
    """An account as `/auth/me` shows it."""

    model_config = ConfigDict(defer_build=True)

    id: str
    email: str
    full_name: str
    role: str
    organization_id: str | None
    is_active: bool
    is_approved: bool
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, user: User) -> Self:
        return cls.model_validate({name: getattr(user, name) for name in UserReply.model_fields})
