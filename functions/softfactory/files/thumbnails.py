"""Thumbnails of pictures: 150 by 150 pixels of the middle, upright, whatever the picture came as."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Final

from softfactory.files.dimensions import is_bomb

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE: Final = 150
"""Pixels."""
JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
_READ: Final = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "DIB", "TIFF", "AVIF")
"""Pillow's names of what may be read: its readers of other formats stay away from strangers' files."""
_QUALITY: Final = 85


class Undrawable(ValueError):
    """A picture of which no thumbnail can be made: damaged, or larger than is unpacked."""


def make(content: bytes) -> tuple[bytes, str]:
    """A thumbnail and its media type: a JPEG, or a PNG where something is transparent. Of an animation, its first
    frame. Nothing of what a picture says besides its pixels is taken over. Raises Undrawable.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is read all the same, such as broken EXIF
            return _written(_middle(content))
    except Undrawable:
        raise
    except Exception as error:  # Pillow's readers raise whatever the damage leads to
        raise Undrawable("the picture is damaged") from error


def _middle(content: bytes) -> Image:
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(content), formats=_READ) as found:
        if is_bomb(found.size, JPEG if found.format in ("JPEG", "MPO") else ""):
            raise Undrawable("the picture is larger than is unpacked")
        found.draft(None, (4 * SIDE, 4 * SIDE))  # a JPEG is unpacked no larger than it takes
        # Turned at the end, when it is small: the middle of a square stays in the middle.
        square = ImageOps.fit(_resizable(found), (SIDE, SIDE), Image.Resampling.LANCZOS)
        orientation = found.getexif().get(_ORIENTATION, 1)
        turn = _TURNS.get(orientation)
        upright = square if turn is None else square.transpose(Image.Transpose(turn))
        return _eight_bits(upright, found.mode)


_ORIENTATION: Final = 0x0112
_TURNS: Final = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
"""By EXIF's orientation: Pillow's number of the turn that sets a picture upright."""


def _resizable(found: Image) -> Image:
    """The picture in a mode whose pixels can be mixed: colours themselves, no numbers of a palette."""
    if found.mode.startswith("I;16"):
        return found.convert("I")
    if found.mode in ("I", "F"):
        return found
    clear = found.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in found.info
    return found.convert("RGBA" if clear else "RGB")


def _eight_bits(square: Image, mode: str) -> Image:
    """A thumbnail in bytes, which larger greys are scaled to: Pillow would cut them off at white."""
    if square.mode not in ("I", "F"):
        return square
    grey = square.convert("F")
    low, high = (0.0, 65535.0) if mode.startswith("I;16") else grey.getextrema()
    step = 255.0 / ((float(high) - float(low)) or 1.0)  # type: ignore[arg-type]
    start = -float(low) * step  # type: ignore[arg-type]
    return grey.point(lambda value: value * step + start).convert("L").convert("RGB")


def _written(square: Image) -> tuple[bytes, str]:
    out = io.BytesIO()
    square.info = {}  # comments and such, which Pillow would write again
    if square.mode == "RGBA" and square.getchannel("A").getextrema() != (255, 255):
        square.save(out, "PNG", optimize=True)
        return out.getvalue(), PNG
    square.convert("RGB").save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue(), JPEG
