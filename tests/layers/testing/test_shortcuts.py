"""The mock answers every DynamoDB request, and keeps every item, as moto does without the tests' shortcuts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quintet.settings import use
from tests.support import aws, resources

TABLE = "shortcuts"
History = list[tuple[str, dict[str, Any]]]
"""Requests in their order: the operation as AWS names it, and its parameters."""

TEXT, NUMBER, BYTES = {"S": "é"}, {"N": "7"}, {"B": "/wD+"}
SETS = [{"SS": ["a", "b"]}, {"NS": ["1", "-2.5"]}, {"BS": ["AA==", "/w=="]}]
PLAIN = [TEXT, NUMBER, BYTES, {"BOOL": False}, {"NULL": True}, {"S": ""}, *SETS]
NESTED = [{"M": {}}, {"L": []}, {"M": {"in": NUMBER, "S": {"L": [TEXT, BYTES]}}}, {"L": [NUMBER, {"M": {"N": TEXT}}]}]
HUGE = {"S": "x" * 300_000}
UPDATES = [
    "SET #a = :v", "SET #a = if_not_exists(#a, :v)", "SET #a = #a + :n", "SET #a = if_not_exists(#a, :n) - :n",
    "SET #a = list_append(if_not_exists(#a, :l), :l)", "SET #a.#b = :v", "SET #a = :v, #b = :n REMOVE #c",
    "ADD #a :n", "ADD #a :s", "DELETE #a :s", "REMOVE #a", "REMOVE #a[0], #a[1]", "REMOVE #a.#b ADD #c :n",
    "SET #a = #b", "SET #a = :v, #a = :n", "SET #a = :v SET #b = :n", "SET #k = :v", "SET #g = :v", "SET #g = :n",
    "SET #unknown = :v", "SET #a = :unknown", "SET #a", "SET a = :v, c = :n", "SET size = :v",
]  # fmt: skip
CONDITIONS = [
    "attribute_exists(PK)", "attribute_not_exists(PK)", "#a = :v", "#a > :n", "NOT contains(#a, :v)", "size(#a) > :n",
    "#a = :v OR (attribute_type(#b, :t) AND #c IN (:n, :v))", "#a BETWEEN :n AND :n", "begins_with(#a, :t)", "#a =",
]  # fmt: skip
NAMES = {"#a": "a", "#b": "in", "#c": "c", "#k": "SK", "#g": "GSI1SK"}
OTHERS = {":n": NUMBER, ":l": {"L": [TEXT, {"M": {}}]}, ":s": {"SS": ["b", "c"]}, ":t": {"S": "S"}}

values = st.sampled_from(PLAIN + NESTED)
keys = st.builds(lambda pk, sk: {"PK": {"S": pk}, "SK": {"S": sk}}, st.sampled_from("pq"), st.sampled_from("st"))
failures = st.sampled_from([{}, {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}])


def mentioned(value: Any, *expressions: str) -> dict[str, Any]:
    """The names and values that the expressions use; DynamoDB refuses others."""
    known = {":v": value, **OTHERS}
    names = {name: real for name, real in NAMES.items() if any(name in one for one in expressions)}
    used = {name: real for name, real in known.items() if any(name in one for one in expressions)}
    found = {"ExpressionAttributeNames": names, "ExpressionAttributeValues": used}
    return {name: held for name, held in found.items() if held}


def place(write: tuple[str, dict[str, Any]]) -> str:
    """Which item a write is for."""
    held = write[1].get("Key") or write[1]["Item"]
    return json.dumps([held["PK"], held["SK"]])


@st.composite
def writes(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """One write as a transaction has it: its kind, and the request."""
    kind = draw(st.sampled_from(["Put", "Update", "Update", "Delete", "ConditionCheck"]))
    key, value = draw(keys), draw(values)
    condition = draw(st.sampled_from(CONDITIONS if kind == "ConditionCheck" else [*CONDITIONS, "", "", ""]))
    update = draw(st.sampled_from(UPDATES)) if kind == "Update" else ""
    request: dict[str, Any] = {"TableName": TABLE, **mentioned(value, condition, update), **draw(failures)}
    request.update({"ConditionExpression": condition} if condition else {})
    if kind == "Put":
        index = draw(st.sampled_from([{}, {"GSI1PK": {"S": "i"}, "GSI1SK": key["SK"]}]))
        return kind, {**request, "Item": {**key, **index, "a": value, "c": draw(values)}}
    request.update({"UpdateExpression": update} if update else {})
    return kind, {**request, "Key": key}


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    kind = draw(st.sampled_from(["one", "one", "transaction", "transaction", "query", "get"]))
    if kind == "transaction":
        actions = draw(st.lists(writes(), min_size=1, max_size=4, unique_by=place))
        return "TransactWriteItems", {"TransactItems": [{name: request} for name, request in actions]}
    if kind == "query":
        index = draw(st.sampled_from(["", "GSI1"]))
        values_used = {":pk": {"S": "i" if index else draw(st.sampled_from("pq"))}}
        asked: dict[str, Any] = {"KeyConditionExpression": f"{index}PK = :pk", "ExpressionAttributeValues": values_used}
        more: dict[str, Any] = draw(
            st.sampled_from([{}, {"Limit": 1}, {"ScanIndexForward": False}, {"Select": "COUNT"}])
        )
        asked.update({"IndexName": index} if index else {})
        return "Query", {"TableName": TABLE, **asked, **more}
    if kind == "get":
        return "TransactGetItems", {"TransactItems": [{"Get": {"TableName": TABLE, "Key": draw(keys)}}]}
    name, request = draw(writes().filter(lambda write: write[0] != "ConditionCheck"))
    returned = ["NONE", "ALL_OLD", *(["ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"] if name == "Update" else [])]
    return f"{name}Item", {**request, "ReturnValues": draw(st.sampled_from(returned))}


def key(sk: str) -> dict[str, Any]:
    return {"PK": {"S": "p"}, "SK": {"S": sk}}


def put(sk: str, **attributes: Any) -> dict[str, Any]:
    return {"Put": {"TableName": TABLE, "Item": {**key(sk), **attributes}}}


def checked(sk: str, condition: str) -> dict[str, Any]:
    told = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    return {"ConditionCheck": {"TableName": TABLE, "Key": key(sk), "ConditionExpression": condition, **told}}


def added(sk: str, number: str) -> dict[str, Any]:
    values = {":n": {"N": number}}
    request = {"TableName": TABLE, "Key": key(sk), "UpdateExpression": "ADD n :n", "ExpressionAttributeValues": values}
    return {"Update": request}


def transaction(*actions: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "TransactWriteItems", {"TransactItems": list(actions)}


HELD = transaction(put("s", n=NUMBER, b=BYTES, m=NESTED[2]), put("v", n=NUMBER))
REFUSED = transaction(added("s", "1"), put("t"), checked("v", "attribute_not_exists(PK)"), added("u", "2"))
TWICE = transaction(added("s", "1"), added("s", "2"))
OVERSIZE = transaction(added("s", "1"), put("t", a=HUGE, b=HUGE))


def answers(history: History) -> list[Any]:
    """Status and body of the answers to a history, then of a scan of what it left; an error of moto's own by name."""
    resources.create_table(TABLE)
    try:
        return [answer(*one) for one in [*history, ("Scan", {"TableName": TABLE})]]
    finally:
        resources.delete_table(TABLE)


