"""Whether a text may be stored under a key: it cannot break an app that formats it with what the source is given.

Each check raises `Unsound`, whose code and message are what a caller is told of the key.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import islice, product
from typing import Final

from quintet.models.text import is_seen
from softfactory.languages.message_format import (
    Argument,
    MalformedMessage,
    Message,
    Plural,
    UnsupportedMessage,
    parse,
)
from softfactory.languages.plural_rules import KEYWORDS, Language, categories, category, names_one_number

LONGEST_KEY: Final = 200
LONGEST_TEXT: Final = 5_000
"""Characters."""
MOST_CHOICES: Final = 8
MOST_CASES: Final = 50
"""Cases of all choices of a message, and the ways in which they can come together that are compared."""
KEY: Final = r"^[a-z0-9_-]+(\.[a-z0-9_-]+)+$"
"""`module.name`, the name in as many steps as wanted."""

_KEY: Final = re.compile(KEY)
_SAMPLES: Final = (*range(25), 101, 102, 103, 111, 112, 113, Decimal("1.5"))
"""Numbers of every category that CLDR has for the four languages, and of every exception to it."""
_OVERRIDES: Final = "\u202d\u202e"
_Value = int | Decimal | str
Uses = frozenset[str]
"""Ways in which a message uses an argument."""


class Unsound(ValueError):
    """Why a text is not stored under a key: `code` for programs, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def check_key(key: str) -> None:
    if len(key) > LONGEST_KEY or not _KEY.match(key) or key.endswith("\n"):
        message = f"A key is module.name, of a-z, 0-9, _ and -, at most {LONGEST_KEY} characters"
        raise Unsound("invalid_key", message)


def checked(text: object, language: Language) -> Message:
    """The message that a text is, with every plural category that its language has."""
    if not isinstance(text, str):
        raise Unsound("no_text", "The text is no string")
    if not is_seen(text):
        raise Unsound("empty", "The text is empty")
    if len(text) > LONGEST_TEXT:
        found = f"The text has more than {LONGEST_TEXT:,} characters"
        raise Unsound("too_long", found)
    if any(char in _OVERRIDES or (unicodedata.category(char) == "Cc" and char not in "\n\t") for char in text):
        raise Unsound("unprintable", "The text has control characters, or overrides its direction")
    try:
        message = parse(text)
    except UnsupportedMessage as error:
        found = f"The text is an ICU message of a kind that is not taken: {error}"
        raise Unsound("unsupported_message", found) from None
    except MalformedMessage as error:
        found = f"The text is no ICU message: {error}"
        raise Unsound("malformed_message", found) from None
    choices = list(_choices(message))
    if len(choices) > MOST_CHOICES or sum(len(choice.cases) for choice in choices) > MOST_CASES:
        found = f"The text has more than {MOST_CHOICES} choices, or more than {MOST_CASES} cases in all"
        raise Unsound("too_many_cases", found)
    for choice in choices:
        if choice.kind in ("plural", "selectordinal"):
            _check_categories(choice, language)
    _uses(message)
    return message


def check_against(message: Message, source: Message, language: Language) -> None:
    """Raise `Unsound` unless a translation's placeholders are the source's, in each variant as far as it goes."""
    _check_arguments(_uses(message), _uses(source))
    for values in _situations(message, source, language):
        lost = _shown(source, values, "ko") - _shown(message, values, language)
        if lost := lost - _spelt_out(message, values, language):
            where = ", ".join(f"{name} = {value}" for name, value in values.items())
            found = f"The text does not show {_listed(lost)}{f' where {where}' if where else ''}, as the source does"
            raise Unsound("placeholders_differ", found)


def variants(message: Message, language: Language) -> int:
    """How many texts a complete translation into a language has: 1, and more where a plural or select chooses."""
    found = 0
    for choice in message:
        if isinstance(choice, Argument) and choice.chooses:
            cases = dict(choice.cases)
            wanted = list(cases)
            if choice.kind != "select":
                explicit = [selector for selector in cases if selector.startswith("=")]
                wanted = [*explicit, *categories(language, _plural(choice))]
            found += sum(variants(cases.get(selector, cases["other"]), language) for selector in wanted)
    return max(found, 1)


def _check_categories(choice: Argument, language: Language) -> None:
    given = [selector for selector, _ in choice.cases if not selector.startswith("=")]
    if unknown := [selector for selector in given if selector not in KEYWORDS]:
        found = (
            f"{choice.name} has the case {unknown[0]}, which no language has; {', '.join(KEYWORDS)} are plurals' cases"
        )
        raise Unsound("unknown_plural_category", found)
    if lacking := [wanted for wanted in categories(language, _plural(choice)) if wanted not in given]:
        found = f"{choice.name} lacks the {choice.kind} case {' and '.join(lacking)} of the language {language}"
        raise Unsound("plural_incomplete", found)


