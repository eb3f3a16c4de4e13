"""A zip archive that is written to S3 in parts, and goes on after its process died (PKWARE APPNOTE 6.3.9).

What memory holds is the part that is being filled and the list of members. Both can be put down as bytes (`saved`)
and taken up again (`restored`): parts that were written in between are written over. Every number that does not fit
into 32 bits stands in a Zip64 record.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from struct import pack
from typing import Final, Self

PART: Final = 8 * 1024 * 1024
"""Bytes of a part. With 10,000 of them an archive may have 80 GB."""
_STORED, _DEFLATED = 0, 8
_UTF8: Final = 0x0800
_DATE: Final = (1 << 5) | 1
"""1980-01-01, as of when all members are: the manifest says when they were taken."""
_VERSION: Final = 45
_FAR: Final = 0xFFFFFFFF
"""In place of a number that stands in a Zip64 record."""
_MOST: Final = 0xFFFFFFFF
_MOST_MEMBERS: Final = 0xFFFF

Put = Callable[[int, bytes], str]
"""Writes the part with a number (from 1 on) and answers its ETag."""


@dataclass(frozen=True, slots=True)
class Member:
    """What stands in the archive under a path; sizes in bytes."""

    path: str
    size: int
    sha256: str
    crc: int
    packed: int
    method: int
    offset: int


@dataclass(slots=True)
class Archive:
    """An archive as far as it is written. `buffer` is what the next part begins with."""

    members: list[Member] = field(default_factory=list)
    etags: list[str] = field(default_factory=list)
    offset: int = 0
    buffer: bytearray = field(default_factory=bytearray)

    @property
    def paths(self) -> set[str]:
        return {member.path for member in self.members}

    def add(self, put: Put, path: str, pieces: Iterable[bytes], *, deflate: bool) -> None:
        """Write a member. What was packed of it is held in memory until it is whole, for its head says how long it
        is."""
        packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS) if deflate else None
        packed, crc, size, digest = bytearray(), 0, 0, hashlib.sha256()
        for piece in pieces:
            crc, size = zlib.crc32(piece, crc), size + len(piece)
            digest.update(piece)
            packed += packer.compress(piece) if packer else piece
        packed += packer.flush() if packer else b""
        method = _DEFLATED if packer else _STORED
        member = Member(path, size, digest.hexdigest(), crc, len(packed), method, self.offset)
        name = path.encode()
        head = pack("<4sHHHHHIIIHH", b"PK\3\4", _VERSION, _UTF8, method, 0, _DATE, crc, len(packed), size, len(name), 0)
        self._write(put, head + name)
        self._write(put, packed)
        self.members.append(member)

    def close(self, put: Put) -> None:
        """Write the directory and the last part."""
        start = self.offset
        for member in self.members:
            self._write(put, _entry(member))
        size, count = self.offset - start, len(self.members)
        if start >= _MOST or size >= _MOST or count >= _MOST_MEMBERS:
            far = self.offset
            self._write(put, pack(
                "<4sQHHIIQQQQ", b"PK\6\6", 44, _VERSION, _VERSION, 0, 0, count, count, size, start
            ))  # fmt: skip
            self._write(put, pack("<4sIQI", b"PK\6\7", 0, far, 1))
        few = min(count, _MOST_MEMBERS)
        self._write(
            put, pack("<4sHHHHIIH", b"PK\5\6", 0, 0, few, few, _near(size), _near(start), 0)
        )  # fmt: skip
        if self.buffer:
            self._flush(put, len(self.buffer))

    def saved(self) -> bytes:
        """All of it, but for the parts that are written."""
        said = {"members": [asdict(member) for member in self.members], "etags": self.etags, "offset": self.offset}
        return json.dumps(said, ensure_ascii=False).encode() + b"\n" + bytes(self.buffer)

    @classmethod
    def restored(cls, content: bytes) -> Self:
        line, _, rest = content.partition(b"\n")
        said = json.loads(line)
        members = [Member(**each) for each in said["members"]]
        return cls(members, said["etags"], said["offset"], bytearray(rest))

    def _write(self, put: Put, content: bytes | bytearray) -> None:
        self.buffer += content
        self.offset += len(content)
        while len(self.buffer) >= PART:
            self._flush(put, PART)

    def _flush(self, put: Put, size: int) -> None:
        self.etags.append(put(len(self.etags) + 1, bytes(self.buffer[:size])))
        del self.buffer[:size]


def _entry(member: Member) -> bytes:
    """A member's entry in the directory. No member itself has 4 GB, but one may begin after them."""
    name = member.path.encode()
    extra = pack("<HHQ", 1, 8, member.offset) if member.offset >= _MOST else b""
    head = pack(
        "<4sHHHHHHIIIHHHHHII", b"PK\1\2", _VERSION, _VERSION, _UTF8, member.method, 0, _DATE, member.crc,
        member.packed, member.size, len(name), len(extra), 0, 0, 0, 0, _near(member.offset),
    )  # fmt: skip
    return head + name + extra


def _near(number: int) -> int:
    return number if number < _MOST else _FAR
