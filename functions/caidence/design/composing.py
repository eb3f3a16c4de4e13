"""A picture without an image model: composed like a designer's sheet, the same bytes for the same wish."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final, Literal

from caidence.design.canvas import Canvas
from caidence.design.palettes import palette
from caidence.design.styles import PHOTO, Words, named

if TYPE_CHECKING:
    from PIL.Image import Image

AspectRatio = Literal["1:1", "16:9", "9:16", "4:5", "4:3", "3:2"]

SIZES: Final[dict[AspectRatio, tuple[int, int]]] = {
    "1:1": (1024, 1024), "16:9": (1280, 720), "9:16": (720, 1280), "4:5": (1024, 1280), "4:3": (1152, 864),
    "3:2": (1152, 768),
}  # fmt: skip
"""Width and height in pixels: exactly the ratio, and multiples of 16 as image models want them."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """What a picture is composed of."""

    title: str
    style: str
    prompt: str
    aspect_ratio: AspectRatio
    colors: Sequence[str] = ()
    """The brand's, `#RRGGBB`, the leading one first."""
    sender: str = ""
    """Whose it is: the brand's name."""

    @property
    def seed(self) -> int:
        """Decides what the wish leaves open."""
        said = "\0".join((self.title, self.style, self.prompt, self.aspect_ratio, *self.colors, self.sender))
        return int.from_bytes(hashlib.sha256(said.encode(errors="replace")).digest()[:4], "big")


def compose(sketch: Sketch, reference: Image | None = None) -> bytes:
    """The picture as a PNG of exactly the ratio asked for; a reference, of that ratio, becomes its photograph."""
    width, height = SIZES[sketch.aspect_ratio]
    colors = palette(sketch.colors, sketch.seed)
    style = named(sketch.style, sketch.seed) if reference is None else PHOTO
    canvas = Canvas(width, height, style.ground(colors), Random(sketch.seed))  # noqa: S311 (chance of shapes, no secret)
    if reference is not None:
        canvas.picture(reference)
    style.draw(canvas, colors, Words(sketch.title, sketch.sender))
    return canvas.png()
