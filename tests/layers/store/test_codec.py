"""Values and conditions on their way to DynamoDB: nothing changes, nothing can be injected."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.settings import Settings
from quintet.store import any_of, at_least, differs, equals, exists, less_than, one_of
from quintet.store.calls import table_call
from quintet.store.codec import decode, decode_item, encode, encode_item
from quintet.store.expressions import Condition, Expression
from quintet.store.marks import KEPT
from tests.layers.store.things import STORE, Plain

pytestmark = pytest.mark.dynamodb

# DynamoDB numbers have 38 digits; floats come back as floats.
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**37), 10**37)
    | st.floats(-1e15, 1e15).filter(lambda f: not f.is_integer())
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON | st.sets(st.text(), min_size=1) | st.binary())
def test_a_value_comes_back_as_it_went(value: Any) -> None:
    assert decode(encode(value)) == value


@given(st.dictionaries(st.text(min_size=1), JSON))
def test_an_item_comes_back_as_it_went(values: dict[str, Any]) -> None:
    assert decode_item(encode_item(values)) == values


def test_whole_numbers_come_back_as_int_and_true_is_no_number() -> None:
    assert [repr(decode({"N": text})) for text in ("5", "5.0", "-3E+2", "1.5")] == ["5", "5", "-300", "1.5"]
    assert encode(True) == {"BOOL": True}
    assert encode(Decimal("1.10")) == {"N": "1.10"}
    with pytest.raises(TypeError, match="object"):
        encode(object())
    with pytest.raises(TypeError, match="NS"):
        decode({"NS": ["1"]})


def test_expressions_hold_placeholders_only() -> None:
    expression = Expression()
    where = [
        any_of(equals("size", "x = :v9"), less_than("map.size", 3)),
        one_of("status", ["a", "b"]),
        exists(),
    ]
    text = expression.condition(where)
    assert text == ("((#n0 = :v0) OR (#n1.#n0 < :v1)) AND #n2 IN (:v2, :v3) AND attribute_exists(#n3)")
    assert expression.arguments() == {
        "ExpressionAttributeNames": {"#n0": "size", "#n1": "map", "#n2": "status", "#n3": "PK"},
        "ExpressionAttributeValues": {":v0": {"S": "x = :v9"}, ":v1": {"N": "3"}, ":v2": {"S": "a"}, ":v3": {"S": "b"}},
    }
    assert Expression().arguments() == {}


def test_an_update_sets_defaults_adds_and_removes(table: Settings) -> None:
    STORE.create(Plain(id="1", stock=4))
    key = Plain.key(id="1")
    STORE.update(Plain, key, put={"name": "n", "map": {"size": 1}}, add={"stock": -3, "tags": {"a"}}, default={"c": 7})
    STORE.update(Plain, key, put={"map.size": 2}, add={"tags": {"b"}}, default={"c": 9}, remove=["name"])
    item = decode_item(table_call("GetItem", Key=key.attributes(), ConsistentRead=True)["Item"])
    marks = [item.pop(name) for name in KEPT]
    assert [len(mark) for mark in marks] == [16, 16, 16, 0], "say which requests wrote it"
    assert item == {
        "PK": "PLAIN#1", "SK": "PLAIN", "kind": "plain", "id": "1",
        "stock": 1, "map": {"size": 2}, "tags": {"a", "b"}, "c": 7, "version": 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ([equals("stock", 5)], True),
        ([equals("stock", 4)], False),
        ([differs("stock", 4), at_least("stock", 5)], True),
        ([less_than("stock", 5)], False),
        ([one_of("id", ["0", "1"])], True),
        ([any_of(exists("nothing"), equals("id", "1"))], True),
        ([exists("nothing")], False),
    ],
)
def test_conditions_mean_what_they_say(table: Settings, where: list[Condition], holds: bool) -> None:
    STORE.create(Plain(id="1", stock=5))
    tx = STORE.transaction()
    tx.check(Plain.key(id="1"), where, refused=lambda old: LookupError(dict(old or {})))
    tx.update(Plain.key(id="2"), put={"id": "2"})
    if holds:
        tx.commit()
    else:
        with pytest.raises(LookupError) as caught:
            tx.commit()
        assert caught.value.args[0]["stock"] == 5, "the refusal sees the item as it stands"
    assert (STORE.get(Plain, id="2") is not None) == holds
