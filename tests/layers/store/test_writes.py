"""Writes: conditions, versions, and transactions whose refusals come back as domain errors."""

from collections.abc import Mapping
from typing import Any

import pytest

from quintet.errors import ApiError, ErrorType
from quintet.settings import Settings
from quintet.store import ConditionFailed, absent, at_least, equals
from tests.layers.store.things import STORE, Plain, Thing
from tests.support.aws import in_threads
from tests.support.calls import Changed, answering, losing_answers, recorded

pytestmark = pytest.mark.dynamodb

TAKEN = ErrorType(409, "taken", "Already taken")
SHORT = ErrorType(409, "out_of_stock", "Not enough in stock")
GONE = ErrorType(404, "gone", "Not there")


def test_a_key_is_taken_once(table: Settings) -> None:
    STORE.create(Plain(id="1", stock=1))
    with pytest.raises(ApiError) as caught:
        STORE.create(Plain(id="1", stock=2), TAKEN)
    assert (caught.value.status, caught.value.code, caught.value.message) == (409, "taken", "Already taken")
    assert STORE.require(Plain, GONE, id="1").stock == 1
    with pytest.raises(ApiError, match="Not there"):
        STORE.require(Plain, GONE, id="2")


def test_of_threads_that_create_the_same_one_succeeds(table: Settings) -> None:
    answers = in_threads(12, lambda n: STORE.create(Plain(id="1", stock=n), TAKEN))
    assert sum(isinstance(answer, Plain) for answer in answers) == 1
    assert sum(isinstance(answer, ApiError) for answer in answers) == 11


def test_a_replacement_needs_the_version_that_was_read(table: Settings) -> None:
    first = STORE.create(Plain(id="1", stock=1))
    second = STORE.replace(first, Plain(id="1", stock=2))
    assert second.version == 2
    with pytest.raises(ApiError) as caught:
        STORE.replace(first, Plain(id="1", stock=3))
    assert (caught.value.status, caught.value.code) == (409, "conflict")
    assert STORE.get(Plain, id="1") == Plain(id="1", stock=2, version=2)


def test_a_deletion_needs_the_version_that_was_read(table: Settings) -> None:
    first = STORE.create(Plain(id="1"))
    second = STORE.replace(first, Plain(id="1", stock=2))
    with pytest.raises(ApiError, match="changed by someone else"):
        STORE.delete(first)
    STORE.delete(second)
    assert STORE.get(Plain, id="1") is None


def test_an_update_raises_the_version_and_shows_what_refused_it(table: Settings) -> None:
    STORE.create(Plain(id="1", stock=3))
    key = Plain.key(id="1")
    found = STORE.update(Plain, key, add={"stock": -2}, where=[at_least("stock", 2)], refused=SHORT)
    assert found == Plain(id="1", stock=1, version=2)
    with pytest.raises(ConditionFailed) as caught:
        STORE.update(Plain, key, add={"stock": -2}, where=[at_least("stock", 2)])
    assert caught.value.old is not None
    assert caught.value.old["stock"] == 1


def test_an_older_writer_cannot_replace_what_an_update_changed(table: Settings) -> None:
    read = STORE.create(Plain(id="1", stock=3))
    STORE.update(Plain, Plain.key(id="1"), add={"stock": -1})
    with pytest.raises(ApiError, match="changed by someone else"):
        STORE.replace(read, Plain(id="1", stock=9))


def test_stock_is_sold_exactly_as_often_as_it_is_there(table: Settings) -> None:
    STORE.create(Plain(id="stock", stock=7))

    def buy(number: int) -> None:
        tx = STORE.transaction()
        tx.update(Plain.key(id="stock"), add={"stock": -1}, where=[at_least("stock", 1)], refused=SHORT)
        tx.create(Plain(id=f"order{number}"))
        tx.commit()

    answers = in_threads(20, buy)
    assert answers.count(None) == 7
    assert [a.code for a in answers if isinstance(a, ApiError)] == ["out_of_stock"] * 13
    assert STORE.require(Plain, GONE, id="stock").stock == 0
    assert sum(p is not None for p in STORE.get_all([Plain.ref(id=f"order{n}") for n in range(20)])) == 7


