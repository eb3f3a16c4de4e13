"""The laptop's gateway over real HTTP: what a function is sent, and what a client gets back."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Iterator
from typing import Any, cast

import httpx
import pytest

from infra.local.gateway import LARGEST_BODY
from infra.local.systems import System, Systems
from tests.local.fakes import FakeApi, FakeOperation, FakeSystems, echo, fake_systems, served

MANY = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


def failing(_event: Any, _context: Any) -> Any:
    raise RuntimeError("the function broke")


def binary(_event: Any, _context: Any) -> dict[str, Any]:
    return {
        "statusCode": 201,
        "headers": {"Content-Type": "image/png"},
        "body": base64.b64encode(b"\x89PNG\xff").decode(),
        "isBase64Encoded": True,
    }


def empty(_event: Any, _context: Any) -> dict[str, Any]:
    return {"statusCode": 204, "headers": {"X-Kept": "yes"}, "body": None}


OPERATIONS = (
    *(FakeOperation(f"things.{method.lower()}", method, "/v1/things", echo) for method in MANY),
    FakeOperation("things.get_one", "GET", "/v1/things/{id}", echo),
    FakeOperation("things.latest", "GET", "/v1/things/latest", lambda _e, _c: {"statusCode": 200, "body": '"latest"'}),
    FakeOperation("things.publish", "POST", "/v1/things/latest", echo),
    FakeOperation("parts.get_part", "GET", "/v1/things/{thing}/parts/{part}", echo),
    FakeOperation("things.get_name", "GET", "/v1/things/{id}/name", echo),
    FakeOperation("things.get_title", "GET", "/v1/things/{number}/title", echo),
    FakeOperation("files.get_file", "GET", "/v1/file", binary),
    FakeOperation("files.remove", "DELETE", "/v1/file", empty),
    FakeOperation("bare.head", "HEAD", "/v1/bare", lambda _e, _c: {"statusCode": 200, "body": ""}),
    FakeOperation("broken.get", "GET", "/v1/broken", failing),
)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(fake_systems(*OPERATIONS)) as port:
        yield f"http://127.0.0.1:{port}/fake"


def test_a_function_is_sent_the_event_of_payload_format_1(url: str) -> None:
    reply = httpx.post(
        f"{url}/v1/things?tag=a&tag=b%20c&empty=",
        content='{"name": "Grün"}'.encode(),
        headers={"Content-Type": "application/json", "X-Twice": "1", "User-Agent": "test"},
    )

    event = reply.json()
    context = event.pop("requestContext")
    assert context.pop("requestId")
    assert context.pop("requestTimeEpoch") > 0
    assert context.pop("requestTime").endswith("+0000")
    assert context == {
        "accountId": "000000000000",
        "apiId": "local",
        "stage": "$default",
        "httpMethod": "POST",
        "resourcePath": "/v1/things",
        "path": "/v1/things",
        "protocol": "HTTP/1.1",
        "identity": {"sourceIp": "127.0.0.1", "userAgent": "test"},
    }
    assert event.pop("headers")["X-Twice"] == "1"
    assert event.pop("multiValueHeaders")["X-Twice"] == ["1"]
    assert event == {
        "version": "1.0",
        "resource": "/v1/things",
        "path": "/v1/things",
        "httpMethod": "POST",
        "queryStringParameters": {"tag": "b c", "empty": ""},
        "multiValueQueryStringParameters": {"tag": ["a", "b c"], "empty": [""]},
        "pathParameters": None,
        "stageVariables": None,
        "body": '{"name": "Grün"}',
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize("method", MANY)
def test_every_method_reaches_its_operation(url: str, method: str) -> None:
    reply = httpx.request(method, f"{url}/v1/things")

    assert reply.status_code == 200
    if method == "HEAD":
        assert reply.content == b""
        assert int(reply.headers["Content-Length"]) > 0
    else:
        assert reply.json()["httpMethod"] == method


def test_path_parameters_are_decoded_and_only_those_of_the_route(url: str) -> None:
    event = httpx.get(f"{url}/v1/things/a%2Fb%20c/parts/%C3%A9").json()

    assert event["pathParameters"] == {"thing": "a/b c", "part": "é"}
    assert event["requestContext"]["resourcePath"] == "/v1/things/{thing}/parts/{part}"
    assert event["path"] == "/v1/things/a/b c/parts/é"
    # The route of names is tried first and has the same segment under another name.
    assert httpx.get(f"{url}/v1/things/7/title").json()["pathParameters"] == {"number": "7"}


def test_a_literal_segment_wins_over_a_parameter_for_its_method_only(url: str) -> None:
    assert httpx.get(f"{url}/v1/things/latest").json() == "latest"
    assert httpx.post(f"{url}/v1/things/latest").json()["resource"] == "/v1/things/latest"
    assert httpx.get(f"{url}/v1/things/7").json()["pathParameters"] == {"id": "7"}


def test_what_is_no_operation_goes_to_the_systems_fallback(url: str) -> None:
    unknown, wrong_method, root = httpx.get(f"{url}/v1/nothing"), httpx.put(f"{url}/v1/things/7"), httpx.get(url)

    assert (unknown.status_code, unknown.json()) == (404, {"error": "no GET /v1/nothing"})
    assert (wrong_method.status_code, wrong_method.json()) == (404, {"error": "no PUT /v1/things/7"})
    assert (root.status_code, root.json()) == (404, {"error": "no GET /"})


def test_a_path_outside_every_system_names_the_systems(url: str) -> None:
    reply = httpx.get(f"{url.removesuffix('/fake')}/elsewhere")

    assert (reply.status_code, reply.json()) == (404, {"message": "Nothing is mounted here. Systems: fake"})


def test_a_body_that_is_no_text_travels_as_base64(url: str) -> None:
    for content, media in ((b"\x00\xff", "application/octet-stream"), (b"plain", "multipart/form-data; boundary=x")):
        event = httpx.post(f"{url}/v1/things", content=content, headers={"Content-Type": media}).json()
        assert (event["body"], event["isBase64Encoded"]) == (base64.b64encode(content).decode(), True)

    broken = httpx.post(f"{url}/v1/things", content=b"\xff", headers={"Content-Type": "application/json"}).json()
    assert (broken["body"], broken["isBase64Encoded"]) == ("/w==", True)


def test_a_chunked_body_arrives_whole(url: str) -> None:
    event = httpx.post(f"{url}/v1/things", content=iter([b'{"a":', b" 1}"]), headers={"Content-Type": "text/plain"})

    assert event.json()["body"] == '{"a": 1}'


def test_a_binary_reply_and_an_empty_one_come_back_as_they_are(url: str) -> None:
    image, gone = httpx.get(f"{url}/v1/file"), httpx.delete(f"{url}/v1/file")

    assert (image.status_code, image.content, image.headers["Content-Type"]) == (201, b"\x89PNG\xff", "image/png")
    assert (gone.status_code, gone.content, gone.headers["X-Kept"]) == (204, b"", "yes")
    assert "Content-Length" not in gone.headers


def test_a_body_above_the_invocation_limit_is_refused_in_the_systems_shape(url: str) -> None:
    text = {"Content-Type": "text/plain"}
    fits = httpx.post(f"{url}/v1/things", content=b"x" * LARGEST_BODY, headers=text, timeout=30)
    above = httpx.post(f"{url}/v1/things", content=b"x" * (LARGEST_BODY + 1), headers=text, timeout=30)
    # Base64 takes a third more, which counts.
    encoded = httpx.post(f"{url}/v1/things", content=b"\xff" * (LARGEST_BODY * 3 // 4 + 1), timeout=30)

    assert fits.status_code == 200
    assert (above.status_code, above.json()) == (413, {"error": "too large"})
    assert (encoded.status_code, encoded.json()) == (413, {"error": "too large"})


def test_a_function_that_fails_is_answered_as_api_gateway_does(url: str) -> None:
    reply = httpx.get(f"{url}/v1/broken")

    assert (reply.status_code, reply.json()) == (500, {"message": "Internal Server Error"})


def test_a_browser_of_any_origin_is_answered_as_the_deployed_api_would(url: str) -> None:
    asked = httpx.options(
        f"{url}/v1/things",
        headers={
            "Origin": "http://localhost:5173",
            "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": "authorization,x-unknown",
        },
    )
    called = httpx.get(f"{url}/v1/things", headers={"Origin": "http://localhost:5173"})

    assert (asked.status_code, asked.content) == (204, b"")
    assert asked.headers["Access-Control-Allow-Methods"] == "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT"
    assert asked.headers["Access-Control-Allow-Headers"] == "content-type,x-patient-id", "not whatever was asked for"
    assert asked.headers["Access-Control-Max-Age"] == "7200"
    for reply in (asked, called):
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
        assert reply.headers["Access-Control-Expose-Headers"] == "etag,x-request-id"
    assert "Access-Control-Allow-Origin" not in httpx.get(f"{url}/v1/things").headers
    elsewhere = httpx.options(
        url.removesuffix("/fake") + "/x", headers={"Origin": "http://a.test", "Access-Control-Request-Method": "GET"}
    )
    assert (elsewhere.status_code, "Access-Control-Allow-Origin" in elsewhere.headers) == (204, False)


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "get", "X-OWN"])
def test_a_method_that_nobody_knows_goes_to_the_systems_fallback(url: str, method: str) -> None:
    host = url.removeprefix("http://").removesuffix("/fake")
    connection = http.client.HTTPConnection(host, timeout=60)
    connection.request(method, "/fake/v1/things")
    reply = connection.getresponse()

    assert (reply.status, json.loads(reply.read())) == (404, {"error": f"no {method} /v1/things"})
    connection.close()


def test_one_connection_carries_many_calls(url: str) -> None:
    host = url.removeprefix("http://").removesuffix("/fake")
    connection = http.client.HTTPConnection(host, timeout=60)
    for number in range(3):
        connection.request("GET", f"/fake/v1/things/{number}")
        assert json.loads(connection.getresponse().read())["pathParameters"] == {"id": str(number)}
    connection.close()


def test_a_request_without_sense_is_refused(url: str) -> None:
    connection = http.client.HTTPConnection(url.removeprefix("http://").removesuffix("/fake"), timeout=60)
    connection.request("POST", "/fake/v1/things", headers={"Content-Length": "many"})
    reply = connection.getresponse()

    assert (reply.status, json.loads(reply.read())) == (400, {"message": "Content-Length is no number"})
    connection.close()


def test_the_context_carries_the_operations_own_limits() -> None:
    def limits(_event: Any, context: Any) -> dict[str, Any]:
        left = context.get_remaining_time_in_millis()
        found = [context.function_name, context.memory_limit_in_mb, 0 < left <= 5000]
        return {"statusCode": 200, "body": json.dumps(found)}

    operation = FakeOperation("jobs.run", "GET", "/run", limits, timeout=5, memory=1024)
    with served(fake_systems(operation)) as port:
        assert httpx.get(f"http://127.0.0.1:{port}/fake/run").json() == ["quintet-fake-jobs-run", 1024, True]


def test_each_call_runs_in_its_systems_environment_and_a_broken_system_says_why() -> None:
    good = System("good", FakeApi(), (FakeOperation("a.b", "GET", "/x", echo),))
    systems = FakeSystems(good, System("bad", None, error="functions/bad/cart.py:3: NameError: name 'x'"))
    with served(cast("Systems", systems)) as port:
        assert httpx.get(f"http://127.0.0.1:{port}/good/x").status_code == 200
        reply = httpx.get(f"http://127.0.0.1:{port}/bad/x")

    assert systems.entered == ["good"]
    assert (reply.status_code, reply.json()) == (
        500,
        {"error": {"code": "import_failed", "message": "functions/bad/cart.py:3: NameError: name 'x'"}},
    )


@pytest.mark.parametrize(
    "path",
    [
        "//v1/things",
        "//[x",
        "/v1//things",
        "/v1/things//",
        "/v1/things//name",
        "/v1/things;x=1",
        "//v1//",
        "/v1/things/;x/name/y",
        "//",
    ],
)
def test_a_path_that_chalice_misreads_is_no_operation(url: str, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", httpx.URL(url).port or 0)
    connection.request("GET", f"/fake{path}?q=1")
    reply = connection.getresponse()
    assert (reply.status, json.loads(reply.read())) == (404, {"error": f"no GET {path}"})
    connection.close()


def test_a_semicolon_and_a_hash_are_characters_of_a_segment(url: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", httpx.URL(url).port or 0)
    connection.request("GET", "/fake/v1/things/a;b=1#c?q=d#e")
    event = json.loads(connection.getresponse().read())
    assert (event["pathParameters"], event["queryStringParameters"]) == ({"id": "a;b=1#c"}, {"q": "d#e"})
    connection.close()


def test_a_head_says_nothing_of_a_length_that_it_does_not_know(url: str) -> None:
    reply = httpx.head(f"{url}/v1/nothing")
    said = len('{"error": "no HEAD /v1/nothing"}')
    assert (reply.status_code, reply.content, reply.headers["content-length"]) == (404, b"", str(said))
    assert "content-length" not in httpx.head(f"{url}/v1/bare").headers
