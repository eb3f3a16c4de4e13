"""Stored promotions and how often they were used.

A use is an order that is not cancelled. It is counted in the order's own transaction, on the condition that the
limit leaves room, so that no two orders can take the last use.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field

from quintet.models import Timestamp, new_id, now, rfc3339
from quintet.store import Condition, Entity, Index, Keys, Ref, Transaction, absent, any_of, at_least, equals, less_than
from storefront.promotions.rules import Candidate, Promotion

_UNDER_LIMIT = Condition("(attribute_not_exists({n0}) OR {n1} < {n0})", ("usage_limit", "uses"))


class StoredPromotion(Promotion, Entity):
    """A promotion with its uses so far."""

    kind: ClassVar[str] = "promotion"
    keys: ClassVar[Keys] = Keys("PROMOTION#{code}", "PROMOTION", gsi1=Index("PROMOTIONS", "{id}", counted=True))

    id: str = Field(default_factory=new_id)
    uses: int = 0
    created_at: Timestamp = Field(default_factory=now)
    updated_at: Timestamp = Field(default_factory=now)


class CustomerUses(Entity):
    """How often one customer used one promotion."""

    kind: ClassVar[str] = "promotion_uses"
    keys: ClassVar[Keys] = Keys("PROMOTION#{code}", "CUSTOMER#{user_id}")

    code: str
    user_id: str
    uses: int = 0


def promotion_refs(codes: Sequence[str], user_id: str) -> list[Ref[Any]]:
    """What to read to know how codes stand for a customer: a promotion and a count for each."""
    refs: list[Ref[Any]] = []
    for code in codes:
        refs += [StoredPromotion.ref(code=code), CustomerUses.ref(code=code, user_id=user_id)]
    return refs


def candidates(codes: Sequence[str], found: Sequence[Any]) -> dict[str, Candidate]:
    """The promotions that exist among `codes`, from what was read at their `promotion_refs`."""
    pairs = zip(codes, found[::2], found[1::2], strict=True)
    return {
        code: Candidate(promotion, promotion.uses, counted.uses if counted else 0)
        for code, promotion, counted in pairs
        if promotion is not None
    }


def use(tx: Transaction, codes: Sequence[str], terms: Mapping[str, Candidate], user_id: str) -> None:
    """Count one use of each code, if it is still offered and its limits leave room."""
    for code in codes:
        where = [equals("disabled", False), _UNDER_LIMIT]
        tx.update(StoredPromotion.key(code=code), add={"uses": 1}, put=_touched(), where=where)
        limit = terms[code].promotion.usage_limit_per_customer
        room = [any_of(absent("uses"), less_than("uses", limit))] if limit is not None else []
        put = {"kind": CustomerUses.kind, "code": code, "user_id": user_id}
        tx.update(CustomerUses.key(code=code, user_id=user_id), add={"uses": 1}, put=put, where=room)


def give_back(tx: Transaction, codes: Sequence[str], user_id: str) -> None:
    """Take one use of each code back."""
    for code in codes:
        some = [at_least("uses", 1)]
        tx.update(StoredPromotion.key(code=code), add={"uses": -1}, put=_touched(), where=some)
        tx.update(CustomerUses.key(code=code, user_id=user_id), add={"uses": -1}, where=some)


def _touched() -> dict[str, str]:
    return {"updated_at": rfc3339(now())}
