"""Reference images: fetched within bounds, decoded, and made sure to be pictures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from PIL import Image

from caidence.design import references
from caidence.design.references import LARGEST, BadReference, checked, covering, load, opened
from quintet.net import outbound
from quintet.net.outbound import OutboundError, Response, TimedOut, TooLarge
from quintet.testing import Client
from tests.functions.caidence.design.conftest import GENERATE, WISH, encoded, picture

URL = "https://images.example.com/orange.png"


@contextmanager
def answering(answer: Response | Exception) -> Iterator[dict[str, Any]]:
    """Whatever is fetched is answered so; what was asked is in what this answers."""
    asked: dict[str, Any] = {}

    def request(method: str, url: str, **options: Any) -> Response:
        asked.update(options, method=method, url=url)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with patch.object(outbound, "request", request):
        yield asked


def response(body: bytes, status: int = 200) -> Response:
    return Response(status, {"content-type": "text/plain"}, body, URL)


def test_a_picture_is_fetched_guarded_and_bounded_whatever_its_server_calls_it() -> None:
    with answering(response(picture(30, 20, "WEBP"))) as asked:
        assert load(checked(URL)).size == (30, 20)
    assert (asked["method"], asked["url"], asked["guarded"], asked["max_bytes"]) == ("GET", URL, True, LARGEST)
    assert asked["timeout"] <= 6


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (response(b"<html>"), "must be a JPEG, PNG or WebP image"),
        (response(b""), "must be a JPEG, PNG or WebP image"),
        (response(picture(), 404), "cannot be fetched: its server answered 404"),
        (TooLarge("x"), "must be at most 4 MB"),
        (TimedOut("the time allowed ran out"), "cannot be fetched: the time allowed ran out"),
        (OutboundError("the host cannot be found"), "cannot be fetched: the host cannot be found"),
    ],
)
def test_what_cannot_be_had_is_a_422_with_its_reason(member: Client, answer: Any, reason: str) -> None:
    with answering(answer):
        refused = member.post(GENERATE, {**WISH, "reference_image": URL})
    assert refused.status == 422
    assert refused.body["detail"] == [{"loc": ["body", "reference_image"], "msg": reason, "type": "value_error"}]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_base64_is_taken_plain_and_as_a_data_url(kind: str) -> None:
    content = picture(30, 20, kind)
    for text in (encoded(content), f"data:image/{kind.lower()};base64,{encoded(content)}", encoded(content) + "\n"):
        assert load(checked(text)).size == (30, 20)


def test_a_picture_over_4_mb_is_refused_before_it_is_read() -> None:
    large = picture() + b"\0" * LARGEST
    with pytest.raises(BadReference, match="at most 4 MB"):
        checked(encoded(large))
    with patch.object(references, "_MOST_PIXELS", 60 * 40 - 1), pytest.raises(BadReference, match="megapixels"):
        checked(encoded(picture()))


def test_a_picture_that_is_damaged_within_is_refused_as_a_picture() -> None:
    content = picture(300, 200)
    at = content.index(b"IDAT") + 8
    with pytest.raises(BadReference, match="must be a JPEG, PNG or WebP image"):
        opened(content[:at] + b"\xff" * 20 + content[at + 20 :])


@pytest.mark.parametrize("address", ["http://example.com/a.png", "ftp://example.com/a.png", "file:///etc/passwd"])
def test_only_https_addresses_are_addresses(address: str) -> None:
    with pytest.raises(BadReference, match="https://"):
        checked(address)


def test_transparent_parts_are_white_and_the_middle_is_kept() -> None:
    import io

    found = io.BytesIO()
    Image.new("RGBA", (40, 20), (0, 0, 0, 0)).save(found, "PNG")
    image = opened(found.getvalue())
    assert image.getpixel((3, 3)) == (255, 255, 255)
    assert covering(image, 16, 16).size == (16, 16)
