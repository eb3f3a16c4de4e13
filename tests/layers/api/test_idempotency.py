"""Idempotency keys: one effect and one answer per key, whoever asks again, whenever, and however often at once."""

from collections.abc import Callable
from typing import Any

import pytest

from quintet.api import Operation
from quintet.api.idempotency import KEPT, LEASE
from quintet.models.time import frozen
from quintet.net.patience import timed_by
from quintet.settings import Settings
from quintet.store import parts
from quintet.testing import Answer, Client
from quintet.testing.clock import Standing
from tests.layers.api.noted import notes
from tests.layers.api.noted.notes import Note, Stock
from tests.layers.api.noted.service import api, store
from tests.layers.api.shelves import books
from tests.support.aws import in_threads
from tests.support.calls import Refused, crashing, failing, losing_answers

pytestmark = pytest.mark.dynamodb

Token = Callable[..., str]
BOTH = pytest.mark.parametrize("path", ["/api/v1/notes", "/api/v1/purchases"])


@pytest.fixture
def ann(table: Settings, token: Token) -> Client:
    """A caller who may write, in a system with a stock of five."""
    store.create(Stock(left=5))
    return Client(api, token=token("ann", role="writer"))


def send(client: Client, path: str, title: str = "a", key: str = "k1") -> Answer:
    return client.post(path, {"title": title}, headers={"Idempotency-Key": key})


def stock() -> int:
    found = store.get(Stock)
    assert found is not None
    return found.left


@BOTH
def test_the_same_request_again_has_the_same_answer_and_no_second_effect(ann: Client, path: str) -> None:
    first, again = send(ann, path), send(ann, path)
    assert (first.status, first.raw) == (again.status, again.raw) == (201, again.raw)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert stock() == (4 if path.endswith("purchases") else 5)


