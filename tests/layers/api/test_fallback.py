"""What the gateway has no route for: other spellings go on to the operation, the rest gets the system's refusal."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.api.fallback import Fallback, normal
from quintet.net import aws
from quintet.settings import use
from quintet.testing import Client, http_event
from tests.layers.api.noted.service import api
from tests.layers.http_servers import Site, serving

Token = Callable[..., str]


@pytest.fixture
def noted(client: Client, token: Token) -> Client:
    """A client where the note `one` exists."""
    answer = client.as_caller(token("ann", role="writer")).post("/api/v1/notes", {"title": "one"})
    assert answer.status == 201
    return client


def test_head_answers_as_get_does_but_without_a_body(noted: Client) -> None:
    got, head = noted.get("/api/v1/notes/one"), noted.request("HEAD", "/api/v1/notes/one")
    assert (head.status, head.raw) == (200, b"")
    same = {name: value for name, value in got.headers.items() if name != "x-request-id"}
    assert {name: value for name, value in head.headers.items() if name != "x-request-id"} == same


@pytest.mark.parametrize(("path", "status"), [("/api/v1/notes/none", 404), ("/api/v1/nothing", 404)])
def test_head_of_what_is_not_there_has_no_body_either(client: Client, path: str, status: int) -> None:
    answer = client.request("HEAD", path)
    assert (answer.status, answer.raw) == (status, b"")


@pytest.mark.parametrize(
    "path", ["/api/v1/notes/one/", "/api/v1/%6eotes/one", "/api/v1/notes/%6Fne", "/api/v1/not%65s/one/"]
)
def test_another_spelling_of_a_path_is_the_same_resource(noted: Client, path: str) -> None:
    assert noted.get(path).data["title"] == "one"


def test_writing_takes_other_spellings_too_and_who_may_stays_the_operations_affair(
    client: Client, token: Token
) -> None:
    assert client.post("/api/v1/notes/", {"title": "two"}).status == 401
    assert client.as_caller(token("ann", role="writer")).post("/api/v1/notes/", {"title": "two"}).status == 201
    assert client.get("/api/v1/notes/two").data["title"] == "two"


def test_a_path_is_decoded_once(client: Client, token: Token) -> None:
    assert client.get("/api/v1/%256eotes/one").status == 404
    assert client.get("/api/v1/notes/one%2Fmore/").status == 404


def test_a_wrong_method_names_head_beside_get(client: Client) -> None:
    answer = client.put("/api/v1/notes/one/", {})
    assert (answer.status, answer.headers["allow"]) == (405, "DELETE, GET, HEAD")


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30))
def test_the_plain_spelling_of_a_plain_spelling_is_itself_unless_it_was_encoded_twice(text: str) -> None:
    once = normal(f"/{text}")
    assert once == "/" or not once.endswith("/") or text.endswith("//")
    if "%25" not in once:
        assert normal(once) == once or once.endswith("/")


class _Lambda:
    """Fallback over routes of its own, with the real way of calling a function, to a server that answers for Lambda."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.fallback = Fallback(api).over([("GET", "/things/{id}", "things-get")], Fallback(api)._forward)

    def call(self, event: Mapping[str, Any]) -> dict[str, Any]:
        with use({"AWS_ENDPOINT_URL": self.site.url("").rstrip("/"), "QUINTET_FUNCTION_PREFIX": "quintet-dev-noted"}):
            return self.fallback(event)


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_in_aws_lambda_runs_the_function_with_the_event_of_the_plain_path(version: Any) -> None:
    aws.reset()
    with serving(Site()) as site:
        answer = {"statusCode": 200, "headers": {"ETag": '"1"'}, "body": "{}", "isBase64Encoded": False}
        site.answer(200, json.dumps(answer).encode())
        event = http_event("HEAD", "/things/a%20b/", query={"q": ["1"]}, version=version)
        found = _Lambda(site).call({**event, "rawPath": "/things/a%20b/", "path": "/things/a%20b/"})
        (sent,) = site.seen
    assert found == {**answer, "body": ""}
    assert sent["path"] == "/2015-03-31/functions/quintet-dev-noted-things-get/invocations"
    handed = json.loads(sent["body"])
    assert handed["pathParameters"] == {"id": "a b"}
    if version == "2.0":
        assert (handed["rawPath"], handed["requestContext"]["http"]["method"]) == ("/things/a%20b", "GET")
        assert (handed["routeKey"], handed["rawQueryString"]) == ("GET /things/{id}", "q=1")
    else:
        assert (handed["path"], handed["httpMethod"]) == ("/things/a%20b", "GET")
        assert (handed["resource"], handed["queryStringParameters"]) == ("/things/{id}", {"q": "1"})
    aws.reset()


@pytest.mark.parametrize("fault", [{"X_Amz_Function_Error": "Unhandled"}, None])
def test_a_function_that_fails_is_a_500_and_is_called_once(fault: dict[str, str] | None) -> None:
    aws.reset()
    with serving(Site()) as site:
        site.answer(200 if fault else 500, b"{}", **(fault or {}))
        found = _Lambda(site).call(http_event("GET", "/things/7/"))
        assert (found["statusCode"], len(site.seen)) == (500, 1)
        assert json.loads(found["body"])["error"]["code"] == "internal_error"
    aws.reset()
