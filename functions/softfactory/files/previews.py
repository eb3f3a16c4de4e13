"""Previews: a picture's thumbnail, made when it is first asked for and kept; for all else the icon of its type."""

from quintet import log
from quintet.api import Binary
from quintet.providers import storage
from quintet.store import ConditionFailed, exists
from softfactory.files import icons, loose, thumbnails
from softfactory.files.entities import Preview, StoredFile
from softfactory.files.thumbnails import Undrawable
from softfactory.service import store


def of(file: StoredFile) -> Binary:
    """A file's preview. Raises a ProviderError."""
    if file.type.drawn and file.preview != "none":
        found = _kept(file) or _made(file)
        if found is not None:
            return found
    return Binary(icons.icon(file.type), icons.SVG, inline=True)


def _kept(file: StoredFile) -> Binary | None:
    content = storage.get(file.thumbnail_key) if file.preview else None
    return Binary(content, file.preview, inline=True) if content else None


def _made(file: StoredFile) -> Binary | None:
    """Make the thumbnail and keep it, None where there can be none, which is kept in mind: it is tried once."""
    content = storage.get(file.file_key)
    if content is None:  # deleted meanwhile
        return None
    try:
        thumbnail, media_type = thumbnails.make(content)
    except Undrawable as error:
        log.logger().info("no thumbnail", extra={"file": file.id, "reason": str(error)})
        _remember(file, "none")
        return None
    note = loose.expect_thumbnail(file)
    storage.put(file.thumbnail_key, thumbnail, media_type)
    _remember(file, "image/png" if media_type == thumbnails.PNG else "image/jpeg")
    loose.settle(note)  # which deletes the thumbnail of a file that was deleted meanwhile
    return Binary(thumbnail, media_type, inline=True)


def _remember(file: StoredFile, preview: Preview) -> None:
    try:
        store.update(StoredFile, file.own_key(), put={"preview": preview}, where=[exists()])
    except ConditionFailed:  # deleted meanwhile
        return
