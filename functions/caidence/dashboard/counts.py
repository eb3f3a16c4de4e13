"""How much there is of what other domains keep, from the counters of their listings: a Query each, however much it is.

The dashboard needs no more of these rows than that they are counted, so it says where that is, and knows nothing else.
"""

from dataclasses import dataclass
from typing import ClassVar

from caidence.access.callers import User
from caidence.directory.owned import Owned, owned_keys
from caidence.service import store
from quintet.store import Entity, Index, Keys


class Workflows(Owned):
    kind: ClassVar[str] = "workflow"
    keys: ClassVar[Keys] = owned_keys("WORKFLOWS")


class Content(Owned):
    kind: ClassVar[str] = "content"
    keys: ClassVar[Keys] = owned_keys("CONTENT")


class Conversations(Entity):
    kind: ClassVar[str] = "chat"
    keys: ClassVar[Keys] = Keys(
        "CHATS#{user_id}", "{id}", gsi1=Index("CHATS#{user_id}#LATEST", "{latest}", counted=True)
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """Workflows and generated content of an organization, or of all; conversations of a user's own."""

    workflows: int
    content: int
    conversations: int


def seen_by(caller: User) -> Counts:
    """What a caller may count: as lists show it, whatever their permissions."""
    own = store.count(Conversations, "gsi1", user_id=caller.id)
    return Counts(_rows(caller, Workflows), _rows(caller, Content), own)


def _rows(caller: User, kind: type[Owned]) -> int:
    if caller.is_super:
        return store.count(kind, "gsi1")
    return store.count(kind, organization_id=caller.organization_id) if caller.organization_id else 0
