"""Forms: a file arrives byte for byte, and the rest is validated as the JSON that says the same."""

import base64
import hashlib
import json
import time
from contextlib import suppress
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

from quintet.api import forms, parts
from quintet.api.errors import StandardErrors
from quintet.api.forms import Upload, UploadedFile
from quintet.api.parts import MULTIPART, URLENCODED
from quintet.api.request import Request
from quintet.api.signature import Signature
from quintet.errors import ApiError, ErrorType
from quintet.models import Timestamp

BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
NO_BOUNDARY = "The Content-Type must name a boundary of 1 to 70 characters"
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


class Album(BaseModel):
    pictures: list[Upload] = []
    ratings: list[int] | None = None


def update(body: Profile) -> None:
    """Takes a profile."""


def file(name: str, content: bytes, filename: str = "a.png", content_type: str = "image/png") -> bytes:
    head = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\nContent-Type: {content_type}'
    return head.encode() + b"\r\n\r\n" + content


def text(name: str, value: str) -> bytes:
    return f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()


def form(*fields: bytes, boundary: str = BOUNDARY) -> bytes:
    lines = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in fields)
    return lines + b"--" + boundary.encode() + b"--\r\n"


def read(model: type[Any], *fields: bytes) -> Any:
    content, files = forms.read_form(model, TYPE, form(*fields))
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
        arguments = Signature(update, "/", (MULTIPART, URLENCODED)).bind(sent(body, content_type), StandardErrors())
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
    {"name": "a", "socials": "youtube"},
    {"name": "a", "socials": [{"platform": "orkut", "followers": "9"}]},
    {"name": "a", "homeCity": "Bengaluru"},
    {"name": "a", "unknown": "x"},
    {"age": 5},
    {"name": "a", "price": 12345678901234567890.12},
    {"name": "a", "price": "nine"},
]


ALIKE = {
    '{"name": "a", "age": "5"}': Profile(name="a", age=5),
    '{"name": "a", "active": 1}': Profile(name="a", active=True),
    '{"name": "a", "tags": "a"}': Profile(name="a", tags=["a"]),
}


@pytest.mark.parametrize("said", SAID, ids=lambda said: json.dumps(said)[:40])
def test_json_and_form_are_accepted_and_refused_alike(said: dict[str, Any]) -> None:
    plain = {name: value if isinstance(value, str) else json.dumps(value) for name, value in said.items()}
    as_json = bound(json.dumps(said).encode(), "application/json")
    as_form = bound(form(*(text(name, value) for name, value in plain.items())), TYPE)
    # A form knows no difference between 5 and "5", 1 and true, one and a list of one.
    if meant := ALIKE.get(json.dumps(said)):
        assert as_form == meant
    else:
        assert as_form == as_json


def test_an_empty_value_is_null_where_that_is_allowed_and_nothing_elsewhere() -> None:
    empty = ("age", "homeCity", "kind", "socials", "active", "tags")
    found = read(Profile, text("name", ""), *(text(name, "") for name in empty))
    assert found.model_dump(exclude_unset=True) == {
        "name": "", "age": None, "city": None, "kind": None, "socials": None,
    }  # fmt: skip


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


def test_the_senders_name_and_type_are_kept_as_claims() -> None:
    for filename, expected in (
        ("C:\\fake\\a.png", "a.png"),  # old browsers sent the whole path
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
    b"\r\n--" + BOUNDARY.encode()[:-1] + b"\r\n",
    b"Content-Type: text/plain\r\n\r\nnested",
    bytes(range(256)) * 3,
]


@pytest.mark.parametrize("content", TRICKY, ids=range(len(TRICKY)))
@pytest.mark.parametrize("content_type", ["image/png", "text/plain", "multipart/mixed; boundary=x", "message/rfc822"])
def test_a_file_arrives_byte_for_byte(content: bytes, content_type: str) -> None:
    body = form(text("a", "1"), file("f", content, content_type=content_type), text("b", "2"))
    assert [part.content for part in parts.read(TYPE, body)] == [b"1", content, b"2"]