@BOTH
@pytest.mark.parametrize("size", [parts.LARGEST - 1000, 450_000, 2_500_000])
def test_an_answer_larger_than_an_item_is_kept_too(
    ann: Client, path: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = notes.shown
    monkeypatch.setattr(notes, "shown", lambda note: plain(note).model_copy(update={"text": "ö" * (size // 2)}))
    first, again = send(ann, path), send(ann, path)
    assert (first.status, again.status) == (201, 201)
    assert first.raw == again.raw
    assert len(first.raw) > size
    assert again.headers["idempotency-replayed"] == "true"
    assert stock() == (4 if path.endswith("purchases") else 5), "one effect"


@BOTH
def test_another_request_with_the_key_is_a_422(ann: Client, path: str) -> None:
    send(ann, path)
    other = send(ann, path, title="b")
    assert (other.status, other.error["code"]) == (422, "idempotency_key_reused")
    assert store.get(Note, title="b") is None


@BOTH
def test_keys_of_different_callers_are_different(ann: Client, token: Token, path: str) -> None:
    send(ann, path)
    bob = ann.as_caller(token("bob", role="writer"))
    answer = send(bob, path)
    assert (answer.status, answer.error["code"]) == (409, "note_exists"), "bob's own request, refused on its own"


@BOTH
def test_a_refused_request_leaves_its_key_free(ann: Client, path: str) -> None:
    send(ann, path, title="taken", key="k0")
    assert send(ann, path, title="taken").error["code"] == "note_exists"
    assert send(ann, path, title="free").status == 201


@BOTH
def test_the_key_is_forgotten_after_a_day(ann: Client, token: Token, path: str) -> None:
    with frozen() as clock:
        send(ann, path)
        clock.advance(seconds=KEPT - 1)
        ann = ann.as_caller(token("ann", role="writer"))
        assert send(ann, path).headers["idempotency-replayed"] == "true"
        clock.advance(seconds=2)
        assert send(ann, path).error["code"] == "note_exists", "it is a new request now"


@BOTH
@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "ü"])
def test_a_bad_key_is_a_400(ann: Client, path: str, key: str) -> None:
    answer = send(ann, path, key=key)
    assert (answer.status, answer.error["code"]) == (400, "invalid_idempotency_key")
    assert store.get(Note, title="a") is None


@BOTH
def test_of_many_at_once_one_works_and_all_that_answer_answer_alike(ann: Client, path: str) -> None:
    answers = [a for a in in_threads(10, lambda _: send(ann, path)) if isinstance(a, Answer)]
    assert len(answers) == 10
    made = {a.raw for a in answers if a.status == 201}
    assert len(made) == 1
    others = {(a.status, a.error["code"]) for a in answers if a.status != 201}
    assert others <= {(409, "idempotency_in_progress")}
    assert stock() == (4 if path.endswith("purchases") else 5)


class Died(BaseException):
    """The process ended here."""


def test_a_claim_is_in_flight_until_its_lease_ends(ann: Client) -> None:
    """The function dies before it has written anything; its key is taken over after a minute."""

    def die(params: dict[str, object]) -> None:
        if "NOTE#a" in str(params):
            raise Died

    with frozen() as clock:
        with crashing("PutItem", die), crashing("TransactWriteItems", die), pytest.raises(Died):
            send(ann, "/api/v1/notes")
        waiting = send(ann, "/api/v1/notes")
        assert (waiting.status, waiting.error["code"]) == (409, "idempotency_in_progress")
        assert waiting.headers["retry-after"] == "1"
        clock.advance(seconds=LEASE + 1)
        assert send(ann, "/api/v1/notes").status == 201
        assert send(ann, "/api/v1/notes").headers["idempotency-replayed"] == "true"


def test_a_slow_function_does_not_disturb_who_took_its_key_over(ann: Client) -> None:
    with frozen() as clock:
        inner: list[Answer] = []

        def overtake(params: dict[str, object]) -> None:
            if "NOTE#a" in str(params) and not inner:
                inner.append(Answer(0, {}, None))
                clock.advance(seconds=LEASE + 1)
                inner.append(send(ann, "/api/v1/notes"))

        with crashing("*", overtake):
            slow = send(ann, "/api/v1/notes")
        assert inner[1].status == 201
        assert slow.error["code"] == "note_exists"
        again = send(ann, "/api/v1/notes")
        assert (again.status, again.raw) == (201, inner[1].raw), "the claim of the second was not released by the first"


def test_a_lost_answer_can_be_had_again(ann: Client) -> None:
    """The transaction commits, but nobody hears of it: neither the function nor the caller."""

    def lose_for_good(params: dict[str, object]) -> Refused | None:
        return Refused("AccessDeniedException")

    with losing_answers("TransactWriteItems", times=1):
        first = send(ann, "/api/v1/purchases")
    assert first.status == 201
    assert send(ann, "/api/v1/purchases").raw == first.raw
    with failing("TransactWriteItems", lose_for_good):
        assert send(ann, "/api/v1/purchases", title="b", key="k2").status == 500
    assert send(ann, "/api/v1/purchases", title="b", key="k2").status == 201
    assert stock() == 3


def test_a_twin_that_commits_first_gives_its_answer_to_both(ann: Client) -> None:
    """Just before the transaction of a request, its twin comes through: the first answers what the twin did."""
    twin: list[Answer] = []

    def overtake(_: dict[str, object]) -> None:
        if not twin:
            twin.append(Answer(0, {}, None))
            twin.append(send(ann, "/api/v1/purchases"))

    with crashing("TransactWriteItems", overtake):
        first = send(ann, "/api/v1/purchases")
    assert (first.status, first.raw) == (201, twin[1].raw)
    assert first.headers["idempotency-replayed"] == "true"
    assert stock() == 4


@BOTH
def test_without_a_key_every_request_stands_for_itself(ann: Client, path: str) -> None:
    assert [ann.post(path, {"title": "a"}).status for _ in range(2)] == [201, 409]


def test_a_form_sent_again_with_another_boundary_is_the_same_request(picturer: Client) -> None:
    answers = [picture(picturer, boundary) for boundary in ("one", "two")]
    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].raw == answers[1].raw
    assert answers[1].headers["idempotency-replayed"] == "true"
    other = picture(picturer, "one", content=b"another")
    assert (other.status, other.error["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    "change",
    [{"query": {"size": "2"}}, {"headers": {"X-Album": "b"}}, {"path": "/albums/2/pictures"},
     {"body": {"title": "a", "text": None}}],
)  # fmt: skip
def test_all_that_an_operation_reads_makes_another_request(picturer: Client, change: dict[str, Any]) -> None:
    asked: dict[str, Any] = {
        "path": "/albums/1/pictures",
        "body": {"title": "a"},
        "query": {"size": "1"},
        "headers": {},
    }
    assert sent(picturer, **asked).status == 200
    assert sent(picturer, **asked).headers["idempotency-replayed"] == "true"
    changed = sent(picturer, **{**asked, **change})
    assert (changed.status, changed.error["code"]) == (422, "idempotency_key_reused")


def test_an_unread_header_and_the_order_of_names_make_no_other_request(picturer: Client) -> None:
    asked: dict[str, Any] = {"path": "/albums/1/pictures", "query": {"size": "1", "b": "2"}}
    first = sent(picturer, **asked, body='{"title": "a", "text": "b"}', headers={"X-Other": "1"})
    again = sent(picturer, **asked, body='{ "text": "b", "title": "\\u0061" }', headers={"X-Other": "2"})
    assert (first.status, again.raw, again.headers["idempotency-replayed"]) == (200, first.raw, "true")


def test_an_answer_that_cannot_be_rendered_does_not_have_its_work_done_again(picturer: Client) -> None:
    with frozen() as clock:
        for _ in range(2):
            assert sent(picturer, "/broken", body={"title": "a"}).status == 500
            clock.advance(seconds=LEASE + 1)
    assert books.written == 1


def test_work_that_was_perhaps_done_is_not_done_again(picturer: Client) -> None:
    with frozen() as clock:
        told = []
        for _ in range(2):
            told.append(sent(picturer, "/doubtful", body={"title": "a"}))
            clock.advance(seconds=LEASE + 1)
    assert [(answer.status, answer.error["code"]) for answer in told] == [(503, "unconfirmed")] * 2
    assert (books.written, told[1].headers["idempotency-replayed"]) == (1, "true")


def test_a_refusal_is_told_also_when_its_claim_cannot_be_released(ann: Client) -> None:
    writer = ann
    assert writer.post("/api/v1/notes", {"title": "one"}).status == 201
    with failing("DeleteItem", lambda _: Refused("InternalServerError", 500)), timed_by(Standing().clock):
        refused = writer.post("/api/v1/notes", {"title": "one"}, headers={"Idempotency-Key": "k"})
    assert (refused.status, refused.error["code"]) == (409, "note_exists")


@pytest.mark.parametrize("query", [{"limit": ""}, {"limit": "10"}, {"other": "1"}, {}])
def test_a_query_that_says_nothing_else_makes_no_other_request(picturer: Client, query: dict[str, str]) -> None:
    first = sent(picturer, "/searched", body={"title": "a"})
    again = sent(picturer, "/searched", body={"title": "a"}, query=query)
    assert (first.status, again.raw, again.headers["idempotency-replayed"]) == (200, first.raw, "true")
    assert sent(picturer, "/searched", body={"title": "a"}, query={"limit": "11"}).status == 422


def test_a_key_needs_a_caller_and_an_answer_worth_keeping() -> None:
    nobodys: list[Operation[..., Any]] = [books.anonymous, books.perhaps, books.anonymous_once]
    for operation in nobodys:
        with pytest.raises(TypeError, match="a caller's own"):
            _ = operation.signature
    endless: list[Operation[..., Any]] = [books.paged, books.file]
    for operation in endless:
        with pytest.raises(TypeError, match="nothing to keep"):
            _ = operation.signature


@pytest.fixture
def picturer(table: Settings, token: Token) -> Client:
    books.written = 0
    return Client(books.api, token=token("ann"))


def sent(
    client: Client, path: str, body: Any, query: dict[str, str] | None = None, headers: dict[str, str] | None = None,
    key: str = "k1",
) -> Answer:  # fmt: skip
    said = {"Content-Type": "application/json", "X-Album": "a", **(headers or {}), "Idempotency-Key": key}
    return client.post(path, body, query=query, headers=said)


def picture(client: Client, boundary: str, content: bytes = b"\x89PNG") -> Answer:
    head = 'Content-Disposition: form-data; name="picture"; filename="a.png"\r\nContent-Type: image/png'
    body = f"--{boundary}\r\n{head}\r\n\r\n".encode() + content + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Idempotency-Key": "k1"}
    return client.post("/pictures", body, headers=headers)
