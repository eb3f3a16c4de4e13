"""What was observed about a person in the last days, and the daily series that are made of it.

A bounded reading: the newest `MOST` records of each kind within the window, one Query per hundred of them. Days are
those of the person's own time zone.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from memory_mirror.accounts.access import Person
from memory_mirror.care.anomalies import MetricName
from memory_mirror.care.entities import CareJournalEntry
from memory_mirror.care.statistics import Series, averaged, counted
from memory_mirror.clock.occurrences import OccurrenceClaim, missed_since
from memory_mirror.life.diary import ActivityLog, AnxietyTrend, Conversation
from memory_mirror.life.portrait import portrait
from memory_mirror.night.entities import NightIncident
from memory_mirror.records.record import Record, recent
from memory_mirror.reminders.entities import Reminder
from memory_mirror.service import store
from quintet.models import now

MOST = 500
"""Records of a kind that one reading takes into account."""
MOST_REMINDERS = 50
"""Reminders of which the claims are read, the newest."""
MOST_CLAIMS = 300
"""Claims of each that are read."""

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Observations:
    """Records of the days from `first` to `today`, newest first, and the zone their days are reckoned in."""

    zone: ZoneInfo
    first: date
    today: date
    activities: list[ActivityLog]
    readings: list[AnxietyTrend]
    conversations: list[Conversation]
    incidents: list[NightIncident]
    journal: list[CareJournalEntry]

    @property
    def days(self) -> int:
        """Days of the window, both ends included."""
        return (self.today - self.first).days + 1

    @property
    def cut(self) -> list[str]:
        """Kinds of which there may be more than were read."""
        read: tuple[list[Record], ...] = (
            [*self.activities], [*self.readings], [*self.conversations], [*self.incidents], [*self.journal],
        )  # fmt: skip
        return [records[0].kind for records in read if len(records) >= MOST]

    def local(self, at: datetime) -> datetime:
        """An instant on the person's wall clock."""
        return at.astimezone(self.zone)

    def per_day(self, records: Iterable[R], when: Callable[[R], datetime]) -> Counter[date]:
        """How many records fall on each local day."""
        return Counter(self.local(when(record)).date() for record in records)

    def within(self, first: date, last: date) -> "Observations":
        """Those of the days from `first` to `last`, both included."""

        def kept(records: list[R], when: Callable[[R], datetime]) -> list[R]:
            return [one for one in records if first <= self.local(when(one)).date() <= last]

        return Observations(
            zone=self.zone,
            first=first,
            today=last,
            activities=kept(self.activities, made),
            readings=kept(self.readings, lambda one: one.recorded_at),
            conversations=kept(self.conversations, said),
            incidents=kept(self.incidents, lambda one: one.occurred_at),
            journal=kept(self.journal, made),
        )

    def series(self) -> dict[MetricName, Series]:
        """The daily series that unusual days and trends are looked for in.

        They begin on the first day on which anything was observed: before that, nothing is not a value. Activities or
        conversations that were never recorded have no values at all; a night without an incident is a calm one.
        """
        activities = [self.local(one.created_date).date() for one in self.activities]
        conversations = [self.local(said(one)).date() for one in self.conversations]
        nights = [self.local(one.occurred_at).date() for one in self.incidents]
        levels = [(self.local(one.recorded_at).date(), one.level) for one in self.readings]
        seen = [day for day in (*activities, *conversations, *nights, *(day for day, _ in levels)) if day >= self.first]
        first = min(seen, default=self.today)
        return {
            "activity": counted(activities, first, self.today) if activities else _nothing(first, self.today),
            "anxiety": averaged(levels, first, self.today),
            "conversations": counted(conversations, first, self.today)
            if conversations
            else _nothing(first, self.today),
            "night_incidents": counted(nights, first, self.today),
        }


def observe(person: Person, days: int) -> Observations:
    """What was observed in the last `days` days of the person's zone, the present one included."""
    zone = ZoneInfo(portrait(person).timezone)
    today = now().astimezone(zone).date()
    first = today - timedelta(days=days - 1)
    since = datetime.combine(first, time(), zone)
    subject = person.subject

    def read(kind: type[R]) -> list[R]:
        return recent(kind, subject, MOST, since)

    return Observations(
        zone=zone,
        first=first,
        today=today,
        activities=read(ActivityLog),
        readings=[one for one in read(AnxietyTrend) if one.recorded_at >= since],
        conversations=[one for one in read(Conversation) if said(one) >= since],
        incidents=[one for one in read(NightIncident) if one.occurred_at >= since],
        journal=read(CareJournalEntry),
    )


def said(conversation: Conversation) -> datetime:
    """When an exchange took place: an offline one says so itself."""
    return conversation.said_at or conversation.created_date


def made(record: Record) -> datetime:
    """When a record was made."""
    return record.created_date


def _nothing(first: date, last: date) -> Series:
    return Series(first, (None,) * ((last - first).days + 1))


@dataclass(frozen=True, slots=True)
class Reminded:
    """What became of the reminders that were due: told in time or caught up, or missed."""

    kept: int
    missed: int


def reminded_since(subject: str, since: datetime) -> Reminded:
    """How many occurrences that were due at `since` or later were told in time or caught up, and how many missed.

    A bounded reading: at most `MOST_CLAIMS` claims of each of the newest `MOST_REMINDERS` reminders, and all missed
    ones, also of reminders that are gone.
    """
    kept = 0
    for reminder in recent(Reminder, subject, MOST_REMINDERS):
        claims = store.query(OccurrenceClaim, subject=subject, begins=f"{reminder.id}#", limit=MOST_CLAIMS).items
        kept += sum(claim.status == "fired" and claim.instant >= since for claim in claims)
    return Reminded(kept, sum(claim.count for claim in missed_since(subject, since)))
