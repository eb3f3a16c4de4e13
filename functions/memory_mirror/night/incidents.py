"""Incidents of the night: written down once while the signs go on, and told to the caregivers once.

Access patterns:
    the open incident of a kind      INCIDENT#<subject> / <kind of danger>, there until half an hour after its last sign

Whoever finds the place of an incident free writes it, its NightIncident and its notices in one transaction, so any
number of reports at once make one incident and one notice for each caregiver. Further signs prolong it; a worse one
raises its level, and tells those who were not told yet once that is due.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from memory_mirror.accounts.access import Person
from memory_mirror.life.portrait import portrait
from memory_mirror.messages.notices import SYSTEM, Notice, deliver, tell
from memory_mirror.night.entities import NightIncident
from memory_mirror.records.record import join, join_change, new, noted, read
from memory_mirror.safety import Verdict
from memory_mirror.service import store
from memory_mirror.times.moments import Moment, iso
from quintet.models import now
from quintet.store import Entity, Keys, Transaction, equals
from quintet.store.contention import until_settled

NIGHT_INCIDENT = "night_incident"
"""The type of an incident's notifications."""
WINDOW = timedelta(minutes=30)
"""Without a sign for so long, an incident is over."""
MOST_TOLD = 40
"""Caregivers told of one incident: what fits into its transaction."""
SHOWN = 300
"""Characters of what was said that a notice repeats."""

_WORDS = {
    "FALL": "a fall",
    "PAIN": "pain or an injury",
    "BREATHING": "trouble breathing",
    "FIRE": "fire, smoke or gas",
    "INTRUDER": "a stranger in or near the home",
    "WANDERING": "being out, or on the way out, alone",
    "SELF_HARM": "words about dying or self-harm",
    "DISORIENTATION": "not knowing the place or the time",
    "DISTRESS": "distress",
}


class OpenIncident(Entity):
    """That an incident of a kind goes on."""

    kind: ClassVar[str] = "open_incident"
    keys: ClassVar[Keys] = Keys("INCIDENT#{subject}", "{danger}")

    subject: str
    danger: str
    incident_id: str
    last_sign: Moment
    expires_at: int
    """When the table may forget it, epoch seconds."""

    def goes_on(self, at: datetime) -> bool:
        return at - self.last_sign <= WINDOW


@dataclass(frozen=True, slots=True)
class Incident:
    """What became of a report: the incident, whether the report opened it, and whom it told just now."""

    record: NightIncident
    new: bool
    notices: Sequence[Notice] = field(default=())

    @property
    def told(self) -> bool:
        """Whether any caregiver knows of the incident."""
        return bool(self.record.caregivers_alerted)


def report(
    person: Person,
    verdict: Verdict,
    transcript: str = "",
    source: str = "",
    *,
    response: str = "",
    by: str = SYSTEM,
) -> Incident:
    """Write down a sign of danger; when it is alarming, tell every caregiver who was not told of this incident yet.

    `source` is the function that saw it, `by` the address of the account that called it. E-mails go out before this
    returns; what cannot be sent now is sent by the sweep. Raises 503 when the table is too busy.
    """
    seen = _Sign(person, verdict, transcript[:20_000], source, response, by)
    found = until_settled(lambda: _reported(seen, now()))
    deliver(found.notices)
    return found


@dataclass(frozen=True, slots=True)
class _Sign:
    person: Person
    verdict: Verdict
    transcript: str
    source: str
    response: str
    by: str

    @property
    def evidence(self) -> list[str]:
        return [line[:60] for line in self.verdict.evidence[:50]]


def _reported(sign: _Sign, at: datetime) -> Incident:
    """One attempt; raises ConditionFailed when another report was faster."""
    subject, danger = sign.person.subject, sign.verdict.kind.value
    claim = store.get(OpenIncident, subject=subject, danger=danger)
    if claim is not None and claim.goes_on(at):
        known = read(NightIncident, subject, claim.incident_id)
        if known is not None:
            return _seen_again(sign, claim, known, at)
    return _opened(sign, claim, at)


