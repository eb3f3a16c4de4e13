"""The audit log: one hash chain per subject, append-only, verifiable also after the subject's data were erased.

Access patterns:
    the end of a subject's chain           AUDIT#<subject> / HEAD
    its events, newest first               AUDIT#<subject> / E<seq>
    one event by its id                    the id ends with its place: <subject>.<seq>
    chains with events not yet verified    GSI3 AUDIT-UNVERIFIED / <since>#<subject>, oldest first

An event's hash covers the hash before it and a commitment to its personal part: HMAC-SHA256(salt, personal part),
where the salt is kept with the part. Erasing both leaves the chain verifiable and the commitment meaningless. The
head is signed with a key of the system's secret, so that neither a new tail nor a shortened one can be passed off by
somebody who can write the table alone.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from memory_mirror.times.moments import Moment, iso
from quintet.keys.keyring import secret
from quintet.models import now
from quintet.store import AsJson, ConditionFailed, Entity, Index, Keys, Store, absent, equals
from quintet.store.contention import until_settled

GENESIS = "0" * 64
"""What the first event of a chain follows."""
MOST_AT_ONCE = 40
"""Events one append may write; DynamoDB takes 100 actions in a transaction."""
MOST_IDS = 100
"""Resource ids that one event lists; more are only counted."""


class Personal(BaseModel):
    """What an event says about people: gone once the subject's data are erased."""

    model_config = ConfigDict(defer_build=True)

    salt: str
    user_email: str = ""
    user_name: str = ""
    details: Annotated[dict[str, Any], AsJson()] = Field(default_factory=dict)


class AuditEvent(Entity):
    """That somebody did something with some of a subject's data."""

    kind: ClassVar[str] = "audit_event"
    keys: ClassVar[Keys] = Keys("AUDIT#{subject}", "{place}")

    subject: str
    place: str
    seq: int
    id: str
    at: Moment
    actor: str
    """The account that acted, or `system:<operation>`."""
    operation: str
    request_id: str
    action_type: str
    resource_type: str
    resource_ids: list[str]
    count: int
    success: bool
    commitment: str
    previous: str
    hash: str
    personal: Personal | None = None


class Head(Entity):
    """The end of a subject's chain. `since` is when it got events that were not verified yet."""

    kind: ClassVar[str] = "audit_head"
    keys: ClassVar[Keys] = Keys(
        "AUDIT#{subject}", "HEAD", gsi3=Index("AUDIT-UNVERIFIED", "{since}#{subject}", order="ascending")
    )

    subject: str
    seq: int
    hash: str
    signature: str
    since: str | None = None
    verified_seq: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """What an event is to say; the chain gives it its place."""

    action_type: str
    resource_type: str
    resource_ids: Sequence[str]
    actor: str
    operation: str = ""
    request_id: str = ""
    success: bool = True
    user_email: str = ""
    user_name: str = ""
    details: dict[str, Any] = field(default_factory=dict)


def append(subject: str, entries: Sequence[Entry]) -> list[AuditEvent]:
    """Append events to a subject's chain: a read and a transaction for every MOST_AT_ONCE, more under contention."""
    written: list[AuditEvent] = []
    for start in range(0, len(entries), MOST_AT_ONCE):
        part = entries[start : start + MOST_AT_ONCE]
        written += until_settled(partial(_append, subject, part))
    return written


def _append(subject: str, entries: Sequence[Entry]) -> list[AuditEvent]:
    store = Store()
    head = store.get(Head, subject=subject)
    events = _chained(subject, entries, head)
    last = events[-1]
    tx = store.transaction()
    for event in events:
        tx.create(event)
    new = Head(
        subject=subject,
        seq=last.seq,
        hash=last.hash,
        signature=signature(subject, last.seq, last.hash),
        since=(head.since if head else None) or iso(last.at),
        verified_seq=head.verified_seq if head else 0,
        version=head.version + 1 if head else 1,
    )
    tx.put(new, [equals("version", head.version) if head else absent()])
    tx.commit()
    return events


def _chained(subject: str, entries: Sequence[Entry], head: Head | None) -> list[AuditEvent]:
    seq, previous, at = (head.seq, head.hash, now()) if head else (0, GENESIS, now())
    events = []
    for entry in entries:
        seq += 1
        event = _event(subject, seq, previous, at, entry)
        previous = event.hash
        events.append(event)
    return events


