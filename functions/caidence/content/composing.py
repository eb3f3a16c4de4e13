"""Copy without a language model: a draft that a copywriter would begin with, the same for the same brief.

It says what the brief says, in the order in which it says it, and adds no fact. Where there is no room for all, it
keeps the first of it and what warns, and shows with an ellipsis that there was more.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from caidence.content.briefs import Reading, is_english, is_grave, is_promotional, read
from caidence.content.forms import LONGEST, Shape, shape_of
from caidence.wording import cut, sentence

_WORD: Final = re.compile(r"[^\W_]+")
_WARNING: Final = re.compile(
    r"\b(?:do not|don['’]t|never|avoid|must not|stop|warning|danger\w*|keep (?:out|away)|allerg\w*|contains?|recall\w*|"
    r"nicht|niemals|warnung|vorsicht|enthält)\b",
    re.IGNORECASE,
)
_BARE: Final = re.compile(
    r"(?:it|they|this|these|that|those|he|she|also|and|but|so|then|there|which|because)\b", re.IGNORECASE
)
"""How sentences begin that point to the one before them."""
_LINK: Final = re.compile(r"(?:https?://|www\.)\S*\w")
_OPENINGS: Final = ("Say hello to {title}.", "Here it is: {title}.", "Have a look: {title}.")
_CALLS: Final = {
    "social": ("What do you think? Tell us in the comments.", "Save this for later.", "Pass it on to a friend."),
    "direct": ("Find out more: {link}", "Have a look: {link}", "See for yourself: {link}"),
    "ad": ("Find out more", "Take a look", "See for yourself"),
}
_MEDIA: Final = {"ad": "ad", "email": "direct", "article": "direct"}
_LONGEST_TAG: Final = 24
_MOST_TAGS: Final = 4
_ALL_TAGS: Final = 10
_READABLE: Final = 40
"""Characters below which the beginning of a sentence says nothing."""
_MOST_SCENES: Final = 20


@dataclass(frozen=True, slots=True)
class Brief:
    """What is to be written."""

    title: str
    platform: str
    content_type: str
    prompt: str
    brand: str = ""
    """The name of the brand it speaks for."""


def most_of(brief: Brief) -> int:
    """Characters that all of the texts may have that a brief asks for."""
    pieces = read(brief.prompt).pieces
    return min(LONGEST, shape_of(brief.platform, brief.content_type).most * pieces + (pieces > 1) * pieces * 6)


def compose(brief: Brief) -> str:
    """A draft in the shape that platform and type ask for; as many as the brief asks for, numbered, each in it."""
    shape, reading = shape_of(brief.platform, brief.content_type), read(brief.prompt)
    if reading.pieces == 1 or shape.form == "tags":
        return _one(brief, reading, shape, 0, shape.most)
    room = min(shape.most, LONGEST // reading.pieces - 6)
    told = [_one(brief, reading, shape, number, room) for number in range(reading.pieces)]
    return "\n\n".join(f"{number}. {text}" for number, text in enumerate(told, 1))


@dataclass(frozen=True, slots=True)
class _Parts:
    """What every form is put together from."""

    title: str
    opening: str
    points: Sequence[str]
    call: str
    """Empty where nothing is to be asked of the reader."""
    greeting: str
    closing: str
    tags: str
    english: bool

    @property
    def lead(self) -> str:
        return self.points[0] if self.points else self.opening


def _one(brief: Brief, reading: Reading, shape: Shape, number: int, room: int) -> str:
    parts = _parts(brief, reading, shape, number)
    if shape.form in {"post", "meta"}:
        return _post(parts, shape, room)
    text = {
        "thread": _thread, "article": _article, "email": _email, "ad": _ad, "line": _line, "tags": _tag_list,
        "script": _script,
    }[shape.form](parts, shape)  # fmt: skip
    return _with_tags(cut(text, room), parts.tags, room)


def _parts(brief: Brief, reading: Reading, shape: Shape, number: int) -> _Parts:
    title = brief.title.rstrip(" .。") or brief.title
    said = f"{brief.title}\n{brief.prompt}"
    grave, english = is_grave(said), is_english(said)
    seed = hashlib.sha256("\0".join((brief.title, brief.prompt)).encode(errors="replace")).digest()
    opening, call = sentence(title), reading.call
    if english and not grave:
        if is_promotional(said):
            opening = _OPENINGS[(seed[0] + number) % len(_OPENINGS)].format(title=title)
        link = _LINK.search(brief.prompt)
        calls = _CALLS[_MEDIA.get(shape.form, "social")]
        call = call or calls[(seed[1] + number) % len(calls)].format(link=link[0] if link else "[link]")
    points = [point for point in _from(reading.points, number) if point.casefold() != sentence(title).casefold()]
    sender = brief.brand or ("The team" if english else "")
    return _Parts(
        title=brief.title,
        opening=opening,
        points=points,
        call="" if shape.can_stop and not reading.call else call,
        greeting="Hello," if english else "",
        closing=f"Warmly,\n{sender}" if english and not grave else sender,
        tags=_tags(brief, reading, grave) if shape.tagged or shape.form == "tags" else "",
        english=english,
    )


def _from(points: Sequence[str], number: int) -> list[str]:
    """The points, beginning with another one for each piece; what points back stays behind what it points to."""
    starts = [place for place, point in enumerate(points) if place == 0 or not _BARE.match(point)]
    at = starts[number % len(starts)] if starts else 0
    return [*points[at:], *points[:at]]


def _post(parts: _Parts, shape: Shape, room: int) -> str:
    """Opening, points and call as far as there is room: the call goes first, then the opening, then the last points."""
    gap = "\n\n" if shape.form == "post" else " "
    stop = ("Reply STOP to opt out." if parts.english else "STOP = 0 SMS") if shape.can_stop else ""
    tags = parts.tags if shape.form == "post" else ""
    calls = [parts.call] if shape.form == "post" and parts.call else []
    most = room - (len(stop) + len(gap) if stop else 0)
    for lines, shown in (
        ([parts.opening, *parts.points, *calls], tags),
        ([parts.opening, *parts.points], tags),
        ([parts.opening, *parts.points], ""),
        (list(parts.points), ""),
    ):
        whole = gap.join([*lines, *([shown] if shown else [])])
        if lines and len(whole) <= most:
            return gap.join([whole, stop] if stop else [whole])
    return gap.join([_first(parts.points or [parts.opening], gap, most), *([stop] if stop else [])])


def _first(points: Sequence[str], gap: str, room: int) -> str:
    """What of the points has room: the first, those that warn, then the next ones in their order, the last of them
    shortened."""
    order = sorted(range(len(points)), key=lambda place: (place > 0, not _WARNING.search(points[place]), place))
    kept: dict[int, str] = {}
    for place in order:
        left = room - sum(len(point) + len(gap) for point in kept.values()) - len(" …")
        if len(points[place]) > left:
            if kept and left < _READABLE:
                text = gap.join(kept[at] for at in sorted(kept))
                return f"{text} …"
            kept[place] = cut(points[place], left + len(" …"))
            break
        kept[place] = points[place]
    return gap.join(kept[at] for at in sorted(kept))


def _with_tags(text: str, tags: str, room: int) -> str:
    return f"{text}\n\n{tags}" if tags and tags != text and len(text) + 2 + len(tags) <= room else text


def _line(parts: _Parts, shape: Shape) -> str:
    """A headline is the title; a description of an ad is the first that there is to say."""
    return cut(parts.title, shape.most) if shape.most != shape.part else _first(parts.points or [parts.title], " ", 90)


def _tag_list(parts: _Parts, _: Shape) -> str:
    return parts.tags or parts.title


def _ad(parts: _Parts, shape: Shape) -> str:
    head = cut(parts.title, shape.head)
    body = _first(parts.points or [parts.opening], " ", shape.part - len(head) - 30 if shape.part > 90 else shape.part)
    return "\n\n".join([head, body, *([f"→ {cut(parts.call, 28)}"] if parts.call else [])])


def _thread(parts: _Parts, shape: Shape) -> str:
    lines = [parts.opening, *parts.points, *([parts.call] if parts.call else [])]
    room = min(shape.part, LONGEST) - len("100/100 ")
    told = [piece for line in lines for piece in _split(line, room)]
    if sum(len(line) + 10 for line in told) > LONGEST:
        told = _packed(told, room)
    return "\n\n".join(f"{number}/{len(told)} {line}" for number, line in enumerate(told, 1))


def _split(line: str, room: int) -> list[str]:
    """A line in pieces that fit, each but the last with `…` at its end, torn between words where it has any."""
    found = []
    while len(line) > room:
        head = cut(line, room).removesuffix("…")
        found.append(f"{head}…")
        line = line[len(head) :].lstrip()
    return [*found, line]


def _packed(lines: Sequence[str], room: int) -> list[str]:
    """The lines with as many in one as have room."""
    found: list[str] = []
    for line in lines:
        if found and len(found[-1]) + 1 + len(line) <= room:
            found[-1] += f" {line}"
        else:
            found.append(line)
    return found


def _email(parts: _Parts, _: Shape) -> str:
    rest = "\n".join(f"• {point}" for point in parts.points[1:])
    lines = [f"Subject: {parts.title}", f"Preview: {cut(parts.lead, 90)}", parts.greeting, parts.lead, rest,
             parts.call, parts.closing]  # fmt: skip
    return "\n\n".join(line for line in lines if line)


def _article(parts: _Parts, _: Shape) -> str:
    """The title, the first point as an introduction, the others in paragraphs of three, and where to go from there."""
    rest = parts.points[1:]
    paragraphs = [" ".join(rest[at : at + 3]) for at in range(0, len(rest), 3)]
    head = ["## What to know"] if paragraphs and parts.english else []
    last = [f"## Next step\n\n{parts.call}" if parts.english else parts.call] if parts.call else []
    return "\n\n".join([f"# {parts.title}", parts.lead, *head, *paragraphs, *last])


def _script(parts: _Parts, _: Shape) -> str:
    lines = list(parts.points)
    while len(lines) > _MOST_SCENES:
        lines = [" ".join(lines[at : at + 2]) for at in range(0, len(lines), 2)]
    scenes = [("HOOK", parts.opening), *(("SCENE", line) for line in lines)]
    scenes += [("CLOSE", parts.call)] if parts.call else []
    told = []
    for number, (kind, line) in enumerate(scenes):
        shown = {"HOOK": f"Close-up, the title on screen: {parts.title}", "CLOSE": "The logo, held still for a breath"}
        seen = shown.get(kind, "One clear image for this line, the camera moving in")
        told.append(f"[{number * 5:02d}–{number * 5 + 5:02d} s] {kind}\nPicture: {seen}\nVoice: {line}")
    return "\n\n".join(told)


def _tags(brief: Brief, reading: Reading, grave: bool) -> str:
    """The hashtags that the brief asks for; else up to four of the brand, the title, and its longest words. Where it is
    no time for them, the brand's alone."""
    words = sorted(_WORD.findall(brief.title), key=len, reverse=True)
    own = [_tag(brief.brand), *([] if grave else [_tag(brief.title), *(_tag(word) for word in words if len(word) > 3)])]
    found = dict.fromkeys(tag for tag in (*reading.tags, *([] if reading.tags else own)) if tag)
    return " ".join(list(found)[: _ALL_TAGS if reading.tags else _MOST_TAGS])


def _tag(text: str) -> str:
    """A text as one hashtag; empty where that would be too long, or a number."""
    joined = "".join(word[:1].upper() + word[1:] for word in _WORD.findall(text))
    return f"#{joined}" if joined and len(joined) <= _LONGEST_TAG and not joined.isdigit() else ""
