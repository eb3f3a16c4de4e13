"""Reference images: fetched from a public https address or decoded, and made sure to be pictures."""

from __future__ import annotations

import base64
import binascii
import io
import re
from typing import TYPE_CHECKING, Final

from quintet.media.images import ImageTooLarge, NotAnImage, recognise
from quintet.models.web import MAX_URL
from quintet.net import outbound
from quintet.net.outbound import OutboundError, TooLarge

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST: Final = 4 * 1024 * 1024
"""Bytes of a picture."""
LONGEST: Final = 4 * (LARGEST + 2) // 3 + 64
"""Characters of a reference: base64 with the head of a data URL."""
_MOST_PIXELS: Final = 40_000_000
_SECONDS: Final = 6.0
_HEAD: Final = re.compile(r"data:image/[a-z0-9.+-]{1,40};base64,", re.IGNORECASE)
TOO_LARGE: Final = "must be at most 4 MB"
NO_IMAGE: Final = "must be a JPEG, PNG or WebP image"


class BadReference(ValueError):
    """A reference that is no picture, or cannot be had; the message says why, for the caller."""


def checked(reference: str) -> str:
    """A reference in a form that may lead to a picture: an https address, or base64 of a picture's bytes, which may
    stand in a data URL. Raises ValueError with the reason."""
    if is_address(reference):
        if len(reference) > MAX_URL or not reference.lower().startswith("https://"):
            raise BadReference("must be an address that begins with https://, or base64")
        return reference
    _known(_decoded(reference))
    return reference


def is_address(reference: str) -> bool:
    return "://" in reference[:16]


def load(reference: str) -> Image:
    """The picture behind a checked reference, in red, green and blue. Raises BadReference."""
    content = _fetched(reference) if is_address(reference) else _decoded(reference)
    _known(content)
    return opened(content)


def opened(content: bytes) -> Image:
    """A picture's pixels, upright, on white where they are transparent. Raises BadReference for damaged ones."""
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as found:
            upright = ImageOps.exif_transpose(found).convert("RGBA")
    except Exception as error:  # Pillow's readers raise whatever the damage leads to
        raise BadReference(NO_IMAGE) from error
    sheet = Image.new("RGBA", upright.size, (255, 255, 255, 255))
    return Image.alpha_composite(sheet, upright).convert("RGB")


def covering(image: Image, width: int, height: int) -> Image:
    """The middle of a picture that has these proportions, in these pixels."""
    from PIL import Image as Images
    from PIL import ImageOps

    return ImageOps.fit(image, (width, height), Images.Resampling.LANCZOS)


def _known(content: bytes) -> None:
    try:
        found = recognise(content, LARGEST)
    except ImageTooLarge:
        raise BadReference(TOO_LARGE) from None
    except NotAnImage:
        raise BadReference(NO_IMAGE) from None
    if found.width * found.height > _MOST_PIXELS:
        raise BadReference("must have at most 40 megapixels")


def _decoded(reference: str) -> bytes:
    head = _HEAD.match(reference)
    text = "".join(reference[head.end() if head else 0 :].split())
    if len(text) > LONGEST:
        raise BadReference(TOO_LARGE)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadReference("must be an address that begins with https://, or base64") from None


def _fetched(url: str) -> bytes:
    try:
        response = outbound.request(
            "GET", url, headers={"accept": "image/*"}, timeout=_SECONDS, max_bytes=LARGEST, guarded=True
        )
    except TooLarge:
        raise BadReference(TOO_LARGE) from None
    except OutboundError as error:
        message = f"cannot be fetched: {error}"
        raise BadReference(message) from None
    if not response.ok:
        message = f"cannot be fetched: its server answered {response.status}"
        raise BadReference(message)
    return response.body
