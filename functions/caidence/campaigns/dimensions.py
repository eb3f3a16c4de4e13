"""By what figures are told apart: channels and devices, each from a closed list, so that what is kept stays small.

What a caller names beyond the list counts as `other`, what has no name as `unassigned`; the event keeps the words.
"""

from collections.abc import Mapping, Set
from types import MappingProxyType
from typing import Final

OTHER: Final = "other"
UNASSIGNED: Final = "unassigned"

CHANNELS: Final = frozenset(
    {
        "affiliate", "blog", "display", "email", "events", "facebook", "influencer", "instagram", "linkedin",
        "messenger", "newsletter", "onlyfans", "organic", "outdoor", "pinterest", "podcast", "print", "push", "radio",
        "reddit", "referral", "search", "seo", "shopping", "sms", "snapchat", "social", "spotify", "telegram",
        "threads", "tiktok", "tv", "twitch", "twitter", "video", "web", "whatsapp", "youtube",
    }
)  # fmt: skip
_CHANNEL_ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ads": "display", "e-mail": "email", "fb": "facebook", "google": "search", "google_ads": "search",
        "ig": "instagram", "mail": "email", "out_of_home": "outdoor", "sem": "search", "site": "web",
        "television": "tv", "website": "web", "x": "twitter", "yt": "youtube",
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
SOCIAL: Final = frozenset(
    {"facebook", "instagram", "linkedin", "onlyfans", "pinterest", "snapchat", "threads", "tiktok", "twitch",
     "twitter", "youtube"}
)  # fmt: skip
"""Channels on which somebody has a handle."""


def canonical(name: str) -> str:
    """A channel's name in one spelling: without regard to case, and abbreviations written out; unknown ones stay."""
    word = _word(name)
    return _CHANNEL_ALIASES.get(word, word)


def channel_of(name: str | None) -> str:
    """The channel that a caller's word means."""
    return _found(name, CHANNELS, _CHANNEL_ALIASES)


def device_of(name: str | None) -> str:
    """The kind of device that a caller's word means."""
    return _found(name, DEVICES, _DEVICE_ALIASES)


def _found(name: str | None, known: Set[str], aliases: Mapping[str, str]) -> str:
    if name is None or not name.strip():
        return UNASSIGNED
    word = _word(name)
    word = aliases.get(word, word)
    return word if word in known else OTHER


def _word(name: str) -> str:
    return "_".join(name.casefold().split())
