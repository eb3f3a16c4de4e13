"""Reminding: what an occurrence of a reminder tells, and whom.

The person is told in the app; every address among the reminder's recipients is told in the app and by e-mail.
"""

from dataclasses import dataclass

from memory_mirror.accounts.access import Person
from memory_mirror.accounts.entities import Account
from memory_mirror.entities.kinds import Playlist, Reminder
from memory_mirror.messages.notices import Notice, tell
from memory_mirror.service import store
from quintet.store import Transaction

REMINDER = "reminder"
"""The type of a reminder's notifications."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a record of a subject's speaks to: the person's own address, if there is one, and others."""

    person: str | None
    others: list[str]


def audience(record: Reminder | Playlist) -> Audience:
    """Whom to tell. A person without an account is reached by who made the record, most likely their family."""
    account = store.get(Account, id=record.subject, consistent=False)
    person = account.email if account else record.created_by if "@" in record.created_by else None
    recipients = record.recipients if isinstance(record, Reminder) else []
    return Audience(person, [one for one in dict.fromkeys(recipients) if one != person])


def remind(tx: Transaction, reminder: Reminder) -> list[Notice]:
    """Add a reminder's notices to a transaction; answers them for `deliver`."""
    told = audience(reminder)
    text = reminder.message or reminder.title
    notices = []
    if told.person:
        mailed = told.person in reminder.recipients
        notices.append(
            tell(tx, reminder.subject, told.person, reminder.title, text, REMINDER, related_id=reminder.id,
                 email=mailed)
        )  # fmt: skip
    if told.others:
        patient = Person(reminder.subject).patient
        title = f"{reminder.title} ({patient.name})" if patient else reminder.title
        notices += [
            tell(tx, reminder.subject, one, title, text, REMINDER, related_id=reminder.id) for one in told.others
        ]
    return notices
