"""Demo data of the file store: a picture, a table and a page that a user has uploaded."""

import struct
import zlib
from typing import Final
from uuid import UUID, uuid5

from softfactory.files import uploads
from softfactory.files.entities import StoredFile
from softfactory.files.kinds import Category
from softfactory.people.entities import User
from softfactory.service import store

_WIDTH, _HEIGHT = 480, 320
_SALES: Final = "월,매출(원)\n2026-09,18400000\n2026-10,21250000\n2026-11,24900000\n"
_GUIDE: Final = """<!doctype html>
<html lang="en"><title>Brand guide</title>
<h1>Brand guide</h1>
<p>Orange first, green second. Never both on white.</p></html>
"""


def seed_files(owner: User) -> None:
    """Upload files for a user; it needs the system's bucket. Their ids are made of the user's and their names, so that a
    seeding that was interrupted and is begun again makes nothing twice."""
    for name, content, category in (
        ("sunrise.png", _sunrise(), Category.IMAGE),
        ("매출.csv", _SALES.encode(), Category.DOCUMENT),
        ("brand-guide.html", _GUIDE.encode(), Category.DOCUMENT),
    ):
        file_id = str(uuid5(UUID(owner.id), name))
        if store.get(StoredFile, user_id=owner.id, id=file_id) is None:
            uploads.keep(owner.id, name, content, category, id=file_id)


def _sunrise() -> bytes:
    """A PNG that fades from night to orange."""
    rows = b"".join(b"\0" + bytes(_sky(y)) * _WIDTH for y in range(_HEIGHT))
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _sky(y: int) -> tuple[int, int, int]:
    part = y / (_HEIGHT - 1)
    return int(20 + 222 * part), int(24 + 116 * part), int(82 - 42 * part)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
