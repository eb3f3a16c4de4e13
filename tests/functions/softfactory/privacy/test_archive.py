"""The archive is one that others read, whatever its size, and however often its writing was taken up again."""

from __future__ import annotations

import hashlib
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softfactory.privacy import archive
from softfactory.privacy.archive import Archive

CONTENTS = st.dictionaries(
    st.text("abc/한é", min_size=1, max_size=8), st.lists(st.binary(max_size=300), max_size=4), max_size=6
)


class Bucket:
    """Parts by their numbers."""

    def __init__(self) -> None:
        self.parts: dict[int, bytes] = {}

    def put(self, number: int, content: bytes) -> str:
        self.parts[number] = content
        return f"etag-{number}"

    @property
    def content(self) -> bytes:
        return b"".join(self.parts[number] for number in sorted(self.parts))


def read(bucket: Bucket) -> zipfile.ZipFile:
    found = zipfile.ZipFile(io.BytesIO(bucket.content))
    assert found.testzip() is None
    return found


@given(CONTENTS, st.booleans(), st.sampled_from([16, 100, 10_000]), st.sampled_from([0, 200, 2**32 - 1]))
@settings(max_examples=30, deadline=None)
def test_what_was_put_in_comes_out(contents: dict[str, list[bytes]], deflate: bool, part: int, most: int) -> None:
    bucket, made = Bucket(), Archive()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(archive, "PART", part)
        patched.setattr(archive, "_MOST", most)  # numbers from here on stand in Zip64 records
        for path, pieces in contents.items():
            made.add(bucket.put, path, pieces, deflate=deflate)
            lost = Archive.restored(made.saved())
            lost.add(bucket.put, "lost", [b"written over" * 20], deflate=False)  # by an attempt that died
            made = Archive.restored(made.saved())
        made.close(bucket.put)
    bucket.parts = {number: part for number, part in bucket.parts.items() if number <= len(made.etags)}
    assert {name: read(bucket).read(name) for name in read(bucket).namelist()} == {
        path: b"".join(pieces) for path, pieces in contents.items()
    }
    assert {member.path: member.sha256 for member in made.members} == {
        path: hashlib.sha256(b"".join(pieces)).hexdigest() for path, pieces in contents.items()
    }
    assert [len(part) for part in list(bucket.parts.values())[:-1]] == [part] * (len(bucket.parts) - 1)


def test_an_archive_of_more_members_than_16_bits_count() -> None:
    bucket, made = Bucket(), Archive()
    for number in range(65_536):
        made.add(bucket.put, str(number), [], deflate=False)
    made.close(bucket.put)
    assert len(zipfile.ZipFile(io.BytesIO(bucket.content)).namelist()) == 65_536