PIECES = st.one_of(st.binary(max_size=20), st.sampled_from([b"\r\n", b"--", b"--bb", b"bb", b"\r\n--b", b"\r", b"\n"]))


@examples(max_examples=200, deadline=None)
@given(contents=st.lists(st.lists(PIECES, max_size=8).map(b"".join), min_size=1, max_size=4))
def test_any_bytes_that_do_not_hold_the_delimiter_arrive(contents: list[bytes]) -> None:
    contents = [content for content in contents if b"\r\n--bb" not in content]
    body = form(*(file("f", content) for content in contents), boundary="bb")
    if contents:
        assert [part.content for part in parts.read("multipart/form-data; boundary=bb", body)] == contents


@examples(max_examples=300, deadline=None)
@given(body=st.lists(PIECES, max_size=20).map(b"".join))
def test_any_body_is_a_form_or_refused(body: bytes) -> None:
    for given_body in (body, b"--bb\r\n" + body, form(body, boundary="bb")):
        try:
            list(parts.read("multipart/form-data; boundary=bb", given_body))
        except ValueError:
            continue


def test_what_stands_before_and_after_the_form_is_ignored() -> None:
    body = b"preamble\r\n" + form(text("name", "a")) + b"epilogue\r\n--x"
    assert [part.content for part in parts.read(TYPE, body)] == [b"a"]


def test_a_boundary_may_be_quoted() -> None:
    body = b'--a b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n--a b\r\n' + text("y", "2") + b"\r\n--a b--"
    found = parts.read('multipart/form-data; charset=utf-8; Boundary="a b"', body)
    assert [(part.name, part.content) for part in found] == [("x", b"1"), ("y", b"2")]


DISPOSITION = b'Content-Disposition: form-data; name="name"'
UNREADABLE = "The form cannot be read: "
MALFORMED: list[tuple[str, bytes, str, str]] = [
    (TYPE, b"", "body", UNREADABLE + "Unexpected end of multipart stream (parser closed)"),
    (TYPE, b"hello", "body", UNREADABLE + "Unexpected end of multipart stream (parser closed)"),
    (MULTIPART, form(text("name", "a")), "body", NO_BOUNDARY),
    (f"{MULTIPART}; boundary=", form(text("name", "a")), "body", NO_BOUNDARY),
    (f"{MULTIPART}; boundary=" + "x" * 71, form(text("name", "a"), boundary="x" * 71), "body", NO_BOUNDARY),
    # Cut off on the way.
    (TYPE, form(text("name", "a"))[:-6], "name", UNREADABLE + "Unexpected end of multipart stream (parser closed)"),
    (TYPE, form(text("name", "a")).replace(b"--\r\n", b"\r\n"), "body",
     UNREADABLE + "Unexpected end of multipart stream (parser closed)"),
    (TYPE, form(b"no headers"), "body", UNREADABLE + "Malformed segment header"),
    (TYPE, form(b"\r\ncontent"), "body", UNREADABLE + "Missing Content-Disposition segment header"),
    (TYPE, form(b"Content-Type: text/plain\r\n\r\na"), "body",
     UNREADABLE + "Missing Content-Disposition segment header"),
    (TYPE, form(b'Content-Disposition: attachment; name="name"\r\n\r\na'), "body",
     UNREADABLE + "Invalid Content-Disposition segment header: Wrong type"),
    (TYPE, form(b'Content-Disposition: form-data; name=""\r\n\r\na'), "body", "A part of the form has no name"),
    (TYPE, form(b"Content-Disposition: form-data\r\n\r\na"), "body", "A part of the form has no name"),
    (TYPE, form(DISPOSITION + b"\r\nbroken\r\n\r\na"), "body", UNREADABLE + "Malformed segment header"),
    (TYPE, form(b'Content-Disposition: form-data; name="\xff"\r\n\r\na'), "body",
     "The name of a part is not UTF-8 text"),
    (TYPE, form(DISPOSITION + b"\r\n\r\n\xff"), "name", "is not UTF-8 text"),
    (TYPE, form(DISPOSITION + b"\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n\xe5"), "name",
     "is not us-ascii text"),
    (TYPE, form(DISPOSITION + b"\r\nContent-Type: text/plain; charset=idna\r\n\r\na"), "name",
     "is in a charset that is not known"),
    (TYPE, form(DISPOSITION + b"\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ=="), "name",
     "must be sent without a Content-Transfer-Encoding"),
    (TYPE, form(b"X: " + b"x" * 9000 + b"\r\n" + text("name", "a")), "body",
     "The form is too large in its parts: Maximum segment header length exceeded"),
    (TYPE, form(text("name", "a"), text("name", "b")), "name", "is given more than once"),
    (TYPE, form(file("name", b"Asha")), "name", "must not be a file"),
    (TYPE, form(text("name", f"a\r\n--{BOUNDARY}X")), "name", UNREADABLE + "Unexpected bytes after boundary"),
    (TYPE, form(*(text(f"n{n}", "") for n in range(101))), "body",
     "The form is too large in its parts: Maximum segment count exceeded"),
    (URLENCODED, b"name=a&name=b", "name", "is given more than once"),
    (URLENCODED, b"name=%FF", "name", "is not UTF-8 text"),
    (URLENCODED, b"name=\xff", "name", "is not UTF-8 text"),
    (URLENCODED, b"%FF=a", "body", "The name of a field is not text"),
    (URLENCODED, b"=a", "body", "A field of the form has no name"),
    (URLENCODED + "; charset=zip", b"name=a", "body", "is in a charset that is not known"),
    (URLENCODED, b"&".join(b"n%d=" % n for n in range(101)), "body", "The form has more than 100 fields"),
]  # fmt: skip