def test_all_refusals_of_one_kind_are_told_together(table: Settings) -> None:
    STORE.create(Plain(id="a", stock=1))
    STORE.create(Plain(id="b", stock=0))
    STORE.create(Plain(id="c", stock=9))
    STORE.create(Plain(id="order"))

    tx = STORE.transaction()

    def short(old: Mapping[str, Any] | None) -> ApiError:
        assert old is not None
        return SHORT(details=[{"id": old["id"], "left": old["stock"]}])

    for name in ("a", "b", "c"):
        tx.update(Plain.key(id=name), add={"stock": -2}, where=[at_least("stock", 2)], refused=short)
    tx.create(Plain(id="order"), TAKEN)
    tx.check(Plain.key(id="nothing"), [absent()])
    with pytest.raises(ApiError) as caught:
        tx.commit()
    assert caught.value.code == "out_of_stock"
    assert caught.value.details == [{"id": "a", "left": 1}, {"id": "b", "left": 0}]
    assert STORE.require(Plain, GONE, id="c").stock == 9, "nothing was written"


def test_a_domain_error_goes_before_an_unexplained_one(table: Settings) -> None:
    STORE.create(Plain(id="a"))
    tx = STORE.transaction()
    tx.create(Plain(id="a"))
    tx.check(Plain.key(id="b"), refused=GONE)
    with pytest.raises(ApiError, match="Not there"):
        tx.commit()


def test_a_lone_write_is_no_transaction_and_a_lone_check_is_one(table: Settings) -> None:
    with recorded() as calls:
        tx = STORE.transaction()
        tx.commit()
        tx.create(Plain(id="1"))
        tx.commit()
        checked = STORE.transaction()
        checked.check(Plain.key(id="1"))
        checked.commit()
        removal = STORE.transaction()
        removal.remove(Plain.key(id="1"), [equals("stock", 0)])
        removal.commit()
        STORE.create(Thing(id="1"))
    assert calls.names == ["PutItem", "TransactWriteItems", "DeleteItem", "TransactWriteItems"]


def test_a_put_whose_answer_was_lost_meets_itself_and_succeeds(table: Settings) -> None:
    with losing_answers("PutItem"):
        STORE.create(Plain(id="1", stock=4), TAKEN)
    assert STORE.get(Plain, id="1") == Plain(id="1", stock=4)
    with pytest.raises(ApiError, match="Already taken"):
        STORE.create(Plain(id="1", stock=4), TAKEN)


def test_an_update_whose_answer_was_lost_is_not_done_twice(table: Settings) -> None:
    STORE.create(Plain(id="1", stock=4))
    key = Plain.key(id="1")
    with losing_answers("UpdateItem"):
        found = STORE.update(Plain, key, add={"stock": -3}, where=[at_least("stock", 3)], refused=SHORT)
    assert found == Plain(id="1", stock=1, version=2) == STORE.get(Plain, id="1")
    with losing_answers("UpdateItem"), pytest.raises(ApiError, match="Not enough"):
        STORE.update(Plain, key, add={"stock": -3}, where=[at_least("stock", 3)], refused=SHORT)


def test_a_transaction_sent_twice_carries_one_token_per_attempt(table: Settings) -> None:
    tx = STORE.transaction()
    tx.create(Plain(id="1"))
    tx.create(Plain(id="2"))
    with recorded() as calls:
        tx.commit()
    (sent,) = calls.made
    assert len(sent.params["ClientRequestToken"]) == 32


def test_more_than_a_transaction_holds_is_refused_before_anything_is_written(table: Settings) -> None:
    tx = STORE.transaction()
    for number in range(101):
        tx.create(Plain(id=str(number)))
    assert len(tx) == 101
    with pytest.raises(ValueError, match="101 actions"):
        tx.commit()
    assert STORE.get(Plain, id="0") is None


def test_batches_go_on_with_what_was_left_over(table: Settings) -> None:
    """DynamoDB answers what it did not get to; it is sent again, and nothing is lost or doubled."""

    def one_at_a_time(params: dict[str, Any]) -> Changed:
        ((name, requests),) = params["RequestItems"].items()
        rest = {name: requests[1:]} if requests[1:] else {}
        return {**params, "RequestItems": {name: requests[:1]}}, lambda answer: {**answer, "UnprocessedItems": rest}

    def one_key(params: dict[str, Any]) -> Changed:
        ((name, wanted),) = params["RequestItems"].items()
        first, others = {**wanted, "Keys": wanted["Keys"][:1]}, {**wanted, "Keys": wanted["Keys"][1:]}
        rest = {name: others} if others["Keys"] else {}
        return {**params, "RequestItems": {name: first}}, lambda answer: {**answer, "UnprocessedKeys": rest}

    with answering("BatchWriteItem", one_at_a_time):
        STORE.write_batch(
            [{"PK": f"PLAIN#{n}", "SK": "PLAIN", "id": str(n)} for n in range(4)], deletes=[Plain.key(id="9")]
        )
    with answering("BatchGetItem", one_key):
        found = STORE.get_all([Plain.ref(id=str(n)) for n in range(5)])
    assert [plain and plain.id for plain in found] == ["0", "1", "2", "3", None]