def _event(subject: str, seq: int, previous: str, at: datetime, entry: Entry) -> AuditEvent:
    personal = Personal(
        salt=os.urandom(16).hex(), user_email=entry.user_email, user_name=entry.user_name, details=entry.details
    )
    event = AuditEvent(
        subject=subject,
        place=f"E{seq:012d}",
        seq=seq,
        id=f"{subject}.{seq}",
        at=at,
        actor=entry.actor,
        operation=entry.operation,
        request_id=entry.request_id,
        action_type=entry.action_type,
        resource_type=entry.resource_type,
        resource_ids=list(entry.resource_ids[:MOST_IDS]),
        count=len(entry.resource_ids),
        success=entry.success,
        commitment=commitment(personal),
        previous=previous,
        hash="",
        personal=personal,
    )
    event.hash = hash_of(event)
    return event


def commitment(personal: Personal) -> str:
    """HMAC-SHA256 under the salt, so that what was erased cannot be found again by guessing."""
    said = personal.model_dump(mode="json", exclude={"salt"})
    return hmac.new(bytes.fromhex(personal.salt), _canonical(said), hashlib.sha256).hexdigest()


def hash_of(event: AuditEvent) -> str:
    """SHA-256 over everything an event says but its personal part, for which its commitment stands."""
    said = event.model_dump(mode="json", exclude={"personal", "hash", "place", "version"})
    return hashlib.sha256(_canonical(said)).hexdigest()


def signature(subject: str, seq: int, last: str) -> str:
    """What proves that the system itself put the end of a chain where it is."""
    message = _canonical(["audit-head", subject, seq, last])
    return hmac.new(secret().audit_key, message, hashlib.sha256).hexdigest()


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found: how many events, and what is wrong with the first bad one (None when nothing is)."""

    events: int
    problem: str | None = None
    seq: int | None = None


def verify(subject: str, *, most: int = 100_000) -> Verified:
    """Check a chain from its first event to its signed end; reads all of it, at most `most` events."""
    store = Store()
    head = store.get(Head, subject=subject)
    seq, previous = 0, GENESIS
    after = None
    while seq < most:
        part = store.query(
            AuditEvent, begins="E", subject=subject, reverse=False, limit=500, after=after, consistent=True
        )
        for event in part.items:
            problem = _problem(event, seq + 1, previous)
            if problem:
                return Verified(seq, problem, seq + 1)
            seq, previous = event.seq, event.hash
        after = part.after
        if after is None:
            return Verified(seq, _wrong_end(subject, head, seq, previous), None)
    return Verified(seq)


def _problem(event: AuditEvent, seq: int, previous: str) -> str | None:
    if event.seq != seq or event.place != f"E{seq:012d}":
        return "an event is missing"
    if event.previous != previous:
        return "an event does not follow the one before it"
    if event.hash != hash_of(event):
        return "an event was changed"
    if event.personal is not None and event.commitment != commitment(event.personal):
        return "the personal part of an event was changed"
    return None


def _wrong_end(subject: str, head: Head | None, seq: int, last: str) -> str | None:
    if head is None:
        return "the chain has lost its head" if seq else None
    if (head.seq, head.hash) != (seq, last):
        return "events are missing at the end"
    if not hmac.compare_digest(head.signature, signature(subject, seq, last)):
        return "the end of the chain is not signed by this system"
    return None


def unverified(limit: int) -> list[Head]:
    """Chains with events that were not verified yet, those that wait longest first."""
    return Store().query(Head, "gsi3", limit=limit).items


def note_verified(head: Head) -> bool:
    """Note that a chain was verified up to `head`; False when it has grown since, and so is still to be verified."""
    done = head.model_copy(update={"since": None, "verified_seq": head.seq})
    try:
        Store().replace(head, done, refused=None)
    except ConditionFailed:
        return False
    return True


def erase_personal(subject: str, events: Sequence[AuditEvent]) -> None:
    """Forget the personal parts of events; their chain stays verifiable."""
    store = Store()
    for event in events:
        if event.personal is not None:
            store.replace(event, event.model_copy(update={"personal": None}), refused=None)
