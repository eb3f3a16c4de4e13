"""The compliance report and the security report. Nothing is estimated: what is not known is null.

Round trips to the table: compliance 7, security 9, more only where there are many administrators.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from quintet.keys import keyring
from quintet.models import Timestamp, now
from softfactory.access.callers import AdminReader
from softfactory.access.roles import ADMIN
from softfactory.audit import lists, pending, reading
from softfactory.audit.days import between
from softfactory.audit.facts import Kind
from softfactory.compliance import census
from softfactory.compliance.findings import Finding, found
from softfactory.moderation.entities import Report
from softfactory.people.entities import User
from softfactory.privacy import erasing
from softfactory.service import api as suite
from softfactory.service import store

api = suite.section("admin")

MOST_ADMINS: Final = 500
"""Administrators that the report looks at."""
STALE: Final = timedelta(days=90)
"""Without a sign-in for so long an administrator's account is called stale."""
EXPORT_EVERY: Final = timedelta(days=30)
"""How often the audit log should be exported, so that its growth can be proven to outsiders."""
KEY_LIFE: Final = timedelta(days=90)
"""After which the keys should have been rotated."""
REFUSED: Final = Kind("auth.login_refused", "user", access=True)
MANY_REFUSED: Final = 100
"""Refused sign-ins of a week that are worth a look."""


class AccountsPart(BaseModel):
    """`total` is exact; `unverified` are those that never confirmed their address, as of `counted_at` (null: not
    counted yet)."""

    model_config = ConfigDict(defer_build=True)

    total: int
    unverified: int | None
    counted_at: Timestamp | None


class ErasuresPart(BaseModel):
    """Accounts that wait for their erasure and those that do so more than a day longer than planned, as of the count;
    and erasures that have begun."""

    model_config = ConfigDict(defer_build=True)

    planned: int | None
    overdue: int | None
    under_way: int


class AuditPart(BaseModel):
    """The audit log: its entries, how many of them are in its tree already (the others get there within a minute) and
    the tree's root (base64), when something entered it last, and when it was last exported."""

    model_config = ConfigDict(defer_build=True)

    entries: int
    tree_size: int
    root_hash: str
    last_entry_at: Timestamp | None
    last_export_at: Timestamp | None
    last_export_size: int | None


class ReportsPart(BaseModel):
    """Reported content that nobody has decided on, and how much of it several people have reported."""

    model_config = ConfigDict(defer_build=True)

    pending: int
    high_priority: int


class ComplianceReport(BaseModel):
    model_config = ConfigDict(defer_build=True)

    generated_at: Timestamp
    accounts: AccountsPart
    erasures: ErasuresPart
    audit_log: AuditPart
    reports: ReportsPart
    findings: list[Finding]


class TwoFactorPart(BaseModel):
    """Accounts with a second factor, and their share from 0 to 1 of those that do not wait for their erasure (0 where
    there is none), as of `counted_at`."""

    model_config = ConfigDict(defer_build=True)

    enabled: int | None
    share: float | None
    counted_at: Timestamp | None


class AdminsPart(BaseModel):
    """Active accounts whose highest role is administrator: how many, how many with a second factor and which share,
    and how many are stale. The last three are of the `looked_at` newest."""

    model_config = ConfigDict(defer_build=True)

    total: int
    looked_at: int
    with_two_factor: int
    two_factor_share: float
    stale: Annotated[int, Field(description="No sign-in for 90 days, nor made in them")]


class RefusedPart(BaseModel):
    """Sign-ins that were refused, by the audit log: password, code or a closed account."""

    model_config = ConfigDict(defer_build=True)

    last_7_days: int
    last_30_days: int


class KeysPart(BaseModel):
    """Keys that access tokens are accepted under, more than one while a rotation is under way; and since when the
    suite's secret is as it is (null where Secrets Manager does not say so)."""

    model_config = ConfigDict(defer_build=True)

    signing_keys: int
    secret_since: Timestamp | None
    rotation_under_way: bool


class SecurityReport(BaseModel):
    model_config = ConfigDict(defer_build=True)

    generated_at: Timestamp
    two_factor: TwoFactorPart
    administrators: AdminsPart
    failed_logins: RefusedPart
    keys: KeysPart
    findings: list[Finding]


