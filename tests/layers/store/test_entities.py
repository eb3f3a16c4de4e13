"""Entities and their keys: nobody's value reaches into another's key space, sparse indexes, exact round trips."""

from urllib.parse import unquote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from quintet.settings import Settings
from quintet.store import Entity, marks
from quintet.store.counters import head
from quintet.store.entity import escape
from tests.layers.store.things import STORE, Part, Plain, Thing
from tests.support.calls import recorded

pytestmark = pytest.mark.dynamodb

# Pieces that could pass for separators, counters or their escaped forms.
PIECES = ["a", "#", "%", "%23", "%25", "~", "!", " ", "\u00e9", "\x01", "\U0010ffff", "2"]
TEXT = st.lists(st.sampled_from(PIECES), max_size=4).map("".join)


@given(TEXT, TEXT, TEXT, TEXT)
def test_different_fields_never_share_a_key(a: str, b: str, c: str, d: str) -> None:
    assume((a, b) != (c, d))
    assert Part.key(thing="t", number=a, side=b) != Part.key(thing="t", number=c, side=d)
    assert Part.key(thing=a, number=b, side="a") != Part.key(thing=c, number=d, side="a")
    first, second = Thing(id=b, name=a).placement("gsi2"), Thing(id=d, name=c).placement("gsi2")
    assert first != second


@given(st.text() | TEXT)
def test_an_escaped_value_can_be_read_back_so_no_two_look_alike(value: str) -> None:
    assert unquote(escape(value)) == value
    assert not set(escape(value)) & set("#~!")


@given(TEXT, TEXT)
def test_a_partition_belongs_to_one_owner(one: str, other: str) -> None:
    assume(one != other)
    mine, theirs = Thing(id="1", owner=one).placement("gsi1"), Thing(id="1", owner=other).placement("gsi1")
    assert mine is not None
    assert theirs is not None
    assert mine[0] != theirs[0]


@given(st.text(min_size=1, max_size=8), st.text(min_size=1, max_size=8))
def test_counters_stay_at_the_head_of_the_listing(name: str, id: str) -> None:
    newest, ascending = Thing(id=id).placement("gsi1"), Thing(id=id, name=name).placement("gsi2")
    assert newest is not None
    assert ascending is not None
    assert newest[1] < head(Thing.keys.index("gsi1")) + "00"
    assert ascending[1] > head(Thing.keys.index("gsi2")) + "99"


@given(st.text(max_size=20), st.text(max_size=20), st.booleans(), st.integers(-(10**15), 10**15))
def test_an_entity_comes_back_as_it_was(owner: str, name: str, open_: bool, stock: int) -> None:
    thing = Thing(id="1", owner=owner, name=name, open=open_, stock=stock, labels=[name, owner])
    assert Thing.load(thing.item()) == thing


def test_an_item_has_its_keys_and_only_the_indexes_it_is_listed_in() -> None:
    item = Thing(id="1", owner=None, name="a#b", open=False).item()
    assert item == {
        "PK": {"S": "THING#1"}, "SK": {"S": "THING"}, "kind": {"S": "thing"}, "version": {"N": "1"},
        "id": {"S": "1"}, "name": {"S": "a#b"}, "open": {"BOOL": False}, "stock": {"N": "0"}, "labels": {"L": []},
    }  # fmt: skip
    listed = Thing(id="1", owner="o", name="a#b").item()
    assert [listed[k]["S"] for k in ("GSI1PK", "GSI1SK", "GSI2PK", "GSI2SK")] == ["OWNER#o", "1", "OPEN", "a%23b#1"]


def test_a_key_needs_all_its_fields() -> None:
    with pytest.raises(ValueError, match=r"Part needs \['thing', 'number', 'side'\]"):
        Part.key(thing="1")
    with pytest.raises(ValueError, match=r"needs \['owner'\]"):
        STORE.query(Thing, "gsi1")


def test_many_are_read_at_once_in_the_order_asked(table: Settings) -> None:
    STORE.write_batch([{"PK": f"PLAIN#{n}", "SK": "PLAIN", "id": str(n)} for n in range(230)])
    refs = [Part.ref(thing="none", number="1", side="a")]
    refs_all = [Plain.ref(id=str(n % 230)) for n in reversed(range(250))]
    with recorded() as calls:
        found = STORE.get_all([*refs, *refs_all])
    assert found[0] is None
    assert [plain.id for plain in found[1:]] == [str(n % 230) for n in reversed(range(250))]
    assert calls.names == ["BatchGetItem"] * 3
    assert STORE.get_all([]) == []


@pytest.mark.parametrize("name", ["PK", "SK", "GSI1PK", "GSI3SK", "kind", *marks.KEPT])
def test_a_field_that_would_be_the_stores_own_attribute_is_refused_when_it_is_declared(name: str) -> None:
    with pytest.raises(TypeError, match=f"attributes of its own called {name}"):
        type("Clash", (Entity,), {"__annotations__": {name: str}})
