"""What a person's use of the suite leaves: translations, jobs, mails, counters, the trail."""

from collections.abc import Iterator
from typing import Any, Final

from quintet.api.tiers import Hour
from quintet.auth.caps import Sent
from quintet.jobs import Job
from quintet.messaging.outbox import DEAD, SHARDS, Message
from quintet.models import epoch
from quintet.providers import storage
from quintet.store import ConditionFailed
from softfactory.accounts import two_factor
from softfactory.audit import erasure, reading, sequencer
from softfactory.billing.entities import Subscription
from softfactory.files import loose
from softfactory.files.entities import Loose
from softfactory.languages import changes
from softfactory.moderation import filing
from softfactory.moderation.entities import Report
from softfactory.privacy.entities import DataExport
from softfactory.privacy.subjects import DataSubject
from softfactory.service import store

_STILL_WRITING: Final = 3600
"""Seconds after which a job that was under way has surely ended."""


def translations(subject: DataSubject) -> Iterator[dict[str, Any]]:
    for language, key, entry in changes.written_by(subject.id):
        yield {"language": language, "key": key, "value": entry.value, "written_at": entry.at.isoformat()}


def erase_authorship(subject: DataSubject, _most: int) -> bool:
    changes.forget(subject.id)
    return True


def reports(subject: DataSubject) -> Iterator[dict[str, Any]]:
    for report in store.each(Report, "gsi3", reported_by=subject.id):
        yield report.model_dump(mode="json", include={"content_type", "content_id", "reason", "details", "created_at"})


def erase_reports(subject: DataSubject, most: int) -> bool:
    done = [filing.forget(subject.id, most), filing.forget_author(subject.id, most)]
    return all(done)


def subscriptions(subject: DataSubject) -> Iterator[dict[str, Any]]:
    for each in store.each(Subscription, "gsi1", user_id=subject.id):
        yield each.model_dump(mode="json", exclude={"version", "user_id"})


def erase_subscriptions(subject: DataSubject, most: int) -> bool:
    part = store.query(Subscription, "gsi1", user_id=subject.id, limit=most)
    for each in part.items:
        store.delete(each, refused=None)
    if part.after is None:
        store.forget_counters(Subscription, "gsi1", user_id=subject.id)
    return part.after is None


def jobs(subject: DataSubject) -> Iterator[dict[str, Any]]:
    last = store.get(DataExport, user_id=subject.id)
    for job in store.each(Job, tenant=subject.id):
        if last is not None and job.id == last.job_id:
            continue  # it is what writes this, and would stand there as under way for ever
        yield job.model_dump(mode="json", include={"id", "task", "status", "created_at", "finished_at"})


def erase_jobs(subject: DataSubject, most: int) -> bool:
    """Jobs, after the objects of the copies that they wrote, and the parts of those that they did not finish.

    Nothing is done with a job that somebody works on, for some minutes at most: what that puts into the bucket would
    come after. Whoever lost the job before, and does not know yet, may still do so, under a key that names nobody: the
    note that stays has it deleted within the hour.
    """
    part = store.query(Job, tenant=subject.id, limit=most, consistent=True)
    gone = [_erase_job(job) for job in part.items]
    if part.after is not None or not all(gone):
        return False
    tx = store.transaction()
    tx.remove(DataExport.key(user_id=subject.id))
    tx.commit()
    return True


def _erase_job(job: Job) -> bool:
    if job.held:
        return False
    export = DataExport(user_id=job.tenant, job_id=job.id)
    if "upload" in job.state:
        storage.drop_parts(export.archive, job.state["upload"])
    if not _discard(export, again=not job.finished):
        return False
    try:
        store.delete(job, refused=None)
    except ConditionFailed:  # it went on, or somebody else deleted it
        return False
    return True


def _discard(export: DataExport, *, again: bool) -> bool:
    """Delete the objects of a copy now, and once more in an hour where they may still be written; answers whether that
    went well."""
    note = store.get(Loose, id=export.note)
    if note is None:
        return True
    if not again:
        return loose.settle(note)
    tx = store.transaction()
    loose.lend(tx, note.id, note.objects, epoch() + _STILL_WRITING)
    tx.commit()
    for key in note.objects:
        storage.delete(key)
    return True


def messages(subject: DataSubject) -> Iterator[dict[str, Any]]:
    for message in _mails(subject):
        yield message.model_dump(mode="json", include={"channel", "to", "subject", "due_at"})


def erase_messages(subject: DataSubject, _most: int) -> bool:
    """Mails wait for minutes, and for 30 days where they were given up, so that there are never many of them."""
    store.write_batch(deletes=[message.own_key() for message in _mails(subject)])
    return True


def _mails(subject: DataSubject) -> Iterator[Message]:
    if subject.email is None:
        return
    for queue in (*map(str, range(SHARDS)), DEAD):
        yield from (each for each in store.each(Message, "gsi1", queue=queue) if each.to == subject.email)


def calls(subject: DataSubject) -> Iterator[dict[str, Any]]:
    for hour in store.each(Hour, who=subject.id):
        yield {"hour": hour.start, "calls": hour.hits}


def erase_counters(subject: DataSubject, _most: int) -> bool:
    """Those that its id or its address names alone; see `registry.KEPT` for the others."""
    counted = [("two-factor", f"account:{subject.id}:{per}") for _, per in two_factor.GUESSES]
    if subject.email is not None:
        counted += [("login", f"account:{subject.email}")]
        counted += [(f"mail-{name}", f"email:{subject.email}") for name in ("verify-email", "reset-password")]
    keys = [hour.own_key() for hour in store.each(Hour, who=subject.id)]
    for purpose, what in counted:
        keys += [sent.own_key() for sent in store.each(Sent, purpose=purpose, what=what)]
    store.write_batch(deletes=keys)
    return True


def trail(subject: DataSubject) -> Iterator[dict[str, Any]]:
    sequencer.drain()
    after: int | None = -1
    while after is not None:
        entries, after = reading.entries_of(subject.id, after=after)
        yield from (entry.model_dump(mode="json") for entry in entries)


def erase_trail(subject: DataSubject, _most: int) -> bool:
    erasure.erase_subject(subject.id)
    return True
