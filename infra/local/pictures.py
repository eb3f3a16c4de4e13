"""InvokeModel of image models, as the stand-in for Bedrock answers it: the request held to the models' own limits, and
a plain picture in a colour that the description decides. Never deployed."""

from __future__ import annotations

import base64
import hashlib
import struct
import zlib
from collections.abc import Mapping
from typing import Any

_AMAZON = ("nova-canvas", "titan-image-generator")
_TASKS = {
    "TEXT_IMAGE": "textToImageParams",
    "IMAGE_VARIATION": "imageVariationParams",
    "COLOR_GUIDED_GENERATION": "colorGuidedGenerationParams",
}
_TITAN = {(1024, 1024), (768, 1152), (1152, 768), (768, 1280), (1280, 768), (896, 1152), (1152, 896), (768, 1408),
          (1408, 768), (640, 1408), (1408, 640)}  # fmt: skip
_RATIOS = {"16:9": (1344, 768), "1:1": (1024, 1024), "21:9": (1536, 640), "2:3": (832, 1216), "3:2": (1216, 832),
           "4:5": (896, 1088), "5:4": (1088, 896), "9:16": (768, 1344), "9:21": (640, 1536)}  # fmt: skip


def is_painter(model: str) -> bool:
    """Whether a model is one that paints."""
    return "stability." in model or any(name in model for name in _AMAZON)


def answer(model: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """InvokeModel's answer, a picture. Raises ValueError, KeyError or TypeError for a request that a model refuses."""
    stability = "stability." in model
    (width, height), text = _stability(body) if stability else _amazon(model, body)
    picture = base64.b64encode(plain(width, height, hashlib.sha256(text.encode()).digest()[:3])).decode()
    return {"images": [picture], **({"seeds": [body["seed"]], "finish_reasons": [None]} if stability else {})}


def refusal(model: str, reason: str) -> dict[str, Any]:
    """InvokeModel's answer when the model will not paint what is asked for."""
    return {"finish_reasons": [reason]} if "stability." in model else {"images": [], "error": reason}


def plain(width: int, height: int, color: bytes) -> bytes:
    """A PNG of one colour (red, green and blue)."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + color * width) * height
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b"")]
    packed = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def _amazon(model: str, body: Mapping[str, Any]) -> tuple[tuple[int, int], str]:
    parameters, config = body[_TASKS[body["taskType"]]], body["imageGenerationConfig"]
    width, height, text = config["width"], config["height"], parameters["text"]
    titan = "titan" in model
    if not 1 <= len(text) <= (512 if titan else 1024):
        raise ValueError("the text is too long")
    if titan and (width, height) not in _TITAN:
        raise ValueError("the size is not one of the model's")
    if width % 16 or height % 16 or not (320 <= width <= 4096 and 320 <= height <= 4096) or width * height >= 4_194_304:
        raise ValueError("the size is not allowed")
    if body["taskType"] == "COLOR_GUIDED_GENERATION" and not 1 <= len(parameters["colors"]) <= 10:
        raise ValueError("there are one to ten colours")
    for image in [*parameters.get("images", ()), *filter(None, [parameters.get("referenceImage")])]:
        base64.b64decode(image, validate=True)
    return (width, height), text


def _stability(body: Mapping[str, Any]) -> tuple[tuple[int, int], str]:
    if not 1 <= len(body["prompt"]) <= 10_000 or body["output_format"] != "png":
        raise ValueError("the prompt or the format is not allowed")
    if body["mode"] == "text-to-image":
        return _RATIOS[body["aspect_ratio"]], body["prompt"]
    if body["mode"] != "image-to-image" or "aspect_ratio" in body or not 0 <= body["strength"] <= 1:
        raise ValueError("the mode is not allowed")
    image = base64.b64decode(body["image"], validate=True)
    size = struct.unpack(">II", image[16:24]) if image[:4] == b"\x89PNG" else _RATIOS["1:1"]
    return (size[0], size[1]), body["prompt"]
