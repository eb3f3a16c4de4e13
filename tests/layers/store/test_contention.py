"""Contention, throttling and lost answers: waited out, until a deadline; conditions are never waited for."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from quintet.errors import ApiError, ErrorType
from quintet.net.patience import timed_by
from quintet.settings import Settings
from quintet.store import ConditionFailed, at_least
from quintet.store.contention import until_settled
from quintet.testing.clock import Standing
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


def noting(sent: list[str], failure: Failure) -> Failure:
    """The same failure, noting the token of every send."""

    def noted(params: dict[str, Any]) -> Refused | None:
        sent.append(params["ClientRequestToken"])
        return failure(params)

    return noted


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
    sent: list[str] = []
    with failing("TransactWriteItems", noting(sent, first(2, refused))):
        two()
    assert STORE.get(Plain, id="2") is not None
    assert len(sent) == 3
    cancelled = refused.code == "TransactionCanceledException"
    assert len(set(sent)) == (3 if cancelled else 1), "one token until it was cancelled"


def test_a_token_stays_when_an_earlier_send_of_it_may_still_arrive(table: Settings) -> None:
    answers = [Refused("InternalServerError", 500), transaction_refused("None", "TransactionConflict")]
    sent: list[str] = []
    with failing("TransactWriteItems", noting(sent, lambda _: answers.pop(0) if answers else None)):
        two()
    assert (len(sent), len(set(sent))) == (3, 1)


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


@pytest.fixture
def hasty() -> Iterator[None]:
    """Waiting takes no time, but patience ends all the same."""
    with timed_by(Standing().clock):
        yield


@pytest.mark.usefixtures("hasty")
def test_at_the_end_of_patience_the_service_is_busy(table: Settings) -> None:
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


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("failure", [Refused("InternalServerError", 500), Refused("TransactionInProgressException")])
def test_a_write_that_may_have_been_done_is_not_called_undone(table: Settings, failure: Refused) -> None:
    with failing("TransactWriteItems", lambda _: failure), pytest.raises(ApiError) as caught:
        two()
    assert (caught.value.status, caught.value.code) == (503, "unconfirmed")
    with failing("GetItem", lambda _: Refused("InternalServerError", 500)), pytest.raises(ApiError, match="busy"):
        STORE.get(Plain, id="1")


@pytest.mark.usefixtures("hasty")
def test_a_batch_that_is_never_processed_ends_as_busy(table: Settings) -> None:
    from tests.support.calls import Changed, answering

    def nothing(params: dict[str, object]) -> Changed:
        items = params["RequestItems"]
        return dict(params), lambda answer: {**answer, "UnprocessedItems": items}

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


@pytest.mark.usefixtures("hasty")
def test_work_that_never_settles_ends_as_busy() -> None:
    def attempt() -> None:
        raise ConditionFailed

    with pytest.raises(ApiError, match="busy"):
        until_settled(attempt)
