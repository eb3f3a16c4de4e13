"""Counters: after any sequence of writes a listing's number is the number of its members."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import ExitStack
from itertools import count
from typing import ClassVar

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from quintet.errors import ApiError
from quintet.models import PageQuery
from quintet.settings import Settings
from quintet.store import ConditionFailed, Entity, Index, Keys, Transaction, exists
from tests.layers.store.things import STORE, Part, Thing
from tests.support.aws import in_threads, system

pytestmark = pytest.mark.dynamodb

OWNERS = ["a", "b#", None]
IDS = st.sampled_from(["1", "2", "3", "4"])
FIELDS = st.fixed_dictionaries(
    {"owner": st.sampled_from(OWNERS), "name": st.sampled_from(["", "x", "!y", "~z", " "]), "open": st.booleans()}
)


class CountedMachine(RuleBasedStateMachine):
    """Things appear, change their owner and state, and go, alone and together; some writes are refused."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(system("demo"))
        self.things: dict[str, Thing] = {}

    def teardown(self) -> None:
        self.stack.close()

    def write(self, tx: Transaction, id: str, fields: dict[str, object] | None) -> Thing | None:
        """Bring a thing to a state (None: gone); answers it as it will be."""
        old = self.things.get(id)
        if fields is None:
            if old:
                tx.delete(old)
            return None
        new = Thing(id=id, **fields)
        tx.replace(old, new) if old else tx.create(new)
        return new

    @rule(id=IDS, fields=st.none() | FIELDS)
    def one(self, id: str, fields: dict[str, object] | None) -> None:
        tx = STORE.transaction()
        new = self.write(tx, id, fields)
        tx.commit()
        self.settle(id, new)

    @rule(changes=st.dictionaries(IDS, st.none() | FIELDS, min_size=2), refuse=st.booleans())
    def several(self, changes: dict[str, dict[str, object] | None], refuse: bool) -> None:
        tx = STORE.transaction()
        new = {key: self.write(tx, key, fields) for key, fields in changes.items()}
        if refuse:
            tx.check(Thing.key(id="never"))
            with pytest.raises(ConditionFailed):
                tx.commit()
            return
        tx.commit()
        for key, thing in new.items():
            self.settle(key, thing)

    def settle(self, id: str, thing: Thing | None) -> None:
        self.things.pop(id, None)
        if thing:
            self.things[id] = thing

    @invariant()
    def numbers_are_members(self) -> None:
        for owner in ("a", "b#", "none"):
            members = sorted((t.id for t in self.things.values() if t.owner == owner), reverse=True)
            page = STORE.page(Thing, "gsi1", PageQuery(), owner=owner)
            assert ([t.id for t in page.items], page.total) == (members, len(members))
            assert STORE.count(Thing, "gsi1", owner=owner) == len(members)
        opened = {t.id for t in self.things.values() if t.open}
        page = STORE.page(Thing, "gsi2", PageQuery())
        assert ({t.id for t in page.items}, page.total) == (opened, len(opened))


