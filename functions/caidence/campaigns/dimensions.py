"""By what figures are told apart: channels and devices, each from a closed list, so that what is kept stays small.

What a caller names beyond the list counts as `other`, what has no name as `unassigned`; the event keeps the words.
"""

from collections.abc import Mapping, Set
from types import MappingProxyType
from typing import Final

OTHER: Final = "other"
UNASSIGNED: Final = "unassigned"
NO_CHANNELS: Final = frozenset({OTHER, UNASSIGNED})

SOCIAL: Final = frozenset(
    {"facebook", "instagram", "linkedin", "onlyfans", "pinterest", "snapchat", "threads", "tiktok", "twitch",
     "twitter", "youtube"}
)  # fmt: skip
"""Channels on which somebody has a handle."""
_PLATFORM_ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "fb": "facebook", "ig": "instagram", "insta": "instagram", "li": "linkedin", "linked_in": "linkedin",
        "meta": "facebook", "snap": "snapchat", "tik_tok": "tiktok", "tt": "tiktok", "x": "twitter",
        "you_tube": "youtube", "yt": "youtube",
    }
)  # fmt: skip
"""What people call platforms: for the roster and for channels alike."""
_PLACES: Final = frozenset(
    {"ad", "ads", "business", "creators", "feed", "live", "marketplace", "organic", "page", "paid", "post", "posts",
     "reel", "reels", "shop", "short", "shorts", "stories", "story", "video", "videos"}
)  # fmt: skip
"""What stands behind a platform's name for a part of it, as in `YouTube Shorts`."""
CHANNELS: Final = SOCIAL | {
    "affiliate", "blog", "bluesky", "discord", "display", "email", "events", "influencer", "line", "mastodon", "medium",
    "messenger", "newsletter", "organic", "outdoor", "podcast", "print", "push", "quora", "radio", "reddit",
    "referral", "search", "seo", "shopping", "sms", "social", "spotify", "substack", "telegram", "tv", "video", "vk",
    "web", "wechat", "weibo", "whatsapp", "xiaohongshu",
}  # fmt: skip
_CHANNEL_ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ads": "display", "e-mail": "email", "google": "search", "google_ads": "search", "mail": "email",
        "out_of_home": "outdoor", "sem": "search", "site": "web", "television": "tv", "website": "web",
    }
)  # fmt: skip
DEVICES: Final = frozenset({"desktop", "mobile", "tablet", "tv", "wearable", "console"})
_DEVICE_ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "android": "mobile", "computer": "desktop", "ios": "mobile", "ipad": "tablet", "iphone": "mobile",
        "laptop": "desktop", "pc": "desktop", "phone": "mobile", "smartphone": "mobile", "smart_tv": "tv",
        "watch": "wearable",
    }
)  # fmt: skip


def platform_of(name: str) -> str | None:
    """The social platform that somebody's word means, be it for a part of it; None for what is none."""
    word = _word(name)
    for whole in (word, word.replace("-", "_")):
        parts = whole.split("_")
        while parts:
            found = "_".join(parts)
            found = _PLATFORM_ALIASES.get(found, found)
            if found in SOCIAL:
                return found
            if parts[-1] not in _PLACES:
                break
            parts.pop()
    return None


def canonical(name: str) -> str:
    """A channel's name in one spelling: without regard to case, and abbreviations written out; unknown ones stay."""
    word = _word(name)
    return platform_of(name) or _CHANNEL_ALIASES.get(word, word)


def channel_of(name: str | None) -> str:
    """The channel that a caller's word means."""
    return UNASSIGNED if name is None or not name.strip() else _listed(canonical(name), CHANNELS)


def device_of(name: str | None) -> str:
    """The kind of device that a caller's word means."""
    if name is None or not name.strip():
        return UNASSIGNED
    word = _word(name)
    return _listed(_DEVICE_ALIASES.get(word, word), DEVICES)


def _listed(word: str, known: Set[str]) -> str:
    return word if word in known else OTHER


def _word(name: str) -> str:
    return "_".join(name.casefold().split())
