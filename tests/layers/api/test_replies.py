"""Replies beside JSON objects: bytes and files, what Lambda cannot hand on, and what an envelope says in headers."""

import base64
import json
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel

from quintet.api import Api, Binary, Operation, Reply
from quintet.api.envelope import DataEnvelope
from quintet.api.reply import LARGEST_REPLY, answer
from quintet.models import Page
from quintet.testing import Answer, LambdaContext, http_event
from quintet.testing.client import read_answer
from quintet.testing.events import Version


class Counting(DataEnvelope):
    """Bare lists whose total stands in a header, as some products have them."""

    page_header_names: ClassVar[Mapping[str, str]] = {"X-Total-Count": "How many items the whole list has"}

    def data(self, body: bytes, meta: Mapping[str, Any] | None) -> bytes:
        return body

    def page_headers(self, page: Page[Any]) -> dict[str, str]:
        return {"X-Total-Count": str(page.total or 0)}


api = Api("shelf", title="Shelf", envelope=Counting())
PNG = b"\x89PNG\r\n\x1a\n\x00\xff"


class Book(BaseModel):
    title: str


@api.get("/cover", produces=("image/png",), etag=True)
def cover() -> Binary:
    """A picture."""
    return Binary(PNG, "image/png", filename='Åsas "best"/cover.png')


@api.get("/export", produces=("text/csv", "application/json"))
def export(how: str) -> Reply[Binary]:
    """A list in one of two formats, or one that was not declared."""
    kinds = {
        "csv": Binary("a,ü\r\n".encode(), "text/csv; charset=utf-8", filename="all.csv"),
        "latin": Binary(b"a,\xfc\r\n", "text/csv; charset=iso-8859-1", filename="all.csv", inline=True),
        "json": Binary(b"[]", "application/json"),
    }
    return Reply(kinds.get(how, Binary(b"%PDF", "application/pdf")), headers={"X-Rows": "1"})


@api.get("/raw")
def raw() -> bytes:
    """Bytes of no type in particular."""
    return b"\x00\x01"


@api.get("/pages")
def pages() -> Page[Book]:
    """A list of one book."""
    return Page([Book(title="a")], total=7)


@api.get("/letters")
def letters(many: int, letter: str) -> Book:
    """As many letters as are asked for."""
    return Book(title=letter * many)


@pytest.fixture(params=["1.0", "2.0"])
def version(request: pytest.FixtureRequest) -> Version:
    found: Version = request.param
    return found


def get(operation: Operation[..., Any], version: Version = "2.0", **sent: Any) -> Answer:
    return read_answer(operation(http_event("GET", operation.path, version=version, **sent), LambdaContext()))


def test_a_file_arrives_byte_for_byte_with_its_type_and_name(version: Version) -> None:
    found = get(cover, version)
    assert (found.status, found.raw, found.headers["content-type"]) == (200, PNG, "image/png")
    assert found.headers["content-disposition"] == (
        "attachment; filename=\"_sas _best__cover.png\"; filename*=UTF-8''%C3%85sas%20%22best%22_cover.png"
    )


def test_a_file_that_did_not_change_is_not_sent_again(version: Version) -> None:
    tag = get(cover, version).headers["etag"]
    again = get(cover, version, headers={"If-None-Match": tag})
    assert (again.status, again.raw, again.headers["etag"]) == (304, b"", tag)
    assert not {"content-type", "content-disposition"} & set(again.headers)


def test_text_travels_as_text_and_all_else_as_base64() -> None:
    def sent(how: str) -> Any:
        return export(http_event("GET", "/export", query={"how": how}), LambdaContext())

    csv, latin, listed = sent("csv"), sent("latin"), sent("json")
    assert (csv["body"], csv["isBase64Encoded"], csv["headers"]["X-Rows"]) == ("a,ü\r\n", False, "1")
    assert csv["headers"]["Content-Disposition"] == 'attachment; filename="all.csv"'
    assert (latin["body"], latin["isBase64Encoded"]) == (base64.b64encode(b"a,\xfc\r\n").decode(), True)
    assert latin["headers"]["Content-Disposition"] == 'inline; filename="all.csv"'
    assert (listed["body"], listed["isBase64Encoded"]) == ("[]", False)
    assert "Content-Disposition" not in listed["headers"]
    plain = get(raw)
    assert (plain.raw, plain.headers["content-type"]) == (b"\x00\x01", "application/octet-stream")


def test_a_type_that_was_not_declared_is_a_500() -> None:
    assert get(export, query={"how": "pdf"}).status == 500


def test_an_envelope_may_say_a_lists_total_in_a_header(version: Version) -> None:
    found = get(pages, version)
    assert (found.body, found.headers["x-total-count"]) == ([{"title": "a"}], "7")


@pytest.mark.parametrize("letter", ["a", "é", '"', "\\", "\n"])
def test_a_reply_that_lambda_would_not_hand_on_is_an_error_that_says_so(
    letter: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The proxy answer is JSON within JSON, so what a letter takes there counts."""
    fixed = len(json.dumps(letters(_asked(0, letter), LambdaContext()), ensure_ascii=False).encode())
    each = len(json.dumps(json.dumps(letter, ensure_ascii=False)[1:-1], ensure_ascii=False).encode()) - 2
    fits = (LARGEST_REPLY - fixed) // each
    capsys.readouterr()
    whole = letters(_asked(fits, letter), LambdaContext())
    assert whole["statusCode"] == 200
    assert len(json.dumps(whole, ensure_ascii=False).encode()) <= LARGEST_REPLY
    refused = read_answer(letters(_asked(fits + each, letter), LambdaContext()))
    assert (refused.status, refused.error["code"]) == (500, "reply_too_large")
    assert refused.headers["x-request-id"] == "fixed"
    assert "above what Lambda hands on" in capsys.readouterr().out


def _asked(many: int, letter: str) -> dict[str, Any]:
    return http_event("GET", "/letters", query={"many": many, "letter": letter}, headers={"X-Request-Id": "fixed"})


def test_base64_counts_towards_what_lambda_hands_on() -> None:
    headers = {"Content-Type": "image/png"}
    assert answer(200, b"\xff" * (LARGEST_REPLY * 3 // 4 - 300), dict(headers))["isBase64Encoded"]
    with pytest.raises(Exception, match="above what Lambda hands on"):
        answer(200, b"\xff" * (LARGEST_REPLY * 3 // 4), dict(headers))