def answer(operation: str, request: dict[str, Any]) -> Any:
    from botocore.awsrequest import AWSRequest
    from moto.core.models import botocore_stubber

    headers = {"X-Amz-Target": f"DynamoDB_20120810.{operation}", "Content-Type": "application/x-amz-json-1.0"}
    url = "https://dynamodb.us-east-1.amazonaws.com/"
    stubber: Any = botocore_stubber
    try:
        status, _, body = stubber.process_request(AWSRequest("POST", url, headers, json.dumps(request)).prepare())
    except Exception as error:
        return type(error).__name__, str(error)
    return status, body


@pytest.fixture(scope="module", autouse=True)
def mock() -> Iterator[None]:
    with aws.aws_backend(), use({"AWS_REGION": aws.REGION, "AWS_ENDPOINT_URL_DYNAMODB": ""}):
        yield


@given(history=st.lists(requests(), min_size=1, max_size=8))
@example(history=[HELD, REFUSED])
@example(history=[HELD, TWICE])
@example(history=[HELD, OVERSIZE])
@settings(max_examples=150)
def test_every_history_is_answered_as_by_moto(history: History) -> None:
    with aws.as_moto_is():
        expected = answers(history)
    assert answers(history) == expected


@pytest.mark.parametrize("way", [nullcontext(), aws.as_moto_is()], ids=["short", "long"])
def test_a_refused_transaction_names_its_reason_tells_the_old_item_and_leaves_nothing(
    way: AbstractContextManager[None],
) -> None:
    with way:
        held, refused, left = answers([HELD, REFUSED])
        assert held[0] == 200
        assert refused[0] == 400
        reasons = json.loads(refused[1])["CancellationReasons"]
        assert [reason["Code"] for reason in reasons] == ["None", "None", "ConditionalCheckFailed", "None"]
        assert reasons[2]["Item"] == {**key("v"), "n": NUMBER}
        first = {**key("s"), "n": NUMBER, "b": BYTES, "m": NESTED[2]}
        assert json.loads(left[1])["Items"] == [first, {**key("v"), "n": NUMBER}]
        for spoilt in (TWICE, OVERSIZE):
            assert answers([HELD, spoilt])[1][0] == 400
            assert answers([HELD, spoilt])[2] == left
