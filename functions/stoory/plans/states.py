"""The life of a subscription: active and renewed until somebody, or its own end, ends it."""

from __future__ import annotations

from enum import StrEnum

from stoory.lifecycle.transitions import Actor, Machine, Move


class SubscriptionStatus(StrEnum):
    """Where a subscription stands. One that ran out is CANCELLED too: the documented API knows these two."""

    ACTIVE = "ACTIVE"
    CANCELLED = "CANCELLED"


_ACTIVE = frozenset({SubscriptionStatus.ACTIVE})
_CLOCK = frozenset({Actor.CLOCK})

SUBSCRIPTIONS = Machine(
    "subscription",
    (
        Move("cancel", frozenset({Actor.BRAND, Actor.ADMIN}), _ACTIVE, SubscriptionStatus.CANCELLED),
        Move("end", _CLOCK, _ACTIVE, SubscriptionStatus.CANCELLED),
        Move("renew", _CLOCK, _ACTIVE, SubscriptionStatus.ACTIVE),
    ),
)
"""The whole table."""


def transition(current: SubscriptionStatus, verb: str, actor: Actor) -> SubscriptionStatus:
    """The status after `verb`; raises IllegalMove."""
    return SUBSCRIPTIONS.transition(current, verb, actor)
