"""What can be reported: a domain that shows people something of others' adds its source to SOURCES."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from quintet.store import Transaction
from softfactory.access.changes import change_user
from softfactory.moderation.entities import ContentType
from softfactory.people.entities import User
from softfactory.service import store

EXCERPT: Final = 300
"""Characters of a content that a report keeps, so that moderators see what was reported."""


@dataclass(frozen=True, slots=True)
class Content:
    """Something that people see: whose it is, and how it begins."""

    author_id: str
    text: str


class Source(Protocol):
    """Where contents of one type live."""

    def find(self, content_id: str, /) -> Content | None:
        """The content, None where there is none, or nobody sees it any more."""

    def take_down(self, tx: Transaction, content_id: str, /) -> None:
        """Have nobody see it from the transaction on; a content that is gone already stays so. On commit
        `ConditionFailed` when it was changed meanwhile."""


class Profiles:
    """Profiles, by the user's id: the picture and what people say about themselves. The name stays."""

    def find(self, content_id: str, /) -> Content | None:
        user = store.get(User, id=content_id)
        if user is None or user.is_deleted:
            return None
        return Content(user.id, "\n".join(part for part in (user.name, user.bio, user.avatar_url) if part))

    def take_down(self, tx: Transaction, content_id: str, /) -> None:
        user = store.get(User, id=content_id)
        if user is not None:
            change_user(tx, user, user.model_copy(update={"bio": "", "avatar_url": None}))


SOURCES: Final[Mapping[ContentType, Source]] = {"profile": Profiles()}
"""By type; a type without a source has no contents."""
