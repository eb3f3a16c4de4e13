"""Tiers: callers of a group may make so many requests a minute and so many an hour, over all operations of a system.

Items (access patterns):
    an hour of a caller, with its minutes    TIER#<who> / <start of the hour>
    limits that were changed                 TIERS / TIERS
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from quintet.api.errors import StandardErrors
from quintet.api.limits import Use, limit_headers
from quintet.models.address import counted_address
from quintet.models.time import epoch
from quintet.settings import settings
from quintet.store import Entity, Keys, Store, Transaction, absent, any_of, less_than
from quintet.store.errors import Old

MINUTE, HOUR = 60, 3600
ADJUSTED_FOR = 30
"""Seconds that changed limits may take to hold in every copy of a function."""


class Allowance(BaseModel):
    """How many requests a tier allows in each minute and in each hour, over all operations of a system."""

    model_config = ConfigDict(frozen=True, defer_build=True, hide_input_in_errors=True)

    per_minute: int = Field(ge=1, le=1_000_000)
    per_hour: int = Field(ge=1, le=1_000_000)


@dataclass(frozen=True, slots=True)
class Tier:
    """A group of callers that share limits, and these limits as long as nobody changed them (`adjust`)."""

    name: str
    per_minute: int
    per_hour: int


class Adjusted(Entity):
    """The limits that were changed, by the tier's name."""

    kind: ClassVar[str] = "tiers"
    keys: ClassVar[Keys] = Keys("TIERS", "TIERS")

    tiers: dict[str, Allowance] = Field(default_factory=dict)


class Hour(Entity):
    """How often one caller called in one hour, and in each of its minutes (`m0` to `m59`)."""

    model_config = ConfigDict(extra="allow")

    kind: ClassVar[str] = "tier"
    keys: ClassVar[Keys] = Keys("TIER#{who}", "{start}")

    who: str
    start: int
    hits: int = 0
    expires_at: int


def spend_tier(tier: Tier | None, who: str, errors: StandardErrors) -> dict[str, str]:
    """Count one request against both windows of a tier; None is exempt, and nothing is written.

    `who` is a caller's id, or the address of one that has none. One conditional write: an item holds an hour of one
    caller and a number for each of its minutes, so that windows begin by themselves and both limits hold at once,
    exactly, however many requests come together. Changed limits are read at most every `ADJUSTED_FOR` seconds. Answers
    the headers of `quintet.api.limits.spend`, for the window with least left; raises 429 with `Retry-After` until the
    window that is used up ends.
    """
    if tier is None:
        return {}
    now, allowed = epoch(), allowance(tier)
    start = now - now % HOUR
    minute = f"m{(now - start) // MINUTE}"
    most = {"hits": allowed.per_hour, minute: allowed.per_minute}
    fields = {"kind": Hour.kind, "who": counted_address(who), "start": start, "expires_at": start + 2 * HOUR}

    def used(counts: Mapping[str, Any]) -> list[Use]:
        return [
            Use("hour", allowed.per_hour, HOUR, int(counts.get("hits") or 0), now),
            Use("minute", allowed.per_minute, MINUTE, int(counts.get(minute) or 0), now),
        ]

    def refused(old: Old) -> Exception:
        uses = used(old or {})
        wait = max((use.seconds_left for use in uses if use.remaining == 0), default=1)
        return errors.rate_limited(headers={**limit_headers(uses), "Retry-After": str(wait)})

    found = Store().update(
        Hour,
        Hour.key(**fields),
        put=fields,
        add={"hits": 1, minute: 1},
        where=[any_of(absent(name), less_than(name, number)) for name, number in most.items()],
        refused=refused,
    )
    return limit_headers(used({"hits": found.hits, **(found.model_extra or {})}))


def allowance(tier: Tier) -> Allowance:
    """What a tier allows now: as changed in the table, else as declared."""
    changed = _adjusted(settings().table, epoch() // ADJUSTED_FOR).get(tier.name)
    return changed or Allowance(per_minute=tier.per_minute, per_hour=tier.per_hour)


def adjust(tiers: Mapping[str, Allowance], also: Callable[[Transaction], None] | None = None) -> None:
    """Change what these tiers allow, others stay; every function goes by it within `ADJUSTED_FOR` seconds. `also` adds
    to the transaction what must happen with it, such as an entry in a log."""
    store = Store()
    store.update(Adjusted, Adjusted.key(), put={"kind": Adjusted.kind}, default={"tiers": {}})
    changed = {f"tiers.{name}": allowed.model_dump() for name, allowed in tiers.items()}
    tx = store.transaction()
    tx.update(Adjusted.key(), put=changed)
    if also is not None:
        also(tx)
    tx.commit()
    _adjusted.cache_clear()


@lru_cache(maxsize=8)
def _adjusted(_table: str, _moment: int) -> Mapping[str, Allowance]:
    """The changed limits of a table, remembered for the moment."""
    found = Store().get(Adjusted, consistent=False)
    return found.tiers if found else {}
