"""Files as they are recorded, uploads that are awaited, and objects that have no record."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Final, Literal, Self

from quintet.models import epoch, now
from quintet.store import Entity, Index, Keys
from softfactory.files.kinds import KINDS, UNTOLD, Category, Kind

Preview = Literal["", "image/jpeg", "image/png", "none"]
"""What is known of a file's thumbnail: nothing yet, its type, or that none can be made."""

FORM_SECONDS: Final = 3600
"""For which the form of an upload may be posted."""
_SLOW: Final = 3600
"""Seconds that a posting may go on after the form has expired."""
_FIRST_LOOK: Final = 300
"""Seconds after which the clock looks for an upload whose owner did not ask."""


class StoredFile(Entity):
    """A file that has arrived."""

    kind: ClassVar[str] = "file"
    keys: ClassVar[Keys] = Keys(
        "USER#{user_id}#FILES",
        "{id}",
        gsi1=Index("USER#{user_id}#FILES", "{stamp}#{id}", counted=True, sorts=("filename", "size")),
        gsi2=Index("USER#{user_id}#FILES#{category}", "{stamp}#{id}", counted=True, sorts=("filename", "size")),
    )

    id: str
    user_id: str
    filename: str
    size: int
    media_type: str
    category: Category
    file_key: str
    """Its object's key."""
    uploaded_at: datetime
    stamp: int
    """`uploaded_at` in microseconds, by which lists are in order."""
    preview: Preview = ""

    @classmethod
    def arriving(cls, id: str, user_id: str, filename: str, size: int, kind: Kind) -> Self:
        """The record of a file that arrives now."""
        at = now()
        stamp = int(at.timestamp() * 1_000_000)
        return cls(
            id=id, user_id=user_id, filename=filename, size=size, media_type=kind.media_type, category=kind.category,
            file_key=f"files/{id}{kind.extension}", uploaded_at=at, stamp=stamp,
        )  # fmt: skip

    @property
    def type(self) -> Kind:
        return KINDS[self.media_type]

    @property
    def thumbnail_key(self) -> str:
        return f"thumbnails/{self.id}"

    @property
    def objects(self) -> list[str]:
        """The keys of the objects that are its own."""
        return [self.file_key, self.thumbnail_key] if self.preview.startswith("image/") else [self.file_key]

    @property
    def saved_as(self) -> str | None:
        """The name under which browsers must save it, None where they may show it."""
        return None if self.type.shown else self.filename


class Awaited(Entity):
    """An upload that was announced and has not arrived."""

    kind: ClassVar[str] = "awaited_file"
    keys: ClassVar[Keys] = Keys(
        "USER#{user_id}#UPLOADS",
        "{id}",
        gsi1=Index("UPLOADS", "{due}#{id}", order="ascending"),
    )

    id: str
    user_id: str
    filename: str
    size: int
    media_type: str
    category: Category
    ends: int
    """From then on (epoch seconds) it is not awaited any more."""
    due: int
    """When the clock looks at it next."""

    @classmethod
    def announced(cls, id: str, user_id: str, filename: str, size: int, kind: Kind | None, category: Category) -> Self:
        """An upload announced now; its `kind` is what the sender says, if anything."""
        media_type = kind.media_type if kind else UNTOLD
        return cls(
            id=id, user_id=user_id, filename=filename, size=size, media_type=media_type, category=category,
            ends=epoch() + FORM_SECONDS + _SLOW, due=epoch() + _FIRST_LOOK,
        )  # fmt: skip

    @property
    def incoming(self) -> str:
        """The key under which it is posted."""
        return f"incoming/{self.id}"


class Refused(Entity):
    """An upload that arrived and was not taken, as long as it is told why: until `expires_at` (epoch seconds)."""

    kind: ClassVar[str] = "refused_file"
    keys: ClassVar[Keys] = Keys("USER#{user_id}#REFUSED", "{id}")

    id: str
    user_id: str
    reason: str
    expires_at: int

    @property
    def is_over(self) -> bool:
        """Whether it is told no more; the table lets it go when it gets to it."""
        return self.expires_at <= epoch()


class Loose(Entity):
    """Objects that have no record: on their way to one, or left behind. From `due` (epoch seconds) on those that no
    record names are deleted."""

    kind: ClassVar[str] = "loose_file"
    keys: ClassVar[Keys] = Keys(
        "LOOSE#{id}",
        "LOOSE",
        gsi1=Index("LOOSE", "{due}#{id}", order="ascending"),
        gsi2=Index("USER#{user_id}#LOOSE", "{id}"),
    )

    id: str
    file_id: str
    user_id: str | None = None
    """Whose record may name them; None where none does."""
    objects: list[str]
    due: int


class Usage(Entity):
    """How many bytes a user's files have, and those of uploads that are awaited, and how many of these there are."""

    kind: ClassVar[str] = "file_usage"
    keys: ClassVar[Keys] = Keys("USER#{user_id}", "FILES")

    user_id: str
    used: int = 0
    awaited: int = 0
