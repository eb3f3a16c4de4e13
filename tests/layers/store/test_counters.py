"""Counters: after any sequence of writes a listing's number is the number of its members."""

from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from quintet.errors import ApiError
from quintet.models import PageQuery
from quintet.settings import Settings
from quintet.store import ConditionFailed, Transaction
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


def test_a_replacement_within_the_same_listing_writes_no_counter(table: Settings) -> None:
    from tests.support.calls import recorded

    thing = STORE.create(Thing(id="1"))
    with recorded() as calls:
        STORE.replace(thing, thing.model_copy(update={"stock": 5}))
    assert calls.names == ["PutItem"]
