"""Copy without a language model: a draft that a copywriter would begin with, the same for the same brief."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from caidence.content.forms import Shape, shape_of

_ORDER: Final = re.compile(
    r"^(?:please\s+)?(?:write|create|generate|draft|make|compose|give|prepare|produce)\s+(?:me\s+|us\s+)?"
    r"(?:(?:a|an|the|some|one|\d+)\s+)?(?P<what>(?:[\w'’-]+\s+){0,6}?)(?:about|for|on|announcing|introducing|promoting|of)\s+",
    re.IGNORECASE,
)
"""How briefs begin that give an order before they come to the matter."""
_ASIDE: Final = re.compile(
    r"^(?:please\s+)?(?:mention|include|highlight|emphasi[sz]e|stress|focus on|talk about|describe|explain|announce|"
    r"introduce|promote)\s+(?:that\s+)?",
    re.IGNORECASE,
)
_MANNER: Final = re.compile(
    r"^(?:please\s+)?(?:keep|use|avoid|add|end with|start with|make it|make sure|do not|don['’]t|tone|style|length|"
    r"format|target|max|at most|no more than|under)\b",
    re.IGNORECASE,
)
"""Sentences of a brief that say how to write, not what."""
_SENTENCE: Final = re.compile(r"(?<=[.!?。！？])\s*|\n+")
_WORD: Final = re.compile(r"[^\W_]+")
_LONGEST_TAG: Final = 24
_OPENINGS: Final = (
    "Meet {title}.",
    "{title}: made for this moment.",
    "What if it were simpler? {title}.",
    "Here is the one to remember: {title}.",
    "Say hello to {title}.",
)
_BRIDGES: Final = (
    "Here is what it is about.",
    "The short version:",
    "Why it is worth a minute:",
    "What stands behind it:",
)
_CALLS: Final[dict[str, tuple[str, ...]]] = {
    "social": (
        "Tell us below: what would you try first?",
        "Save this for later, and pass it on to somebody who needs it.",
        "Tag the person you would share it with.",
    ),
    "direct": (
        "See for yourself: [link]",
        "Have a look, and hit reply with your questions. We answer every one.",
        "Be among the first: [link]",
    ),
    "ad": ("Discover it now", "See it for yourself", "Find yours today"),
}
_MOST_POINTS: Final = 5
_MOST_TAGS: Final = 4


@dataclass(frozen=True, slots=True)
class Brief:
    """What is to be written."""

    title: str
    platform: str
    content_type: str
    prompt: str
    brand: str = ""
    """The name of the brand it speaks for."""


def compose(brief: Brief) -> str:
    """A draft in the shape that platform and type ask for, made of what the brief says and nothing else."""
    shape = shape_of(brief.platform, brief.content_type)
    text = {
        "post": _post, "thread": _thread, "article": _article, "email": _email, "ad": _ad, "script": _script,
    }[shape.form](brief, _Parts.of(brief, shape.form))  # fmt: skip
    return _fitted(text, _tags(brief) if shape.tagged else "", shape)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What every form is put together from."""

    opening: str
    bridge: str
    points: Sequence[str]
    call: str
    sender: str

    @property
    def lead(self) -> str:
        return self.points[0]

    @classmethod
    def of(cls, brief: Brief, form: str) -> "_Parts":
        title = brief.title.rstrip(" .!?。！？") or brief.title
        calls = _CALLS[{"ad": "ad", "email": "direct", "article": "direct"}.get(form, "social")]
        seed = hashlib.sha256("\0".join((brief.title, brief.prompt)).encode()).digest()
        return cls(
            _OPENINGS[seed[0] % len(_OPENINGS)].format(title=title),
            _BRIDGES[seed[1] % len(_BRIDGES)],
            points_of(brief.prompt) or [f"{title}."],
            calls[seed[2] % len(calls)],
            brief.brand or "The team",
        )


