"""Who may cancel, renew or end a subscription."""

from __future__ import annotations

from itertools import product

import pytest

from stoory.lifecycle.transitions import Actor, IllegalMove
from stoory.plans.states import SUBSCRIPTIONS, SubscriptionStatus, transition


def test_subscriptions_are_cancelled_by_people_and_renewed_or_ended_by_the_clock() -> None:
    legal = {
        (verb, actor.value): transition(SubscriptionStatus.ACTIVE, verb, actor)
        for verb, actor in product(("cancel", "end", "renew"), Actor)
        if any(move.verb == verb and actor in move.by for move in SUBSCRIPTIONS.moves)
    }
    assert legal == {
        ("cancel", "BRAND"): "CANCELLED",
        ("cancel", "ADMIN"): "CANCELLED",
        ("end", "CLOCK"): "CANCELLED",
        ("renew", "CLOCK"): "ACTIVE",
    }
    with pytest.raises(IllegalMove, match=r"^Cannot renew subscription. Current status: CANCELLED$"):
        transition(SubscriptionStatus.CANCELLED, "renew", Actor.CLOCK)


def test_a_cancelled_subscription_is_final() -> None:
    assert [SUBSCRIPTIONS.final(status) for status in SubscriptionStatus] == [False, True]