def _opened(sign: _Sign, before: OpenIncident | None, at: datetime) -> Incident:
    verdict, subject = sign.verdict, sign.person.subject
    recipients = sign.person.caregivers[:MOST_TOLD] if verdict.alerting else []
    record = new(
        NightIncident,
        subject,
        sign.by,
        incident_type=verdict.kind.value,
        distress_level=verdict.level,
        transcript=sign.transcript,
        response=sign.response,
        source=sign.source,
        evidence=sign.evidence,
        caregivers_alerted=recipients,
        occurred_at=at,
        last_seen_at=at,
    )
    tx = store.transaction()
    claim = OpenIncident(
        subject=subject,
        danger=verdict.kind.value,
        incident_id=record.id,
        last_sign=at,
        expires_at=_forgotten(at),
    )
    if before is None:
        tx.create(claim)
    else:
        tx.replace(before, claim, refused=None)
    join(tx, record)
    notices = _tell(tx, sign, record, recipients)
    tx.commit()
    return Incident(record, new=True, notices=notices)


def _seen_again(sign: _Sign, claim: OpenIncident, known: NightIncident, at: datetime) -> Incident:
    verdict = sign.verdict
    recipients: list[str] = []
    if verdict.alerting:
        recipients = [email for email in sign.person.caregivers[:MOST_TOLD] if email not in known.caregivers_alerted]
    if verdict.level <= known.distress_level and not recipients:
        return _prolonged(claim, known, at)
    worse = verdict.level > known.distress_level
    changed = known.changed(
        distress_level=max(known.distress_level, verdict.level),
        transcript=sign.transcript if worse and sign.transcript else known.transcript,
        evidence=list(dict.fromkeys([*known.evidence, *sign.evidence]))[:50],
        caregivers_alerted=[*known.caregivers_alerted, *recipients],
        last_seen_at=at,
        sightings=known.sightings + 1,
    )
    tx = store.transaction()
    join_change(tx, known, changed, refused=None)
    tx.update(claim.own_key(), put=_prolonging(at), where=[equals("incident_id", known.id)])
    notices = _tell(tx, sign, changed, recipients)
    tx.commit()
    return Incident(changed, new=False, notices=notices)


def _prolonged(claim: OpenIncident, known: NightIncident, at: datetime) -> Incident:
    """One more sign of what is known: counted in place, so that many at once do not wait for each other."""
    store.update(OpenIncident, claim.own_key(), put=_prolonging(at), where=[equals("incident_id", known.id)])
    seen = known.changed(last_seen_at=at).model_dump(mode="json", include={"last_seen_at", "updated_date"})
    where = [equals("id", known.id)]
    counted = store.update(NightIncident, known.own_key(), put=seen, add={"sightings": 1}, where=where)
    noted("write", counted)
    return Incident(counted, new=False)


def _prolonging(at: datetime) -> dict[str, object]:
    return {"last_sign": iso(at), "expires_at": _forgotten(at)}


def _forgotten(at: datetime) -> int:
    return int((at + timedelta(days=2)).timestamp())


def _tell(tx: Transaction, sign: _Sign, record: NightIncident, recipients: Sequence[str]) -> list[Notice]:
    """Add the notices of an incident to its transaction."""
    if not recipients:
        return []
    title, text = notice_of(_name(sign.person), _zone(sign.person), record)
    return [tell(tx, record.subject, email, title, text, NIGHT_INCIDENT, related_id=record.id) for email in recipients]


def notice_of(name: str, zone: str, record: NightIncident) -> tuple[str, str]:
    """What caregivers read of an incident: one line, and a few. Times are the person's local ones."""
    from zoneinfo import ZoneInfo

    danger = _WORDS.get(record.incident_type, "something unusual")
    who = name or "The person you care for"
    local = record.occurred_at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
    lines = [
        f"{who} may need you now. There are signs of {danger}.",
        f"Noticed at {local} ({zone}). Distress {record.distress_level:g} of 10.",
    ]
    if record.transcript:
        said = " ".join(record.transcript.split())
        lines.append(f"What was said: “{said if len(said) <= SHOWN else said[: SHOWN - 1] + '…'}”")
    lines.append("Please look after them, and open a session to say that you do.")
    return f"{who} may need you: {danger}", "\n".join(lines)


def _name(person: Person) -> str:
    return person.patient.name if person.patient else portrait(person).name


def _zone(person: Person) -> str:
    return portrait(person).timezone
