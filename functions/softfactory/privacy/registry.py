"""Every kind of data that the suite keeps about a person: how it is copied for them, and how it is erased.

A domain that keeps more adds one line to KINDS.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from softfactory.audit.sealing import ANONYMOUS_LIFE
from softfactory.files import erasure as files
from softfactory.privacy import account_data, activity
from softfactory.privacy.subjects import DataSubject

Erase = Callable[[DataSubject, int], bool]
"""Erases about as many items as the number says; answers whether nothing is left. Doing it again is harmless."""
Rows = Callable[[DataSubject], Iterable[dict[str, Any]]]
"""What there is, as plain JSON and without secrets, read as it is consumed."""
Contents = Callable[[str], Iterator[files.Exported]]
"""The files of the user with this id."""


@dataclass(frozen=True, slots=True)
class DataKind:
    """A kind of data. `what` says to people what it is; `rows` None where nothing of it says more than another kind
    does; `contents` are the files that go with it; `late` whether it can come to be until the account is gone."""

    name: str
    what: str
    erase: Erase
    rows: Rows | None = None
    contents: Contents | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What an erasure leaves: for how long after it (None: for good), and why."""

    what: str
    lasts: timedelta | None
    why: str


def _file_rows(subject: DataSubject) -> Iterator[dict[str, Any]]:
    return (file.record for file in files.export_files(subject.id))


def _erase_files(subject: DataSubject, most: int) -> bool:
    return files.erase_files(subject.id, most).complete


KINDS: Final = (
    DataKind("profile", "The account with its profile, roles and permissions", account_data.with_account,
             account_data.profile),
    DataKind("sessions", "Sessions on all devices", account_data.erase_sessions),
    DataKind("networks", "The networks that it was signed in from", account_data.erase_origins, account_data.origins),
    DataKind("credentials", "Password, second factor and the tokens of mails", account_data.erase_credentials),
    DataKind("identities", "Links to Google, Kakao and Facebook", account_data.erase_identities,
             account_data.identities),
    DataKind("files", "Uploaded files, with their thumbnails", _erase_files,
             _file_rows, files.export_files),
    DataKind("translations", "Its name on translations; the texts stay", activity.erase_authorship,
             activity.translations),
    DataKind("reports", "Its name and words on what it reported, and what reports quote of it",
             activity.erase_reports, activity.reports),
    DataKind("subscriptions", "What it subscribed to", activity.erase_subscriptions, activity.subscriptions),
    DataKind("exports", "Copies of its data, and background jobs", activity.erase_jobs, activity.jobs),
    DataKind("messages", "Mails that were not delivered", activity.erase_messages, activity.messages, late=True),
    DataKind("counters", "How often it called and what failed", activity.erase_counters, activity.calls, late=True),
    DataKind("activity", "What the audit log says of it: the personal parts are destroyed", activity.erase_trail,
             activity.trail, late=True),
)  # fmt: skip

KEPT: Final = (
    Kept("Entries of the audit log without personal data: what was done to what kind of row, and when",
         None, "Administrators' acts must stay provable (GDPR, article 5(2))"),
    Kept("Its id on roles and permissions that it gave to others, until these end, on reports that it decided and "
         "contents that it took down, and its reasons for bans and rejections",
         None, "Who gave a right or judged must stay accountable; without the account the id names nobody"),
    Kept("Network addresses of refused sign-ins in the audit log, its own among them, which name no account any more",
         ANONYMOUS_LIFE, "Who guesses passwords must be found (GDPR, article 6(1)(f)); their key deletes itself"),
    Kept("Logs of the functions and of the API: ids of callers, network addresses and paths of requests",
         timedelta(days=30), "Failures and attacks must be understood (GDPR, article 6(1)(f)); they expire by "
         "themselves, after as many days as the deployment says"),
    Kept("What was kept under an address that it had before: networks of sign-ins, mails that were not delivered",
         timedelta(days=90), "Whose it was cannot be told from another's any more; it expires by itself"),
    Kept("Counters of failed sign-ins from networks that it never signed in from, and sign-ins under way",
         timedelta(days=2), "Guessing passwords must stay slow (GDPR, article 6(1)(f)); they expire by themselves"),
    Kept("Notes that a sign-in was refused, under a hash of its id: they count for 15 minutes, then they expire",
         timedelta(days=2), "Who guesses must not fill the audit log with the same refusal (GDPR, article 6(1)(f))"),
    Kept("Parts of a copy of its data that is begun while it is erased; what was written before is deleted at once",
         timedelta(days=1), "S3 clears parts that nobody finished by the bucket's rule; they can be read by nobody"),
    Kept("Encrypted backups of the database", timedelta(days=35),
         "Recovery from failures (GDPR, article 32); they expire by themselves"),
)  # fmt: skip
