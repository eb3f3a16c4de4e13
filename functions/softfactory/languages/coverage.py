"""How much of the source is translated: counted by variants, what the source has outgrown as not translated."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from softfactory.languages.checks import variants
from softfactory.languages.message_format import parse
from softfactory.languages.plural_rules import Language

Reason = Literal["missing", "stale"]


class Covered(NamedTuple):
    """A language's figures: variants of texts that there should be and that there are, and what is lacking by key."""

    wanted: int
    done: int
    lacking: dict[str, Reason]

    @property
    def percent(self) -> float:
        """0–100 with one decimal, rounded down: 100 means all."""
        return self.done * 1000 // self.wanted / 10 if self.wanted else 100.0


def fingerprint(source: str) -> str:
    """What a translation remembers of the source it was made from."""
    return hashlib.blake2b(source.encode(), digest_size=6).hexdigest()


def covered(language: Language, sources: Mapping[str, str], made_from: Callable[[str], str | None]) -> Covered:
    """The figures of a language. `made_from` answers the fingerprint of a translation's source, None where none is."""
    wanted = done = 0
    lacking: dict[str, Reason] = {}
    for key, source in sorted(sources.items()):
        # Most texts choose by nothing, and need not be parsed to know it.
        weight = variants(parse(source), language) if "plural" in source or "select" in source else 1
        wanted += weight
        known = made_from(key)
        if known == fingerprint(source):
            done += weight
        else:
            lacking[key] = "missing" if known is None else "stale"
    return Covered(wanted, done, lacking)
