"""ICU MessageFormat: a message as the tree of what it shows and what it chooses by.

Read as ICU's MessagePattern reads it in its default mode (ICU User Guide, "Formatting Messages"; apostrophes as
`DOUBLE_OPTIONAL`), and no more than what ICU and the formatters of browsers (FormatJS) both take: the types number,
date, time, plural, selectordinal and select, whole numbers after `=`, no selector twice, `other` in every choice, no
apostrophe before `<` or `>`.
"""

import re
from typing import Final, Literal, NamedTuple, cast

Kind = Literal["plain", "number", "date", "time", "hash", "plural", "selectordinal", "select"]
Plural = Literal["plural", "selectordinal"]

DEEPEST: Final = 8
"""How many choices may be nested in each other."""
_SPACE: Final = re.compile("[\t-\r \x85\u200e\u200f\u2028\u2029]*")
"""Pattern_White_Space (UAX #31)."""
_LITERAL: Final = re.compile(r"[^'{}#]+")
_WORD: Final = re.compile(r"\w+")
_EXPLICIT: Final = re.compile(r"=(-?(?:0|[1-9][0-9]{0,8}))(?![0-9.])")
_OFFSET: Final = re.compile(r"offset:\s*([0-9]{1,9})(?![0-9])")
_NUMBER: Final = re.compile(r"=[-+]?[0-9]")
_STYLES: Final = {
    "number": re.compile(r"integer|currency|percent|::\S(?:.*\S)?|[#0][#0,.]*%?"),
    "date": re.compile(r"short|medium|long|full|::[A-Za-z]+"),
    "time": re.compile(r"short|medium|long|full|::[A-Za-z]+"),
}

_OTHER_TYPES: Final = frozenset(
    {*_STYLES, "spellout", "ordinal", "duration", "choice", "plural", "selectordinal", "select"}
)
"""Types that ICU takes, those that browsers' formatters have not and those in capitals among them."""


class MalformedMessage(ValueError):
    """A text that is no message; says what is wrong and at which character, from 1."""


class UnsupportedMessage(MalformedMessage):
    """A text that ICU takes, or may take, and that is not taken here."""


class Argument(NamedTuple):
    """An argument where it stands: shown (`{name}`, `{when, date}`, `#`) or chosen by (`{count, plural, …}`)."""

    name: str
    kind: Kind
    cases: tuple[tuple[str, "Message"], ...] = ()
    """Of a choice: its selectors (`=0`, `one`, `other`) in their order, and what each stands for."""
    offset: int = 0
    """Of a plural: taken from the number before its category is looked for, and before `#` shows it."""

    @property
    def chooses(self) -> bool:
        return self.kind in ("plural", "selectordinal", "select")


Message = tuple[str | Argument, ...]


def parse(text: str) -> Message:
    """The message that a text is, in time linear to its length. Raises `MalformedMessage`."""
    return _Parser(text).message(0, None)


