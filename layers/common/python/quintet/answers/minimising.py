"""What a model needs to know of a person, and no more: facts without identifying details, within a token budget.

Two rules: an entry whose name says that it identifies somebody is dropped (`id`, `caregiver_email`, `photoUrl`,
`home_address`, …), and text loses what identifies by its form (`quintet.answers.scrubbing`). A full name keeps its
first part, as the name of somebody with a relation or a telephone does. A surname within a sentence is not known for
one. Nothing that no model reads is kept either: absent values, bytes, objects.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, Set
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from math import ceil, isfinite
from typing import Any

from pydantic import BaseModel

from quintet.answers.scrubbing import scrubbed
from quintet.log.redact import is_secret_key

TOKENS = 4000
"""What all facts together may take."""
_LIMITS = ((40, 4000), (20, 1500), (10, 700), (6, 300), (3, 150))
"""Entries of a list and characters of a text, the first pair that fits the budget."""
_MAX_DEPTH = 8

_IDENTIFYING = """
address addresses arn arns email emails fax iban id ids ip lat latitude lng lon longitude mail mails mobile mobiles
passport phone phones postal postcode ssn street surname telephone uri uris url urls uuid zip zipcode
"""
"""Words that make an entry's name an identifying one."""
_IDENTIFYING_NAMES = "created_by updated_by date_of_birth family_name last_name maiden_name subject recipients"
_FULL_NAMES = "full_name display_name patient_name person_name user_name caregiver_name"
_OF_SOMEBODY = frozenset({"caregivers", "date_of_birth", "email", "phone", "relation", "relationship"})
"""Entries beside a `name` that show it to be somebody's."""
_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")


def minimised(facts: Mapping[str, Any], tokens: int = TOKENS) -> dict[str, Any]:
    """A copy of `facts` in JSON's own types, without what identifies people, that takes about `tokens` at most.

    Too much is cut in steps: long lists lose their end, long texts theirs, at last the facts their last entries. So
    the most important comes first, in lists as in the mapping.
    """
    found: dict[str, Any] = {}
    for items, characters in _LIMITS:
        found = _mapping(facts, items, characters, 0)
        if tokens_of(found) <= tokens:
            return found
    while found and tokens_of(found) > tokens:
        found.popitem()
    return found


def tokens_of(value: Any) -> int:
    """About how many tokens a value takes as JSON: four ASCII characters to one, and one for each other character."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    plain = len(text) if text.isascii() else sum(character.isascii() for character in text)
    return ceil(plain / 4) + len(text) - plain


def _mapping(facts: Mapping[Any, Any], items: int, characters: int, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    somebody = not _OF_SOMEBODY.isdisjoint(facts)
    for name, value in facts.items():
        name = str(name)  # noqa: PLW2901 (keys of any type)
        kind = "name" if somebody and name == "name" else _kind(name)
        if kind == "identifying":
            continue
        kept = _value(value, items, characters, depth + 1)
        if kind == "name" and isinstance(kept, str):
            kept = kept.split()[0] if kept.split() else None
        if kept is not None:
            found[scrubbed(name)[:100]] = kept
    return found


def _value(value: Any, items: int, characters: int, depth: int) -> Any:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return _shortened(scrubbed(value), characters)
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float | Decimal):
        return float(value) if isfinite(value) else None
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return None if depth > _MAX_DEPTH else _collection(value, items, characters, depth)


def _collection(value: Any, items: int, characters: int, depth: int) -> Any:
    if isinstance(value, BaseModel):
        value = dict(value)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return _mapping(dict(list(value.items())[: 2 * items]), items, characters, depth)
    if isinstance(value, list | tuple | Set):
        kept = sorted(value, key=str) if isinstance(value, Set) else list(value)
        members = (_value(one, items, characters, depth + 1) for one in kept[:items])
        return [one for one in members if one is not None]
    return None


def _shortened(text: str, characters: int) -> str:
    return text if len(text) <= characters else text[: characters - 1].rstrip() + "…"


@lru_cache(1024)
def _kind(name: str) -> str:
    """Whether what stands under a name identifies somebody, is a full name, or neither."""
    words = [word.lower() for word in _WORD_STARTS.split(name) if word]
    joined = "_".join(words)
    if joined in _FULL_NAMES.split():
        return "name"
    identifying = joined in _IDENTIFYING_NAMES.split() or not set(_IDENTIFYING.split()).isdisjoint(words)
    identifying = identifying or is_secret_key(name)
    return "identifying" if identifying else "plain"
