"""How what was captured offline gets into the table, once each.

Access patterns:
    whether a device's item is known       SYNC#<subject>#<section> / <client id> → digest and record
    a setting by its name                  SYNC#<subject>#setting / <name> → record; else GSI1 of AppSetting
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, Literal, TypeVar

from memory_mirror.accounts.people import AppSetting
from memory_mirror.life.diary import Conversation
from memory_mirror.life.entities import Music
from memory_mirror.records.record import join, join_change, new, noted, view
from memory_mirror.service import store
from memory_mirror.sync.offline import Captured, Setting, outcome
from memory_mirror.times.moments import iso
from quintet.store import Entity, Keys, Transaction
from quintet.store.contention import until_settled

PAIRS = 40
"""Items that one transaction takes: a claim and a record each, of DynamoDB's 100 actions."""

R = TypeVar("R", Conversation, Music)
Section = Literal["conversation", "audio", "setting"]
SECTIONS: tuple[Section, ...] = ("conversation", "audio", "setting")


class Synced(Entity):
    """That an item of a device is stored, as which record, and what was said of it."""

    kind: ClassVar[str] = "synced"
    keys: ClassVar[Keys] = Keys("SYNC#{subject}#{section}", "{client_id}")

    subject: str
    section: Section
    client_id: str
    record_id: str
    digest: str = ""
    at: str = ""


Conflict = dict[str, Any]


def store_conversations(subject: str, by: str, items: Sequence[Captured]) -> tuple[int, list[Conflict]]:
    """Store conversations; answers how many of them the server has now as they are, and those it has otherwise."""
    return _stored(Conversation, "conversation", subject, by, items)


def store_audio(subject: str, by: str, items: Sequence[Captured]) -> list[Conflict]:
    """Store what a device knows of its audio files; a later statement about a file takes the place of an earlier."""
    return _stored(Music, "audio", subject, by, items)[1]


def _stored(
    kind: type[R], section: Literal["conversation", "audio"], subject: str, by: str, items: Sequence[Captured]
) -> tuple[int, list[Conflict]]:
    once = list({item.client_id: item for item in items}.values())
    same, conflicts = 0, []
    for start in range(0, len(once), PAIRS):
        part = once[start : start + PAIRS]
        known, contested = until_settled(partial(_store_part, kind, section, subject, by, part))
        same += known
        conflicts += contested
    return same, conflicts


def _store_part(
    kind: type[R], section: Literal["conversation", "audio"], subject: str, by: str, part: Sequence[Captured]
) -> tuple[int, list[Conflict]]:
    refs = [Synced.ref(subject=subject, section=section, client_id=item.client_id) for item in part]
    claims: list[Synced | None] = store.get_all(refs)
    tx = store.transaction()
    different: list[tuple[Captured, Synced]] = []
    for item, claim in zip(part, claims, strict=True):
        if claim is None:
            record = new(kind, subject, by, **item.fields)
            tx.create(_claim(subject, section, item, record.id))
            join(tx, record)
        elif claim.digest != item.digest:
            different.append((item, claim))
    tx.commit()
    contested = [conflict for item, claim in different for conflict in _settle(kind, subject, item, claim)]
    return len(part) - len(contested), contested


def _claim(subject: str, section: Literal["conversation", "audio"], item: Captured, record_id: str) -> Synced:
    at = iso(item.at) if item.at else ""
    return Synced(
        subject=subject, section=section, client_id=item.client_id, record_id=record_id, digest=item.digest, at=at
    )


def _settle(kind: type[R], subject: str, item: Captured, claim: Synced) -> Iterator[Conflict]:
    """An item that was stored with other content: a file's later description is taken, all else is a conflict."""
    stored = store.get(kind, subject=subject, id=claim.record_id)
    at = iso(item.at) if item.at else ""
    if kind is Music and stored is not None and at > claim.at:
        tx = store.transaction()
        join_change(tx, stored, stored.changed(**item.fields), refused=None)
        tx.replace(claim, claim.model_copy(update={"digest": item.digest, "at": at}), refused=None)
        tx.commit()
        return
    if stored is not None:
        noted("read", stored)
    yield {
        "section": "offline_conversations" if kind is Conversation else "audio_library_metadata",
        "id": item.client_id,
        "server": view(stored) if stored else None,
        "client": _plain(item),
    }


def _plain(item: Captured) -> dict[str, Any]:
    return {name: iso(value) if isinstance(value, datetime) else value for name, value in item.fields.items()}


def store_settings(subject: str, by: str, delta: Sequence[Setting]) -> list[Conflict]:
    """Merge settings one by one; answers those that were changed on both sides in the same instant."""
    conflicts = []
    for setting in delta:
        conflict = until_settled(partial(_store_setting, subject, by, setting))
        if conflict is not None:
            conflicts.append(conflict)
    return conflicts


def _store_setting(subject: str, by: str, setting: Setting) -> Conflict | None:
    claim = store.get(Synced, subject=subject, section="setting", client_id=setting.name)
    stored = _setting(subject, setting.name, claim)
    tx = store.transaction()
    if stored is None:
        record = new(AppSetting, subject, by, setting=setting.name, value=setting.value)
        _touch(record, setting.at)
        _claim_setting(subject, setting.name, record, claim, tx)
        join(tx, record)
        tx.commit()
        return None
    verdict = outcome(setting, stored.value, stored.updated_date)
    if verdict == "take":
        changed = stored.changed(value=setting.value)
        _touch(changed, setting.at)
        _claim_setting(subject, setting.name, stored, claim, tx)
        join_change(tx, stored, changed, refused=None)
        tx.commit()
    if verdict != "conflict":
        return None
    return {"section": "settings", "id": setting.name, "server": stored.value, "client": setting.value}


def _setting(subject: str, name: str, claim: Synced | None) -> AppSetting | None:
    if claim is not None:
        found = store.get(AppSetting, subject=subject, id=claim.record_id)
        if found is not None:
            return found
    return next(iter(store.query(AppSetting, "gsi1", limit=1, subject=subject, setting=name).items), None)


def _claim_setting(subject: str, name: str, record: AppSetting, claim: Synced | None, tx: Transaction) -> None:
    """One record for a setting, also when two devices bring it at once."""
    wanted = Synced(subject=subject, section="setting", client_id=name, record_id=record.id)
    if claim is None:
        tx.create(wanted)
    elif claim.record_id != record.id:
        tx.replace(claim, wanted, refused=None)


def _touch(record: AppSetting, at: datetime) -> None:
    record.updated_date = at
