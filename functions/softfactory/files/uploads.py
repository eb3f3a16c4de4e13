"""Uploads: a file that came with its request, and one that is announced and posted straight to S3."""

from datetime import timedelta
from typing import Final

from quintet.api import ApiError
from quintet.models import new_id
from quintet.providers import storage
from quintet.store import Transaction, exists
from softfactory.files import loose, room
from softfactory.files.dimensions import Truncated, is_bomb, measure, most_megapixels
from softfactory.files.entities import FORM_SECONDS, Awaited, StoredFile
from softfactory.files.kinds import Category, Kind
from softfactory.files.names import clean
from softfactory.files.sniffing import Sample, recognise
from softfactory.files.soundness import is_whole
from softfactory.people.entities import User
from softfactory.service import api, store
from softfactory.trail.log import Act, record

MOST_BYTES: Final = 50 * room.MEGABYTE
MOST_INLINE: Final = 4_500_000
"""Bytes of a file that an invocation carries (Lambda takes 6 MB, and base64 makes four of three)."""
_DAMAGED: Final = "is damaged or not complete"
_REFUSED: Final = (401, 409)
"""Statuses of what refuses a record, after which there is none."""


class Unfit(ValueError):
    """Content that is not taken; the message says why, after the name of the field."""


def judged(sample: Sample, filename: str, category: Category) -> Kind:
    """The type of a file that is taken in this category: by its content, and whole. Raises Unfit."""
    kind = recognise(sample, filename)
    if kind is None:
        raise Unfit("is no image, video or document of a type that is kept")
    if kind.category is not category:
        raise Unfit(f"is of the type {kind.media_type}, which is no {category}")
    try:
        size = measure(sample.known, kind.media_type)
    except Truncated:
        raise Unfit(_DAMAGED) from None
    if size is not None and is_bomb(size, kind.media_type):
        raise Unfit(f"has more than {most_megapixels(kind.media_type)} megapixels")
    if (size is not None and 0 in size) or not is_whole(sample, kind):
        raise Unfit(_DAMAGED)
    return kind


def keep(
    user_id: str,
    filename: str,
    content: bytes,
    category: Category,
    *,
    id: str | None = None,
    act: Act | None = None,
) -> StoredFile:
    """Store and record a file, and in the trail the `act` of an administrator who does so in its owner's name.

    Raises Unfit, 409 where the storage is full, 401 for an account that is gone, and a ProviderError.
    """
    kind = judged(Sample.of(content), filename, category)
    file = StoredFile.arriving(id or new_id(), user_id, clean(filename, kind.extension), len(content), kind)
    room.require(user_id, file.size)
    note = loose.expect(file)
    storage.put(file.file_key, content, kind.media_type, file_name=file.saved_as)
    tx = store.transaction()
    require_owner(tx, user_id)
    tx.create(file)
    note_act(tx, act, "file.upload", file)
    room.take(tx, user_id, file.size)
    loose.settled(tx, note)
    try:
        tx.commit()
    except ApiError as error:
        if error.status in _REFUSED:  # for sure; of anything else the clock sees what became of it
            loose.settle(note)
        raise
    return file


def announce(
    user_id: str, filename: str, size: int, kind: Kind | None, category: Category, act: Act | None = None
) -> tuple[Awaited, storage.Upload]:
    """Await an upload of exactly this many bytes, and answer the form to post it by. Raises as `keep`, and 409 where
    the user has announced too many."""
    name = clean(filename, kind.extension if kind else "")
    awaited = Awaited.announced(new_id(), user_id, name, size, kind, category)
    lifetime = timedelta(seconds=FORM_SECONDS)
    form = storage.presign_upload(awaited.incoming, awaited.media_type, size, lifetime, min_bytes=size)
    tx = store.transaction()
    require_owner(tx, user_id)
    tx.create(awaited)
    note_act(tx, act, "file.announce", awaited)
    room.take(tx, user_id, size, awaited=1)
    loose.posted(tx, awaited)
    tx.commit()
    return awaited, form


def note_act(tx: Transaction, act: Act | None, action: str, file: StoredFile | Awaited) -> None:
    """Enter into the trail what an administrator does with a user's file in their name; their own doing is not."""
    if act is not None:
        told = {"filename": file.filename, "size": file.size}
        record(tx, act, action, resource="file", resource_id=file.id, after=told, about=file.user_id)


def require_owner(tx: Transaction, user_id: str) -> None:
    """Have the transaction hold only while the account is there: nothing is written for one that was erased."""
    tx.check(User.key(id=user_id), [exists()], api.errors.unauthenticated)
