"""One-time codes: short, sent elsewhere, hashed, few tries, and capped so that nobody's phone is a target.

Items (access patterns):
    the live code of a target            CODE#<purpose>#<target> / CODE
    how many were sent in a window       SENT#<purpose>#<what> / <start of the window>
Sending is one transaction: the cool-down, every cap and the new code hold together or nothing happens, also when
many requests come at once. A new code replaces the old one.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets as randomness
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from quintet.models.time import epoch
from quintet.store import (
    Condition,
    ConditionFailed,
    Entity,
    Keys,
    Store,
    Transaction,
    absent,
    any_of,
    at_most,
    equals,
    less_than,
)
from quintet.store.errors import Old


@dataclass(frozen=True, slots=True)
class Policy:
    """How codes of one purpose behave. Times are seconds."""

    purpose: str
    digits: int = 6
    lifetime: int = 300
    tries: int = 5
    cooldown: int = 30


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `most` codes in each window of `per` seconds for one thing, such as `ip:203.0.113.7`."""

    what: str
    most: int
    per: int = 3600


class TooManyCodes(Exception):
    """A cap or the cool-down was reached; `retry_after` is seconds until another try can succeed."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("too many codes were sent")
        self.retry_after = max(retry_after, 1)


class WrongCode(Exception):
    """No such code lives: never sent, expired, replaced, used, tried too often, or simply wrong."""


class Code(Entity):
    """The live code of one target; only a keyed hash of it is stored."""

    kind: ClassVar[str] = "code"
    keys: ClassVar[Keys] = Keys("CODE#{purpose}#{target}", "CODE")

    purpose: str
    target: str
    digest: str
    sent_at: int
    tries: int = 0
    expires_at: int


class Sent(Entity):
    """How many codes were sent for one thing in one window."""

    kind: ClassVar[str] = "sent"
    keys: ClassVar[Keys] = Keys("SENT#{purpose}#{what}", "{start}")

    purpose: str
    what: str
    start: int
    number: int = 0
    expires_at: int


def new_code(policy: Policy, target: str, caps: Sequence[Cap] = ()) -> str:
    """Make the target's code and count it against every cap. Raises `TooManyCodes`; then nothing was counted."""
    now = epoch()
    code = "".join(randomness.choice("0123456789") for _ in range(policy.digits))
    tx = Store().transaction()

    def too_soon(old: Old) -> Exception:
        return TooManyCodes(int((old or {}).get("sent_at", now)) + policy.cooldown - now)

    live = Code(
        purpose=policy.purpose,
        target=target,
        digest=_digest(policy.purpose, target, code),
        sent_at=now,
        expires_at=now + policy.lifetime,
    )
    tx.put(live, [any_of(absent(), at_most("sent_at", now - policy.cooldown))], refused=too_soon)
    for cap in caps:
        _count(tx, policy.purpose, cap, now)
    tx.commit()
    return code


def use_code(policy: Policy, target: str, code: str) -> None:
    """Spend the target's code. Raises `WrongCode`; each call counts as a try, and only one call can succeed."""
    key = Code.key(purpose=policy.purpose, target=target)
    alive = [less_than("tries", policy.tries), Condition("{n0} > {v0}", ("expires_at",), (epoch(),))]
    store = Store()
    try:
        live = store.update(Code, key, add={"tries": 1}, where=alive)
    except ConditionFailed:
        raise WrongCode from None
    if not hmac.compare_digest(live.digest, _digest(policy.purpose, target, code)):
        raise WrongCode
    tx = store.transaction()
    tx.remove(key, [equals("digest", live.digest)], refused=lambda _: WrongCode())
    tx.commit()


def _count(tx: Transaction, purpose: str, cap: Cap, now: int) -> None:
    start = now - now % cap.per
    fields = {
        "kind": Sent.kind,
        "purpose": purpose,
        "what": cap.what,
        "start": start,
        "expires_at": start + 2 * cap.per,
    }
    tx.update(
        Sent.key(purpose=purpose, what=cap.what, start=start),
        put=fields,
        add={"number": 1},
        where=[any_of(absent("number"), less_than("number", cap.most))],
        refused=lambda _: TooManyCodes(start + cap.per - now),
    )


def _digest(purpose: str, target: str, code: str) -> str:
    """Keyed, since a million codes are tried in no time by whoever holds a plain hash."""
    from quintet.secrets import secret

    message = "\x00".join(("code", purpose, target, code)).encode()
    return hmac.new(secret().cursor_key, message, hashlib.sha256).hexdigest()
