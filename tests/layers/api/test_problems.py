"""How a reply tells what is wrong with a body: the first problems, each field once and by its own name."""

import json
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from quintet.api import Api, body
from quintet.api.errors import MOST_PROBLEMS, field_errors
from quintet.models import Entries, Length, Line
from quintet.testing import Answer, LambdaContext, http_event
from quintet.testing.client import read_answer

api = Api("parcels", title="Parcels")


class Side(BaseModel):
    length: int
    unit: str


class Tree(BaseModel):
    leaf: int = 0
    branches: Annotated[list["Tree"], Field(max_length=3)] = Field(default_factory=list)


def _not_empty(given: Any) -> Any:
    return given


class Parcel(BaseModel):
    model_config = ConfigDict(defer_build=True)

    to: Annotated[str | Annotated[list[Line], Field(max_length=5)] | None, AfterValidator(_not_empty)] = None
    labels: Annotated[dict[Annotated[Line, Length(1, 5)], Line | int], Entries(30)] | None = None
    sides: list[Side] = Field(default_factory=list)
    size: Side | list[Side] | None = None
    pair: tuple[int, str] | None = None
    tree: Tree | None = None
    weight: Annotated[int | float | None, Field(alias="Weight")] = None


@api.post("/parcels")
def send(body: Parcel) -> None:
    """Send a parcel."""


def post(sent: Any) -> Answer:
    raw = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    headers = {"Content-Type": "application/json"}
    return read_answer(send(http_event("POST", "/", body=raw, headers=headers), LambdaContext()))


def fields_of(answer: Answer) -> list[str]:
    assert answer.status == 400
    return [problem["field"] for problem in answer.error["details"]]


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"to": 5}, {"to": "Input should be a valid string; or: Input should be a valid array"}),
        ({"to": ["Ann", 5, None]}, {f"to.{n}": "Input should be a valid string" for n in (1, 2)}),
        ({"labels": {"": "x"}}, {"labels": "String should have at least 1 character"}),
        ({"labels": {"str": []}},
         {"labels.str": "Input should be a valid string; or: Input should be a valid integer"}),
        ({"sides": [{"length": 1, "unit": 1}]}, {"sides.0.unit": "Input should be a valid string"}),
        ({"size": {"length": "1", "unit": "m"}}, {"size.length": "Input should be a valid integer"}),
        ({"size": [{"length": 1, "unit": 2}]}, {"size.0.unit": "Input should be a valid string"}),
        ({"pair": [1, 2]}, {"pair.1": "Input should be a valid string"}),
        ({"tree": {"branches": [{}, {"branches": [{"leaf": "x"}]}]}},
         {"tree.branches.1.branches.0.leaf": "Input should be a valid integer"}),
        ({"Weight": "5"}, {"Weight": "Input should be a valid integer; or: Input should be a valid number"}),
    ],
)  # fmt: skip
def test_a_field_is_told_once_and_by_its_own_name(sent: Any, told: dict[str, str]) -> None:
    answer = post(sent)
    assert answer.status == 400
    assert answer.error["details"] == [{"field": field, "message": message} for field, message in told.items()]


def test_names_that_look_like_a_model_s_insides_are_still_told() -> None:
    assert fields_of(post({"labels": {"[key]": []}})) == ["labels.[key]"]
    assert fields_of(post({"labels": {"int": [], "str": {}}})) == ["labels.int", "labels.str"]


def test_a_name_that_a_caller_made_up_is_told_in_short() -> None:
    (field,) = fields_of(post({"unknown": {"n" * 5000: "\0"}}))
    assert field == "unknown." + "n" * 100


@pytest.mark.parametrize(
    ("raw", "first"),
    [
        (b'{"x":[' + b",".join([b'"\\u0000"'] * 5000) + b"]}", "x.0"),
        (b'{"x":[' + b",".join([b"1e400"] * 5000) + b"]}", "x.0"),
        (b'{"sides":[' + b",".join([b"{}"] * 500) + b"]}", "sides.0.length"),
    ],
)
def test_of_thousands_of_problems_the_first_are_told(raw: bytes, first: str) -> None:
    told = fields_of(post(raw))
    assert len(told) == MOST_PROBLEMS
    assert told[0] == first


def test_no_more_is_looked_at_than_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def look(value: Any) -> bool:
        seen.append(value)
        return False

    monkeypatch.setattr(body, "_is_sound", look)
    assert len(fields_of(post(b'{"x":[' + b",".join([b'"\\u0000"'] * 5000) + b"]}"))) == MOST_PROBLEMS
    assert len(seen) <= MOST_PROBLEMS + 1


def test_a_body_is_read_twice_only_for_what_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "from_json", None)
    assert post(rb'{"x": ["\\u0000", "\\\\u0000", "\\\\\\\\u0000", "u0000"]}').status == 200


def test_a_nul_behind_escaped_backslashes_is_found() -> None:
    assert fields_of(post(rb'{"x": "\\\u0000"}')) == ["x"]
    assert fields_of(post(rb'{"x": "\u0000"}')) == ["x"]


def test_lists_and_objects_that_are_too_long_are_refused_without_reading_them_all() -> None:
    labels = TypeAdapter(Annotated[dict[Line, int], Entries(3)])
    with pytest.raises(ValidationError) as refused:
        labels.validate_json(json.dumps({f"n{n}": "x" for n in range(1000)}), strict=True)
    assert refused.value.error_count() == 1
    message = "Dictionary should have at most 3 items after validation, not 1000"
    assert field_errors(refused.value, labels) == [{"field": "body", "message": message}]
    assert labels.json_schema()["maxProperties"] == 3


def test_errors_beyond_all_bounds_are_not_written_out() -> None:
    sides = TypeAdapter(list[Side])
    with pytest.raises(ValidationError) as refused:
        sides.validate_json(b"[" + b",".join([b"{}"] * 6000) + b"]")
    assert field_errors(refused.value, sides, ("sides",)) == [
        {"field": "sides", "message": "has more than 10000 problems"}
    ]
