"""Credit accounts as they are stored: whole hundredths of a credit, a ledger that adds up to the balance, and holds."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from quintet.models import epoch, new_id, now
from quintet.store import Entity, Index, Keys

Operation = Literal["initialize", "search", "similar", "enrich", "post-details"]
TransactionType = Literal["grant", "hold", "charge", "release"]
Counted = Literal["requests", "results", "charged"]

SEARCH_RESULT: Final = 1
"""Hundredths of a credit for each creator that a search returns."""
ENRICH: Final = {"raw": 3, "full": 100}
POST_DETAILS: Final = 3

HELD_FOR: Final = 90
"""Seconds after which a hold's call has surely ended with its process: an invocation lasts 29 at most."""
SHARDS: Final = 4
"""Partitions of the index of holds; a sweep asks each of them once."""


class CreditAccount(Entity):
    """A user's credits. Every change writes it, so that its version puts the ledger into one order."""

    kind: ClassVar[str] = "credits"
    keys: ClassVar[Keys] = Keys("CREDITS#{user_id}", "ACCOUNT")

    user_id: str
    balance: int
    """What can be spent now, held credits taken off: the sum of all transactions, never negative."""
    held: int = 0
    """The sum of open holds."""
    monthly_limit: int
    """What was granted."""
    month: str = ""
    """The month of the latest charge (`2026-11`, UTC), and what was charged in it."""
    month_used: int = 0
    transactions: int = 0
    """How many there are; the number of the latest."""
    created_at: datetime = Field(default_factory=now)

    def used_in(self, moment: datetime) -> int:
        """What was charged in the month of a moment that is now."""
        return self.month_used if self.month == month_of(moment) else 0


class Transaction(Entity):
    """One entry of a ledger, never changed: `amount` is below 0 where it takes (hold, charge), else above."""

    kind: ClassVar[str] = "credit"
    keys: ClassVar[Keys] = Keys("CREDITS#{user_id}#LEDGER", "{number}")

    id: str = Field(default_factory=new_id)
    user_id: str
    number: str
    """Its place in the ledger (`number_of`)."""
    type: TransactionType
    amount: int
    balance_after: int
    operation: Operation
    hold_id: str | None = None
    """What the entries of one call share."""
    upstream_cost: int | None = None
    """What the service says that the call cost, where it says so."""
    created_at: datetime = Field(default_factory=now)


class Bill(BaseModel):
    """What a call came to: its cost here in hundredths, how many results it had, and what the service says it cost."""

    model_config = ConfigDict(frozen=True)

    cost: int
    results: int
    upstream: int | None = None


class Hold(Entity):
    """Credits set aside for a call under way, the most that it may cost. Its end, whichever it is, deletes it."""

    kind: ClassVar[str] = "hold"
    keys: ClassVar[Keys] = Keys(
        "CREDITS#{user_id}#HOLDS", "{id}", gsi1=Index("HOLDS#{shard}", "{due_at}#{id}", order="ascending")
    )

    id: str = Field(default_factory=new_id)
    user_id: str
    operation: Operation
    amount: int
    left: int = 0
    """What could be spent after it."""
    owed: Bill | None = None
    """What came of its call, where the account was too busy: the clock charges it instead of releasing."""
    due_at: int = Field(default_factory=lambda: epoch() + HELD_FOR)
    """Epoch seconds; ten digits until 2286, so the index sorts it as text."""
    shard: int = 0

    def model_post_init(self, _: object, /) -> None:
        self.shard = int(self.id[-4:], 16) % SHARDS


class Day(Entity):
    """What an account used on one day (UTC), kept by the charges themselves.

    `<operation>_requests`, `_results` and `_charged` are counted for each operation. `drift` is what we charged less
    what the service says it cost, over the calls of which it says so; `upstream` is what it says.
    """

    model_config = Entity.model_config | {"extra": "allow"}

    kind: ClassVar[str] = "credit_day"
    keys: ClassVar[Keys] = Keys("CREDITS#{user_id}#DAYS", "{day}")

    user_id: str
    day: str
    upstream: int = 0
    drift: int = 0

    def counted(self, operation: Operation, what: Counted) -> int:
        """One of an operation's numbers."""
        return int((self.model_extra or {}).get(counter(operation, what)) or 0)


class Claim(Entity):
    """That a profile is being bought: nobody else of the same user buys it until `expires_at`, or its end."""

    kind: ClassVar[str] = "claim"
    keys: ClassVar[Keys] = Keys("CREDITS#{user_id}#CLAIMS", "{platform}#{handle}#{mode}")

    user_id: str
    platform: str
    handle: str
    mode: str
    holder: str = Field(default_factory=new_id)
    expires_at: int


class Profile(Entity):
    """A profile that was bought, for repeats within a day. `packed` is its JSON, compressed, in base 64."""

    kind: ClassVar[str] = "profile"
    keys: ClassVar[Keys] = Keys("CREDITS#{user_id}#PROFILES", "{platform}#{handle}#{mode}")

    user_id: str
    platform: str
    handle: str
    mode: str
    packed: str
    expires_at: int


def counter(operation: Operation, what: str) -> str:
    """The name of one of an operation's numbers of a day."""
    return f"{operation.replace('-', '_')}_{what}"


def number_of(transactions: int) -> str:
    """The place in the ledger of the latest of so many transactions, in digits that sort."""
    return f"{transactions:012d}"


def month_of(moment: datetime) -> str:
    return moment.strftime("%Y-%m")


def credits_of(hundredths: int) -> float:
    """Hundredths as the number of credits that callers see."""
    return float(Decimal(hundredths) / 100)
