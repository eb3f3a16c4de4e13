"""One request through the pipeline, in both payload formats: the order of its steps and every answer it makes."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator

from quintet.api import ApiError, ErrorType, Request, StandardErrors
from quintet.api.signature import Signature
from quintet.models.time import frozen
from quintet.net.patience import timed_by
from quintet.settings import use
from quintet.testing import Answer, Client, LambdaContext, http_event
from quintet.testing.clock import Standing
from quintet.testing.events import DOMAIN
from tests.layers.api.noted import chores, notes
from tests.layers.api.noted.service import api
from tests.support.calls import Refused, failing, recorded

Token = Callable[..., str]
UNAUTHORIZED = {"error": {"code": "unauthorized", "message": "Authentication required"}}
FORBIDDEN = {"error": {"code": "insufficient_permissions", "message": "Insufficient permissions"}}
INVALID_BODY = {"code": "invalid_request", "message": "Invalid request body"}


def written(client: Client, token: Token, title: str = "one", **more: Any) -> Answer:
    return client.as_caller(token("ann", role="writer")).post("/api/v1/notes", {"title": title, **more})


def test_a_note_is_written_and_read(client: Client, token: Token) -> None:
    with frozen(datetime(2025, 1, 18, 10, 0, tzinfo=UTC)):
        answer = written(client, token, text="Ünï")
        read = client.get("/api/v1/notes/one")
    note = {"id": answer.data["id"], "title": "one", "text": "Ünï", "created_at": "2025-01-18T10:00:00Z"}
    assert (answer.status, answer.body) == (201, {"data": note})
    assert (read.status, read.body) == (200, {"data": note})
    assert answer.headers["content-type"] == "application/json"
    assert client.as_caller(token("ann", role="writer")).delete("/api/v1/notes/one").status == 204
    assert client.get("/api/v1/notes/one").status == 404


def test_an_empty_answer_has_no_body_and_no_type(client: Client, token: Token) -> None:
    written(client, token)
    answer = client.as_caller(token("ann", role="writer")).delete("/api/v1/notes/one")
    assert (answer.status, answer.raw, "content-type" in answer.headers) == (204, b"", False)


def test_who_you_are_comes_before_what_you_may_and_that_before_what_you_say(client: Client, token: Token) -> None:
    """An anonymous caller with a bad body learns nothing of the fields; neither does one without permission."""
    bad = {"titel": 1}
    with recorded() as calls:
        anonymous = client.post("/api/v1/notes", bad)
        stranger = client.as_caller(token("bob")).post("/api/v1/notes", bad)
        writer = client.as_caller(token("ann", role="writer")).post("/api/v1/notes", bad)
    assert (anonymous.status, anonymous.body) == (401, UNAUTHORIZED)
    assert anonymous.headers["www-authenticate"] == "Bearer"
    assert (stranger.status, stranger.body) == (403, FORBIDDEN)
    assert (writer.status, writer.body) == (
        400,
        {
            "error": {
                **INVALID_BODY,
                "details": [
                    {"field": "title", "message": "Field required"},
                    {"field": "titel", "message": "Extra inputs are not permitted"},
                ],
            }
        },
    )
    assert len(calls) == 0, "none of them cost a call"


def test_the_rate_limit_comes_before_the_body(client: Client, token: Token) -> None:
    caller = client.as_caller(token("ann"))
    with frozen():
        statuses = [caller.post("/api/v1/limited", {"titel": 1}).status for _ in range(4)]
    assert statuses == [400, 400, 400, 429]
    assert client.post("/api/v1/limited", {}).status == 401, "an anonymous caller spends nothing"


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer not.a.token", "bearer x y", "Bearer " + "x" * 5000],
)
def test_anything_but_a_good_token_is_anonymous(client: Client, header: str) -> None:
    answer = client.get("/api/v1/notes", headers={"Authorization": header})
    assert (answer.status, answer.body) == (401, UNAUTHORIZED)


def test_a_token_of_another_system_is_worthless(client: Client, token: Token) -> None:
    with use({"QUINTET_SYSTEM": "another"}):
        foreign = token("ann", role="writer")
    assert client.as_caller(foreign).get("/api/v1/notes").status == 401


def test_the_scheme_is_case_insensitive_and_an_optional_caller_may_be_absent(client: Client, token: Token) -> None:
    named = client.get("/echo/1", headers={"authorization": f"bEaReR {token('ann')}"})
    assert named.data["caller"] == "ann"
    assert client.get("/echo/1").data["caller"] is None
    assert client.as_caller("bad").get("/echo/1").status == 401, "a bad token is not no token"


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "null", "1", '"x"', '{"title": "a"', '{"title": "a",}', "{'title': 'a'}", "NaN", b"\xff\xfe",
     '{"title": "a", "stars": "3"}', '{"title": "a", "stars": 3.5}', '{"title": "a", "stars": true}',
     '{"title": null}', '{"title": ""}', '{"title": "a", "stars": 1e400}', "[" * 5000],
)  # fmt: skip
def test_a_malformed_body_is_a_400(client: Client, token: Token, body: str | bytes) -> None:
    caller = client.as_caller(token("ann", role="writer"))
    answer = caller.post("/api/v1/notes", body, headers={"Content-Type": "application/json"})
    assert answer.status == 400
    assert answer.error["code"] == "invalid_request"
    assert answer.error["message"] == "Invalid request body"


def test_a_base64_body_that_is_none_is_a_400(client: Client, token: Token) -> None:
    event = http_event("POST", "/api/v1/notes", body="***", version=client.version,
                       headers={"Authorization": f"Bearer {token('ann', role='writer')}"})  # fmt: skip
    event["isBase64Encoded"] = True
    answer = notes.create(event, LambdaContext())
    details = [{"field": "body", "message": "The body is not base64"}]
    assert (answer["statusCode"], json.loads(answer["body"])["error"]) == (400, {**INVALID_BODY, "details": details})


def test_a_binary_body_is_read_like_text(client: Client, token: Token) -> None:
    caller = client.as_caller(token("ann", role="writer"))
    answer = caller.post(
        "/api/v1/notes", '{"title": "é"}'.encode(), headers={"Content-Type": "application/JSON; charset=utf-8"}
    )
    assert (answer.status, answer.data["title"]) == (201, "é")


def test_another_media_type_is_a_415(client: Client, token: Token) -> None:
    caller = client.as_caller(token("ann", role="writer"))
    answer = caller.post("/api/v1/notes", "title=a", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert (answer.status, answer.error["code"]) == (415, "unsupported_media_type")
    for media in ("application/json", "application/merge-patch+json"):
        body = json.dumps({"title": media[:20]})
        assert caller.post("/api/v1/notes", body, headers={"Content-Type": media}).status == 201


@pytest.mark.parametrize("path", ["/", "/api/v1", "/api/v1/notes/a/b", "/api/v1/nothing", "/echo", "/%00", "/../etc"])
def test_an_unknown_path_is_a_404_in_the_systems_shape(client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status, answer.body) == (404, {"error": {"code": "not_found", "message": "Not found"}})
    assert answer.headers["x-request-id"]


def test_a_wrong_method_is_a_405_that_names_the_right_ones(client: Client) -> None:
    answer = client.put("/api/v1/notes/one", {})
    assert (answer.status, answer.body) == (
        405,
        {"error": {"code": "method_not_allowed", "message": "Method not allowed"}},
    )
    assert answer.headers["allow"] == "DELETE, GET, HEAD"


def test_path_values_are_read_and_refused(client: Client, token: Token) -> None:
    written(client, token, title="a b/ü?")
    assert client.get("/api/v1/notes/a%20b%2F%C3%BC%3F").data["title"] == "a b/ü?"
    assert client.get("/echo/12").data["number"] == 12
    assert client.get("/echo/twelve").status == 404
    assert client.get("/api/v1/notes/" + "x" * 201).status == 404
    assert client.get("/api/v1/notes/a%00b").status == 404
    blank = client.get("/api/v1/notes/%20")
    assert (blank.status, blank.error["code"]) == (400, "title_required")


def test_a_text_in_the_path_is_checked_by_its_type() -> None:
    def code(value: str) -> str:
        if not value.isdigit():
            raise ValueError("must be digits")
        return value.lstrip("0")

    def handler(number: Annotated[str, AfterValidator(code)]) -> None:
        """Take a number that is a text."""

    signature = Signature(handler, "/numbers/{number}")
    event = http_event("GET", "/numbers/007", path_params={"number": "007"})
    assert signature.bind(Request(event), StandardErrors()) == {"number": "7"}
    malformed = Request(http_event("GET", "/numbers/x", path_params={"number": "x"}))
    with pytest.raises(ApiError) as unknown:
        signature.bind(malformed, StandardErrors())
    assert unknown.value.status == 404
    with pytest.raises(ApiError) as refused:
        signature.bind(malformed, StandardErrors(malformed_path=ErrorType(400, "invalid_path", "Validation failed")))
    assert (refused.value.status, refused.value.details) == (
        400, [{"field": "number", "message": "number is malformed"}],
    )  # fmt: skip


def test_query_headers_and_address_are_read(client: Client) -> None:
    answer = client.get("/echo/7?tags=a&tags=b%26c&empty=", headers={"x-custom": "here"}, ip="198.51.100.9")
    assert answer.body == {
        "data": {
            "method": "GET", "path": "/echo/7", "ip": "198.51.100.9", "number": 7, "tags": "b&c", "header": "here",
            "caller": None,
        },
        "meta": {"all": {"tags": ["a", "b&c"], "empty": [""]}},
    }  # fmt: skip
    assert answer.headers["x-echo"] == "yes"


@pytest.mark.parametrize(
    ("query", "field"),
    [("page=0", "page"), ("page=x", "page"), ("page_size=101", "page_size"), ("page=1.5", "page")],
)
def test_a_bad_query_names_its_field(client: Client, token: Token, query: str, field: str) -> None:
    answer = client.as_caller(token("ann")).get(f"/api/v1/notes?{query}")
    assert (answer.status, answer.error["code"], answer.error["message"]) == (
        400, "invalid_request", "Invalid request",
    )  # fmt: skip
    assert [detail["field"] for detail in answer.error["details"]] == [field]


def test_a_list_has_its_page_and_a_link_to_the_next(client: Client, token: Token) -> None:
    for title in ("one", "two", "three"):
        written(client, token, title)
    reader = client.as_caller(token("bob"))
    first = reader.get("/api/v1/notes?page=1&skip=0&page_size=2&offset=0&other=x")
    assert [note["title"] for note in first.data] == ["three", "two"]
    assert first.body["meta"] == {
        "page": 1, "page_size": 2, "total_items": 3, "total_pages": 2, "has_next": True, "has_prev": False,
    }  # fmt: skip
    link, relation = first.headers["link"].split("; ")
    assert relation == 'rel="next"'
    assert link.startswith("<?page_size=2&cursor=")
    second = reader.get("/api/v1/notes" + link[1:-1])
    assert [note["title"] for note in second.data] == ["one"]
    assert "link" not in second.headers
    stolen = client.as_caller(token("eve")).get("/api/v1/notes" + link[1:-1])
    assert (stolen.status, stolen.error["code"]) == (400, "invalid_cursor"), "a cursor is its caller's alone"


def test_a_request_id_is_taken_over_or_made(client: Client) -> None:
    given_ = client.get("/echo/1", headers={"X-Request-Id": "mine-1"})
    assert given_.headers["x-request-id"] == "mine-1"
    made = [client.get("/nothing").headers["x-request-id"] for _ in range(2)]
    assert len(set(made)) == 2
    for bad in ("a\r\nSet-Cookie: x=1", "x" * 200, "", "a b"):
        assert client.get("/echo/1", headers={"X-Request-Id": bad}).headers["x-request-id"] != bad


@pytest.mark.parametrize("how", ["reply", "raise"])
def test_a_failure_is_a_500_that_tells_nothing_and_a_log_that_tells_all(
    client: Client, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    answer = client.get(f"/api/v1/broken?how={how}")
    error = {"code": "internal_error", "message": "Internal server error", "request_id": answer.headers["x-request-id"]}
    assert (answer.status, answer.body) == (500, {"error": error})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (failure,) = [line for line in lines if line.get("level") == "ERROR"]
    assert failure["request_id"] == answer.headers["x-request-id"]
    assert failure["operation"] == "notes.broken"
    assert ("ValidationError" if how == "reply" else "/etc/noted") in failure["exception"]
    assert "hunter2" not in json.dumps(failure)


def test_a_table_that_is_away_is_a_500_and_a_busy_one_a_503(client: Client) -> None:
    with failing("GetItem", lambda _: Refused("ResourceNotFoundException")):
        assert client.get("/api/v1/notes/one").status == 500
    with timed_by(Standing().clock), failing("GetItem", lambda _: Refused("ThrottlingException")):
        busy = client.get("/api/v1/notes/one")
    assert (busy.status, busy.error["code"], busy.headers["retry-after"]) == (503, "busy", "1")


def test_secrets_do_not_reach_the_log(client: Client, token: Token, capsys: pytest.CaptureFixture[str]) -> None:
    secret = token("ann", role="writer")
    client.as_caller(secret).get("/api/v1/broken?how=x&token=topsecret", headers={"Cookie": "session=topsecret"})
    told = capsys.readouterr().out
    assert secret not in told
    assert "topsecret" not in told


def test_a_metric_line_counts_every_request(
    client: Client, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POWERTOOLS_METRICS_DISABLED", raising=False)
    client.get("/api/v1/broken?how=raise")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (metric,) = [line for line in lines if "_aws" in line]
    assert (metric["operation"], metric["Requests"], metric["Errors"], metric["status"]) == (
        "notes.broken", [1.0], [1.0], "500",
    )  # fmt: skip


def test_an_unchanged_resource_is_not_sent_again(client: Client, token: Token) -> None:
    written(client, token)
    first = client.get("/api/v1/notes/one")
    tag = first.headers["etag"]
    for header in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get("/api/v1/notes/one", headers={"If-None-Match": header})
        assert (again.status, again.raw, again.headers["etag"]) == (304, b"", tag)
    assert client.get("/api/v1/notes/one", headers={"If-None-Match": '"other"'}).status == 200
    client.as_caller(token("ann", role="writer")).delete("/api/v1/notes/one")
    assert client.get("/api/v1/notes/one", headers={"If-None-Match": "*"}).status == 404


def test_both_payload_formats_give_the_same_request() -> None:
    arguments: dict[str, Any] = {
        "body": {"a": "ü"}, "query": {"q": ["1", "2"], "flag": True}, "headers": {"X-One": "1"},
        "path_params": {"id": "x"},
    }  # fmt: skip
    one, two = (Request(http_event("POST", "/a/x", version=version, **arguments)) for version in ("1.0", "2.0"))
    for name in ("method", "path", "ip", "domain", "query", "path_params", "body", "media_type"):
        assert getattr(one, name) == getattr(two, name), name
    assert one.headers["x-one"] == two.headers["x-one"] == "1"
    assert one.query == {"q": ["1", "2"], "flag": ["true"]}
    assert one.domain == DOMAIN


@given(st.dictionaries(st.text(min_size=1, max_size=5), st.lists(st.text(max_size=5), min_size=1, max_size=3)))
def test_every_query_survives_both_formats(query: dict[str, list[str]]) -> None:
    for version in ("1.0", "2.0"):
        assert Request(http_event("GET", "/", query=query, version=version)).query == query


def test_operations_know_what_they_need() -> None:
    assert chores.tidy in api.load()
    found = {operation.id: operation for operation in api.load()}
    assert set(found) == {
        "chores.make_round", "chores.note_changed", "chores.notes_changed", "chores.run_errand", "chores.tidy",
        "notes.broken", "notes.buy", "notes.create", "notes.echo", "notes.limited", "notes.list_notes", "notes.read",
        "notes.remove", "talk.connect", "talk.disconnect", "talk.murmur", "talk.say",
    }  # fmt: skip
    create = found["notes.create"]
    assert (create.method, create.path, create.status) == ("POST", "/api/v1/notes", 201)
    assert create.handler == "tests.layers.api.noted.notes.create"
    assert create.needs == {"secret", "table:write"}
    assert found["notes.list_notes"].needs == {"secret", "table:read"}
    assert found["notes.echo"].path == "/echo/{number}"
    assert found["chores.tidy"].schedule == "rate(1 minute)"
    assert str(found["chores.run_errand"].queue) == "Queue('errands')"
