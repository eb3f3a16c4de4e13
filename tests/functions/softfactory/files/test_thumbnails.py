"""Thumbnails and icons: 150 by 150, the middle, upright, and bombs refused before they are unpacked."""

from __future__ import annotations

import io
import tracemalloc
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from PIL import Image

from softfactory.files import dimensions, icons, thumbnails
from softfactory.files.dimensions import Truncated, measure
from softfactory.files.kinds import KINDS
from softfactory.files.thumbnails import Undrawable
from tests.functions.softfactory.files.samples import HTML, SVG, animation, bomb, film, picture, turned


def drawn(content: bytes) -> Any:
    made, media_type = thumbnails.make(content)
    found = Image.open(io.BytesIO(made))
    assert found.size == (150, 150)
    assert found.format == {"image/jpeg": "JPEG", "image/png": "PNG"}[media_type]
    return found.convert("RGBA")


def close(pixel: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return all(abs(one - other) < 12 for one, other in zip(pixel, wanted, strict=False))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"])
def test_every_kind_that_is_drawn_is_drawn(kind: str) -> None:
    assert close(drawn(picture(kind, color="#ff8800")).getpixel((75, 75)), (255, 136, 0))


def test_the_middle_is_shown() -> None:
    wide = Image.new("RGB", (900, 300), "red")
    wide.paste(Image.new("RGB", (300, 300), "blue"), (300, 0))
    out = io.BytesIO()
    wide.save(out, "PNG")
    found = drawn(out.getvalue())
    assert close(found.getpixel((2, 2)), (0, 0, 255))
    assert close(found.getpixel((147, 147)), (0, 0, 255))


RED, BLUE = (255, 0, 0), (0, 0, 255)


@pytest.mark.parametrize(
    ("orientation", "left", "right", "top", "bottom"),
    [
        (1, RED, BLUE, None, None), (2, BLUE, RED, None, None), (3, BLUE, RED, None, None), (4, RED, BLUE, None, None),
        (5, None, None, RED, BLUE), (6, None, None, RED, BLUE), (7, None, None, BLUE, RED), (8, None, None, BLUE, RED),
        (9, RED, BLUE, None, None),
    ],
)  # fmt: skip
def test_a_picture_stands_upright(orientation: int, left: Any, right: Any, top: Any, bottom: Any) -> None:
    found = drawn(turned(orientation))
    for at, wanted in (((8, 75), left), ((141, 75), right), ((75, 8), top), ((75, 141), bottom)):
        assert wanted is None or close(found.getpixel(at), wanted), (at, found.getpixel(at))


def test_the_smallest_and_the_thinnest_fill_the_square() -> None:
    assert close(drawn(picture("GIF", (1, 1), color="#00ff00")).getpixel((149, 149)), (0, 255, 0))
    drawn(picture("PNG", (3000, 1)))


def test_of_an_animation_the_first_frame_is_shown() -> None:
    assert close(drawn(animation()).getpixel((75, 75)), (255, 0, 0))


def test_inks_become_light() -> None:
    assert close(drawn(picture("JPEG", mode="CMYK", color=(0, 255, 255, 0))).getpixel((75, 75)), (255, 0, 0))


def test_what_is_transparent_stays_so() -> None:
    assert drawn(picture("PNG", mode="RGBA", color=(255, 0, 0, 0))).getpixel((75, 75))[3] == 0
    assert drawn(picture("PNG", mode="RGBA", color=(255, 0, 0, 255))).getpixel((75, 75))[3] == 255


def test_grey_of_sixteen_bits_is_not_white() -> None:
    row = (40_000).to_bytes(2, "little") * 50 + bytes(100)
    found = Image.frombytes("I;16", (100, 100), row * 100)
    out = io.BytesIO()
    found.save(out, "PNG")
    square = drawn(out.getvalue())
    assert close(square.getpixel((20, 75)), (155, 155, 155))
    assert close(square.getpixel((130, 75)), (0, 0, 0))


def test_grey_of_real_numbers_runs_from_its_darkest_to_its_lightest() -> None:
    found = Image.new("F", (100, 100), -0.5)
    found.paste(0.5, (0, 0, 50, 100))
    out = io.BytesIO()
    found.save(out, "TIFF")
    square = drawn(out.getvalue())
    assert square.getpixel((20, 75))[0] > 220
    assert square.getpixel((130, 75))[0] < 35


def test_where_a_picture_was_taken_is_not_in_its_thumbnail() -> None:
    exif = Image.Exif()
    exif[0x0110] = "a camera's name"
    out = io.BytesIO()
    Image.new("RGB", (300, 300), "red").save(out, "JPEG", exif=exif, comment=b"a comment of mine")
    assert b"camera" in out.getvalue()
    made, _ = thumbnails.make(out.getvalue())
    assert b"camera" not in made
    assert b"comment of mine" not in made
    assert not Image.open(io.BytesIO(made)).getexif()


@pytest.mark.parametrize(
    "content",
    [b"", HTML, SVG, film(b"heic"), picture("PNG")[:60], picture("JPEG", (400, 400))[:400], b"GIF89a\1\0\1\0",
     b"%!PS-Adobe-3.0 EPSF-3.0\n"],
)  # fmt: skip
def test_what_is_damaged_or_no_picture_cannot_be_drawn(content: bytes) -> None:
    with pytest.raises(Undrawable):
        thumbnails.make(content)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    tracemalloc.start()
    try:
        with pytest.raises(Undrawable, match="larger"):
            thumbnails.make(bomb(5_000, 10_001))
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP"])
def test_the_size_is_told_by_the_first_bytes(kind: str) -> None:
    content = picture(kind, (317, 211))
    media_type = f"image/{kind.lower()}"
    assert measure(content, media_type) == (317, 211)
    with pytest.raises(Truncated):
        measure(content[:9], media_type)


def test_all_three_sorts_of_webp_tell_their_size() -> None:
    for mode, options in (("RGB", {}), ("RGB", {"lossless": True}), ("RGBA", {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0"})):
        out = io.BytesIO()
        Image.new(mode, (317, 211), "red").save(out, "WEBP", **options)
        assert measure(out.getvalue(), "image/webp") == (317, 211)


def test_a_bomb_is_known_by_its_first_bytes() -> None:
    size = measure(bomb()[:64], "image/png")
    assert size == (60_000, 60_000)
    assert dimensions.is_bomb(size, "image/png")
    assert not dimensions.is_bomb((5_000, 10_000), "image/png")
    assert not dimensions.is_bomb((10_000, 10_000), "image/jpeg")
    assert dimensions.is_bomb((10_001, 10_000), "image/jpeg")


def test_every_type_has_an_icon_of_its_letters_alone() -> None:
    for kind in KINDS.values():
        root = ET.fromstring(icons.icon(kind))
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert (root.get("width"), root.get("height")) == ("150", "150")
        assert "".join(root.itertext()) == kind.label
        assert {child.tag.rpartition("}")[2] for child in root.iter()} == {"svg", "path", "text"}
