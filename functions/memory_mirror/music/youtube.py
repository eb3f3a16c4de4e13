"""Music videos found with the YouTube Data API v3.

Source: YouTube Data API reference, "Search: list" and "Errors". Searches have a quota of their own, 100 calls a day
unless more were granted, which begins anew at midnight in California; calls that fail count, too.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from quintet.keys.keyring import secret
from quintet.models.time import as_utc, now
from quintet.net import outbound
from quintet.net.outbound import OutboundError, Response
from quintet.providers.errors import NotConfigured, Rejected, Throttled, Unavailable
from quintet.settings import settings

DEFAULT_URL = "https://www.googleapis.com"
MOST_RESULTS = 50

_SERVICE = "music search"
_SECONDS = 8.0
_MUSIC = "10"
_ZONE = "America/Los_Angeles"
_ID = re.compile(r"[A-Za-z0-9_-]{6,20}")
_DAILY = frozenset({"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"})
_BRIEFLY = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
# What uploaders add to a title: (Official Video), [Remastered 2011], (Lyrics) …
_TRIMMINGS = re.compile(
    r"\s*[(\[{][^()\[\]{}]*\b(?:official|video|audio|lyrics?|lyric|remaster(?:ed)?|hd|hq|4k|visuali[sz]er|mv|live)\b"
    r"[^()\[\]{}]*[)\]}]",
    re.IGNORECASE,
)
_DASH = re.compile(r"\s+[-–—]\s+")


class QuotaExceeded(Throttled):
    """No search is left for today; `quota_returns` says until when."""


@dataclass(frozen=True, slots=True)
class Video:
    """One video. Title and artist are what can be read out of the video's and the channel's name."""

    id: str
    title: str
    artist: str
    thumbnail: str | None

    @property
    def url(self) -> str:
        """Where it plays."""
        return f"https://www.youtube.com/watch?v={self.id}"


def configured() -> bool:
    """Whether there is a key."""
    return bool(secret().get("youtube_api_key"))


def search(query: str, limit: int = 10) -> list[Video]:
    """The music videos that fit best, best first: at most `limit`, fit for all ages, playable in other pages.

    Raises NotConfigured, QuotaExceeded, Throttled, Rejected or Unavailable.
    """
    key = secret().get("youtube_api_key")
    if not key:
        raise NotConfigured(_SERVICE, "youtube_api_key")
    wanted = {
        "part": "snippet",
        "type": "video",
        "videoCategoryId": _MUSIC,
        "videoEmbeddable": "true",
        "safeSearch": "strict",
        "maxResults": str(min(max(limit, 1), MOST_RESULTS)),
        "q": query,
    }
    url = settings().get("QUINTET_YOUTUBE_URL", DEFAULT_URL).rstrip("/") + "/youtube/v3/search?" + urlencode(wanted)
    # A header rather than the `key` parameter: URLs are logged.
    headers = {"x-goog-api-key": key, "accept": "application/json"}
    try:
        response = outbound.request("GET", url, headers=headers, timeout=_SECONDS)
    except OutboundError as error:
        raise Unavailable(f"{_SERVICE} cannot be reached") from error
    if not response.ok:
        raise _refusal(response)
    try:
        return list(_videos(response.json()))[:limit]
    except (ValueError, TypeError, AttributeError) as error:
        raise Unavailable(f"{_SERVICE} answered something else than was asked for") from error


def quota_returns(at: datetime | None = None) -> datetime:
    """When the day's quota begins anew after `at` (or now): the next midnight in California."""
    local = (at or now()).astimezone(ZoneInfo(_ZONE))
    return as_utc(datetime.combine(local.date() + timedelta(days=1), time(), ZoneInfo(_ZONE)))


def read_title(title: str, channel: str) -> tuple[str, str]:
    """A song's title and artist out of a video's title and its channel: `Artist - Song (Official Video)`."""
    plain = " ".join(_TRIMMINGS.sub("", title).split()) or title.strip()
    artist, dash, song = "", "", ""
    if found := _DASH.search(plain):
        artist, dash, song = plain[: found.start()].strip(), found[0], plain[found.end() :].strip()
    if dash and artist and song:
        return song.strip("\"“”'") or song, artist
    owner = channel.strip()
    for ending in (" - Topic", "VEVO", " Official"):
        owner = owner.removesuffix(ending).strip()
    return plain, owner


def _videos(answer: Any) -> Iterator[Video]:
    for item in answer["items"] if isinstance(answer, Mapping) and "items" in answer else ():
        found, snippet = str((item.get("id") or {}).get("videoId") or ""), item.get("snippet") or {}
        if _ID.fullmatch(found) is None:
            continue
        # Names come with HTML's character references in them.
        title, artist = read_title(
            html.unescape(str(snippet.get("title") or "")), html.unescape(str(snippet.get("channelTitle") or ""))
        )
        if title:
            yield Video(found, title, artist, _thumbnail(snippet.get("thumbnails") or {}))


def _thumbnail(given: Mapping[str, Any]) -> str | None:
    for size in ("medium", "high", "default"):
        url = (given.get(size) or {}).get("url")
        if isinstance(url, str) and url.startswith("https://"):
            return url
    return None


def _refusal(response: Response) -> Exception:
    """What an error answer means. The day's limit shows as 403 with a reason, or as 429 with a quota's name."""
    try:
        error = response.json()["error"]
        reasons = {str(one.get("reason") or "") for one in error.get("errors") or ()}
        limits = {str((one.get("metadata") or {}).get("quota_limit") or "") for one in error.get("details") or ()}
    except (ValueError, KeyError, TypeError, AttributeError):
        reasons, limits = set(), set()
    message = f"{_SERVICE} answered {response.status} {' '.join(sorted(reasons & (_DAILY | _BRIEFLY)))}".rstrip()
    if reasons & _DAILY or any("PerDay" in name for name in limits):
        return QuotaExceeded(message)
    if response.status == 429 or reasons & _BRIEFLY:
        return Throttled(message)
    if response.status >= 500 or response.status in (401, 403):
        return Unavailable(message)
    # An unknown key is a 400, too; nothing else can be wrong with this request but its words.
    return Unavailable(message) if reasons & {"badRequest", "keyInvalid"} else Rejected(message)
