"""Reminding: what an occurrence of a reminder tells, and whom.

The person is told in the app; every address among the reminder's recipients is told in the app and by e-mail.
"""

from memory_mirror.accounts.access import Person
from memory_mirror.messages.notices import Notice, address_of, tell
from memory_mirror.reminders.entities import Reminder
from quintet.store import Transaction

REMINDER = "reminder"
"""The type of a reminder's notifications."""


def remind(tx: Transaction, reminder: Reminder) -> list[Notice]:
    """Add a reminder's notices to a transaction; answers them for `deliver`."""
    person = address_of(reminder)
    others = [one for one in dict.fromkeys(reminder.recipients) if one != person]
    text = reminder.message or reminder.title
    notices = []
    if person:
        mailed = person in reminder.recipients
        notices.append(
            tell(tx, reminder.subject, person, reminder.title, text, REMINDER, related_id=reminder.id,
                 email=mailed)
        )  # fmt: skip
    if others:
        patient = Person(reminder.subject).patient
        title = f"{reminder.title} ({patient.name})" if patient else reminder.title
        notices += [tell(tx, reminder.subject, one, title, text, REMINDER, related_id=reminder.id) for one in others]
    return notices
