"""Forms: a file arrives byte for byte, and the rest is validated as the JSON that says the same."""

import base64
import json
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError

from quintet.api import forms
from quintet.api.errors import StandardErrors
from quintet.api.forms import Upload, UploadedFile
from quintet.api.request import Request
from quintet.api.signature import Signature
from quintet.errors import ApiError
from quintet.models import Timestamp

BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


class Colour(StrEnum):
    RED = "red"


class Social(BaseModel):
    platform: Literal["instagram", "youtube"]
    followers: int


class Profile(BaseModel):
    name: str
    age: int | None = None
    price: Decimal | None = None
    active: bool = False
    colour: Colour | None = None
    kind: Literal["a", "b"] | None = None
    campaign: UUID | None = None
    born: date | None = None
    since: Timestamp | None = None
    tags: list[str] = []
    socials: list[Social] | None = None
    city: Annotated[str, Field(max_length=5)] | None = Field(default=None, alias="homeCity")
    image: Upload | None = None


class Picture(BaseModel):
    picture: Upload


def update(body: Profile) -> None:
    """Takes a profile."""


def file(name: str, content: bytes, filename: str = "a.png", content_type: str = "image/png") -> bytes:
    head = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\nContent-Type: {content_type}'
    return head.encode() + b"\r\n\r\n" + content


def text(name: str, value: str) -> bytes:
    return f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()


def form(*parts: bytes, boundary: str = BOUNDARY) -> bytes:
    lines = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return lines + b"--" + boundary.encode() + b"--\r\n"


def read(model: type[Any], *parts: bytes) -> Any:
    content, files = forms.read_form(model, TYPE, form(*parts))
    return model.model_validate_json(content, strict=True, context=files)


def sent(body: bytes, content_type: str) -> Request:
    return Request(
        {
            "version": "2.0",
            "requestContext": {"http": {"method": "POST", "path": "/", "sourceIp": "127.0.0.1"}},
            "headers": {"content-type": content_type},
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
        }
    )


def bound(body: bytes, content_type: str) -> Any:
    """What an operation that takes both gets, or its refusal's details."""
    try:
        arguments = Signature(update, "/", form=True).bind(sent(body, content_type), StandardErrors())
    except ApiError as error:
        return error.status, error.details
    return arguments["body"]


def test_a_form_says_what_json_says() -> None:
    found = read(
        Profile,
        text("name", "Åsa"),
        text("age", "31"),
        text("price", "0.10"),
        text("active", "true"),
        text("colour", "red"),
        text("kind", "b"),
        text("campaign", "0198c0de-0000-7000-8000-000000000001"),
        text("born", "1994-02-28"),
        text("since", "2025-01-18T10:00:00+05:30"),
        text("tags", '["a", "b"]'),
        text("socials", '[{"platform": "youtube", "followers": 10}]'),
        text("homeCity", "Pune"),
        file("image", b"\x89PNG"),
    )
    assert found == Profile(
        name="Åsa",
        age=31,
        price=Decimal("0.10"),
        active=True,
        colour=Colour.RED,
        kind="b",
        campaign=UUID("0198c0de-0000-7000-8000-000000000001"),
        born=date(1994, 2, 28),
        since="2025-01-18T10:00:00+05:30",
        tags=["a", "b"],
        socials=[Social(platform="youtube", followers=10)],
        homeCity="Pune",
        image=UploadedFile("a.png", "image/png", b"\x89PNG"),
    )


def test_text_stays_text_also_where_it_looks_like_json() -> None:
    for value in ("123", "true", "null", '"quoted"', "[1]", "", " spaces ", "line\r\nbreak"):
        assert read(Profile, text("name", value)).name == value


SAID: list[dict[str, Any]] = [
    {"name": "a", "age": 5},
    {"name": "a", "age": "5"},
    {"name": "a", "age": 5.5},
    {"name": "a", "age": "five"},
    {"name": "a", "active": "yes"},
    {"name": "a", "active": 1},
    {"name": "a", "colour": "blue"},
    {"name": "a", "kind": "c"},
    {"name": "a", "campaign": "no-uuid"},
    {"name": "a", "born": "yesterday"},
    {"name": "a", "since": "noon"},
    {"name": "a", "tags": ["a", 1]},
    {"name": "a", "tags": "a"},
    {"name": "a", "socials": [{"platform": "orkut", "followers": "9"}]},
    {"name": "a", "homeCity": "Bengaluru"},
    {"name": "a", "unknown": "x"},
    {"age": 5},
    {"name": "a", "price": 12345678901234567890.12},
    {"name": "a", "price": "nine"},
]


