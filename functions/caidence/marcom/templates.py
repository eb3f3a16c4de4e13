"""Templates of copy: a small language for texts that read differently with what is known.

    {product}  {points|first|title}          a value; through filters (`FILTERS`)
    {?offer}…{/offer}  {^offer}…{/offer}     only with a value; only without
    {tone=bold}…{/tone}                      only with this value
    {#points}… {n}. {item} …{/points}        once for each item of a list
    {max=90}…{/max}                          only within so many characters, a leading `- ` not counted
    [[Meet | Say hello to]]                  one of several wordings, by the values: the same values, the same text

A section is closed by its name, so none stands in another of the same name. What a value says is never read as part
of the template.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Final

Values = Mapping[str, str | list[str]]

_SECTION: Final = re.compile(r"\{(?:([?^#])([a-z_]+)|([a-z_]+)=([a-z0-9 -]+))\}(.*?)\{/(?:\2|\3)\}", re.DOTALL)
_VALUE: Final = re.compile(r"\{([a-z_]+)((?:\|[a-z]+)*)\}")
_WORDINGS: Final = re.compile(r"\[\[(.+?)\]\]", re.DOTALL)
_COMMA: Final = re.compile(r",(?!(?<=\d,)\d)(?![^()]*\))")
_BULLET: Final = re.compile(r"^(?:[•*·]\s*|[-–—]\s+|[-–](?!\d)|\d{1,2}[.)]\s+)+")
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_SMALL: Final = """
a an and anybody anyone busy every everybody everyone for get grow it local make men modern more new one our owners
parents people small teams the their they we who with women young your
"""
"""First words that lose their capital within a sentence, as most do that begin a longer phrase."""
_NAMES: Final = """
african amazon american apple asian berlin british chinese christmas easter english european facebook french german
google indian instagram italian japanese linkedin london madrid paris pinterest spanish tiktok whatsapp youtube
"""
"""First words that keep it."""


def filled(template: str, values: Values) -> str:
    """The text of a template with these values. Raises KeyError for a filter that there is not."""
    text = _Writer(values).written(template, values)
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


class _Writer:
    """One text in the making. Wordings are drawn by the digest of all values, each by another part of it."""

    def __init__(self, values: Values) -> None:
        said = json.dumps(dict(values), sort_keys=True, ensure_ascii=False)
        self._seed, self._drawn = said, 0

    def written(self, text: str, values: Values) -> str:
        """A part of the template, and all sections in it."""
        parts, end = [], 0
        for match in _SECTION.finditer(text):
            parts += [self._plain(text[end : match.start()], values), self._section(match, values)]
            end = match.end()
        return "".join([*parts, self._plain(text[end:], values)])

    def _section(self, match: re.Match[str], values: Values) -> str:
        mark, marked, compared, wanted, inner = match.groups()
        name = marked or compared
        value = values.get(name)
        if mark == "#":
            items = items_of(value or "")
            return "".join(
                self.written(inner, {**values, "item": item, "n": str(number)}) for number, item in enumerate(items, 1)
            )
        if name == "max":
            text = self.written(inner, values)
            return text if len(text.strip().removeprefix("- ")) <= int(wanted) else ""
        holds = value == wanted if wanted else bool(value) is (mark == "?")
        return self.written(inner, values) if holds else ""

    def _plain(self, text: str, values: Values) -> str:
        worded = _WORDINGS.sub(lambda match: self._draw(match[1].split(" | ")), text)
        return _VALUE.sub(lambda match: _shown(values.get(match[1], ""), match[2].split("|")[1:]), worded)

    def _draw(self, wordings: list[str]) -> str:
        self._drawn += 1
        digest = hashlib.sha256(f"{self._drawn}#{self._seed}".encode()).digest()
        return wordings[int.from_bytes(digest[:4], "big") % len(wordings)].strip()


def items_of(value: str | list[str]) -> list[str]:
    """The items of a list: lines, or what semicolons or commas separate; bullets and numbers before them are taken off.

    A comma between figures (`10,000 EUR`, `9,99`) or in brackets separates nothing.
    """
    if isinstance(value, list):
        return value
    parts = value.split("\n") if "\n" in value else value.split(";") if ";" in value else _COMMA.split(value)
    items = (_BULLET.sub("", part.strip()).strip().rstrip(".;,") for part in parts)
    return [item for item in items if item]


def _shown(value: str | list[str], filters: list[str]) -> str:
    for name in filters:
        value = FILTERS[name](value)
    return _text(value)


def _text(value: str | list[str]) -> str:
    return ", ".join(value) if isinstance(value, list) else value


def _sentence(value: str | list[str]) -> str:
    text = _text(value)
    whole = text[:1].upper() + text[1:]
    return whole if whole.endswith((".", "!", "?", "…", "。")) or not whole else f"{whole}."


def _within(value: str | list[str]) -> str:
    text = _text(value).rstrip(".;, ")
    first, *others = text.split() or [""]
    plain = len(others) > 1 and not any(word[0].isupper() for word in others) and first.lower() not in _NAMES.split()
    small = first.lower() in _SMALL.split() or (plain and first[1:].islower())
    return text[:1].lower() + text[1:] if small else text


def _listed(value: str | list[str]) -> str:
    *most, last = [_within(item) for item in items_of(value)] or [""]
    return f"{', '.join(most)} and {last}" if most else last


def _title(value: str | list[str]) -> str:
    text = _text(value).rstrip(".")
    return text[:1].upper() + text[1:]


def _tag(value: str | list[str]) -> str:
    words = _WORD.findall(_text(value))[:3]
    return "#" + "".join(word[:1].upper() + word[1:] for word in words).replace("’", "").replace("'", "")


FILTERS: Final[dict[str, Callable[[str | list[str]], str]]] = {
    "s": _sentence,
    "in": _within,
    "title": _title,
    "and": _listed,
    "tag": _tag,
    "upper": lambda value: _text(value).upper(),
    "first": lambda value: (items_of(value) or [""])[0],
    "bullets": lambda value: "\n".join(f"- {_title(item)}" for item in items_of(value)),
    "lower": lambda value: _text(value).lower(),
}
"""`s` makes a sentence, `in` fits into one, `title` begins with a capital, `and` enumerates a list."""
