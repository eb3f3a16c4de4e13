"""What the gateway has no route for: other spellings go on to the operation, the rest gets the system's refusal."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from quintet.api.fallback import Fallback
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


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize(
    "path", ["/api/v1/%256eotes/one", "/api/v1/notes/%256fne/", "/api/v1/notes/one%252F", "/api/v1/notes/one%2Fmore/"]
)
def test_a_path_is_decoded_once(noted: Client, path: str, version: Any) -> None:
    assert noted.speaking(version).get(path).status == 404


def test_what_is_called_as_an_encoded_character_is_read_keeps_its_name(client: Client, token: Token) -> None:
    writer = client.as_caller(token("ann", role="writer"))
    for title, path in (("x%41", "x%2541"), ("x%2F1", "x%252F1"), ("100%", "100%25")):
        assert writer.post("/api/v1/notes", {"title": title}).status == 201
        assert client.get(f"/api/v1/notes/{path}").data["title"] == title
        assert client.get(f"/api/v1/notes/{path}/").data["title"] == title
        assert client.request("HEAD", f"/api/v1/notes/{path}").status == 200


def test_a_wrong_method_names_head_beside_get(client: Client) -> None:
    answer = client.put("/api/v1/notes/one/", {})
    assert (answer.status, answer.headers["allow"]) == (405, "DELETE, GET, HEAD")


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
        found = _Lambda(site).call(event)
        (sent,) = site.seen
    assert found == {**answer, "body": ""}
    assert sent["path"] == "/2015-03-31/functions/quintet-dev-noted-things-get/invocations"
    handed = json.loads(sent["body"])
    assert handed["pathParameters"] == {"id": "a b"}
    if version == "2.0":
        assert (handed["rawPath"], handed["requestContext"]["http"]["method"]) == ("/things/a b", "GET")
        assert (handed["routeKey"], handed["rawQueryString"]) == ("GET /things/{id}", "q=1")
    else:
        assert (handed["path"], handed["httpMethod"]) == ("/things/a b", "GET")
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
