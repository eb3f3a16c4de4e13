"""One meaning for everything a body or a query may hold: malformed, invalid, null, absent, empty, blank, twice."""

import json
from typing import Annotated, Any, ClassVar

import pytest
from pydantic import BaseModel, ConfigDict, Field

from quintet.api import Api, ErrorType, Operation, Problem, StandardErrors
from quintet.api.body import FINITE, NUL
from quintet.api.envelope import DataEnvelope, compact
from quintet.errors import ApiError
from quintet.models import Length, Line
from quintet.testing import Answer, LambdaContext, http_event
from quintet.testing.client import read_answer


class Located(DataEnvelope):
    """Errors as some products have them: a list of `{loc, msg, type}`."""

    def error(self, error: ApiError, request_id: str, _shape: str = "", /) -> bytes:
        found = [
            {"loc": list(problem.location), "msg": problem["message"], "type": problem.type}
            for problem in error.details or ()
            if isinstance(problem, Problem)
        ]
        return compact({"detail": found or error.message})


MALFORMED = ErrorType(400, "malformed", "Malformed")
INVALID = ErrorType(422, "invalid", "Invalid")
api = Api("letters", title="Letters", errors=StandardErrors(malformed=MALFORMED, invalid_body=INVALID, invalid=INVALID))
located = Api("located", title="Located", envelope=Located(), errors=StandardErrors(invalid_body=INVALID))


class Inner(BaseModel):
    weight: float = 0


class Letter(BaseModel):
    model_config = ConfigDict(defer_build=True)

    text: str
    note: str | None = "none said"
    line: Annotated[Line, Length(1, 10)] | None = None
    loose: Line | None = None
    count: int = 0
    inner: Inner | None = None
    anything: Any = None


class Mixed(BaseModel):
    text: str
    odd: dict[str, Any]
    judged: ClassVar = frozenset({"odd"})


class Plain(BaseModel):
    text: str
    count: int = 0


@api.post("/letters")
def write(body: Letter) -> Letter:
    """Write a letter."""
    return body


@api.post("/plain")
def plain(body: Plain) -> Plain:
    """Takes no number but integers."""
    return body


@api.post("/optional")
def optional(body: Plain | None = None) -> Plain:
    """Takes nothing, too."""
    return body or Plain(text="nothing")


@api.post("/mixed")
def sort_out(body: Mixed) -> Plain:
    """Says how much it was given."""
    return Plain(text=str(len(body.odd)))


class Numbers(BaseModel):
    many: list[int]
    either: list[int] | dict[str, int]


@api.post("/numbers")
def several(body: Numbers) -> Numbers:
    """Takes integers in several places."""
    return body


@located.post("/letters")
def locate(body: Letter, page: int = 1) -> Letter:
    """Write a letter."""
    return body


class Filters(BaseModel):
    status: str | None = None
    most: Annotated[int, Field(ge=1)] = 10


@api.get("/search")
def search(filters: Filters, q: str, kind: str | None = None, limit: int = 5) -> Letter:
    """Say what was asked for."""
    return Letter(text=q, note=kind, count=limit, anything=[filters.status, filters.most])


def post(operation: Operation[..., Any], body: str | bytes, **query: str) -> Answer:
    sent = {"Content-Type": "application/json"}
    return read_answer(operation(http_event("POST", "/", body=body, headers=sent, query=query), LambdaContext()))


def ask(**query: str) -> Answer:
    return read_answer(search(http_event("GET", "/search", query=query), LambdaContext()))


@pytest.mark.parametrize(
    "body",
    [b"{", b"{'text': 1}", b'{"text": "a",}', b'{"text": "\xff"}', b"\xef\xbb\xbf{}", b'{"text": "\\ud800"}',
     b'{"text": "\\udc00a"}', b'{"text": "a", "anything": NaN}', b'{"text": "a", "inner": {"weight": Infinity}}',
     b'{"text": "a", "count": NaN}', b'{"text": "a", "count": -Infinity}', b'{"text": "a\x00"}', b"   ", b"[" * 9000],
)  # fmt: skip
def test_what_is_no_json_is_malformed(body: bytes) -> None:
    answer = post(write, body)
    assert (answer.status, answer.error["code"]) == (400, "malformed")
    (detail,) = answer.error["details"]
    assert detail["field"] == "body"
    assert detail["message"].startswith("Invalid JSON: ")


def test_without_an_error_of_its_own_it_is_an_invalid_body() -> None:
    answer = post(locate, b"{")
    assert answer.status == 422
    assert answer.body["detail"][0]["loc"] == ["body"]


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ('{"text": "a\\u0000b"}', "text", NUL),
        ('{"text": "a", "anything": [{"b": "\\u0000"}]}', "anything.0.b", NUL),
        ('{"text": "a", "anything": {"\\u0000": 1}}', "anything", NUL),
        ('{"text": "a", "inner": {"weight": 1e400}}', "inner.weight", FINITE),
        ('{"text": "a", "inner": {"weight": -1E+999}}', "inner.weight", FINITE),
        ('{"text": "a", "anything": [0, 1' + "0" * 309 + "]}", "anything.1", FINITE),
        ('{"text": "a", "anything": [' + "9" * 300 + "e99]}", "anything.0", FINITE),
        ('{"text": "a", "unknown": [1e400]}', "unknown.0", FINITE),
        ('{"text": "a", "count": 1e400}', "count", "Input should be a valid integer"),
        ("{}", "text", "Field required"),
        ('{"text": null}', "text", "Input should be a valid string"),
        ("null", "body", "Input should be an object"),
    ],
)
def test_what_cannot_be_taken_names_its_field(body: str, field: str, message: str) -> None:
    answer = post(write, body)
    assert (answer.status, answer.error["code"], answer.error["details"]) == (
        422, "invalid", [{"field": field, "message": message}],
    )  # fmt: skip


