"""Which identities at providers open which accounts."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from quintet.models import now
from quintet.store import Entity, Keys

Provider = Literal["google", "facebook", "kakao"]


class Link(Entity):
    """Which account an identity at a provider opens."""

    kind: ClassVar[str] = "social_link"
    keys: ClassVar[Keys] = Keys("SOCIAL#{provider}#{subject}", "LINK")

    provider: Provider
    subject: str
    user_id: str


class Linked(Entity):
    """The same from the account's side."""

    kind: ClassVar[str] = "social_identity"
    keys: ClassVar[Keys] = Keys("USER#{user_id}", "SOCIAL#{provider}#{subject}")

    user_id: str
    provider: Provider
    subject: str
    verified: bool
    """Whether the provider called the account's address verified then."""
    linked_at: datetime = Field(default_factory=now)
