"""Files of every sort, made here, that tests of the file store share."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from PIL import Image


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40), mode: str = "RGB", color: object = "#ff8800") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, color).save(out, kind)  # type: ignore[arg-type]
    return out.getvalue()


def turned(orientation: int) -> bytes:
    """A JPEG whose EXIF says how to turn it; stored with the left half red and the right half blue."""
    found = Image.new("RGB", (200, 200), "red")
    found.paste(Image.new("RGB", (100, 200), "blue"), (100, 0))
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    found.save(out, "JPEG", exif=exif, quality=95)
    return out.getvalue()


def animation() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "green", "blue")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of a few bytes that says it is billions of pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    )


def archive(*names: str, first: tuple[str, str] | None = None, padding: int = 0) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        if first:
            made.writestr(zipfile.ZipInfo(first[0]), first[1])
        if padding:
            made.writestr(zipfile.ZipInfo("docProps/thumbnail.jpeg"), b"\xff" * padding)
        for name in names:
            made.writestr(name, "<x/>")
    return out.getvalue()


def document(part: str = "word/document.xml", padding: int = 0) -> bytes:
    return archive("[Content_Types].xml", part, padding=padding)


def compound(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1016 + stream.encode("utf-16-le") + b"\0" * 64


def film(brand: bytes = b"isom", compatible: bytes = b"isommp41", padding: int = 0) -> bytes:
    """Boxes as a film or a picture of that brand has them, with nothing in them to show."""
    boxes = {b"ftyp": brand + b"\0\0\2\0" + compatible, b"mdat": bytes(padding), b"moov": b"", b"meta": b""}
    return b"".join(struct.pack(">I", len(content) + 8) + name + content for name, content in boxes.items())


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(document.cookie)</script></svg>'
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
