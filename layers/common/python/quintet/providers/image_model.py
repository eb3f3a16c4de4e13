"""Image models with Amazon Bedrock's InvokeModel: one description, one picture.

`QUINTET_IMAGE_MODEL` names the model or inference profile, by id or ARN; empty, there is none. Amazon Nova Canvas,
Titan Image Generator and Stability AI's models are spoken to, each in its own form, which its id tells.

Sources: Amazon Nova user guide, "Request and response structure for image generation"; Amazon Bedrock user guide,
inference parameters of Titan Image Generator G1 and of Stability AI's models.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quintet.net.outbound import Response
from quintet.providers import bedrock
from quintet.providers.bedrock import Refused
from quintet.providers.errors import NotConfigured, Rejected, Unavailable
from quintet.settings import settings

_SERVICE = "the image model"
LARGEST = 16 * 1024 * 1024
"""Bytes of an answer, the picture in base64."""
_LARGEST_SEED = 858_993_459
_SIZES = (
    (1024, 1024), (768, 1152), (1152, 768), (768, 1280), (1280, 768), (896, 1152), (1152, 896), (768, 1408),
    (1408, 768), (640, 1408), (1408, 640),
)  # fmt: skip
"""Pixels that Titan Image Generator paints on."""
_RATIOS = {
    "16:9": 16 / 9, "1:1": 1.0, "21:9": 21 / 9, "2:3": 2 / 3, "3:2": 1.5, "4:5": 0.8, "5:4": 1.25, "9:16": 9 / 16,
    "9:21": 9 / 21,
}  # fmt: skip
"""Ratios that Stability AI's models paint in."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What is to be painted."""

    text: str
    """The description; a model reads as much of it as it takes."""
    width: int
    """Pixels, a multiple of 16 from 320 to 4096."""
    height: int
    colors: Sequence[str] = ()
    """A palette, `#RRGGBB`."""
    reference: bytes | None = None
    """A PNG or JPEG of these pixels to stay close to."""
    seed: int = 0
    """The same seed leads to the same picture, as far as the model keeps that."""


def model_id() -> str:
    """The model in force. Raises NotConfigured when there is none."""
    found = settings().get("QUINTET_IMAGE_MODEL")
    if not found:
        raise NotConfigured(_SERVICE, "QUINTET_IMAGE_MODEL")
    return found


def paint(model: str, picture: Picture, seconds: float) -> bytes:
    """The picture as an image file, usually PNG, once, within `seconds`. Its pixels are those the model has that come
    nearest to the ratio asked for.

    Raises Throttled, Unavailable (its kind TooSlow when the time ran out) or Rejected: its kind Refused when the model
    will not paint this, Misasked when the request is at fault, else the model is not there or not ours to use.
    """
    body = _request(model, picture)
    return _painted(bedrock.ask(_SERVICE, model, "invoke", body, seconds, LARGEST))


def _request(model: str, picture: Picture) -> dict[str, Any]:
    if "nova-canvas" in model:
        return _amazon(picture, (picture.width, picture.height), longest=1024, guided=True)
    if "titan-image-generator" in model:
        ratio = picture.width / picture.height
        size = min(_SIZES, key=lambda each: abs(math.log(each[0] / each[1] / ratio)))
        return _amazon(picture, size, longest=512, guided="-v1" not in model)
    if "stability." in model:
        return _stability(picture)
    raise Rejected(f"{_SERVICE} {model[:64]} is of no family that is known")


def _amazon(picture: Picture, size: tuple[int, int], *, longest: int, guided: bool) -> dict[str, Any]:
    """The form of Nova Canvas, and of Titan before it. `guided`: whether a palette can be given as such."""
    images = [] if picture.reference is None else [base64.b64encode(picture.reference).decode()]
    text = picture.text if guided else _with_palette(picture)
    task: dict[str, Any]
    if picture.colors and guided:
        parameters = {"text": text[:longest], "colors": list(picture.colors)[:10]}
        given = {"referenceImage": images[0]} if images else {}
        task = {"taskType": "COLOR_GUIDED_GENERATION", "colorGuidedGenerationParams": {**parameters, **given}}
    elif images:
        task = {
            "taskType": "IMAGE_VARIATION",
            "imageVariationParams": {"text": text[:longest], "images": images, "similarityStrength": 0.7},
        }
    else:
        task = {"taskType": "TEXT_IMAGE", "textToImageParams": {"text": text[:longest]}}
    width, height = size
    seed = picture.seed % (_LARGEST_SEED + 1)
    return {**task, "imageGenerationConfig": {"numberOfImages": 1, "width": width, "height": height, "seed": seed}}


def _stability(picture: Picture) -> dict[str, Any]:
    body: dict[str, Any] = {
        "prompt": _with_palette(picture)[:10_000],
        "output_format": "png",
        "seed": picture.seed % (_LARGEST_SEED + 1),
    }
    if picture.reference is not None:
        image = base64.b64encode(picture.reference).decode()
        return {**body, "mode": "image-to-image", "image": image, "strength": 0.65}
    ratio = picture.width / picture.height
    nearest = min(_RATIOS, key=lambda name: abs(math.log(_RATIOS[name] / ratio)))
    return {**body, "mode": "text-to-image", "aspect_ratio": nearest}


def _with_palette(picture: Picture) -> str:
    return f"{picture.text}\nPalette: {', '.join(picture.colors)}" if picture.colors else picture.text


def _painted(response: Response) -> bytes:
    """The picture out of the answer. Raises Refused, and Unavailable for what is not the protocol's."""
    try:
        answer: Mapping[str, Any] = response.json()
        reasons = [reason for reason in answer.get("finish_reasons") or () if reason]
        refusal = str(answer.get("error") or (reasons[0] if reasons else ""))
        images = answer.get("images") or []
        painted = base64.b64decode(images[0], validate=True) if images and not refusal else b""
    except (AttributeError, KeyError, TypeError, ValueError, binascii.Error) as error:
        raise Unavailable(f"{_SERVICE} answered something else than its protocol has") from error
    if refusal == "Inference error":
        raise Unavailable(f"{_SERVICE} answered {refusal}")
    if refusal:
        raise Refused(f"{_SERVICE} does not paint this: {refusal[:120]}")
    if not painted:
        raise Unavailable(f"{_SERVICE} answered without a picture")
    return painted
