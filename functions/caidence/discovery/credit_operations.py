"""A user's credits: what is left, what was used, and the clock that gives back what nobody came back for."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Self, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from caidence.access.callers import DiscoveryReader
from caidence.discovery import ledger
from caidence.discovery.accounts import (
    Counted,
    CreditAccount,
    Day,
    Operation,
    Transaction,
    TransactionType,
    credits_of,
    number_of,
)
from caidence.discovery.ledger import NO_ACCOUNT, Swept
from caidence.discovery.purchases import entitled
from caidence.service import api, store
from quintet.models import Timestamp, now

SHOWN = 20
"""Transactions in a reply."""
LARGEST_OWN, LARGEST = 1000, 1_000_000
"""Credits that an account is opened with at most, by anybody and by a super admin."""


def _in_hundredths(credits: float) -> float:
    if Decimal(str(credits)) % Decimal("0.01"):
        raise ValueError("must be a multiple of 0.01")
    return credits


Granted = Annotated[
    float,
    Field(gt=0, le=LARGEST, allow_inf_nan=False),
    AfterValidator(_in_hundredths),
    WithJsonSchema({"type": "number", "minimum": 0.01, "maximum": LARGEST, "multipleOf": 0.01}),
    Field(description="Credits; more than 1000 are for super admins to grant"),
]


class CreditsQuery(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    days: Annotated[int, Field(ge=1, le=365, description="Days of the usage figures, today (UTC) included")] = 30


class OpeningQuery(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    initial_balance: Granted = 1000.0


class OperationUsage(BaseModel):
    model_config = ConfigDict(defer_build=True)

    requests: int = 0
    results: int = 0
    credits_used: float = 0


class UsageStats(BaseModel):
    """What was used in the last `days` days. `upstream_cost` is what the service says that it cost, `drift` what was
    charged less that: both cover the `upstream_requests` of which it says so, most often not those of a search."""

    model_config = ConfigDict(defer_build=True)

    days: int
    requests: int
    results: int
    credits_used: float
    upstream_cost: float
    upstream_requests: int
    drift: float
    by_operation: dict[str, OperationUsage]


class TransactionReply(BaseModel):
    """`amount` is signed: a hold and a charge take, a grant and a release give. A call that is over has its hold
    released, and is charged what came."""

    model_config = ConfigDict(defer_build=True)

    id: str
    type: TransactionType
    amount: float
    balance_after: float
    operation: Operation
    subject: Annotated[str, Field(description="In short what the call asked for")]
    hold_id: Annotated[str | None, Field(description="What the hold, the release and the charge of a call share")]
    upstream_cost: float | None
    created_at: Timestamp

    @classmethod
    def of(cls, entry: Transaction) -> Self:
        theirs = entry.upstream_cost
        return cls(
            id=entry.id,
            type=entry.type,
            amount=credits_of(entry.amount),
            balance_after=credits_of(entry.balance_after),
            operation=entry.operation,
            subject=entry.subject,
            hold_id=entry.hold_id,
            upstream_cost=None if theirs is None else credits_of(theirs),
            created_at=entry.created_at,
        )


class CreditsReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    balance: Annotated[float, Field(description="What can be spent now, held credits taken off")]
    held: Annotated[float, Field(description="Set aside for calls under way")]
    monthly_limit: Annotated[float, Field(description="What the account was opened with, and is filled up to monthly")]
    renewable: Annotated[float, Field(description="What the next call adds first, since a new month (UTC) began")]
    percent_used: Annotated[float, Field(description="What was charged this month (UTC), in percent of the limit")]
    usage_stats: UsageStats
    transactions: Annotated[list[TransactionReply], Field(description="The latest 20, newest first")]


@api.get("/discovery/credits", errors=[NO_ACCOUNT], needs={"table:read"})
def get_credits(query: CreditsQuery, caller: DiscoveryReader) -> CreditsReply:
    """Get the caller's credits: balance, use, and the latest transactions

    The first call of a month that costs something fills the balance up to the monthly limit.
    """
    return _shown(ledger.account_of(entitled(caller)), query.days)


@api.post("/discovery/credits/initialize", needs={"table:write"}, idempotent=True)
def initialize_credits(query: OpeningQuery, caller: DiscoveryReader) -> CreditsReply:
    """Open the caller's credit account

    Once: an account that is there already is answered as it stands.
    """
    entitled(caller)
    if query.initial_balance > LARGEST_OWN and not caller.is_super:
        raise api.errors.forbidden("Only super admins open an account with more than 1000 credits")
    return _shown(ledger.open_account(caller.account, int(Decimal(str(query.initial_balance)) * 100)), 30)


@api.event(schedule="rate(1 minute)", needs={"table:write"}, timeout=50)
def release_expired_holds() -> Swept:
    """Give back what is held for calls whose process died"""
    return ledger.sweep()


def _shown(account: CreditAccount, days: int) -> CreditsReply:
    user_id, today = account.user_id, now()
    next_number = number_of(account.transactions + 1)  # what came since the account was read is not shown
    entries = store.query(Transaction, user_id=user_id, before=next_number, limit=SHOWN, consistent=True).items
    first = (today.date() - timedelta(days=days - 1)).isoformat()
    used = [day for day in store.query(Day, user_id=user_id, limit=days, consistent=True).items if day.day >= first]
    return CreditsReply(
        balance=credits_of(account.balance),
        held=credits_of(account.held),
        monthly_limit=credits_of(account.monthly_limit),
        renewable=credits_of(account.renewable(today)),
        percent_used=round(100 * account.used_in(today) / account.monthly_limit, 2),
        usage_stats=_usage(used, days),
        transactions=[TransactionReply.of(entry) for entry in entries],
    )


def _usage(used: list[Day], days: int) -> UsageStats:
    by_operation = {
        operation: {what: sum(day.counted(operation, what) for day in used) for what in get_args(Counted)}
        for operation in get_args(Operation)
        if operation not in ("initialize", "renew")
    }
    total: dict[str, Any] = {what: sum(one[what] for one in by_operation.values()) for what in get_args(Counted)}
    return UsageStats(
        days=days,
        requests=total["requests"],
        results=total["results"],
        credits_used=credits_of(total["charged"]),
        upstream_cost=credits_of(sum(day.upstream for day in used)),
        upstream_requests=sum(day.told for day in used),
        drift=credits_of(sum(day.drift for day in used)),
        by_operation={
            operation: OperationUsage(
                requests=one["requests"], results=one["results"], credits_used=credits_of(one["charged"])
            )
            for operation, one in by_operation.items()
        },
    )