@api.get("/admin/compliance/report", needs={"table:read"}, layers=("oidc",))
def compliance_report(caller: AdminReader) -> ComplianceReport:
    """The compliance report

    Erasures that are planned, under way and overdue, addresses that were never confirmed, reports that await a
    decision, and the audit log with the root of its tree. `findings` says what to look into.
    """
    at, counted, waiting, audit_log = now(), census.counted(), len(erasing.under_way()), _audit_log()
    figures, reports = counted.figures if counted else None, _reports()
    exported = audit_log.last_export_at
    old_export = bool(audit_log.entries) and (exported is None or exported + EXPORT_EVERY < at)
    return ComplianceReport(
        generated_at=at,
        accounts=AccountsPart(
            total=store.count(User, "gsi1"), unverified=figures.unverified if figures else None,
            counted_at=counted.at if counted else None,
        ),
        erasures=ErasuresPart(
            planned=figures.deletions_planned if figures else None,
            overdue=figures.deletions_overdue if figures else None, under_way=waiting,
        ),
        audit_log=audit_log,
        reports=reports,
        findings=found(
            (figures.deletions_overdue if figures else 0, "critical", "erasures_overdue",
             "Accounts should have been erased more than a day ago"),
            (int(old_export), "warning", "audit_log_not_exported", "The audit log was not exported for 30 days"),
            (reports.high_priority, "warning", "urgent_reports",
             "Content that several people have reported awaits a decision"),
            (figures.unverified if figures else 0, "info", "unverified_accounts",
             "Accounts never confirmed their e-mail address"),
            (int(figures is None), "info", "not_counted_yet", "The accounts have not been counted yet"),
        ),
    )  # fmt: skip


@api.get("/admin/security/report", needs={"table:read", "secret"}, layers=("oidc",))
def security_report(caller: AdminReader) -> SecurityReport:
    """The security report

    Second factors, administrators' accounts, refused sign-ins and signing keys. `findings` says what to look into.
    """
    at, counted = now(), census.counted()
    admins, refused, keys = _admins(at), _refused(at), _keys()
    return SecurityReport(
        generated_at=at,
        two_factor=_two_factor(counted),
        administrators=admins,
        failed_logins=refused,
        keys=keys,
        findings=found(
            (admins.looked_at - admins.with_two_factor, "critical", "admins_without_two_factor",
             "Administrators have no second factor"),
            (admins.stale, "warning", "stale_admins", "Administrators have not signed in for 90 days"),
            (refused.last_7_days if refused.last_7_days >= MANY_REFUSED else 0, "warning", "many_failed_logins",
             "Many sign-ins were refused within a week"),
            (int(keys.secret_since is not None and keys.secret_since + KEY_LIFE < at), "warning", "old_keys",
             "The keys were not changed for 90 days"),
            (int(keys.rotation_under_way), "info", "key_rotation", "A rotation of the signing key is under way"),
            (int(counted is None), "info", "not_counted_yet", "The accounts have not been counted yet"),
        ),
    )  # fmt: skip


@api.event(schedule="rate(5 minutes)", needs={"table:write"})
def count_accounts() -> None:
    """Count a piece of the accounts for the reports, once an hour all of them"""
    census.count_on()


def _audit_log() -> AuditPart:
    found, last = pending.read(), reading.last_export()
    return AuditPart(
        entries=found.size, tree_size=found.head.size, root_hash=found.head.root, last_entry_at=found.last_at,
        last_export_at=last.at if last else None, last_export_size=last.size if last else None,
    )  # fmt: skip


def _reports() -> ReportsPart:
    places = [{"status": "pending", "priority": priority} for priority in ("normal", "high")]
    normal, high = store.counts(Report, "gsi2", places)
    return ReportsPart(pending=normal + high, high_priority=high)


def _two_factor(counted: census.Counted | None) -> TwoFactorPart:
    if counted is None:
        return TwoFactorPart(enabled=None, share=None, counted_at=None)
    figures = counted.figures
    share = _share(figures.two_factor, figures.accounts - figures.deletions_planned)
    return TwoFactorPart(enabled=figures.two_factor, share=share, counted_at=counted.at)


def _admins(at: datetime) -> AdminsPart:
    looked = store.query(User, "gsi2", limit=MOST_ADMINS, role=ADMIN.name, listed="active").items
    protected = sum(user.two_factor_enabled for user in looked)
    return AdminsPart(
        total=store.count(User, "gsi2", role=ADMIN.name, listed="active"), looked_at=len(looked),
        with_two_factor=protected, two_factor_share=_share(protected, len(looked)),
        stale=sum((user.last_login or user.created_at) + STALE < at for user in looked),
    )  # fmt: skip


def _refused(at: datetime) -> RefusedPart:
    """Exact, from the ranks of the log's own list of such entries, and what is on its way there."""
    found = pending.read()

    def since(days: int) -> int:
        first = at - timedelta(days=days)
        in_log = lists.Selection([lists.of_kind(REFUSED)], between(found.head, first, None)).total
        return in_log + sum(each.kind == REFUSED and each.at >= first for each in found.waiting)

    return RefusedPart(last_7_days=since(7), last_30_days=since(30))


def _keys() -> KeysPart:
    secret = keyring.secret()
    since = None if secret.made_at is None else datetime.fromtimestamp(secret.made_at, UTC)
    number = len(secret.jwt_keys)
    return KeysPart(signing_keys=number, secret_since=since, rotation_under_way=number > 1)


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
