"""Contention, throttling and lost answers: waited out, until a deadline; conditions are never waited for."""

import pytest
from botocore.exceptions import ClientError

from quintet.errors import ApiError, ErrorType
from quintet.settings import Settings
from quintet.store import ConditionFailed, at_least, calls
from quintet.store.contention import until_settled
from tests.layers.store.things import STORE, Plain
from tests.support.aws import in_threads
from tests.support.calls import Failure, Refused, failing, losing_answers, recorded, transaction_refused

pytestmark = pytest.mark.dynamodb

SHORT = ErrorType(409, "out_of_stock", "Not enough in stock")


def first(count: int, refused: Refused) -> Failure:
    """Refuse the first calls, let the others pass."""
    left = [count]

    def failure(_: object) -> Refused | None:
        left[0] -= 1
        return refused if left[0] >= 0 else None

    return failure


def two() -> None:
    tx = STORE.transaction()
    tx.create(Plain(id="1"))
    tx.create(Plain(id="2"))
    tx.commit()


@pytest.mark.parametrize(
    "refused",
    [
        transaction_refused("None", "TransactionConflict"),
        transaction_refused("ThrottlingError", "TransactionConflict"),
        transaction_refused("ProvisionedThroughputExceeded", "None"),
        Refused("TransactionInProgressException"),
        Refused("ThrottlingException"),
        Refused("RequestLimitExceeded"),
        Refused("InternalServerError", 500),
    ],
)
def test_a_transaction_waits_out_contention_and_throttling(table: Settings, refused: Refused) -> None:
    with recorded() as made, failing("TransactWriteItems", first(2, refused)):
        two()
    assert STORE.get(Plain, id="2") is not None
    if refused.status == 400:
        sent = [call.params["ClientRequestToken"] for call in made.of("TransactWriteItems")]
        assert len(set(sent)) == len(sent), "an attempt that was refused is another request"


@pytest.mark.parametrize("code", ["TransactionConflictException", "ProvisionedThroughputExceededException"])
def test_single_calls_wait_too(table: Settings, code: str) -> None:
    with (
        failing("PutItem", first(1, Refused(code))),
        failing("UpdateItem", first(1, Refused(code))),
        failing("GetItem", first(1, Refused(code))),
    ):
        STORE.create(Plain(id="1"))
        STORE.update(Plain, Plain.key(id="1"), add={"stock": 1})
        assert STORE.get(Plain, id="1") == Plain(id="1", stock=1, version=2)


def test_after_the_deadline_the_service_is_busy(table: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "DEADLINE", 0.05)
    always = failing("TransactWriteItems", lambda _: transaction_refused("None", "TransactionConflict"))
    with always, pytest.raises(ApiError) as caught:
        two()
    error = caught.value
    assert (error.status, error.code, error.headers) == (503, "busy", {"Retry-After": "1"})
    assert STORE.get(Plain, id="1") is None


def test_a_failed_condition_beside_a_conflict_is_a_refusal_at_once(table: Settings) -> None:
    STORE.create(Plain(id="1", stock=1))
    tx = STORE.transaction()
    tx.update(Plain.key(id="1"), add={"stock": -2}, where=[at_least("stock", 2)], refused=SHORT)
    tx.create(Plain(id="2"))
    with (
        recorded() as made,
        failing("TransactWriteItems", lambda _: transaction_refused("ConditionalCheckFailed", "TransactionConflict")),
        pytest.raises(ApiError, match="Not enough in stock"),
    ):
        tx.commit()
    assert len(made) <= 1


@pytest.mark.parametrize(
    "refused",
    [
        Refused("ValidationException"),
        Refused("AccessDeniedException"),
        transaction_refused("ValidationError", "None"),
        transaction_refused("ItemCollectionSizeLimitExceeded", "TransactionConflict"),
    ],
)
def test_what_waiting_does_not_cure_is_raised_at_once(table: Settings, refused: Refused) -> None:
    with failing("TransactWriteItems", lambda _: refused), pytest.raises(ClientError) as caught:
        two()
    assert caught.value.response["Error"]["Code"] == refused.code


def test_a_batch_that_is_never_processed_ends_as_busy(table: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.support.calls import Changed, answering

    def nothing(params: dict[str, object]) -> Changed:
        items = params["RequestItems"]
        return dict(params), lambda answer: {**answer, "UnprocessedItems": items}

    monkeypatch.setattr(calls, "DEADLINE", 0.05)
    with answering("BatchWriteItem", nothing), pytest.raises(ApiError, match="busy"):
        STORE.write_batch([{"PK": "A", "SK": "B"}])


def test_a_transaction_whose_answer_was_lost_commits_once(table: Settings) -> None:
    STORE.create(Plain(id="stock", stock=5))
    tx = STORE.transaction()
    tx.update(Plain.key(id="stock"), add={"stock": -1})
    tx.update(Plain.key(id="sold"), put={"id": "sold"}, add={"stock": 1})
    with losing_answers("TransactWriteItems"):
        tx.commit()
    stock, sold = STORE.get_all([Plain.ref(id="stock"), Plain.ref(id="sold")])
    assert (stock.stock, sold.stock) == (4, 1)


def test_work_that_decides_on_what_it_read_is_done_over_until_it_holds(table: Settings) -> None:
    STORE.create(Plain(id="1"))

    def increment(_: int) -> None:
        def attempt() -> None:
            read = STORE.get(Plain, id="1")
            assert read is not None
            STORE.replace(read, read.model_copy(update={"stock": read.stock + 1}), refused=None)

        until_settled(attempt)

    assert in_threads(8, increment) == [None] * 8
    assert STORE.get(Plain, id="1") == Plain(id="1", stock=8, version=9)


def test_work_that_never_settles_ends_as_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quintet.store.contention.DEADLINE", 0.03)

    def attempt() -> None:
        raise ConditionFailed

    with pytest.raises(ApiError, match="busy"):
        until_settled(attempt)
