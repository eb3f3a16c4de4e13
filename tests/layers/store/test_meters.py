"""Meters: sums are exact under many writers, and their shards share no partition."""

import random
from itertools import count

import pytest

from quintet.settings import Settings
from quintet.store import ConditionFailed
from quintet.store.meters import Meter
from tests.layers.store.things import STORE, Plain
from tests.support.aws import in_threads
from tests.support.calls import losing_answers, recorded

pytestmark = pytest.mark.dynamodb

VIEWS = Meter("views", shards=3)


@pytest.fixture(autouse=True)
def in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every shard is written to."""
    turns = count()
    monkeypatch.setattr(random, "randrange", lambda shards: next(turns) % shards)


def test_sums_are_exact_under_threads(table: Settings) -> None:
    assert in_threads(9, lambda n: VIEWS.add("a", seen=n, clicks=1)) == [None] * 9
    VIEWS.add("b#", seen=-2)
    assert VIEWS.read(["b#", "none", "a"]) == [{"seen": -2}, {}, {"seen": 36, "clicks": 9}]
    assert Meter("others").read(["a"]) == [{}]


def test_every_shard_has_a_partition_of_its_own_and_all_are_read_at_once(table: Settings) -> None:
    with recorded() as calls:
        for _ in range(6):
            VIEWS.add("a", seen=1)
        VIEWS.read(["a", "b"])
    assert calls.names == ["UpdateItem"] * 6 + ["BatchGetItem"]
    assert len({call.params["Key"]["PK"]["S"] for call in calls.of("UpdateItem")}) == 3


def test_an_addition_whose_answer_was_lost_counts_once(table: Settings) -> None:
    with losing_answers("UpdateItem"):
        VIEWS.add("a", seen=1)
    assert VIEWS.read(["a"]) == [{"seen": 1}]


def test_sums_change_with_a_transaction_or_not_at_all(table: Settings) -> None:
    for present in (False, True):
        tx = STORE.transaction()
        VIEWS.join(tx, "a", seen=1)
        tx.check(Plain.key(id="1"))
        if present:
            STORE.create(Plain(id="1"))
            tx.commit()
        else:
            with pytest.raises(ConditionFailed):
                tx.commit()
    assert VIEWS.read(["a"], consistent=True) == [{"seen": 1}]


def test_shards_may_grow_and_shrink(table: Settings) -> None:
    versions = [Meter("views", shards=2), Meter("views", shards=5), Meter("views", shards=1, formerly=5)]
    for done, version in enumerate(versions, start=1):
        for _ in range(10):
            version.add("a", seen=1)
        assert version.read(["a"]) == [{"seen": 10 * done}]
