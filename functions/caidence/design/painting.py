"""A picture for a wish: painted by the image model where there is one, else composed. It never fails for its sake."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final, Literal

from caidence.design.composing import SIZES, Sketch, compose
from caidence.design.references import BadReference, covering, opened
from quintet import log
from quintet.answers.scrubbing import scrubbed
from quintet.media.images import NotAnImage, recognise
from quintet.net.breaker import Breaker
from quintet.providers import image_model
from quintet.providers.bedrock import Misasked, Refused
from quintet.providers.errors import NotConfigured, ProviderError
from quintet.providers.image_model import Picture

if TYPE_CHECKING:
    from PIL.Image import Image

SECONDS: Final = 18.0
"""What the model may take; a function has 29 s, and fetches, composes and stores besides."""
_LARGEST: Final = 16 * 1024 * 1024

Source = Literal["model", "fallback"]

breaker: Final = Breaker()
"""The circuits of the image models this process asks."""


def paint(sketch: Sketch, reference: Image | None = None) -> tuple[bytes, Source]:
    """The picture as a PNG of exactly the ratio asked for, and who made it; a reference is what it stays close to."""
    width, height = SIZES[sketch.aspect_ratio]
    fitting = covering(reference, width, height) if reference else None
    painted = _painted(sketch, fitting)
    if painted is None:
        return compose(sketch, fitting), "fallback"
    return painted, "model"


def _painted(sketch: Sketch, reference: Image | None) -> bytes | None:
    """What the model paints, None where there is none or it fails."""
    width, height = SIZES[sketch.aspect_ratio]
    try:
        name = image_model.model_id()
        turn = breaker.admit(name)
        if turn is None:
            return None
        content = _asked(name, turn, _picture(sketch, width, height, reference))
        recognise(content, _LARGEST)
        return _png(covering(opened(content), width, height))
    except NotConfigured:
        return None
    except (ProviderError, NotAnImage, BadReference) as error:
        log.logger().warning("picture not painted", extra={"reason": str(error), "error": type(error).__name__})
        return None


def _asked(name: str, turn: int, picture: Picture) -> bytes:
    """Ask the model once, and tell its circuit how the service did."""
    try:
        content = image_model.paint(name, picture, SECONDS)
    except (Refused, Misasked):
        breaker.report(name, turn, works=True)
        raise
    except BaseException:
        breaker.report(name, turn, works=False)
        raise
    breaker.report(name, turn, works=True)
    return content


def _picture(sketch: Sketch, width: int, height: int, reference: Image | None) -> Picture:
    text = f"{sketch.style} style. {sketch.prompt}\nTheme: {sketch.title}. No text and no letters in the picture."
    given = None if reference is None else _png(reference)
    return Picture(scrubbed(text), width, height, sketch.colors, given, sketch.seed)


def _png(image: Image) -> bytes:
    found = io.BytesIO()
    image.save(found, "PNG")
    return found.getvalue()
