"""Files uploaded, listed, shown, linked to and deleted, each user's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any, Final

from quintet.api import ApiError, Binary, ErrorType, Reply, Request
from quintet.models import Page
from quintet.providers.errors import ProviderError
from quintet.store.cursors import INVALID_CURSOR
from quintet.store.entity import IndexName
from quintet.store.queries import TOO_DEEP
from quintet.store.sorting import sorted_page
from softfactory.access.callers import IMPERSONATING, FilesReader, FilesWriter, User
from softfactory.files import arrivals, deletion, previews, upkeep, uploads
from softfactory.files.entities import Refused, StoredFile
from softfactory.files.icons import SVG
from softfactory.files.kinds import announced
from softfactory.files.room import STORAGE_FULL, TOO_MANY
from softfactory.files.thumbnails import JPEG, PNG
from softfactory.files.upkeep import Swept
from softfactory.files.uploads import MOST_BYTES, MOST_INLINE, Unfit
from softfactory.files.wire import AnnouncedReply, FileQuery, FileReply, LinkReply, LinkWish, UploadWish, unfit
from softfactory.people.fields import Id
from softfactory.service import api, store
from softfactory.trail.log import Act

FILE_NOT_FOUND = ErrorType(404, "file_not_found", "File not found")
NOT_ARRIVED = ErrorType(404, "file_not_arrived", "The upload of this file has not arrived")
REFUSED = ErrorType(409, "upload_refused", "What was uploaded is not taken")
TOO_LARGE = ErrorType(413, "file_too_large", "A file may have at most 50 MB")
NOT_INLINE = ErrorType(
    413,
    "file_too_large_for_form",
    "A form carries at most 4.5 MB: send filename, size, content_type and category as JSON, and post the file to S3",
)
STORAGE_DOWN = ErrorType(
    503, "storage_unavailable", "Files cannot be reached at the moment, please try again", {"Retry-After": "5"}
)
_GONE: Final = (FILE_NOT_FOUND, NOT_ARRIVED, REFUSED, STORAGE_DOWN)

NO_STORE: Final = {"Cache-Control": "no-store"}
"""Headers of every answer that carries addresses: whoever has one needs no token."""
CACHED: Final = "private, max-age=3600"
HARMLESS: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@contextmanager
def _stored() -> Iterator[None]:
    """Around whatever needs the storage: 503 where it fails."""
    try:
        yield
    except ProviderError as error:
        raise STORAGE_DOWN() from error


@api.post(
    "/files/upload",
    status=201,
    errors=[TOO_LARGE, NOT_INLINE, STORAGE_FULL, TOO_MANY, STORAGE_DOWN],
    needs={"table:write", "storage:read", "storage:write"},
    multipart=True,
    memory=1024,
    example={"filename": "launch.mp4", "size": 18734022, "content_type": "video/mp4", "category": "video"},
)
def upload(body: UploadWish, caller: FilesWriter, request: Request) -> Reply[FileReply | AnnouncedReply]:
    """Upload a file, or announce one

    A file of at most 4.5 MB comes as multipart/form-data and is answered as it is kept. A larger one, up to 50 MB, is
    announced as JSON: the answer has a form by which it is posted to S3, of exactly that size and type, within an hour;
    it counts when it has arrived. What a file is, is told by its content, which must fit the category and be whole; its
    `content_type` is that of the content, whatever was announced.
    """
    problems = body.problems()
    if problems:
        raise api.errors.invalid_body(details=problems)
    try:
        with _stored():
            act = _act(caller, request)
            found = _kept(body, caller, act) if body.file is not None else _announced(body, caller, act)
    except Unfit as error:
        raise api.errors.invalid_body(details=[unfit(str(error))]) from None
    return Reply(found, headers=NO_STORE)


def _act(caller: User, request: Request) -> Act | None:
    """What an administrator does in somebody's name; None where they act for themselves."""
    return None if caller.impersonator is None else Act.of(caller, request)


def _kept(body: UploadWish, caller: FilesWriter, act: Act | None) -> FileReply:
    assert body.file is not None
    size = len(body.file.content)
    if size > MOST_BYTES:
        raise TOO_LARGE()
    if size > MOST_INLINE:
        raise NOT_INLINE()
    name = body.filename or body.file.filename
    return FileReply.of(uploads.keep(caller.id, name, body.file.content, body.category, act=act))


def _announced(body: UploadWish, caller: FilesWriter, act: Act | None) -> AnnouncedReply:
    assert body.filename is not None
    assert body.size is not None
    if body.size > MOST_BYTES:
        raise TOO_LARGE()
    kind = announced(body.content_type or "")
    announce = partial(uploads.announce, caller.id, body.filename, body.size, kind, body.category, act)
    try:
        return AnnouncedReply.of(*announce())
    except ApiError as error:
        if error.code != TOO_MANY.code:
            raise
    arrivals.look(caller.id)  # what has arrived meanwhile is awaited no more
    return AnnouncedReply.of(*announce())


