"""Sessions and messages as they are stored."""

from datetime import datetime
from typing import ClassVar, Final, Literal

from pydantic import Field

from quintet.models import new_id, now
from quintet.store import Entity, Index, Keys
from quintet.store.meters import Meter

STARTED: Final = Meter("chats", shards=4)
"""`sessions` that were begun, by organization, and of all under `EVERYWHERE`."""
EVERYWHERE: Final = "platform"


class Session(Entity):
    """One conversation of one user; `latest` is the id of its last message, by which sessions are listed."""

    kind: ClassVar[str] = "chat_session"
    keys: ClassVar[Keys] = Keys(
        "CHATS#{user_id}", "{id}", gsi1=Index("CHATS#{user_id}#LATEST", "{latest}", counted=True)
    )

    id: str = Field(default_factory=new_id)
    user_id: str
    latest: str = ""
    messages: int = 0
    size: int = 0
    """Bytes of all its messages' texts."""
    created_at: datetime = Field(default_factory=now)


class Message(Entity):
    """What one side said. Its id is of the moment it was said at, so that ids sort as the talk went."""

    kind: ClassVar[str] = "chat_message"
    keys: ClassVar[Keys] = Keys("CHAT#{user_id}#{session_id}", "{id}", order="ascending")

    id: str = Field(default_factory=new_id)
    user_id: str
    session_id: str
    role: Literal["user", "assistant"]
    content: str
    timestamp: datetime = Field(default_factory=now)
