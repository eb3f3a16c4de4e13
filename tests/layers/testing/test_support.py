"""What tests stand on: a mocked AWS that is atomic under threads, a clock to stop, measures without seconds."""

from datetime import UTC, datetime

import pytest
from hypothesis import settings as properties

from quintet.auth import tokens
from quintet.net import aws, patience
from quintet.settings import Settings, settings
from quintet.store.calls import table_call
from quintet.store.codec import encode_item
from quintet.testing.clock import Standing
from tests.support.aws import in_threads, sent_emails
from tests.support.calls import recorded
from tests.support.clock import lasting_token, stopped
from tests.support.pace import assert_linear, effort


def _write(action: str, **request: object) -> dict[str, object]:
    return {action: {"TableName": settings().table, **request}}


def _put(sk: str, **more: object) -> dict[str, object]:
    return _write("Put", Item=encode_item({"PK": "A", "SK": sk, **more}))


def _count() -> int:
    answer = aws.client("dynamodb").query(
        TableName=settings().table,
        KeyConditionExpression="PK = :pk",
        ExpressionAttributeValues={":pk": {"S": "A"}},
    )
    return int(answer["Count"])


def test_threads_see_the_settings_of_the_test(table: Settings) -> None:
    assert in_threads(4, lambda _: settings().table) == [table.table] * 4


def test_threads_that_race_have_all_the_patience_that_the_machine_needs() -> None:
    def left_after_a_pause(_: int) -> float:
        waiting = patience.start(seconds=8)
        assert waiting.again(patience.CONTENTION)
        return waiting.left()

    assert in_threads(4, left_after_a_pause) == [8.0] * 4
    with patience.timed_by(Standing(0.0).clock):
        assert in_threads(1, left_after_a_pause) == [8.0 - patience.CONTENTION.first], "a test's own clock is kept"


def test_of_many_conditional_writes_one_wins(table: Settings) -> None:
    def claim(number: int) -> None:
        aws.client("dynamodb").transact_write_items(
            TransactItems=[
                _put(f"mine{number}"),
                _write(
                    "Put",
                    Item=encode_item({"PK": "A", "SK": "one", "n": number}),
                    ConditionExpression="attribute_not_exists(PK)",
                ),
            ]
        )

    answers = in_threads(16, claim)
    assert answers.count(None) == 1
    assert _count() == 2, "a refused transaction leaves nothing, and takes nothing of another's"


def test_a_refused_transaction_undoes_its_update(table: Settings) -> None:
    client = aws.client("dynamodb")
    client.put_item(TableName=table.table, Item=encode_item({"PK": "A", "SK": "x", "n": 1}))
    bad = _write("ConditionCheck", Key=encode_item({"PK": "A", "SK": "no"}), ConditionExpression="attribute_exists(PK)")
    change = _write(
        "Update",
        Key=encode_item({"PK": "A", "SK": "x"}),
        UpdateExpression="SET n = :n",
        ExpressionAttributeValues={":n": {"N": "2"}},
    )
    (answer,) = in_threads(1, lambda _: client.transact_write_items(TransactItems=[change, _put("y"), bad]))
    assert isinstance(answer, client.exceptions.TransactionCanceledException)
    assert client.get_item(TableName=table.table, Key=encode_item({"PK": "A", "SK": "x"}))["Item"]["n"] == {"N": "1"}
    assert _count() == 1


def test_calls_are_recorded_only_inside_the_block(table: Settings) -> None:
    with recorded() as calls:
        table_call("GetItem", Key=encode_item({"PK": "A", "SK": "x"}))
    table_call("GetItem", Key=encode_item({"PK": "A", "SK": "x"}))
    assert calls.names == ["GetItem"]
    assert calls.made[0].params == {"TableName": table.table, "Key": {"PK": {"S": "A"}, "SK": {"S": "x"}}}


def test_the_system_can_send_mail_and_keep_files(table: Settings) -> None:
    aws.client("sesv2").send_email(
        FromEmailAddress=table.email_sender,
        Destination={"ToAddresses": ["a@example.com"]},
        Content={"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}},
    )
    aws.client("s3").put_object(Bucket=table.bucket, Key="k", Body=b"v")
    assert sent_emails()[-1]["subject"] == "s"
    assert aws.client("s3").get_object(Bucket=table.bucket, Key="k")["Body"].read() == b"v"


def test_a_property_fails_by_its_examples_and_never_by_their_pace() -> None:
    assert properties.default is not None
    assert properties.default.deadline is None


def test_a_lasting_token_is_good_whenever_the_clock_stands(table: Settings) -> None:
    token = lasting_token("ann", {"role": "user"})
    for year in (2001, 2026, 2099):
        with stopped(datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)):
            assert tokens.verify(token).subject == "ann"
    assert tokens.verify(token).get("role") == "user"


def test_quadratic_work_is_told_from_linear() -> None:
    assert_linear(lambda size: sum(range(size * 200)), 100)
    with pytest.raises(AssertionError, match="times as long"):
        assert_linear(lambda size: [sum(range(size)) for _ in range(size)], 100)


def test_effort_is_counted_in_multiples_of_a_fixed_work() -> None:
    assert 5 < effort(lambda: [number & 7 for _ in range(20) for number in range(40_000)]) < 100
