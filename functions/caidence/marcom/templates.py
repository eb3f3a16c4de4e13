"""Templates of copy: a small language for texts that read differently with what is known.

    {product}  {points|first|title}          a value; through filters (`FILTERS`)
    {?offer}…{/offer}  {^offer}…{/offer}     only with a value; only without
    {tone=bold}…{/tone}                      only with this value
    {#points}… {n}. {item} …{/points}        once for each item of a list
    {max=90}…{/max}                          only within so many characters, a leading `- ` not counted
    {unsaid=free}…{/unsaid}                  only where no value has this word
    {sms=160}…{/sms}                         a text message; where it takes several parts, a line says so
    [[Meet | Say hello to]]                  one of several wordings, by the values: the same values, the same text;
                                             in a list they take turns

A section is closed by its name, so none stands in another of the same name. What a value says is never read as part
of the template.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Final

from caidence.marcom.texting import texted
from caidence.reading.phrases import within
from caidence.wording import capital, sentence

Values = Mapping[str, str | list[str]]

_SECTION: Final = re.compile(r"\{(?:([?^#])([a-z_]+)|([a-z_]+)=([a-z0-9 -]+))\}(.*?)\{/(?:\2|\3)\}", re.DOTALL)
_VALUE: Final = re.compile(r"\{([a-z_]+)((?:\|[a-z]+)*)\}")
_WORDINGS: Final = re.compile(r"\[\[(.+?)\]\]", re.DOTALL)
_COMMA: Final = re.compile(r",(?!(?<=\d,)\d)(?![^()]*\))")
_BULLET: Final = re.compile(r"^(?:[•*·]\s*|[-–—]\s+|[-–](?!\d)|\d{1,2}[.)]\s+)+")
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_VOWEL: Final = re.compile(
    r"(?i:(?!eu|one\b|once|uni|us[aeu]|util)[aeiou]|hour|honest|heir|8|11\b|18\b)|[AEFHILMNORSX][A-Z]"
)
_ARTICLE: Final = re.compile(r"(?:an?|the|our|your|my|their|one)\s", re.IGNORECASE)
_QUOTES: Final = ' "“”„«»'
_PATH: Final = 15
"""Characters of one of the two parts of a path that an ad shows."""
_NTH: Final = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth",
)  # fmt: skip


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
        self._said = " ".join(_text(value) for value in values.values()).casefold()
        self._turns: dict[str, int] = {}

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
        if name == "sms":
            return texted(self.written(inner, values), int(wanted))
        if name == "unsaid":
            return (
                "" if re.search(rf"(?<!\w){re.escape(wanted.rstrip('s'))}", self._said) else self.written(inner, values)
            )
        holds = value == wanted if wanted else bool(value) is (mark == "?")
        return self.written(inner, values) if holds else ""

    def _plain(self, text: str, values: Values) -> str:
        worded = _WORDINGS.sub(lambda match: self._draw(match[1]), text)
        return _VALUE.sub(lambda match: _shown(values.get(match[1], ""), match[2].split("|")[1:]), worded)

    def _draw(self, choice: str) -> str:
        wordings = choice.split(" | ")
        if choice not in self._turns:
            self._drawn += 1
            digest = hashlib.sha256(f"{self._drawn}#{self._seed}".encode()).digest()
            self._turns[choice] = int.from_bytes(digest[:4], "big") - 1
        self._turns[choice] += 1
        return wordings[self._turns[choice] % len(wordings)].strip()


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
    return sentence(_text(value))


def _within(value: str | list[str]) -> str:
    return within(_text(value).rstrip(".;, "))


def _with_article(value: str | list[str]) -> str:
    text = _within(value)
    if not text or _ARTICLE.match(text):
        return text
    return f"{'an' if _VOWEL.match(text) else 'a'} {text}"


def _quoted(value: str | list[str]) -> str:
    words = _text(value).strip(_QUOTES).rstrip(".;,")
    return f"“{words}”"


def _path(value: str | list[str]) -> str:
    parts = [""]
    for word in _WORD.findall(_text(value).lower()):
        joined = f"{parts[-1]}-{word}".lstrip("-")
        if len(joined) <= _PATH:
            parts[-1] = joined
        elif len(parts) == 1 and parts[0]:
            parts.append(word[:_PATH])
        elif not parts[0]:
            parts[0] = word[:_PATH]
    return "/".join(part for part in parts if part)


def _listed(value: str | list[str]) -> str:
    *most, last = [_within(item) for item in items_of(value)] or [""]
    return f"{', '.join(most)} and {last}" if most else last


def _title(value: str | list[str]) -> str:
    return capital(_text(value).rstrip("."))


def _tag(value: str | list[str]) -> str:
    words = _WORD.findall(_text(value))[:3]
    tag = "".join(word[:1].upper() + word[1:] for word in words).replace("’", "").replace("'", "")
    return f"#{tag}" if any(char.isalpha() for char in tag) else ""


def _nth(place: int) -> Callable[[str | list[str]], str]:
    """One item of a list, from its beginning again where it is shorter."""

    def item(value: str | list[str]) -> str:
        items = items_of(value) or [""]
        return items[place % len(items)]

    return item


FILTERS: Final[dict[str, Callable[[str | list[str]], str]]] = {
    "s": _sentence,
    "in": _within,
    "title": _title,
    "and": _listed,
    "tag": _tag,
    "upper": lambda value: _text(value).upper(),
    "a": _with_article,
    "quoted": _quoted,
    "path": _path,
    **{name: _nth(place) for place, name in enumerate(_NTH)},
    "bullets": lambda value: "\n".join(f"- {_title(item)}" for item in items_of(value)),
    "lower": lambda value: _text(value).lower(),
}
"""`s` makes a sentence, `in` fits into one, `a` too and has an article, `title` begins with a capital, `quoted` stands
in quotation marks, `and` enumerates a list, `first` to `twelfth` is one of its items, `path` what an ad shows of an
address."""
