"""Rate limits per caller or address, kept in the table so that every copy of a function counts alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from quintet.api.errors import StandardErrors
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

    Headers: `X-RateLimit-Limit`, `-Remaining` and `-Reset` (epoch seconds), and the IETF draft's
    `RateLimit-Policy` and `RateLimit` (seconds to go).
    """
    now = epoch()
    start = now - now % limit.per
    window = Window(who=who, operation=operation, start=start, expires_at=start + 2 * limit.per)
    fields = {"kind": Window.kind, **window.model_dump(include={"who", "operation", "start", "expires_at"})}
    left = max(start + limit.per - now, 1)

    def refused(_: object) -> Exception:
        return errors.rate_limited(headers={**_headers(limit, 0, start, left), "Retry-After": str(left)})

    found = Store().update(
        Window,
        window.own_key(),
        put=fields,
        add={"hits": 1},
        where=[any_of(absent("hits"), less_than("hits", limit.most))],
        refused=refused,
    )
    return _headers(limit, limit.most - found.hits, start, left)


def _headers(limit: RateLimit, remaining: int, start: int, left: int) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(limit.most),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": str(start + limit.per),
        "RateLimit-Policy": f'"std";q={limit.most};w={limit.per}',
        "RateLimit": f'"std";r={remaining};t={left}',
    }