@pytest.mark.parametrize("said", SAID, ids=lambda said: json.dumps(said)[:40])
def test_json_and_form_are_accepted_and_refused_alike(said: dict[str, Any]) -> None:
    plain = {name: value if isinstance(value, str) else json.dumps(value) for name, value in said.items()}
    as_json = bound(json.dumps(said).encode(), "application/json")
    as_form = bound(form(*(text(name, value) for name, value in plain.items())), TYPE)
    if said.get("age") == "5":  # a form knows no difference between 5 and "5"
        assert as_form == Profile(name="a", age=5)
    else:
        assert as_form == as_json


def test_an_empty_text_is_null_where_that_is_allowed_and_nothing_elsewhere() -> None:
    found = read(Profile, text("name", "a"), text("age", ""), text("active", ""), text("tags", ""))
    assert found.model_dump(exclude_unset=True) == {"name": "a", "age": None}


def test_a_file_input_where_nothing_was_chosen_says_nothing() -> None:
    found = read(Profile, text("name", "a"), file("image", b"", filename="", content_type="application/octet-stream"))
    assert found.model_fields_set == {"name"}


def test_a_file_comes_with_a_form_and_never_with_json() -> None:
    for value in ('"x"', "{}", "1", '{"filename": "a", "content_type": "b", "content": "c"}'):
        status, details = bound(f'{{"name": "a", "image": {value}}}'.encode(), "application/json")
        assert (status, details) == (
            400,
            [{"field": "image", "message": "must be a file in a multipart/form-data body"}],
        )
    assert bound(b'{"name": "a", "image": null}', "application/json") == Profile(name="a")


def test_a_text_cannot_pose_as_a_file() -> None:
    _, files = forms.read_form(Picture, TYPE, form(file("picture", b"x"), text("name", "a")))
    (place,) = files
    with pytest.raises(ValidationError, match="must be a file"):
        read(Picture, text("picture", place))


def test_a_file_in_a_text_field_is_refused() -> None:
    assert bound(form(file("name", b"Asha")), TYPE) == (400, None)


def test_the_senders_name_and_type_are_kept_as_claims() -> None:
    for filename, expected in (
        ("C:\\fake\\a.png", "C:\\fake\\a.png"),
        ("a%22b.png", 'a"b.png'),
        ('a\\"b.png', 'a"b.png'),
        ("ü; name=x.png", "ü; name=x.png"),
    ):
        found = read(Picture, file("picture", b"x", filename, "IMAGE/PNG; q=1"))
        assert found.picture == UploadedFile(expected, "image/png", b"x")


TRICKY = [
    b"",
    b"\r\n",
    b"\r\n\r\n",
    b"\n",
    b"\r",
    b"\r\n--",
    b"--" + BOUNDARY.encode(),
    b"\n--" + BOUNDARY.encode() + b"\r\n",
    b"\r\n--" + BOUNDARY.encode() + b"X\r\n",
    b"\r\n--" + BOUNDARY.encode() + b"--X",
    b"\r\n--" + BOUNDARY.encode()[:-1] + b"\r\n",
    b"Content-Type: text/plain\r\n\r\nnested",
    bytes(range(256)) * 3,
]


@pytest.mark.parametrize("content", TRICKY, ids=range(len(TRICKY)))
@pytest.mark.parametrize("content_type", ["image/png", "text/plain", "multipart/mixed; boundary=x", "message/rfc822"])
def test_a_file_arrives_byte_for_byte(content: bytes, content_type: str) -> None:
    parts = list(
        forms.parts(TYPE, form(text("a", "1"), file("f", content, content_type=content_type), text("b", "2")))
    )
    assert [part.content for part in parts] == [b"1", content, b"2"]


