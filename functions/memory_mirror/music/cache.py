"""Music found on YouTube, asked for once: what was found, and until when nothing more can be.

Access patterns:
    what a search found             MUSIC#<hash of its words and era> / FOUND
    why YouTube is not asked now    MUSIC#youtube / CLOSED

Searches are few: a hundred a day for everybody. So equal ones share their answer for a week, and those of one moment
one call; when the day's quota is gone, nobody asks until it is back.
"""

import hashlib
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import Field

from memory_mirror.music import youtube
from memory_mirror.music.youtube import QuotaExceeded, Video, quota_returns
from memory_mirror.service import store
from memory_mirror.spending.turns import in_turn
from quintet import log
from quintet.api import ApiError
from quintet.models import epoch
from quintet.providers.errors import ProviderError
from quintet.store import Entity, Keys
from quintet.store.folding import words

KEPT, KEPT_EMPTY = int(timedelta(days=7).total_seconds()), int(timedelta(days=1).total_seconds())
REST = 60
"""Seconds for which YouTube is left alone after it failed."""
MOST = 20
_PATIENCE = 6.0


class Found(Entity):
    """What one search found. Nothing in it says who searched, or for what."""

    kind: ClassVar[str] = "music_found"
    keys: ClassVar[Keys] = Keys("MUSIC#{id}", "FOUND")

    id: str
    videos: list[dict[str, Any]] = Field(default_factory=list)
    expires_at: int


class Closed(Entity):
    """That YouTube is not asked for now."""

    kind: ClassVar[str] = "music_closed"
    keys: ClassVar[Keys] = Keys("MUSIC#{id}", "CLOSED")

    id: str = "youtube"
    until: int
    reason: str
    expires_at: int


class _NotNow(Exception):
    """YouTube is not to be asked."""


def videos(query: str, era: str | None) -> list[Video] | None:
    """Music videos for a query and an era, at most MOST, best first; None when YouTube cannot be asked."""
    if not youtube.configured():
        return None
    asked = f"{query} {era}" if era and era != "present" else query
    search = hashlib.sha256(" ".join(words(asked)).encode()).hexdigest()[:40]

    def known() -> list[Video] | None:
        found = store.get(Found, id=search)
        if found is None or found.expires_at <= epoch():
            return None
        return [Video(**video) for video in found.videos]

    try:
        return in_turn(f"music:{search}", known, lambda: _search(search, asked), _PATIENCE)
    except (_NotNow, ApiError):  # nobody waits for music longer than this
        return None


def _search(id: str, asked: str) -> list[Video]:
    closed = store.get(Closed, id="youtube")
    if closed is not None and closed.until > epoch():
        raise _NotNow
    try:
        found = youtube.search(asked, MOST)
    except ProviderError as error:
        _close(error)
        raise _NotNow from error
    kept = [{"id": one.id, "title": one.title, "artist": one.artist, "thumbnail": one.thumbnail} for one in found]
    tx = store.transaction()
    tx.put(Found(id=id, videos=kept, expires_at=epoch() + (KEPT if kept else KEPT_EMPTY)))
    tx.commit()
    return found


def _close(error: ProviderError) -> None:
    """Leave YouTube alone: until its quota is back, or for a minute."""
    until = epoch(quota_returns()) if isinstance(error, QuotaExceeded) else epoch() + REST
    log.logger().warning("music is searched in the library for now", extra={"reason": str(error), "until": until})
    tx = store.transaction()
    tx.put(Closed(until=until, reason=str(error)[:200], expires_at=until + 3600))
    tx.commit()
