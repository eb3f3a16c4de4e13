"""Generated copy as it is stored."""

from typing import ClassVar

from caidence.directory.owned import Owned, owned_keys
from quintet.store import Keys


class Content(Owned):
    """One piece of copy, with the brief that it was written for."""

    kind: ClassVar[str] = "content"
    keys: ClassVar[Keys] = owned_keys("CONTENT")

    title: str
    platform: str
    content_type: str
    prompt: str
    content: str
    answered_by: str
    """Who wrote it: `model` or `fallback`."""
    user_id: str
