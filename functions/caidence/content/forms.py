"""What platforms and types of content ask of a text: its form, its greatest length, whether hashtags belong to it."""

from dataclasses import dataclass
from typing import Final, Literal

Form = Literal["post", "thread", "article", "email", "ad", "script"]

LONGEST: Final = 6000
"""Characters of any content, so that a hundred of them fit into one reply."""

_FORMS: Final[tuple[tuple[Form, tuple[str, ...]], ...]] = (
    ("script", ("script", "reel", "video", "short", "story", "stories", "podcast", "storyboard")),
    ("thread", ("thread", "carousel")),
    ("email", ("email", "newsletter", "mail")),
    ("ad", ("ad", "ads", "advert", "advertisement", "banner", "headline")),
    ("article", ("article", "blog", "press", "landing", "whitepaper", "case", "guide", "page")),
)
_NETWORKS: Final = {
    "twitter": 280, "x": 280, "threads": 500, "bluesky": 300, "pinterest": 500, "instagram": 2200, "tiktok": 2200,
    "linkedin": 3000, "facebook": 3000, "youtube": 5000, "snapchat": 250, "sms": 480, "whatsapp": 1000,
}  # fmt: skip
"""Characters of a post there."""
_TAGGED: Final = frozenset({"twitter", "x", "threads", "pinterest", "instagram", "tiktok", "linkedin", "youtube"})
_SEPARATE: Final = frozenset("-_/,.&+")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a text has to be like."""

    form: Form
    most: int
    """Characters."""
    tagged: bool
    """Whether hashtags belong to it."""


def shape_of(platform: str, content_type: str) -> Shape:
    """The shape of a type of content on a platform; an unknown one is a post."""
    network = next((word for word in _words(platform) if word in _NETWORKS), "")
    form = _form(content_type) or _form(platform) or "post"
    short = form in {"post", "ad"}
    most = _NETWORKS.get(network, LONGEST) if short else LONGEST
    return Shape(form, most, tagged=network in _TAGGED and form in {"post", "script", "thread"})


def _form(text: str) -> Form | None:
    words = _words(text)
    return next((form for form, names in _FORMS if any(word in names for word in words)), None)


def _words(text: str) -> list[str]:
    plain = text.casefold().replace("e-mail", "email")
    return "".join(" " if char in _SEPARATE else char for char in plain).split()