class _Parser:
    """Reads a text once from left to right."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    def message(self, depth: int, number: str | None) -> Message:
        """Parts up to the end, or to the `}` that closes a case. `number` is the argument of the plural around it."""
        parts: list[str | Argument] = []
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == "{":
                parts.append(self._argument(depth))
            elif char == "}" and depth:
                return tuple(parts)
            elif char == "#" and number is not None:
                self._at += 1
                parts.append(Argument(number, "hash"))
            elif char == "'":
                parts.append(self._apostrophe(number is not None))
            else:
                literal = _LITERAL.match(self._text, self._at)
                parts.append(literal.group() if literal else char)
                self._at = literal.end() if literal else self._at + 1
        if depth:
            raise self._error("a case is not closed with }")
        return tuple(parts)

    def _apostrophe(self, plural: bool) -> str:
        """What an apostrophe stands for: two are one, one before syntax quotes up to the next, any other is itself."""
        text, start = self._text, self._at + 1
        following = text[start : start + 1]
        if following == "'":
            self._at += 2
            return "'"
        if following and following in "<>":  # FormatJS takes it for a quote as before braces, ICU for itself
            raise self._unsupported(f"an apostrophe before {following} must be doubled")
        if not following or following not in ("{}#" if plural else "{}"):
            self._at += 1
            return "'"
        quoted: list[str] = []
        while True:
            end = text.find("'", start)
            quoted.append(text[start:end] if end >= 0 else text[start:])
            if end < 0:  # ICU closes an open quote at the end
                self._at = len(text)
                return "".join(quoted)
            if text[end + 1 : end + 2] != "'":
                self._at = end + 1
                return "".join(quoted)
            quoted.append("'")
            start = end + 2

    def _argument(self, depth: int) -> Argument:
        self._at += 1
        name = self._word("the name of an argument")
        if name.isdecimal() and (not name.isascii() or len(name) > 9 or (name[0] == "0" and name != "0")):
            raise self._error(f"{name} is no argument's number")
        if self._passes("}"):
            return Argument(name, "plain")
        self._expect(",", f"}} or , after {name}")
        kind = self._word("a type")
        if kind in ("plural", "selectordinal", "select"):
            self._expect(",", f", and cases after {kind}")
            if depth >= DEEPEST:
                raise self._unsupported(f"choices are nested deeper than {DEEPEST}")
            return self._choice(name, cast("Kind", kind), depth)
        if kind not in _STYLES:
            refusal = self._unsupported if kind.lower() in _OTHER_TYPES else self._error
            raise refusal(f"{kind} is none of the types number, date, time, plural, selectordinal, select")
        if not self._passes("}"):
            self._expect(",", f"}} or , after {kind}")
            self._style(kind)
        return Argument(name, cast("Kind", kind))

    def _style(self, kind: str) -> None:
        end = self._text.find("}", self._at)
        if end < 0:
            raise self._error(f"the style of a {kind} is not closed with }}")
        style = self._text[self._at : end].strip()
        if not _STYLES[kind].fullmatch(style):  # ICU takes nearly anything for a pattern
            raise self._unsupported(f"{style or 'nothing'} is none of the styles of a {kind} that browsers have")
        self._at = end + 1

    def _choice(self, name: str, kind: Kind, depth: int) -> Argument:
        cases: dict[str, Message] = {}
        number, offset = (None, 0) if kind == "select" else (name, self._offset())
        while not self._passes("}"):
            selector = self._selector(kind)
            if selector in cases:
                raise self._unsupported(f"{name} has the case {selector} twice")
            self._expect("{", f"{{ after the case {selector}")
            cases[selector] = self.message(depth + 1, number)
            self._at += 1  # the brace that ended the message
        if "other" not in cases:
            raise self._error(f"{name} has no case `other`")
        return Argument(name, kind, tuple(cases.items()), offset)

    def _offset(self) -> int:
        self._skip()
        found = _OFFSET.match(self._text, self._at)
        if found is None:
            return 0
        self._at = found.end()
        return int(found[1])

    def _selector(self, kind: Kind) -> str:
        self._skip()
        if kind != "select" and self._text.startswith("=", self._at):
            found = _EXPLICIT.match(self._text, self._at)
            if found is None:
                refusal = self._unsupported if _NUMBER.match(self._text, self._at) else self._error
                raise refusal("a whole number must follow =")
            self._at = found.end()
            return "=" + str(int(found[1]))
        return self._word("a case or }")

    def _word(self, wanted: str) -> str:
        self._skip()
        found = _WORD.match(self._text, self._at)
        if found is None:
            raise self._error(f"expected {wanted}")
        self._at = found.end()
        return found.group()

    def _expect(self, char: str, wanted: str) -> None:
        if not self._passes(char):
            raise self._error(f"expected {wanted}")

    def _passes(self, char: str) -> bool:
        """Whether `char` comes next, spaces aside; it is passed over."""
        self._skip()
        if not self._text.startswith(char, self._at):
            return False
        self._at += 1
        return True

    def _skip(self) -> None:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _error(self, what: str, kind: type[MalformedMessage] = MalformedMessage) -> MalformedMessage:
        return kind(f"{what} (at character {self._at + 1})")

    def _unsupported(self, what: str) -> MalformedMessage:
        return self._error(what, UnsupportedMessage)