@pytest.mark.parametrize(("content_type", "body", "field", "message"), MALFORMED, ids=range(len(MALFORMED)))
def test_a_malformed_form_says_why_and_where(content_type: str, body: bytes, field: str, message: str) -> None:
    assert bound(body, content_type) == (400, [{"field": field, "message": message}])


def test_a_part_may_name_its_charset() -> None:
    latin = DISPOSITION + b"\r\nContent-Type: text/plain; charset=ISO-8859-1\r\n\r\n\xc5sa"
    windows = DISPOSITION + b'\r\nContent-Type: text/plain; charset="windows-1252"\r\n\r\n\x80'
    assert read(Profile, latin).name == "Åsa"
    assert read(Profile, windows).name == "€"
    default = [text("_charset_", "windows-1251"), DISPOSITION + b"\r\n\r\n\xcc\xe8\xf0"]
    assert read(Profile, *default).name == "Мир"
    assert bound(b"name=%C5sa", URLENCODED + "; charset=iso-8859-1") == Profile(name="Åsa")


def test_a_file_name_of_strange_bytes_does_not_refuse_the_file() -> None:
    for raw, expected in ((b"caf\xe9.png", "café.png"), ("Åsa.png".encode(), "Åsa.png"), (b"\x81.png", "\ufffd.png")):
        head = b'Content-Disposition: form-data; name="picture"; filename="' + raw + b'"\r\n\r\nx'
        assert read(Picture, head).picture.filename == expected
    extended = b"Content-Disposition: form-data; name=\"picture\"; filename*=UTF-8''caf%C3%A9.png\r\n\r\nx"
    assert read(Picture, extended).picture.filename == "café.png"


@pytest.mark.parametrize(
    ("said", "meant"),
    [("on", True), ("True", True), ("TRUE", True), ("1", True), ("true", True), ("off", False), ("0", False),
     ("False", False)],
)  # fmt: skip
def test_a_boolean_is_what_browsers_and_clients_send(said: str, meant: bool) -> None:
    assert read(Profile, text("name", "a"), text("active", said)).active is meant
    assert bound(f"name=a&active={said}".encode(), URLENCODED) == Profile(name="a", active=meant)


