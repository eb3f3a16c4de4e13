"""Writing texts: each key is judged by itself, and all sound ones are stored in one transaction with their audit."""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final, NamedTuple

from quintet.models import now
from quintet.store import Transaction, until_settled
from softfactory.languages import shipped, snapshot
from softfactory.languages.checks import Unsound, check_against, check_key, checked
from softfactory.languages.coverage import Covered, fingerprint
from softfactory.languages.entities import LARGEST_PART, Catalogue, CoverageRow, Entry, Part, part_of
from softfactory.languages.message_format import parse
from softfactory.languages.plural_rules import Language
from softfactory.languages.snapshot import Snapshot
from softfactory.service import store
from softfactory.trail.log import LONGEST, Act, record

MOST_KEYS: Final = 1_000
"""Of one call: what a list shows at most, so that what was listed can be sent back."""
MOST_CHARACTERS: Final = 500_000
"""Of all texts of one call: what can be checked well within a request."""
_LONGEST_TOLD: Final = 100
"""Characters of a text that the audit shows."""


class Verdict(NamedTuple):
    """Why a key was not stored."""

    key: str
    code: str
    message: str


class Written(NamedTuple):
    """How many keys say now what was asked for, and what is wrong with the others."""

    updated: int
    refused: list[Verdict]


def write(language: Language, translations: Mapping[str, str], act: Act) -> Written:
    """Store the sound texts of a language, all or none of them; a text that it has already is not written again.

    Writers of any language take turns: whoever comes second judges anew by what the first has stored.
    """

    def attempt() -> Written:
        # A source changes what the others' coverage says, so that they are read whole.
        before = snapshot.read(shipped.LANGUAGES if language == shipped.SOURCE else (shipped.SOURCE, language))
        refused: list[Verdict] = []
        sound = dict(_sound(before, language, translations, refused))
        entries = {
            key: Entry(value=value, at=now(), by=act.user_id, source=source)
            for key, (value, source) in sound.items()
            if not _is_said(before, language, key, value, source)
        }
        parts = list(_fitted(before, language, entries, refused))
        if parts:
            tx = store.transaction()
            _store(tx, before, parts, act.user_id)
            _tell(tx, before, language, entries, act)
            tx.commit()
        return Written(len(translations) - len(refused), sorted(refused))

    return until_settled(attempt)


def written_by(user_id: str) -> Iterator[tuple[Language, str, Entry]]:
    """The texts that somebody wrote and that are in force, with language and key."""
    found = snapshot.catalogue()
    if found is None or user_id not in found.translators:
        return
    for language in shipped.LANGUAGES:
        for key, entry in sorted(snapshot.read([language]).entries(language).items()):
            if entry.by == user_id:
                yield language, key, entry


def forget(user_id: str) -> None:
    """Take somebody's id out of every text; the texts stay."""
    for language in shipped.LANGUAGES:
        until_settled(partial(_forget, user_id, language))


def _sound(
    before: Snapshot, language: Language, translations: Mapping[str, str], refused: list[Verdict]
) -> Iterator[tuple[str, tuple[str, str | None]]]:
    """The sound texts by key, each with its source's fingerprint."""
    for key, value in translations.items():
        try:
            check_key(key)
            message = checked(value, language)
            made_from = None
            if language != shipped.SOURCE:
                source = before.said(shipped.SOURCE, key)
                if source is None:
                    raise Unsound("unknown_key", "The key has no text in Korean, the source; write that first")
                check_against(message, parse(source.value), language)
                made_from = fingerprint(source.value)
        except Unsound as error:
            refused.append(Verdict(key, error.code, str(error)))
        else:
            yield key, (value, made_from)


def _is_said(before: Snapshot, language: Language, key: str, value: str, source: str | None) -> bool:
    """Whether a language says that already, translated from the source as it is now."""
    said = before.said(language, key)
    if said is None or said.value != value:
        return False
    return source is None or before.made_from(language, key) == source


def _fitted(
    before: Snapshot, language: Language, entries: dict[str, Entry], refused: list[Verdict]
) -> Iterator[Part]:  # fmt: skip
    """The parts with the new entries in. What has no room is refused, and taken out of `entries`."""
    grouped: dict[str, list[str]] = {}
    for key in entries:
        grouped.setdefault(part_of(key), []).append(key)
    for number, keys in grouped.items():
        held = before.part(language, number)
        room = LARGEST_PART - sum(entry.weight(key) for key, entry in held.items())
        for key in keys:
            room += held[key].weight(key) if key in held else 0
            room -= entries[key].weight(key)
            if room < 0:
                room += entries[key].weight(key) - (held[key].weight(key) if key in held else 0)
                refused.append(Verdict(key, "catalogue_full", "The language has no room for more texts like this"))
                del entries[key]
            else:
                held[key] = entries[key]
        if any(key in entries for key in keys):
            yield Part(language=language, number=number, entries=held)


def _store(tx: Transaction, before: Snapshot, parts: list[Part], user_id: str | None) -> None:
    """Put parts in force, if the catalogue is still what was read, and count coverage anew where they change it."""
    old = before.catalogue or Catalogue()
    new = old.model_copy(deep=True)
    for part in parts:
        tx.put(part)
        new.parts.setdefault(part.language, {})[part.number] = part.revision
    if user_id is not None and user_id not in new.translators:
        new.translators.append(user_id)
    if before.catalogue is None:
        tx.create(new)
    else:
        tx.replace(old, new, refused=None)
    after = before.with_parts(new, parts)
    changed = {part.language for part in parts}
    for language in shipped.LANGUAGES:
        if language != shipped.SOURCE and changed & {language, shipped.SOURCE}:
            tx.put(_row(language, after.covered(language)))


def _row(language: Language, found: Covered) -> CoverageRow:
    return CoverageRow(language=language, shipped=shipped.digest(*shipped.LANGUAGES), **found._asdict())


def _tell(tx: Transaction, before: Snapshot, language: Language, entries: Mapping[str, Entry], act: Act) -> None:
    """Enter what was said before and what is said now, in as many entries of the trail as it takes to tell all: 53 at
    most."""
    old: dict[str, str | None] = {}
    new: dict[str, str | None] = {}
    room = LONGEST

    def enter() -> None:
        record(tx, act, "translation.write", resource="translation", resource_id=language, before=old, after=new)

    for key in sorted(entries):
        said = before.said(language, key)
        was, now_is = _short(said.value) if said else None, _short(entries[key].value)
        taken = max(len(json.dumps({key: text}, ensure_ascii=False)) for text in (was, now_is)) + 2
        if taken > room:
            enter()
            old, new, room = {}, {}, LONGEST
        old[key], new[key] = was, now_is
        room -= taken
    enter()


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_TOLD else text[: _LONGEST_TOLD - 1] + "…"


def _forget(user_id: str, language: Language) -> None:
    before = snapshot.read([language])
    if before.catalogue is None or user_id not in before.catalogue.translators:
        return
    parts = []
    for number in before.catalogue.parts.get(language, {}):
        held = before.part(language, number)
        theirs = {key: entry.model_copy(update={"by": None}) for key, entry in held.items() if entry.by == user_id}
        if theirs:
            parts.append(Part(language=language, number=number, entries={**held, **theirs}))
    new = before.catalogue.model_copy(deep=True)
    tx = store.transaction()
    for part in parts:
        tx.put(part)
        new.parts[language][part.number] = part.revision
    if language == shipped.LANGUAGES[-1]:
        new.translators.remove(user_id)
    tx.replace(before.catalogue, new, refused=None)
    tx.commit()
