"""The copy of everything about a person: one zip archive, written by a job.

`manifest.json` lists what is in it with its hashes, `data/` has one file of JSON for each kind of data, `files/` the
files themselves. Memory holds one file (50 MB at most) and a part of the archive. Now and then, and when time runs out,
how far it is is put down beside the archive, so that no attempt begins anew.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from quintet.jobs import Job, Later, Refused, Work
from quintet.models import epoch, now
from quintet.models.time import rfc3339
from quintet.providers import storage
from quintet.providers.errors import ProviderError
from quintet.store import ConditionFailed, Transaction, absent, equals, exists, until_settled
from softfactory.access.changes import USER_NOT_FOUND
from softfactory.files import loose
from softfactory.files.entities import Loose
from softfactory.people.entities import User
from softfactory.privacy.archive import Archive
from softfactory.privacy.entities import DataExport
from softfactory.privacy.registry import KINDS
from softfactory.privacy.subjects import DataSubject
from softfactory.service import store
from softfactory.work import JOBS

FRESH: Final = 24 * 3600
"""Seconds in which asking again answers the same copy; later it is made anew."""
RESERVE: Final = 15.0
"""Seconds of an attempt in which no further file is begun."""
STRIDE: Final = 64 * 1024 * 1024
"""Bytes of the archive after which it is put down how far it is."""
_BINARY: Final = "application/octet-stream"


class Order(BaseModel):
    model_config = ConfigDict(defer_build=True)

    user_id: str


class Written(BaseModel):
    """How many bytes a copy has."""

    model_config = ConfigDict(defer_build=True)

    size: int


def asked(user_id: str) -> Job:
    """The job of a copy of somebody's data: that of the last time where it is fresh, or failed and nobody was told yet,
    else a new one that is started. Of many who ask at once one makes it.

    Raises 404 for an account whose erasure is under way.
    """
    job, is_new = until_settled(partial(_ordered, user_id))
    job = JOBS.start(job) if is_new else job
    if job.status == "failed":
        with suppress(ConditionFailed):  # another has asked since, and a new one is made
            same = [equals("job_id", job.id)]
            store.update(DataExport, DataExport.key(user_id=user_id), put={"told": True}, where=same)
    return job


def _ordered(user_id: str) -> tuple[Job, bool]:
    last = store.get(DataExport, user_id=user_id)
    job = store.get(Job, tenant=user_id, id=last.job_id) if last else None
    if last and job and _is_good(last, job):
        return job, False
    job = JOBS.prepare(export_data, Order(user_id=user_id), tenant=user_id)
    new = DataExport(user_id=user_id, job_id=job.id, replaces=_standing(last))
    tx = store.transaction()
    tx.put(new, [equals("job_id", last.job_id) if last else absent()])
    tx.check(User.key(id=user_id), [exists(), absent("erasure_begun")], USER_NOT_FOUND)
    loose.lend(tx, new.note, [new.archive, new.checkpoint], new.expires_at)
    JOBS.join(tx, job)
    tx.commit()
    return job, True


def _is_good(last: DataExport, job: Job) -> bool:
    """Whether the last copy is what somebody who asks is told of."""
    if job.status == "failed":
        return not last.told
    if epoch() - epoch(last.asked_at) >= FRESH:
        return False
    return job.status != "completed" or _is_there(last)


def _is_there(export: DataExport) -> bool:
    """Whether an archive can be downloaded; so it is said, too, while nobody can tell."""
    try:
        return storage.head(export.archive) is not None
    except ProviderError:
        return True


def _standing(last: DataExport | None) -> str | None:
    """The job of the copy that can still be downloaded: that of the last one, or the one that it was to replace."""
    if last is None:
        return None
    return last.job_id if _is_there(last) else last.replaces


def _discard(user_id: str, job_id: str | None) -> None:
    """Delete the objects of a copy that has been replaced."""
    if job_id and (note := store.get(Loose, id=DataExport(user_id=user_id, job_id=job_id).note)):
        loose.settle(note)


@JOBS.task("data_export", Order)
def export_data(work: Work, body: Order) -> Written | Later:
    """Write a person's archive, or go on with it."""
    export = store.get(DataExport, user_id=body.user_id)
    user = store.get(User, id=body.user_id)
    if export is None or export.job_id != work.id or user is None:
        raise Refused("The data are gone, or another copy is being made")
    if storage.head(export.archive) is None:  # else an attempt died after it had finished the archive
        later = _written(work, export, DataSubject(user.id, user.email))
        if later is not None:
            return later
    done = storage.head(export.archive)
    work.join(partial(_still_wanted, export))
    work.after(partial(loose.discard, export.checkpoint))
    work.after(partial(_discard, export.user_id, export.replaces))
    return Written(size=done.size if done else 0)


