"""YouTube's stand-in: the Data API's `search.list` over HTTP on 127.0.0.1, for tests. Never deployed.

It finds among the videos it is given, by the words of their titles and channels, and counts the day's quota.
`PUT /_faults` makes it fail (`infra.local.faulty`): `{"status": 403, "code": "quotaExceeded"}`.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from infra.local.faulty import Asked, FaultyServer, Told

API_KEY = "AIza-quintet-local"
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Uploaded:
    """A video as its uploader named it."""

    id: str
    title: str
    channel: str


class YouTube(FaultyServer):
    """The stand-in, with a quota of searches that does not come back."""

    def __init__(self, videos: tuple[Uploaded, ...] = (), quota: int = 100, port: int = 0) -> None:
        super().__init__(port)
        self.videos, self.left = videos, quota

    def answer(self, asked: Asked) -> Told:
        if asked.path != "/youtube/v3/search":
            return self.failure(404, "notFound")
        if API_KEY not in (asked.headers.get("x-goog-api-key"), asked.query.get("key")):
            return self.failure(400, "keyInvalid")
        self.left -= 1
        if self.left < 0:
            return self.failure(403, "quotaExceeded")
        if asked.query.get("videoCategoryId") and asked.query.get("type") != "video":
            return self.failure(400, "invalidVideoCategoryId")
        wanted = set(_WORD.findall(asked.query.get("q", "").casefold()))
        ranked = sorted(self.videos, key=lambda video: -len(wanted & _words(video)))
        found = [video for video in ranked if wanted & _words(video)][: int(asked.query.get("maxResults", "5"))]
        return Told(200, {"kind": "youtube#searchListResponse", "items": [_item(video) for video in found]})

    def failure(self, status: int, code: str) -> Told:
        told = {"message": f"The request failed: {code}", "domain": "youtube.quota", "reason": code}
        return Told(status, {"error": {"code": status, "message": told["message"], "errors": [told]}})


def _words(video: Uploaded) -> set[str]:
    return set(_WORD.findall(f"{video.title} {video.channel}".casefold()))


def _item(video: Uploaded) -> dict[str, object]:
    return {
        "kind": "youtube#searchResult",
        "id": {"kind": "youtube#video", "videoId": video.id},
        "snippet": {
            "title": html.escape(video.title),
            "channelTitle": html.escape(video.channel),
            "thumbnails": {"default": {"url": f"https://i.ytimg.com/vi/{video.id}/default.jpg"},
                           "medium": {"url": f"https://i.ytimg.com/vi/{video.id}/mqdefault.jpg"}},
        },
    }  # fmt: skip
