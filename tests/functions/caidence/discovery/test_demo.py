"""The demo's credit account."""

from __future__ import annotations

from caidence.discovery.demo import seed_discovery
from quintet.testing import Client
from tests.functions.caidence.conftest import account_of
from tests.functions.caidence.discovery.conftest import DISCOVERY, check_books


def test_the_demo_account_is_worth_looking_at_and_seeded_once(member: Client) -> None:
    for _ in range(2):
        seed_discovery(account_of(member))
    found = member.get(f"{DISCOVERY}/credits").body
    assert (found["balance"], found["percent_used"], len(found["transactions"])) == (998.68, 0.13, 10)
    assert found["usage_stats"]["by_operation"]["search"] == {"requests": 2, "results": 32, "credits_used": 0.32}
    check_books(member)