def _written(work: Work, export: DataExport, subject: DataSubject) -> Later | None:
    """Finish the archive, or get on with it as far as time allows."""
    writing = _Writing(work, export)
    for number, (path, pieces, deflate) in enumerate(_members(subject, writing.archive)):
        if number and work.seconds < RESERVE:  # every attempt gets on by one member at least
            writing.put_down()
            return Later(state=work.state)
        writing.add(path, pieces, deflate=deflate)
    writing.finish(_manifest(subject, writing.archive))
    return None


def _still_wanted(export: DataExport, tx: Transaction) -> None:
    tx.check(export.own_key(), [equals("job_id", export.job_id)])


class _Writing:
    """An archive on its way into the bucket."""

    def __init__(self, work: Work, export: DataExport) -> None:
        self.work, self.export = work, export
        if "upload" not in work.state:
            upload = storage.begin_parts(export.archive, "application/zip", file_name="personal-data.zip")
            work.note(0, {"upload": upload})
        self.upload = str(work.state["upload"])
        saved = storage.get(export.checkpoint)
        self.archive = Archive.restored(saved) if saved else Archive()
        self._next = self.archive.offset + STRIDE

    def add(self, path: str, pieces: Iterable[bytes], *, deflate: bool) -> None:
        self.archive.add(self._put, path, pieces, deflate=deflate)
        if self.archive.offset >= self._next:
            self.put_down()

    def put_down(self) -> None:
        storage.put(self.export.checkpoint, self.archive.saved(), _BINARY)
        self._next = self.archive.offset + STRIDE

    def finish(self, manifest: bytes) -> None:
        """Write the manifest and make the parts an archive, unless the job is somebody else's by now, or gone."""
        self.archive.add(self._put, "manifest.json", [manifest], deflate=True)
        self.archive.close(self._put)
        self.work.note(99, self.work.state)
        storage.finish_parts(self.export.archive, self.upload, self.archive.etags)

    def _put(self, number: int, content: bytes) -> str:
        return storage.put_part(self.export.archive, self.upload, number, content)


def _members(subject: DataSubject, archive: Archive) -> Iterator[tuple[str, Iterable[bytes], bool]]:
    """What is not in the archive yet. A file that was deleted meanwhile is left out."""
    there = archive.paths
    for kind in KINDS:
        path = f"data/{kind.name}.json"
        if kind.rows is not None and path not in there:
            yield path, _as_json(kind.rows(subject)), True
        for file in kind.contents(subject.id) if kind.contents else ():
            if file.path not in there and (content := file.content()) is not None:
                yield file.path, [content], False


def _as_json(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """A list in JSON, a row a line."""
    between = "["
    for row in rows:
        yield (between + "\n" + json.dumps(row, ensure_ascii=False)).encode()
        between = ","
    yield (b"" if between == "," else b"[") + b"\n]\n"


def _manifest(subject: DataSubject, archive: Archive) -> bytes:
    """What is in the archive, with the sizes in bytes and the SHA-256 of each member."""
    what = {f"data/{kind.name}.json": kind.what for kind in KINDS}
    members = [
        {"path": member.path, "what": what.get(member.path, "A file"), "size": member.size, "sha256": member.sha256}
        for member in archive.members
    ]
    said = {"user_id": subject.id, "created_at": rfc3339(now()), "members": members}
    return json.dumps(said, ensure_ascii=False, indent=1).encode()


def download_url(job: Job, user_id: str) -> str | None:
    """Where a copy that is ready can be downloaded for a quarter of an hour; None where it is not ready, or gone."""
    if job.status != "completed":
        return None
    return storage.presign_download(DataExport(user_id=user_id, job_id=job.id).archive, file_name="personal-data.zip")