def _check_arguments(given: Mapping[str, Uses], wanted: Mapping[str, Uses]) -> None:
    """The names must be the same, and each must be used as the source uses it: what it is given is made for that."""
    lacking, extra = wanted.keys() - given.keys(), given.keys() - wanted.keys()
    if lacking or extra:
        parts = [f"lacks {_listed(lacking)}"] if lacking else []
        parts += [f"has {_listed(extra)}, which the source has not"] if extra else []
        raise Unsound("placeholders_differ", f"The text {' and '.join(parts)}")
    for name, uses in given.items():
        # A number that is chosen by may be shown beside in whichever way.
        beside = {"number"} if wanted[name] & {"plural", "selectordinal"} else set()
        if uses - beside != wanted[name] - beside:
            found = f"The text uses {{{name}}} as {_worded(uses)}, the source as {_worded(wanted[name])}"
            raise Unsound("placeholder_type", found)


_WORDS: Final = {
    "number": "a number",
    "date": "a date",
    "time": "a time",
    "plural": "a plural",
    "selectordinal": "an ordinal",
    "select": "a word to select by",
}
_VALUES: Final = {"date": "moment", "time": "moment", "select": "word"}
"""What an argument must be to be used in a way; else a number."""


def _worded(uses: Uses) -> str:
    return " and ".join(word for use, word in _WORDS.items() if use in uses) or "plain text"


def _uses(message: Message) -> dict[str, Uses]:
    """In which ways each argument is formatted or chosen by; in none where it is plain text alone."""
    found: dict[str, Uses] = {}
    for argument in _arguments(message):
        before = found.get(argument.name, frozenset())
        uses = found[argument.name] = before | ({argument.kind} & _WORDS.keys())
        if len({_VALUES.get(use, "number") for use in uses}) > 1:
            clash = f"The text uses {{{argument.name}}} as {_worded(before)} and as {_worded(uses - before)}"
            raise Unsound("placeholder_type", clash)
    return found


def _arguments(message: Message) -> Iterator[Argument]:
    for part in message:
        if isinstance(part, Argument):
            yield part
            for _, case in part.cases:
                yield from _arguments(case)


def _choices(message: Message) -> Iterator[Argument]:
    return (argument for argument in _arguments(message) if argument.chooses)


def _situations(message: Message, source: Message, language: Language) -> Iterator[dict[str, _Value]]:
    """Values of the arguments that are chosen by: one set for each way in which the cases of both can come together."""
    occurrences: dict[str, list[tuple[Argument, Language]]] = {}
    for text, spoken in ((message, language), (source, "ko")):
        for choice in _choices(text):
            occurrences.setdefault(choice.name, []).append((choice, spoken))
    values = [_samples(found) for found in occurrences.values()]
    together = list(islice(product(*values), MOST_CASES + 1))
    if len(together) > MOST_CASES:
        found = f"The cases of the text come together in more than {MOST_CASES} ways"
        raise Unsound("too_many_cases", found)
    return (dict(zip(occurrences, chosen, strict=True)) for chosen in together)


def _samples(occurrences: list[tuple[Argument, Language]]) -> list[_Value]:
    """Values of one argument, one for each way in which its occurrences choose."""
    selectors = {selector: None for choice, _ in occurrences for selector, _ in choice.cases}
    candidates: list[_Value] = list(selectors)
    if any(choice.kind != "select" for choice, _ in occurrences):
        exact = [int(selector[1:]) for selector in selectors if selector.startswith("=")]
        shifts = {choice.offset for choice, _ in occurrences}
        candidates = [*exact, *(number + shift for shift in shifts for number in _SAMPLES)]
    ways: dict[tuple[str, ...], _Value] = {}
    for value in candidates:
        ways.setdefault(tuple(_chosen(choice, value, language) for choice, language in occurrences), value)
    return list(ways.values())


def _chosen(choice: Argument, value: _Value, language: Language) -> str:
    """The selector of the case that a value chooses."""
    cases = dict(choice.cases)
    if isinstance(value, str):
        return value if value in cases else "other"
    if f"={value}" in cases:
        return f"={value}"
    found = category(language, _plural(choice), value - choice.offset)
    return found if found in cases else "other"


def _plural(choice: Argument) -> Plural:
    return "selectordinal" if choice.kind == "selectordinal" else "plural"


def _shown(message: Message, values: Mapping[str, _Value], language: Language) -> set[str]:
    """The arguments that a reader sees."""
    found: set[str] = set()
    for part in message:
        if isinstance(part, Argument):
            if part.chooses:
                case = dict(part.cases)[_chosen(part, values[part.name], language)]
                found |= _shown(case, values, language)
            else:
                found.add(part.name)
    return found


def _spelt_out(message: Message, values: Mapping[str, _Value], language: Language) -> set[str]:
    """The numbers that the cases chosen stand for by themselves: "one file" needs no 1."""
    found: set[str] = set()
    for part in message:
        if isinstance(part, Argument) and part.chooses:
            selector = _chosen(part, values[part.name], language)
            if part.kind != "select" and names_one_number(language, _plural(part), selector):
                found.add(part.name)
            found |= _spelt_out(dict(part.cases)[selector], values, language)
    return found


def _listed(names: set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))
