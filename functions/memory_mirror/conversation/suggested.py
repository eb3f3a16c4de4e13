"""What was suggested to a person lately, so that the next suggestion is another one.

Item (access pattern): the last suggestions of a subject       SUBJECT#<subject>#Suggested / LAST
Kept apart from the activities: a suggestion is nothing the person did.
"""

from typing import Annotated, ClassVar

from pydantic import Field

from memory_mirror.service import store
from quintet.store import Entity, Keys

REMEMBERED = 12


class Suggested(Entity):
    """The kinds and the ids of what was suggested, newest first."""

    kind: ClassVar[str] = "suggested"
    keys: ClassVar[Keys] = Keys("SUBJECT#{subject}#Suggested", "LAST")

    subject: str
    kinds: Annotated[list[str], Field(max_length=REMEMBERED)] = Field(default_factory=list)
    media: Annotated[list[str], Field(max_length=REMEMBERED)] = Field(default_factory=list)
    messages: Annotated[list[str], Field(max_length=REMEMBERED)] = Field(default_factory=list)

    def after(self, kind: str, media_id: str | None, message: str) -> "Suggested":
        """The item after one more suggestion."""
        media = [media_id, *self.media] if media_id else self.media
        return self.model_copy(
            update={
                "kinds": [kind, *self.kinds][:REMEMBERED],
                "media": list(dict.fromkeys(media))[:REMEMBERED],
                "messages": [message, *self.messages][:REMEMBERED],
            }
        )


def suggested(subject: str) -> Suggested:
    """What was suggested lately; nothing when there is no item yet."""
    return store.get(Suggested, subject=subject) or Suggested(subject=subject, version=0)


def remember(before: Suggested, after: Suggested) -> None:
    """Keep a suggestion. Raises ConditionFailed when another one was kept meanwhile."""
    tx = store.transaction()
    if before.version:
        tx.replace(before, after, refused=None)
    else:
        tx.create(after.model_copy(update={"version": 1}))
    tx.commit()
