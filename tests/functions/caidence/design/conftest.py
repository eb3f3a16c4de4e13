"""What tests of the design studio share."""

from __future__ import annotations

import base64
import io
from typing import Any

from PIL import Image

from quintet.net import aws
from quintet.settings import settings
from quintet.testing import Client

DESIGN, GENERATE = "/api/v1/design", "/api/v1/design/generate"
NOBODY = "0198c0de-0000-7000-8000-000000000099"
WISH: dict[str, Any] = {
    "title": "Cold-pressed summer",
    "style": "minimal",
    "prompt": "A glass of orange juice in the morning sun",
    "aspect_ratio": "16:9",
}


def made(client: Client, **more: Any) -> dict[str, Any]:
    answer = client.post(GENERATE, {**WISH, **more})
    assert answer.status == 200, answer
    return dict(answer.body)


def files() -> list[str]:
    """The files that the bucket holds."""
    found = aws.client("s3").list_objects_v2(Bucket=settings().bucket)
    return [one["Key"] for one in found.get("Contents", [])]


def picture(width: int = 60, height: int = 40, kind: str = "PNG", color: str = "#ff8800") -> bytes:
    found = io.BytesIO()
    Image.new("RGB", (width, height), color).save(found, kind)
    return found.getvalue()


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def pixels(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")