PIECES = st.one_of(st.binary(max_size=20), st.sampled_from([b"\r\n", b"--", b"--bb", b"bb", b"\r\n--b", b"\r", b"\n"]))


@examples(max_examples=200, deadline=None)
@given(contents=st.lists(st.lists(PIECES, max_size=8).map(b"".join), min_size=1, max_size=4))
def test_any_bytes_that_do_not_hold_the_delimiter_arrive(contents: list[bytes]) -> None:
    contents = [content for content in contents if b"\r\n--bb" not in content]
    body = form(*(file("f", content) for content in contents), boundary="bb")
    if contents:
        assert [part.content for part in forms.parts("multipart/form-data; boundary=bb", body)] == contents


@examples(max_examples=300, deadline=None)
@given(body=st.lists(PIECES, max_size=20).map(b"".join))
def test_any_body_is_a_form_or_refused(body: bytes) -> None:
    for given_body in (body, b"--bb\r\n" + body, form(body, boundary="bb")):
        try:
            list(forms.parts("multipart/form-data; boundary=bb", given_body))
        except ValueError:
            continue


def test_what_stands_before_and_after_the_form_is_ignored() -> None:
    body = b"preamble\r\n" + form(text("name", "a")) + b"epilogue\r\n--x"
    assert [part.content for part in forms.parts(TYPE, body)] == [b"a"]


def test_a_boundary_may_be_quoted_and_padded() -> None:
    body = (
        b'--a b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n--a b \t\r\n' + text("y", "2") + b"\r\n--a b--"
    )
    found = list(forms.parts('multipart/form-data; charset=utf-8; Boundary="a b"', body))
    assert [(part.name, part.content) for part in found] == [("x", b"1"), ("y", b"2")]


MALFORMED = [
    (TYPE, b""),
    (TYPE, b"hello"),
    ("multipart/form-data", form(text("name", "a"))),
    ("multipart/form-data; boundary=" + "x" * 71, form(text("name", "a"), boundary="x" * 71)),
    (TYPE, form(text("name", "a"))[:-6]),  # cut off on the way
    (TYPE, form(text("name", "a")).replace(b"--\r\n", b"\r\n")),
    (TYPE, form(b"")),
    (TYPE, form(b"no headers")),
    (TYPE, form(b"\r\ncontent")),
    (TYPE, form(b"Content-Type: text/plain\r\n\r\na")),
    (TYPE, form(b'Content-Disposition: attachment; name="name"\r\n\r\na')),
    (TYPE, form(b'Content-Disposition: form-data; name=""\r\n\r\na')),
    (TYPE, form(b'Content-Disposition: form-data; name="name"\r\nbroken\r\n\r\na')),
    (TYPE, form(b'Content-Disposition: form-data; name="\xff"\r\n\r\na')),
    (TYPE, form(b'Content-Disposition: form-data; name="name"\r\n\r\n\xff')),
    (TYPE, form(b'Content-Disposition: form-data; name="name"\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ==')),
    (TYPE, form(b"X: " + b"x" * 9000 + b"\r\n" + text("name", "a"))),
    (TYPE, form(text("name", "a"), text("name", "b"))),
    (TYPE, form(*(text(f"n{n}", "") for n in range(101)))),
]


@pytest.mark.parametrize(("content_type", "body"), MALFORMED, ids=range(len(MALFORMED)))
def test_a_malformed_form_is_a_bad_request(content_type: str, body: bytes) -> None:
    assert bound(body, content_type) == (400, None)


def test_deep_json_in_a_field_is_a_bad_request() -> None:
    status, _ = bound(form(text("name", "a"), text("tags", "[" * 100_000)), TYPE)
    assert status == 400


def test_a_hundred_parts_are_read() -> None:
    assert len(list(forms.parts(TYPE, form(*(text(f"n{n}", "") for n in range(100)))))) == 100


def test_large_files_are_read_quickly() -> None:
    import time

    content = b"\r\n--" * 1_250_000  # five megabytes that always look like the beginning of a delimiter
    started = time.perf_counter()
    (part,) = forms.parts(TYPE, form(file("f", content)))
    assert part.content == content
    assert time.perf_counter() - started < 2