@api.get(
    "/files",
    rows="files",
    errors=[INVALID_CURSOR, TOO_DEEP, STORAGE_DOWN],
    needs={"table:write", "storage:read", "storage:write"},
)
def list_files(query: FileQuery, caller: FilesReader) -> Reply[Page[FileReply]]:
    """List one's own files, newest first

    An upload that has arrived is in it: all that are awaited are looked for.
    """
    with _stored():
        if not query.offset and query.cursor is None:
            arrivals.look(caller.id)
        return Reply(_page(query, caller.id).map(FileReply.of), headers=NO_STORE)


def _page(query: FileQuery, user_id: str) -> Page[StoredFile]:
    fields: dict[str, Any] = {"user_id": user_id} | ({"category": query.category} if query.category else {})
    index: IndexName = "gsi2" if query.category else "gsi1"
    if query.by in ("created_at", "uploaded_at"):
        return store.page(StoredFile, index, query, reverse=not query.descending, **fields)
    return sorted_page(store, StoredFile, index, query, query.by, descending=query.descending, **fields)


@api.get("/files/{file_id}", errors=_GONE, needs={"table:write", "storage:read", "storage:write"})
def get(file_id: Id, caller: FilesReader) -> Reply[FileReply]:
    """Get a file's metadata"""
    with _stored():
        return Reply(FileReply.of(_own(caller, file_id)), headers=NO_STORE)


@api.get(
    "/files/{file_id}/preview",
    errors=_GONE,
    needs={"table:write", "storage:read", "storage:write"},
    produces=(JPEG, PNG, SVG),
    layers=("documents",),
    memory=2048,
    etag=True,
    headers={
        "Cache-Control": "A preview hardly ever changes: the caller's own cache may keep it for an hour",
        "Content-Security-Policy": "Nothing in it is run or fetched",
        "X-Content-Type-Options": "It is what it says, and nothing else",
    },
)
def preview(file_id: Id, caller: FilesReader) -> Reply[Binary]:
    """A thumbnail of 150 by 150 pixels

    Of a picture its middle, upright, as JPEG, or as PNG where it is transparent; of all else, and of HEIC, an icon, as
    SVG.
    """
    with _stored():
        found = previews.of(_own(caller, file_id))
    return Reply(
        found,
        headers={
            "Cache-Control": CACHED,
            "Content-Security-Policy": HARMLESS,
            "X-Content-Type-Options": "nosniff",
        },
    )


@api.post(
    "/files/presigned-url",
    errors=_GONE,
    needs={"table:write", "storage:read", "storage:write"},
    example={"file_id": "0198c0de-0000-7000-8000-000000000001", "expires_in_hours": 24},
)
def presign(body: LinkWish, caller: FilesReader, request: Request) -> Reply[LinkReply]:
    """Link to a file for whoever has the link

    It is saved under its own name, never shown. A link lives 1 to 168 hours. Where `may_expire_sooner` says so, it is
    signed with a role's temporary credentials, as in AWS Lambda, and ends with them, which is within hours. It ends at
    once when the file is deleted.
    """
    with _stored():
        file = _own(caller, body.file_id)
        link = LinkReply.of(file, timedelta(hours=body.expires_in_hours))
    act = _act(caller, request)
    if act is not None:  # before anybody has the link
        tx = store.transaction()
        uploads.note_act(tx, act, "file.link", file)
        tx.commit()
    return Reply(link, headers=NO_STORE)


@api.delete(
    "/files/{file_id}", status=204, errors=[FILE_NOT_FOUND, IMPERSONATING], needs={"table:write", "storage:write"}
)
def delete(file_id: Id, caller: FilesWriter) -> None:
    """Delete a file with its preview, or an upload that has not arrived or was refused

    Links to it, and the addresses that answers told, lead nowhere from then on; what a content delivery network or
    somebody's browser has kept a copy of ends there in its own time. Nobody deletes what is another's, so not in their
    name either.
    """
    if caller.impersonator is not None:
        raise IMPERSONATING()
    if not deletion.delete(caller.id, file_id):
        raise FILE_NOT_FOUND()


@api.event(schedule="rate(5 minutes)", needs={"table:write", "storage:read", "storage:write"}, timeout=upkeep.SECONDS)
def sweep_uploads() -> Swept:
    """Find uploads that arrived, give up those that did not, and clear what was left behind"""
    return upkeep.sweep()


def _own(caller: FilesReader, file_id: str) -> StoredFile:
    """A file of the caller's, taken now where it has just arrived. Raises 404 and 409."""
    found = arrivals.find(caller.id, file_id)
    if found is None:
        raise FILE_NOT_FOUND()
    if isinstance(found, Refused):
        raise REFUSED(details=[unfit(found.reason)])
    if not isinstance(found, StoredFile):
        raise NOT_ARRIVED()
    return found
