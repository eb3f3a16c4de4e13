"""Rate limits per caller or address, kept in the table so that every copy of a function counts alike.

Item (access pattern): one operation's window of a caller    RATE#<who> / <operation>#<start>
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from quintet.api.errors import StandardErrors
from quintet.models.address import counted_address
from quintet.models.time import epoch
from quintet.store import Entity, Keys, Store, absent, any_of, less_than


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `most` requests in each window of `per` seconds, by caller or by address."""

    most: int
    per: int = 60
    by: Literal["caller", "ip"] = "caller"


class Window(Entity):
    """How often one caller used one operation in one window."""

    kind: ClassVar[str] = "rate"
    keys: ClassVar[Keys] = Keys("RATE#{who}", "{operation}#{start}")

    who: str
    operation: str
    start: int
    hits: int = 0
    expires_at: int


def spend(limit: RateLimit, operation: str, who: str, errors: StandardErrors) -> dict[str, str]:
    """Count one request: one conditional write. Answers the limit's headers, raises 429 with `Retry-After`.

    `who` is a caller's id or an address, which counts as `quintet.models.address` says. Headers: `X-RateLimit-Limit`,
    `-Remaining` and `-Reset` (epoch seconds), and the IETF draft's `RateLimit-Policy` and `RateLimit` (seconds to go).
    """
    now = epoch()
    start = now - now % limit.per
    window = Window(who=counted_address(who), operation=operation, start=start, expires_at=start + 2 * limit.per)
    fields = {"kind": Window.kind, **window.model_dump(include={"who", "operation", "start", "expires_at"})}

    def headers(hits: int) -> dict[str, str]:
        return limit_headers([Use("std", limit.most, limit.per, hits, now)])

    def refused(_: object) -> Exception:
        return errors.rate_limited(headers={**headers(limit.most), "Retry-After": str(start + limit.per - now)})

    found = Store().update(
        Window,
        window.own_key(),
        put=fields,
        add={"hits": 1},
        where=[any_of(absent("hits"), less_than("hits", limit.most))],
        refused=refused,
    )
    return headers(found.hits)


@dataclass(frozen=True, slots=True)
class Use:
    """How much of one window is used up, `now` being in it (epoch seconds)."""

    name: str
    most: int
    per: int
    hits: int
    now: int

    @property
    def remaining(self) -> int:
        return max(self.most - self.hits, 0)

    @property
    def seconds_left(self) -> int:
        return self.per - self.now % self.per


def limit_headers(uses: Sequence[Use]) -> dict[str, str]:
    """The headers for windows, the broadest first; the one with least left is told, the broadest among equals."""
    tight = min(uses, key=lambda use: use.remaining)
    return {
        "X-RateLimit-Limit": str(tight.most),
        "X-RateLimit-Remaining": str(tight.remaining),
        "X-RateLimit-Reset": str(tight.now + tight.seconds_left),
        "RateLimit-Policy": ", ".join(f'"{use.name}";q={use.most};w={use.per}' for use in reversed(uses)),
        "RateLimit": f'"{tight.name}";r={tight.remaining};t={tight.seconds_left}',
    }