def points_of(prompt: str) -> list[str]:
    """What a brief has to say, sentence by sentence, without the order that it begins with."""
    bare = _ORDER.sub("", prompt.strip(), count=1)
    parts = [part.strip(" -•*\t") for part in _SENTENCE.split(bare)]
    said = [_ASIDE.sub("", part) for part in parts if not _MANNER.match(part)]
    return [_sentence(part) for part in said if any(char.isalnum() for char in part)][:_MOST_POINTS]


def _post(_: Brief, parts: _Parts) -> str:
    return "\n\n".join([parts.opening, *parts.points, parts.call])


def _ad(brief: Brief, parts: _Parts) -> str:
    return f"{brief.title}\n\n{parts.lead}\n\n→ {parts.call}"


def _thread(_: Brief, parts: _Parts) -> str:
    lines = [f"{parts.opening} {parts.bridge}", *parts.points, parts.call]
    return "\n\n".join(f"{number}/{len(lines)} {line}" for number, line in enumerate(lines, 1))


def _email(brief: Brief, parts: _Parts) -> str:
    rest = "\n".join(f"• {point}" for point in parts.points[1:])
    body = [f"Subject: {brief.title}", f"Preview: {_cut(parts.lead, 90)}", "Hello,", parts.lead]
    return "\n\n".join([*body, *([f"{parts.bridge}\n{rest}"] if rest else []), parts.call, f"Warmly,\n{parts.sender}"])


def _article(brief: Brief, parts: _Parts) -> str:
    heads = ("What it is about", "Why it matters", "How it works", "What to expect", "Where to begin")
    parted = [f"## {head}\n\n{point}" for head, point in zip(heads, parts.points, strict=False)]
    return "\n\n".join([f"# {brief.title}", parts.opening, *parted, f"## Next step\n\n{parts.call}"])


def _script(brief: Brief, parts: _Parts) -> str:
    scenes = [("HOOK", parts.opening), *(("SCENE", point) for point in parts.points), ("CLOSE", parts.call)]
    told = []
    for number, (kind, line) in enumerate(scenes):
        shown = {"HOOK": f"Close-up, the title on screen: {brief.title}", "CLOSE": "The logo, held still for a breath"}
        seen = shown.get(kind, "One clear image for this line, the camera moving in")
        told.append(f"[{number * 5:02d}–{number * 5 + 5:02d} s] {kind}\nPicture: {seen}\nVoice: {line}")
    return "\n\n".join(told)


def _tags(brief: Brief) -> str:
    """Up to four hashtags: the brand, the title, and the longest words of the title."""
    words = sorted(_WORD.findall(brief.title), key=len, reverse=True)
    found = [_tag(brief.brand), _tag(brief.title), *(_tag(word) for word in words if len(word) > 3)]
    return " ".join(list(dict.fromkeys(tag for tag in found if tag))[:_MOST_TAGS])


def _tag(text: str) -> str:
    """A text as one hashtag; empty where that would be too long, or a number."""
    joined = "".join(word[:1].upper() + word[1:] for word in _WORD.findall(text))
    return f"#{joined}" if joined and len(joined) <= _LONGEST_TAG and not joined.isdigit() else ""


def _fitted(text: str, tags: str, shape: Shape) -> str:
    """The text within its length: whole paragraphs are left out from before the last one, then the rest is cut."""
    room = shape.most - (len(tags) + 2 if tags else 0)
    paragraphs = text.split("\n\n")
    while len(paragraphs) > 2 and len("\n\n".join(paragraphs)) > room:
        del paragraphs[-2]
    kept = _cut("\n\n".join(paragraphs), room)
    return f"{kept}\n\n{tags}" if tags else kept


def _cut(text: str, most: int) -> str:
    """At most so many characters, at the end of a word where there is one near."""
    if len(text) <= most:
        return text
    head = text[: most - 1]
    at = head.rfind(" ")
    return (head[:at] if at > most // 2 else head).rstrip(" ,;:\n") + "…"


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text[-1] in ".!?…。！？:" else f"{text}."
