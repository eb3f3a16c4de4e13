"""Design assets as they are stored, and files that have no asset, or none yet."""

from typing import ClassVar

from pydantic import Field

from caidence.design.composing import AspectRatio
from caidence.directory.owned import Owned, owned_keys
from quintet.store import Entity, Index, Keys


class DesignAsset(Owned):
    """A picture with the wish that it was made from; its bytes are the file `image_file`."""

    kind: ClassVar[str] = "design"
    keys: ClassVar[Keys] = owned_keys("DESIGN")

    title: str
    style: str
    prompt: str
    aspect_ratio: AspectRatio
    brand_colors: list[str] = Field(default_factory=list)
    image_file: str
    image_bytes: int
    width: int
    height: int
    answered_by: str
    """Who painted it: `model` or `fallback`."""
    user_id: str


class LooseFile(Entity):
    """A file that no asset has: it is being made, or its asset is gone. From `due` (epoch seconds) on it is deleted."""

    kind: ClassVar[str] = "loose_file"
    keys: ClassVar[Keys] = Keys("LOOSE#{file}", "FILE", gsi1=Index("LOOSE", "{due}#{file}", order="ascending"))

    file: str
    due: int
