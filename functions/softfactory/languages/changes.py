"""Writing texts: each key is judged by itself, and all sound ones are stored in one transaction with their audit."""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final, NamedTuple

from quintet.models import now
from quintet.store import Condition, ConditionFailed, Transaction, absent, equals, until_settled
from softfactory.languages import shipped, snapshot
from softfactory.languages.checks import Unsound, check_against, check_key, checked
from softfactory.languages.coverage import fingerprint
from softfactory.languages.entities import LARGEST_PART, Catalogue, Entry, Part, part_of
from softfactory.languages.message_format import parse
from softfactory.languages.plural_rules import Language
from softfactory.languages.snapshot import Snapshot
from softfactory.service import store
from softfactory.trail.log import LONGEST, Act, record

MOST_KEYS: Final = 1_000
"""Of one call: what a list shows at most, so that what was listed can be sent back."""
MOST_CHARACTERS: Final = 500_000
"""Of all texts of one call: what can be checked well within a request."""
_PATIENCE: Final = 20.0
"""Seconds for which writers wait for each other: whole languages that many send at once are stored one by one."""
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


def write(language: Language, translations: Mapping[str, object], act: Act) -> Written:
    """Store the sound texts of a language, all or none of them; a text that it has already is not written again.

    Writers whose keys lie in one part of one language take turns, and translators with who writes the source there:
    whoever comes second judges anew by what the first has stored. Others are not in each other's way.
    """
    numbers = {part_of(key) for key in translations}

    def attempt() -> Written:
        before = snapshot.read({shipped.SOURCE, language}, numbers)
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
            _store(tx, before, language, parts, act.user_id)
            _tell(tx, before, language, entries, act)
            tx.commit()
        return Written(len(translations) - len(refused), sorted(refused))

    return until_settled(attempt, _PATIENCE)


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
    until_settled(partial(_forget, user_id))


def _sound(
    before: Snapshot, language: Language, translations: Mapping[str, object], refused: list[Verdict]
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
            yield key, (str(value), made_from)


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
            free = room + (held[key].weight(key) if key in held else 0)
            needed = entries[key].weight(key)
            if needed > free:
                refused.append(_full(key, needed, free))
                del entries[key]
            else:
                held[key], room = entries[key], free - needed
        if any(key in entries for key in keys):
            yield Part(language=language, number=number, entries=held)


def _full(key: str, needed: int, free: int) -> Verdict:
    where = f"of the {LARGEST_PART:,} bytes for changed texts with which this key shares its place {free:,} are free"
    how = "shorten the text, or store it under another key, which may have another place"
    return Verdict(key, "catalogue_full", f"The text needs {needed:,} bytes, and {where}: {how}")


def _store(tx: Transaction, before: Snapshot, language: Language, parts: list[Part], user_id: str | None) -> None:
    """Put a language's parts in force, if those in whose place they come are in force, and the parts of the source that
    they were judged by: a key lies in the part of the same number in every language."""
    if before.catalogue is None:
        _begin()
    for part in parts:
        tx.put(part)
    by = {} if user_id is None else {f"translators.{user_id}": parts[0].revision}
    tx.update(
        Catalogue.key(),
        put={**{_place(part.language, part.number): part.revision for part in parts}, **by},
        where=[
            _in_force(before, judged_by, part.number)
            for judged_by in sorted({shipped.SOURCE, language})
            for part in parts
        ],
    )


def _begin() -> None:
    """Have a catalogue, in which nothing is changed yet."""
    try:
        store.create(Catalogue())
    except ConditionFailed:  # somebody was first
        return


def _place(language: Language, number: str) -> str:
    return f"parts.{language}.{number}"


def _in_force(before: Snapshot, language: Language, number: str) -> Condition:
    """That a part is in force as it was read."""
    revision = before.catalogue.revision(language, number) if before.catalogue else None
    place = _place(language, number)
    return absent(place) if revision is None else equals(place, revision)


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


def _forget(user_id: str) -> None:
    found = snapshot.catalogue()
    if found is None or user_id not in found.translators:
        return
    for language in shipped.LANGUAGES:
        until_settled(partial(_forget_in, user_id, language))
    known = f"translators.{user_id}"
    # Whoever wrote on meanwhile, in whichever part, is looked for again.
    store.update(Catalogue, Catalogue.key(), remove=[known], where=[equals(known, found.translators[user_id])])


def _forget_in(user_id: str, language: Language) -> None:
    before = snapshot.read([language])
    parts = []
    for number in before.catalogue.parts[language] if before.catalogue else ():
        held = before.part(language, number)
        theirs = {key: entry.model_copy(update={"by": None}) for key, entry in held.items() if entry.by == user_id}
        if theirs:
            parts.append(Part(language=language, number=number, entries={**held, **theirs}))
    if parts:
        tx = store.transaction()
        _store(tx, before, language, parts, None)
        tx.commit()
