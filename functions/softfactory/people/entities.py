"""Accounts as they are stored."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from quintet.models import new_id, now
from quintet.models.time import rfc3339
from quintet.store import Entity, Index, Keys

Status = Literal["active", "suspended", "banned", "deactivated"]
Language = Literal["ko", "en", "ja", "zh"]


class HeldRole(BaseModel):
    """A role that an account holds, until `expires_at` where that is given."""

    model_config = ConfigDict(defer_build=True)

    role_id: str
    assigned_at: datetime
    assigned_by: str | None = None
    """None where the suite itself gave it, at sign-up."""
    expires_at: datetime | None = None


class Override(BaseModel):
    """One permission allowed or denied to an account, whatever its roles say."""

    model_config = ConfigDict(defer_build=True)

    permission: str
    allowed: bool
    created_by: str
    created_at: datetime
    expires_at: datetime | None = None


class User(Entity):
    """An account.

    `epoch` counts what ends all of its sessions: a token of an earlier one proves nothing. `role` is the highest that
    it held when its roles were last changed, for lists; what it may is decided from `roles` and `overrides`.
    """

    kind: ClassVar[str] = "user"
    keys: ClassVar[Keys] = Keys(
        "USER#{id}",
        "USER",
        gsi1=Index("USERS", "{id}", counted=True, shards=4),
        gsi2=Index("USERS#{role}#{listed}", "{id}", counted=True, shards=4),
        gsi3=Index("PEOPLE-DUE", "{due}#{id}", order="ascending"),
    )

    id: str = Field(default_factory=new_id)
    email: str
    name: str
    status: Status = "active"
    listed: Status = "active"
    """Under which status it is listed: who waits for the erasure is as good as deactivated. Kept by `scheduled`."""
    role: str
    roles: list[HeldRole]
    overrides: list[Override] = Field(default_factory=list)
    premium: bool = False
    """Whether a paid subscription is active."""
    avatar_url: str | None = None
    bio: str = ""
    language: Language = "ko"
    timezone: str = "Asia/Seoul"
    two_factor_enabled: bool = False
    email_verified: bool = False
    mock: bool = False
    """Made by mock OAuth, which opens these alone."""
    epoch: int = 0
    banned_until: datetime | None = None
    ban_reason: str | None = None
    deletion_due: datetime | None = None
    """When it is erased; from the wish to be deleted on it is nobody's any more."""
    erasure_begun: datetime | None = None
    """Since when its erasure is under way, which nothing takes back."""
    due: str | None = None
    """When the clock must look at it next: a role, a ban or an override ends, or it is erased. Kept by `scheduled`."""
    last_login: datetime | None = None
    created_at: datetime = Field(default_factory=now)
    updated_at: datetime = Field(default_factory=now)

    @property
    def is_deleted(self) -> bool:
        """Whether it waits for its erasure, hidden from everybody."""
        return self.deletion_due is not None

    def is_gone(self, at: datetime) -> bool:
        """Whether nothing takes its deletion back any more: the erasure is due, or under way."""
        return self.erasure_begun is not None or (self.deletion_due is not None and self.deletion_due <= at)

    def standing(self, at: datetime) -> Status:
        """Its status then: a ban ends by itself."""
        lapsed = self.status == "banned" and self.banned_until is not None and self.banned_until <= at
        return "active" if lapsed else self.status


def scheduled(user: User) -> User:
    """The account with `due` and `listed` as its parts say; whoever changes those writes it so. One whose erasure is
    under way has nothing left that could end."""
    ends = [each.expires_at for each in user.roles] + [each.expires_at for each in user.overrides]
    ends += [user.banned_until if user.status == "banned" else None, user.deletion_due]
    due = min((end for end in ends if end is not None), default=None) if user.erasure_begun is None else None
    listed = "deactivated" if user.is_deleted else user.status
    return user.model_copy(update={"due": None if due is None else rfc3339(due), "listed": listed})


class EmailClaim(Entity):
    """Whose an e-mail address is, and the password that goes with it (None: none was set)."""

    kind: ClassVar[str] = "email"
    keys: ClassVar[Keys] = Keys("EMAIL#{email}", "EMAIL")

    email: str
    user_id: str
    password_hash: str | None = None