def test_a_list_is_a_field_given_several_times_or_one_array() -> None:
    for fields, meant in (
        ([text("tags", "a"), text("tags", "1")], ["a", "1"]),
        ([text("tags", "a")], ["a"]),
        ([text("tags", '["a", "b"]')], ["a", "b"]),
        ([text("tags", "[a]"), text("tags", "")], ["[a]", ""]),
    ):
        assert read(Profile, text("name", "x"), *fields).tags == meant
    two = read(Album, file("pictures", b"1", "a.png"), file("pictures", b"2", "b.png"))
    assert [(each.filename, each.content) for each in two.pictures] == [("a.png", b"1"), ("b.png", b"2")]
    assert read(Album, text("ratings", "1"), text("ratings", "2")).ratings == [1, 2]
    assert bound(b"name=x&tags=a&tags=b+c&socials=", URLENCODED) == Profile(name="x", tags=["a", "b c"])


def test_a_urlencoded_form_says_what_json_says() -> None:
    body = b"name=%C3%85sa+B&age=31&price=0.10&active=on&homeCity=&colour=red&unused"
    assert bound(body.removesuffix(b"&unused"), URLENCODED) == Profile(
        name="Åsa B", age=31, price=Decimal("0.10"), active=True, homeCity=None, colour=Colour.RED
    )
    assert bound(b"age=5", URLENCODED) == bound(b'{"age": 5}', "application/json")
    assert bound(b"name=a%00", URLENCODED) == (
        400,
        [{"field": "name", "message": "must not contain the character NUL"}],
    )


def test_a_form_that_an_operation_does_not_take_is_another_media_type() -> None:
    with pytest.raises(ApiError) as refused:
        Signature(update, "/", (MULTIPART,)).bind(sent(b"name=a", URLENCODED), StandardErrors())
    assert (refused.value.status, refused.value.message) == (
        415, "The body must be sent as application/json or multipart/form-data",
    )  # fmt: skip


def test_a_malformed_form_has_the_systems_own_error() -> None:
    errors = StandardErrors(malformed=ErrorType(422, "unreadable", "Cannot be read"))
    with pytest.raises(ApiError) as refused:
        Signature(update, "/", (MULTIPART,)).bind(sent(b"", TYPE), errors)
    assert (refused.value.status, refused.value.code) == (422, "unreadable")


def test_deep_json_in_a_field_is_a_bad_request() -> None:
    status, _ = bound(form(text("name", "a"), text("tags", "[" * 100_000)), TYPE)
    assert status == 400


def test_a_hundred_parts_are_read() -> None:
    assert len(parts.read(TYPE, form(*(text(f"n{n}", "") for n in range(100))))) == 100


_B = b"\r\n--" + BOUNDARY.encode()
HOSTILE = {
    "delimiters that end": b"--" + BOUNDARY.encode() + b"\r\n" + DISPOSITION + b"\r\n\r\n" + (_B + b"--x") * 40_000,
    "almost delimiters": form(file("f", (_B[:-1] + b"\r\n") * 40_000)),
    "beginnings": form(file("f", b"\r\n--" * 400_000)),
    "carriage returns": form(file("f", b"\r" * 1_600_000)),
    "only beginnings": b"\r\n--" * 400_000,
    "one endless header": b"--" + BOUNDARY.encode() + b"\r\n" + b"a" * 1_600_000,
    "many headers": b"--" + BOUNDARY.encode() + b"\r\n" + b"a: b\r\n" * 250_000,
    "parameters": form(DISPOSITION + b"; a=b" * 800 + b"\r\n\r\n"),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_form_costs_no_more_than_a_few_looks_at_each_byte(body: bytes) -> None:
    """Against hashing the same bytes a few times, so that neither the machine's speed nor its load matters."""
    started = time.thread_time()
    for _ in range(100):
        hashlib.sha512(body)
    allowed = time.thread_time() - started + 0.05
    started = time.thread_time()
    with suppress(parts.MalformedForm):
        parts.read(TYPE, body)
    assert time.thread_time() - started < allowed