TestCounters = CountedMachine.TestCase
TestCounters.settings = hypothesis_settings(
    max_examples=12, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_numbers_stay_exact_under_threads(table: Settings) -> None:
    def churn(number: int) -> None:
        thing = STORE.create(Thing(id=f"{number}", owner="o", open=bool(number % 2)))
        thing = STORE.replace(thing, thing.model_copy(update={"open": not thing.open}))
        if number % 3 == 0:
            STORE.delete(thing)

    assert in_threads(12, churn) == [None] * 12
    assert STORE.count(Thing, "gsi1", owner="o") == 8
    left = [n for n in range(12) if n % 3]
    assert STORE.count(Thing, "gsi2") == sum(n % 2 == 0 for n in left)


def test_a_refused_write_changes_no_number(table: Settings) -> None:
    STORE.create(Thing(id="1"))
    for attempt in (lambda: STORE.create(Thing(id="1")), lambda: STORE.delete(Thing(id="2"))):
        with pytest.raises((ConditionFailed, ApiError)):
            attempt()
    assert STORE.count(Thing, "gsi1", owner="o") == 1


def test_a_listing_in_the_main_table_is_counted_too(table: Settings) -> None:
    for number in ("3", "1", "~2"):
        STORE.create(Part(thing="t", number=number))
    page = STORE.page(Part, "main", PageQuery(), thing="t")
    assert ([p.number for p in page.items], page.total) == (["~2", "1", "3"], 3)
    assert STORE.counts(Part, "main", [{"thing": "t"}, {"thing": "u"}, {"thing": "t"}]) == [3, 0, 3]


def resharded(shards: int, formerly: int = 0) -> type[Thing]:
    """The same things, as a later version of the code declares them."""

    class Later(Thing):
        keys: ClassVar[Keys] = Keys(
            "THING#{id}",
            "THING",
            gsi1=Index("OWNER#{owner}", "{id}", counted=True, shards=shards, formerly=formerly),
        )

    return Later


@pytest.mark.parametrize(("before", "after"), [(1, 6), (6, 1), (6, 2)])
def test_shards_may_grow_and_shrink(table: Settings, monkeypatch: pytest.MonkeyPatch, before: int, after: int) -> None:
    old, new = resharded(before), resharded(after, formerly=before)
    in_turn = count()
    monkeypatch.setattr(random, "randrange", lambda shards: next(in_turn) % shards)  # every shard is written to
    things = [STORE.create(old(id=f"{n}", owner="o")) for n in range(9)]
    for thing in things[:4]:
        STORE.delete(new.model_validate(thing.model_dump()))
    STORE.create(new(id="9", owner="o"))
    expected = ["9", "8", "7", "6", "5", "4"]
    for size in (1, 2, 6, 9):
        page = STORE.page(new, "gsi1", PageQuery(page_size=size), owner="o")
        assert ([thing.id for thing in page.items], page.total) == (expected[:size], 6), size
        assert (page.next_cursor is not None) == (size < 6)
    for number in (2, 3):
        page = STORE.page(new, "gsi1", PageQuery(page=number, page_size=2), owner="o")
        assert ([thing.id for thing in page.items], page.total) == (expected[2 * number - 2 : 2 * number], 6)
    assert STORE.count(new, "gsi1", owner="o") == 6
    assert STORE.counts(new, "gsi1", [{"owner": "o"}, {"owner": "p"}]) == [6, 0]


def test_rows_of_shards_that_nobody_declares_any_more_hide_no_member(table: Settings) -> None:
    """A page and a count read what is there; only many listings' numbers in one batch need `formerly`."""
    old, new = resharded(6), resharded(1)
    for n in range(20):
        STORE.create(old(id=f"{n:02}", owner="o"))
    page = STORE.page(new, "gsi1", PageQuery(page_size=5), owner="o")
    assert ([thing.id for thing in page.items], page.total) == (["19", "18", "17", "16", "15"], 20)
    assert STORE.count(new, "gsi1", owner="o") == 20


def test_writes_that_would_put_numbers_and_listings_wrong_are_refused(table: Settings) -> None:
    thing = STORE.create(Thing(id="1"))
    key, there = Thing.key(id="1"), [exists()]
    wrong: dict[str, Callable[[Transaction], object]] = {
        "put": lambda tx: tx.put(thing),
        "remove": lambda tx: tx.remove(key),
        "remove own": lambda tx: tx.remove(thing.own_key()),
        "partition": lambda tx: tx.update(key, put={"owner": "p"}, where=there),
        "sort key": lambda tx: tx.update(key, put={"name": "p"}, where=there),
        "condition": lambda tx: tx.update(key, put={"open": False}, where=there),
        "removed": lambda tx: tx.update(key, remove=["owner"], where=there),
        "out of nothing": lambda tx: tx.update(Thing.key(id="2"), put={"stock": 1}),
        "store": lambda _: STORE.update(Thing, key, put={"open": False}, where=there),
        "default": lambda _: STORE.update(Thing, key, default={"owner": "p"}, where=there),
    }
    for name, write in wrong.items():
        with pytest.raises(TypeError, match="Thing is"):
            pytest.fail(f"{name} was let through: {write(STORE.transaction())}")
    assert STORE.update(Thing, key, add={"stock": 1}, where=there).stock == 1, "what is listed nowhere may change"
    assert STORE.count(Thing, "gsi1", owner="o") == 1


def open_and_named(thing: Listed) -> bool:
    return thing.is_open() and thing.titled


class Listed(Entity):
    """Listed by what a function, a method and a property of it read."""

    kind: ClassVar[str] = "listed"
    keys: ClassVar[Keys] = Keys("LISTED#{id}", "LISTED", gsi1=Index("LISTED", "{id}", when=open_and_named))

    id: str
    state: str = "open"
    title: str = ""
    note: str = ""

    def is_open(self) -> bool:
        return self.state == "open"

    @property
    def titled(self) -> bool:
        return any(char != " " for char in self.title)


def test_what_a_condition_of_a_listing_reads_is_found_through_what_it_calls(table: Settings) -> None:
    key = Listed.key(id="1")
    for field in ("state", "title"):
        with pytest.raises(TypeError, match=f"listed by .'{field}'"):
            STORE.update(Listed, key, put={field: "x"})
    assert STORE.update(Listed, key, put={"id": "1", "note": "x"}).note == "x", "nothing counts it: it may be new"


def test_a_replacement_within_the_same_listing_writes_no_counter(table: Settings) -> None:
    from tests.support.calls import recorded

    thing = STORE.create(Thing(id="1"))
    with recorded() as calls:
        STORE.replace(thing, thing.model_copy(update={"stock": 5}))
    assert calls.names == ["PutItem"]
