"""What platforms and types of content ask of a text: its form, its greatest length, whether hashtags belong to it."""

from dataclasses import dataclass
from typing import Final, Literal

Form = Literal["post", "thread", "article", "email", "ad", "line", "meta", "tags", "script"]

LONGEST: Final = 6000
"""Characters of any content, so that a hundred of them fit into one reply."""

_FORMS: Final[tuple[tuple[Form, tuple[str, ...]], ...]] = (
    ("tags", ("hashtag", "hashtags")),
    ("meta", ("meta", "metadescription", "snippet")),
    ("line", ("headline", "headlines", "slogan", "tagline", "subject")),
    ("script", ("script", "reel", "video", "short", "story", "stories", "podcast", "storyboard")),
    ("thread", ("thread", "carousel")),
    ("email", ("email", "newsletter", "mail")),
    ("ad", ("ad", "ads", "advert", "advertisement", "banner")),
    ("article", ("article", "blog", "press", "landing", "whitepaper", "case", "guide", "page")),
)
_NETWORKS: Final = {
    "twitter": 280, "x": 280, "threads": 500, "bluesky": 300, "pinterest": 500, "instagram": 2200, "tiktok": 2200,
    "linkedin": 3000, "facebook": 3000, "youtube": 5000, "snapchat": 250, "sms": 480, "whatsapp": 1000,
}  # fmt: skip
"""Characters of a post there."""
_SEARCH: Final = frozenset({"google", "adwords", "bing"})
_SEARCH_HEADLINE: Final = 30
_SEARCH_DESCRIPTION: Final = 90
_LINE: Final = 120
_META: Final = 155
"""Characters that search engines show of a page's description."""
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
    part: int
    """Characters of a part of a thread, or of the body of an ad."""
    head: int
    """Characters of an ad's headline."""
    can_stop: bool = False
    """Whether it has to say how to receive no more of it."""


def shape_of(platform: str, content_type: str) -> Shape:
    """The shape of a type of content on a platform; an unknown one is a post."""
    network = next((word for word in _words(platform) if word in _NETWORKS), "")
    in_search = bool(_SEARCH.intersection(_words(platform)))
    form = _form(content_type) or _form(platform) or "post"
    if in_search and "description" in _words(content_type) and form != "meta":
        return Shape("line", _SEARCH_DESCRIPTION, tagged=False, part=_SEARCH_DESCRIPTION, head=0)
    own = _NETWORKS.get(network, LONGEST)
    most = {
        "post": own, "ad": own, "tags": own, "line": _SEARCH_HEADLINE if in_search else min(own, _LINE), "meta": _META,
    }.get(form, LONGEST)  # fmt: skip
    return Shape(
        form,
        most,
        tagged=network in _TAGGED and form in {"post", "script", "thread"},
        part=_SEARCH_DESCRIPTION if in_search else own,
        head=_SEARCH_HEADLINE if in_search else _LINE,
        can_stop=network == "sms" and form == "post",
    )


def _form(text: str) -> Form | None:
    words = _words(text)
    return next((form for form, names in _FORMS if any(word in names for word in words)), None)


def _words(text: str) -> list[str]:
    plain = text.casefold().replace("e-mail", "email")
    return "".join(" " if char in _SEPARATE else char for char in plain).split()