def test_a_field_that_the_operation_judges_itself_may_hold_whatever_is_json() -> None:
    odd = '{"a": "\\u0000", "\\u0000": 1e400}'
    assert post(sort_out, f'{{"text": "a", "odd": {odd}}}').data == {"text": "2", "count": 0}
    answer = post(sort_out, f'{{"text": "\\u0000", "odd": {odd}, "other": {odd}}}')
    assert answer.status == 422
    assert [detail["field"] for detail in answer.error["details"]] == ["text", "other.a", "other", "other.\0"]
    assert post(sort_out, '{"text": "a", "odd": {"a": NaN}}').error["code"] == "malformed"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1" + "0" * 309])
def test_a_number_that_is_none_is_refused_where_no_number_is_wanted_too(number: str) -> None:
    for sent in (f'{{"text": "a", "unknown": {number}}}', f'{{"text": "a", "unknown": [{{"b": {number}}}]}}'):
        answer = post(plain, sent)
        refused = ("malformed", "body") if number.endswith(("NaN", "y")) else ("invalid", "unknown")
        assert (answer.error["code"], answer.error["details"][0]["field"].partition(".")[0]) == refused


def test_what_only_looks_so_is_taken() -> None:
    for text in ("NaN Infinity 1e400 " + "9" * 400, "\\u0000", "null"):
        body = {"text": text, "anything": 1.7976931348623157e308}
        assert post(write, json.dumps(body)).data["text"] == text
    assert post(plain, '{"text": "1e400 NaN"}').status == 200


@pytest.mark.parametrize("number", ["2.0", "2e0", "20.0E-1", "-0.0", "9007199254740992.0"])
def test_an_integer_may_be_written_with_a_fraction_of_zero(number: str) -> None:
    answer = post(write, f'{{"text": "a", "count": {number}, "anything": {{"count": 2.5}}}}')
    assert (answer.status, answer.data["count"], answer.data["anything"]) == (200, int(float(number)), {"count": 2.5})
    found = post(several, f'{{"many": [1, 2.0, 3.00], "either": {{"a": {number}}}}}')
    assert (found.status, found.data) == (200, {"many": [1, 2, 3], "either": {"a": int(float(number))}})


@pytest.mark.parametrize("number", ["2.5", '"2"', '"2.0"', "true", "[2.0]", "1e300", "null"])
def test_what_is_no_integer_is_refused(number: str) -> None:
    answer = post(write, f'{{"text": "a", "count": {number}}}')
    assert (answer.status, [each["field"].partition(".")[0] for each in answer.error["details"]]) == (422, ["count"])


def test_an_absent_body_is_a_missing_one_or_the_default() -> None:
    answer = post(plain, b"")
    assert (answer.status, answer.error["details"]) == (422, [{"field": "body", "message": "Field required"}])
    assert post(optional, b"").data["text"] == "nothing"
    assert post(optional, b"null").data["text"] == "nothing"


def test_null_absent_empty_and_blank_each_mean_one_thing() -> None:
    assert post(write, '{"text": ""}').data["text"] == "", "a text of no letters"
    assert post(write, '{"text": " "}').data["text"] == " "
    assert post(write, '{"text": "a"}').data["note"] == "none said", "absent: the default"
    assert post(write, '{"text": "a", "note": null}').data["note"] is None, "null: none"
    for blank in ("", " ", "\t"):
        refused = post(write, json.dumps({"text": "a", "line": blank}))
        assert [detail["field"] for detail in refused.error["details"]] == ["line"], "a line says something"
        assert post(write, json.dumps({"text": "a", "loose": blank})).data["loose"] == "", "blank is empty"


def test_of_a_name_given_twice_the_last_counts() -> None:
    assert post(write, '{"text": "a", "count": 1, "text": "b"}').data["text"] == "b"


def test_an_empty_query_value_is_an_absent_one() -> None:
    answer = ask(q="a", kind="", limit="", status="", most="")
    assert (answer.data["text"], answer.data["note"], answer.data["count"], answer.data["anything"]) == (
        "a", None, 5, [None, 10],
    )  # fmt: skip
    missing = ask(q="", most="0")
    assert missing.error["details"] == [
        {"field": "most", "message": "Input should be greater than or equal to 1"},
        {"field": "q", "message": "Field required"},
    ]
    assert ask(q="a\0").error["details"] == [{"field": "q", "message": NUL}]
    assert ask(q="a", status="\0").error["details"] == [{"field": "status", "message": NUL}]
    assert ask(q="a", unread="\0").status == 200


def test_a_system_may_say_where_a_problem_was_and_which_rule_it_broke() -> None:
    assert post(locate, '{"inner": {"weight": "x"}}').body == {
        "detail": [
            {"loc": ["body", "text"], "msg": "Field required", "type": "missing"},
            {"loc": ["body", "inner", "weight"], "msg": "Input should be a valid number", "type": "float_type"},
        ]
    }
    assert post(locate, '{"text": "a"}', page="x").body["detail"][0]["loc"] == ["query", "page"]
