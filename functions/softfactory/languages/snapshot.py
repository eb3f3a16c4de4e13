"""The texts of languages as of one moment: what is shipped, and over it what the table's parts in force say."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from quintet.store import ConditionFailed, Ref, until_settled
from softfactory.languages import shipped
from softfactory.languages.coverage import Covered, covered, fingerprint
from softfactory.languages.entities import Catalogue, Entry, Part
from softfactory.languages.plural_rules import Language
from softfactory.service import store

_read: Final[dict[tuple[Language, str], Part]] = {}
"""The newest part that was read of each place. Its revision says whether it is the one in force."""
_covered: Final[dict[Language, tuple[str, Covered]]] = {}
"""What was counted last of each language, and in which state of it and of the source."""


class Said(NamedTuple):
    """A text, and where it comes from; a shipped one is nobody's."""

    value: str
    entry: Entry | None


class Snapshot:
    """What was read of one state of the catalogue. `catalogue` is None where nothing was ever changed."""

    def __init__(self, catalogue: Catalogue | None, parts: Mapping[tuple[Language, str], Part]) -> None:
        self.catalogue = catalogue
        self._entries: dict[Language, dict[str, Entry]] = {}
        for (language, _), part in parts.items():
            self._entries.setdefault(language, {}).update(part.entries)
        self._parts = parts

    def part(self, language: Language, number: str) -> dict[str, Entry]:
        """A copy of a part's changed texts."""
        found = self._parts.get((language, number))
        return dict(found.entries) if found else {}

    def entries(self, language: Language) -> Mapping[str, Entry]:
        """The changed texts of a language."""
        return self._entries.get(language, {})

    def said(self, language: Language, key: str) -> Said | None:
        """A text, None where the language has none under the key."""
        entry = self.entries(language).get(key)
        value = entry.value if entry else shipped.texts(language).get(key)
        return None if value is None else Said(value, entry)

    def texts(self, language: Language) -> dict[str, str]:
        """All texts of a language in the order of their keys."""
        changed = {key: entry.value for key, entry in self.entries(language).items()}
        return dict(sorted({**shipped.texts(language), **changed}.items()))

    def made_from(self, language: Language, key: str) -> str | None:
        """The fingerprint of the source that a translation was made from, None where there is no translation."""
        said = self.said(language, key)
        if said is None:
            return None
        return said.entry.source if said.entry else fingerprint(shipped.texts(shipped.SOURCE)[key])

    def covered(self, language: Language) -> Covered:
        return covered(language, self.texts(shipped.SOURCE), lambda key: self.made_from(language, key))


def catalogue() -> Catalogue | None:
    return store.get(Catalogue)


def read(languages: Iterable[Language], numbers: Iterable[str] | None = None) -> Snapshot:
    """The texts of some languages, or of some parts of them alone."""
    wanted, only = list(languages), None if numbers is None else set(numbers)

    def attempt() -> Snapshot:
        found = catalogue()
        places = [
            (language, number, revision)
            for language in wanted
            for number, revision in (found.parts.get(language, {}) if found else {}).items()
            if only is None or number in only
        ]
        return Snapshot(found, _in_force(places))

    return until_settled(attempt)


def coverage() -> dict[Language, Covered]:
    """The coverage of every translated language: read anew and counted only where something was changed since."""
    translated = [language for language in shipped.LANGUAGES if language != shipped.SOURCE]
    found = catalogue()
    if any(_covered.get(language, ("",))[0] != _state(found, language) for language in translated):
        texts = read(shipped.LANGUAGES)
        for language in translated:
            _covered[language] = (_state(texts.catalogue, language), texts.covered(language))
    return {language: _covered[language][1] for language in translated}


def _state(found: Catalogue | None, language: Language) -> str:
    return etag(found, shipped.SOURCE) + etag(found, language)


def _in_force(places: list[tuple[Language, str, str]]) -> dict[tuple[Language, str], Part]:
    """The parts of some revisions. Raises `ConditionFailed` where another is read, older or newer."""
    found = {(language, number): _read.get((language, number)) for language, number, _ in places}
    lacking = [
        place[:2]
        for place in places
        if (part := found[place[:2]]) is None or part.revision != place[2]
    ]  # fmt: skip
    refs: list[Ref[Part]] = [Part.ref(language=language, number=number) for language, number in lacking]
    # Read at half the price of a consistent read: an older part than the one in force is known by its revision.
    for place, part in zip(lacking, store.get_all(refs, consistent=False) if refs else (), strict=True):
        found[place] = _read[place] = part
    parts: dict[tuple[Language, str], Part] = {}
    for language, number, revision in places:
        part = found[language, number]
        if part is None or part.revision != revision:
            raise ConditionFailed
        parts[language, number] = part
    return parts


def etag(catalogue: Catalogue | None, language: Language) -> str:
    """A strong entity tag of a language's pack (RFC 9110, section 8.8.3), without reading it."""
    revisions = sorted((catalogue.parts.get(language, {}) if catalogue else {}).items())
    state = f"{shipped.digest(language)} {revisions}"
    return f'"{hashlib.blake2b(state.encode(), digest_size=12).hexdigest()}"'
