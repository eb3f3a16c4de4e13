"""Histories of lost, doubled and spoilt answers: every effect stands once or not at all, and the reply says which.

Each kind of write meets every fault at every send, alone and in pairs, and while another writer comes between; then
seeded random histories. After each the table is read behind the faulty endpoint and compared with what was answered.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product

import pytest

from quintet.errors import ApiError, ErrorType
from quintet.models.ids import new_id
from quintet.net import patience
from quintet.net.patience import timed_by
from quintet.settings import Settings
from quintet.store import at_least, equals, marks
from quintet.testing.clock import Standing
from tests.layers.store.things import STORE, Plain, Thing
from tests.support.faulty import FAULTS, Fault, Plan, faulty

pytestmark = pytest.mark.dynamodb

NO = ErrorType(409, "no", "Not now")


@dataclass(frozen=True)
class Write:
    """A write on fresh items: what it needs to be there, itself, and how often its effect stands afterwards."""

    prepare: Callable[[str], object]
    run: Callable[[str], object]
    effects: Callable[[str], int]


def stock(item: str) -> int:
    found = STORE.get(Plain, id=item)
    return found.stock if found else 0


def present(item: str) -> int:
    return int(STORE.get(Plain, id=item) is not None)


def nothing(_: str) -> None:
    """Nothing has to be there."""


def existing(item: str) -> Plain:
    return STORE.create(Plain(id=item, stock=10))


def sell(item: str) -> None:
    tx = STORE.transaction()
    tx.update(Plain.key(id=item), add={"stock": -1}, where=[at_least("stock", 1)], refused=NO)
    tx.create(Plain(id=item + "-sold"), NO)
    tx.commit()


def sold(item: str) -> int:
    taken, sold = 10 - stock(item), present(item + "-sold")
    assert taken == sold, "both or none"
    return sold


def replaced(item: str) -> None:
    old = read(item)
    STORE.replace(old, old.model_copy(update={"stock": old.stock + 1}), refused=NO)


def read(item: str) -> Plain:
    found = STORE.get(Plain, id=item)
    assert found is not None
    return found


def deleted(item: str) -> None:
    STORE.delete(read(item), refused=NO)


def counted(item: str) -> int:
    found = int(STORE.get(Thing, id=item) is not None)
    assert STORE.count(Thing, "gsi1", owner=item) == found, "its number is the number of its members"
    return found


def taken(item: str) -> None:
    """A lock as claims take it: put where nobody holds it."""
    tx = STORE.transaction()
    tx.put(Plain(id=item, stock=1), [equals("stock", 10)], NO)
    tx.commit()


WRITES = {
    "create": Write(nothing, lambda item: STORE.create(Plain(id=item), NO), present),
    "counted": Write(nothing, lambda item: STORE.create(Thing(id=item, owner=item), NO), counted),
    "add": Write(
        existing, lambda item: STORE.update(Plain, Plain.key(id=item), add={"stock": 1}), lambda item: stock(item) - 10
    ),
    "guarded": Write(
        existing,
        lambda item: STORE.update(
            Plain, Plain.key(id=item), add={"stock": -7}, where=[at_least("stock", 7)], refused=NO
        ),
        lambda item: (10 - stock(item)) // 7,
    ),
    "transaction": Write(existing, sell, sold),
    "replace": Write(existing, replaced, lambda item: stock(item) - 10),
    "delete": Write(existing, deleted, lambda item: 1 - present(item)),
    "claim": Write(existing, taken, lambda item: int(stock(item) == 1)),
}


@pytest.fixture(autouse=True)
def hurried() -> Iterator[None]:
    """Pauses take no time, and one history's repeats do not use up another's quota."""
    patience.reset()
    with timed_by(Standing().clock):
        yield
    patience.reset()


def answered(work: Callable[[], object]) -> str:
    """ "done", or the code of the error."""
    try:
        work()
    except ApiError as error:
        return error.code
    return "done"


def driven(write: Write, plan: Plan) -> tuple[str, int]:
    """What a write answers under a plan ("done", or its error's code), and how often its effect stands."""
    patience.reset()
    item = new_id()
    write.prepare(item)
    with faulty(plan):
        said = answered(lambda: write.run(item))
    return said, write.effects(item)


def reached(name: str, fault: Fault, found: tuple[str, int]) -> bool:
    """Done once and said so, whatever happens.

    But of a lone deletion that the network delivers twice only the second is heard of, and what is gone bears no mark:
    that somebody was faster is the safe answer.
    """
    return found == ("done", 1) or (name == "delete" and fault == "repeated" and found == ("no", 1))


@pytest.mark.parametrize("name", WRITES)
def test_one_fault_anywhere_changes_nothing(table: Settings, name: str) -> None:
    for place, fault in product(range(2), FAULTS):
        found = driven(WRITES[name], Plan({place: fault}))
        assert reached(name, fault, found), (place, fault, found)


@pytest.mark.parametrize("name", WRITES)
def test_two_faults_one_after_the_other_change_nothing(table: Settings, name: str) -> None:
    first = 1 if name in ("replace", "delete") else 0  # these read before they write
    for one, two in product(FAULTS, FAULTS):
        found = driven(WRITES[name], Plan({first: one, first + 1: two}))
        assert reached(name, one, found) or reached(name, two, found), (one, two, found)


@pytest.mark.parametrize("name", WRITES)
def test_a_service_that_never_answers_is_told_from_one_that_did_nothing(table: Settings, name: str) -> None:
    endless: list[tuple[Fault, tuple[str, int]]] = [
        ("lost", ("unconfirmed", 1)),
        ("undone", ("unconfirmed", 0)),
        ("throttled", ("busy", 0)),
    ]
    first = 1 if name in ("replace", "delete") else 0
    for fault, told in endless:
        plan = Plan(dict.fromkeys(range(first, 60), fault))
        assert driven(WRITES[name], plan) == told, fault


def others(item: str, count: int, way: str) -> Callable[[], None]:
    """Other writers of the same item: they add a hundred each."""

    def write() -> None:
        for _ in range(count):
            if way == "update":
                STORE.update(Plain, Plain.key(id=item), add={"stock": 100})
            elif way == "replace":
                old = read(item)
                STORE.replace(old, Plain(id=item, stock=old.stock + 100))
            else:
                tx = STORE.transaction()
                tx.update(Plain.key(id=item), add={"stock": 100})
                tx.update(Plain.key(id=item + "-other"), add={"stock": 1})
                tx.commit()

    return write


@pytest.mark.parametrize("way", ["update", "replace", "transaction"])
@pytest.mark.parametrize("count", [1, 3])
def test_others_may_write_before_a_lost_answer_is_asked_for_again(
    table: Settings, monkeypatch: pytest.MonkeyPatch, way: str, count: int
) -> None:
    monkeypatch.setattr(marks, "SKEW", 0)  # all writers here have one clock
    every: tuple[Fault, ...] = ("lost", "failed", "truncated", "undone", "refused", "repeated")
    for fault in every:
        item = new_id()
        existing(item)
        with faulty(Plan({0: fault}, others(item, count, way))):
            STORE.update(Plain, Plain.key(id=item), add={"stock": 1})
        assert stock(item) == 11 + 100 * count, fault
    done: tuple[Fault, ...] = ("lost", "failed", "shortened")
    for fault in done:
        item = new_id()
        with faulty(Plan({0: fault}, others(item, count, way))):
            STORE.create(Plain(id=item, stock=1), NO)
        assert stock(item) == 1 + 100 * count, fault


@pytest.mark.parametrize("fault", ["lost", "undone"])
def test_more_writers_than_are_remembered_leave_an_answer_unconfirmed_and_nothing_done_twice(
    table: Settings, fault: Fault
) -> None:
    item = new_id()
    existing(item)
    with faulty(Plan({0: fault}, others(item, 4, "update"))), pytest.raises(ApiError) as caught:
        STORE.update(Plain, Plain.key(id=item), add={"stock": 1})
    assert (caught.value.status, caught.value.code) == (503, "unconfirmed")
    assert stock(item) == 410 + (fault == "lost")


def test_a_refusal_after_a_lost_answer_is_still_a_refusal(table: Settings) -> None:
    silent: tuple[Fault, ...] = ("undone", "refused")
    for fault in silent:
        item = new_id()
        existing(item)
        drain = lambda item=item: STORE.update(Plain, Plain.key(id=item), add={"stock": -10})  # noqa: E731
        with faulty(Plan({0: fault}, drain)), pytest.raises(ApiError, match="Not now"):
            STORE.update(Plain, Plain.key(id=item), add={"stock": -1}, where=[at_least("stock", 1)], refused=NO)
        assert stock(item) == 0


def step_of(kind: str, item: str, other: str) -> None:
    if kind == "add":
        STORE.update(Plain, Plain.key(id=item), add={"stock": 1})
    elif kind == "replace":
        replaced(item)
    elif kind == "create":
        STORE.create(Plain(id=other), NO)
    else:
        tx = STORE.transaction()
        tx.update(Plain.key(id=item), add={"stock": 1})
        tx.create(Plain(id=other), NO)
        tx.commit()


@pytest.mark.parametrize("seed", range(12))
def test_random_histories(table: Settings, seed: int) -> None:
    """Several writes in a row on the same items through one endpoint, with a fault at every third send or so."""
    dice = random.Random(seed)
    faults = {place: dice.choice(FAULTS) for place in range(200) if dice.random() < 0.3}
    item, expected, open_ends = new_id(), 10, 0
    existing(item)
    made: list[str] = []
    with faulty(Plan(faults)):
        for step in range(12):
            patience.reset()
            kind = dice.choice(["add", "transaction", "replace", "create"])
            other = f"{item}-{step}"
            said = answered(partial(step_of, kind, item, other))
            assert said in ("done", "busy", "unconfirmed"), "nobody else writes, so nothing is refused"
            open_ends += said == "unconfirmed"
            if said == "done":
                expected += kind != "create"
                made += [other] if kind in ("create", "transaction") else []
    assert expected <= stock(item) <= expected + open_ends
    assert all(present(other) for other in made)
