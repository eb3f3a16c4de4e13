"""One-time codes: short, sent elsewhere, hashed, few tries, and capped so that nobody's phone is a target.

Items (access patterns):
    the live code of a target            CODE#<purpose>#<target> / CODE
    how many were sent in a window       see `quintet.auth.caps`
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

from quintet.auth.caps import Cap, Counting
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

__all__ = ["Cap", "Policy", "TooManyCodes", "WrongCode", "new_code", "use_code"]


@dataclass(frozen=True, slots=True)
class Policy:
    """How codes of one purpose behave. Times are seconds."""

    purpose: str
    digits: int = 6
    lifetime: int = 300
    tries: int = 5
    cooldown: int = 30


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
        digest=_digests(policy.purpose, target, code)[0],
        sent_at=now,
        expires_at=now + policy.lifetime,
    )
    # The caps come first: of several reasons the first is told, and a cap's wait is the longer one.
    for cap in caps:
        _count(tx, Counting(policy.purpose, cap, now))
    tx.put(live, [any_of(absent(), at_most("sent_at", now - policy.cooldown))], refused=too_soon)
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
    if not any(hmac.compare_digest(live.digest, one) for one in _digests(policy.purpose, target, code)):
        raise WrongCode
    try:
        # It stays, spent, so that the cool-down holds for a target whose code was used at once, too.
        store.update(Code, key, put={"digest": ""}, where=[equals("digest", live.digest)])
    except ConditionFailed:
        raise WrongCode from None


def _count(tx: Transaction, counting: Counting) -> None:
    tx.update(
        counting.key,
        put=counting.fields,
        add={"number": 1},
        where=[counting.room],
        refused=lambda _: TooManyCodes(counting.seconds_left),
    )


def _digests(purpose: str, target: str, code: str) -> list[str]:
    """Keyed, since a million codes are tried in no time by whoever holds a plain hash; by the newest key first."""
    from quintet.keys.keyring import secret

    message = "\x00".join(("code", purpose, target, code)).encode()
    return [hmac.new(key, message, hashlib.sha256).hexdigest() for key in secret().cursor_keys]
