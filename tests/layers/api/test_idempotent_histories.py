"""Idempotent operations behind a faulty network: one effect whatever is lost at any send, and one answer in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from quintet.api.idempotency import LEASE
from quintet.models.ids import new_id
from quintet.models.time import frozen
from quintet.net import patience
from quintet.net.patience import timed_by
from quintet.settings import Settings
from quintet.testing import Answer, Client
from quintet.testing.clock import Standing
from tests.layers.api.noted.notes import Note, Stock
from tests.layers.api.noted.service import api, store
from tests.support.faulty import FAULTS, Fault, Plan, faulty

pytestmark = pytest.mark.dynamodb

CLAIMED, COMMITTED = "/api/v1/notes", "/api/v1/purchases"
BOTH = pytest.mark.parametrize("path", [CLAIMED, COMMITTED])
SENDS = {CLAIMED: 3, COMMITTED: 2}
"""Requests of one call: claim, work, answer; or look for the key, and all the rest in one transaction."""


@dataclass(frozen=True)
class Try:
    """One request with a key of its own, sent as often as a test likes."""

    client: Client
    path: str
    title: str

    def send(self) -> Answer:
        patience.reset()
        return self.client.post(self.path, {"title": self.title}, headers={"Idempotency-Key": self.title})

    def effects(self) -> int:
        return int(store.get(Note, title=self.title) is not None)


@pytest.fixture
def ann(table: Settings, token: Callable[..., str]) -> Iterator[Client]:
    store.create(Stock(left=1000))
    with timed_by(Standing().clock):
        yield Client(api, token=token("ann", role="writer"))
    patience.reset()


def stock() -> int:
    found = store.get(Stock)
    assert found is not None
    return found.left


def settled(one: Try, plan: Plan) -> tuple[Answer, Answer]:
    """The answer under a plan, and the one to the same request once the network is well again."""
    with faulty(plan):
        first = one.send()
    return first, one.send()


@BOTH
def test_faults_at_any_send_change_neither_effect_nor_answer(ann: Client, path: str) -> None:
    made = 0
    for place in range(SENDS[path]):
        for fault in FAULTS:
            for second in (None, "lost", "throttled"):
                faults: dict[int, Fault] = {place: fault}
                if second:
                    faults[place + 1] = second
                one, made = Try(ann, path, new_id()), made + 1
                first, again = settled(one, Plan(faults))
                assert (first.status, again.status) == (201, 201), faults
                assert again.raw == first.raw, faults
                assert again.headers["idempotency-replayed"] == "true"
                assert one.effects() == 1
    assert stock() == (1000 - made if path == COMMITTED else 1000)


@BOTH
def test_a_network_that_stays_away_leaves_one_effect_or_none_and_the_key_tells_which(ann: Client, path: str) -> None:
    endless: tuple[Fault, ...] = ("lost", "undone", "refused", "throttled", "truncated")
    for place in range(SENDS[path]):
        for fault in endless:
            one = Try(ann, path, new_id())
            before = stock()
            with frozen() as clock:
                with faulty(Plan(dict.fromkeys(range(place, 60), fault))):
                    first = one.send()
                assert first.status == (201 if place == 2 else 503), "work that is done is answered, even if not kept"
                clock.advance(seconds=LEASE + 1)
                again = one.send()
            if again.status == 503:  # nobody knew, so it is not done again, and whoever repeats is told so
                assert (path, again.error["code"], again.raw) == (CLAIMED, "unconfirmed", first.raw), (place, fault)
                continue
            # A claim that died may be taken over; its work, done already, is then refused by its own condition.
            assert again.status in ((201, 409) if path == CLAIMED else (201,)), (place, fault)
            assert one.effects() == 1
            assert before - stock() == (1 if path == COMMITTED else 0)
