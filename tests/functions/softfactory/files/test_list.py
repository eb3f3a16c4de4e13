"""Lists of files: their order, their filters, their totals, and whose they are."""

from __future__ import annotations

from typing import Any

import pytest

from quintet.models.time import FrozenClock
from quintet.settings import use as settings_of
from quintet.testing import Client
from tests.functions.softfactory.conftest import SignIn, lend
from tests.functions.softfactory.files.conftest import FILES, LINK, NOBODY, UPLOAD, announce, post_to_s3, send, sent
from tests.functions.softfactory.files.samples import PDF, film, picture


@pytest.fixture
def kept(noon: FrozenClock, user: Client) -> dict[str, str]:
    """Ids of three pictures, a film and a document by their names, kept a minute apart."""
    found = {}
    for name, content, category in (
        ("b.png", picture() + bytes(30), "image"),
        ("C.png", picture() + bytes(10), "image"),
        ("film.mp4", film(), "video"),
        ("paper.pdf", PDF, "document"),
        ("a.png", picture() + bytes(20), "image"),
    ):
        found[name] = sent(user, name, content, category)["file_id"]
        noon.advance(minutes=1)
    return found


def names(client: Client, query: str = "") -> list[str]:
    answer = client.get(FILES + query)
    assert answer.status == 200, answer
    assert answer.body["items"] == answer.body["files"]
    return [each["filename"] for each in answer.body["files"]]


@pytest.mark.usefixtures("kept")
def test_files_are_listed_newest_first_with_their_total(user: Client) -> None:
    body = user.get(FILES).body
    assert {name: body[name] for name in ("total", "limit", "offset")} == {"total": 5, "limit": 20, "offset": 0}
    assert [each["filename"] for each in body["files"]] == ["a.png", "paper.pdf", "film.mp4", "C.png", "b.png"]
    assert body["items"] == body["files"]


def test_no_cache_keeps_an_answer_with_addresses(user: Client) -> None:
    body = {"filename": "a.png", "size": 9, "content_type": "image/png", "category": "image"}
    kept = send(user, "a.png", picture())
    for answer in (
        kept,
        user.post(UPLOAD, body),
        user.get(FILES),
        user.get(f"{FILES}/{kept.body['file_id']}"),
        user.post(LINK, {"file_id": kept.body["file_id"]}),
    ):
        assert (answer.status < 300, answer.headers["cache-control"]) == (True, "no-store")


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("created_at", ["b.png", "C.png", "film.mp4", "paper.pdf", "a.png"]),
        ("-uploaded_at", ["a.png", "paper.pdf", "film.mp4", "C.png", "b.png"]),
        ("uploaded_at", ["b.png", "C.png", "film.mp4", "paper.pdf", "a.png"]),
        ("filename", ["a.png", "b.png", "C.png", "film.mp4", "paper.pdf"]),
        ("-filename", ["paper.pdf", "film.mp4", "C.png", "b.png", "a.png"]),
        ("size", ["paper.pdf", "film.mp4", "C.png", "a.png", "b.png"]),
        ("-size", ["b.png", "a.png", "C.png", "film.mp4", "paper.pdf"]),
    ],
)
def test_every_order_holds_on_every_page_and_by_cursor(user: Client, sort: str, order: list[str]) -> None:
    assert names(user, f"?sort={sort}") == order
    assert [name for at in range(0, 6, 2) for name in names(user, f"?sort={sort}&limit=2&offset={at}")] == order
    read, link = [], f"?sort={sort}&limit=2"
    while link:
        answer = user.get(FILES + link)
        assert answer.body["total"] == 5
        read += [each["filename"] for each in answer.body["files"]]
        link = answer.headers.get("link", "").partition(">")[0][1:]
    assert read == order


@pytest.mark.usefixtures("kept")
def test_a_category_has_its_own_total_and_orders(user: Client) -> None:
    body = user.get(f"{FILES}?category=image&sort=filename").body
    assert (body["total"], [each["filename"] for each in body["files"]]) == (3, ["a.png", "b.png", "C.png"])
    assert names(user, "?category=image&sort=-size&limit=1&offset=1") == ["a.png"]
    assert names(user, "?category=video") == ["film.mp4"]
    assert names(user, "?category=document&sort=created_at") == ["paper.pdf"]


def test_a_deleted_file_leaves_every_order(kept: dict[str, str], user: Client) -> None:
    assert user.delete(f"{FILES}/{kept['C.png']}").status == 204
    for query in ("", "?sort=filename", "?sort=size", "?category=image", "?category=image&sort=size"):
        assert "C.png" not in names(user, query)
    assert user.get(FILES).body["total"] == 4
    assert user.get(f"{FILES}?category=image").body["total"] == 2


def test_a_file_that_arrives_late_stands_where_it_arrived(noon: FrozenClock, user: Client) -> None:
    content = picture() + bytes(100)
    late = announce(user, len(content), filename="late.png")
    noon.advance(minutes=1)
    sent(user, "early.png", picture())
    noon.advance(minutes=1)
    post_to_s3(late["upload"], content)
    assert names(user) == ["late.png", "early.png"]


@pytest.mark.parametrize(
    ("query", "field"),
    [("?sort=name", "sort"), ("?sort=-", "sort"), ("?category=audio", "category"), ("?limit=0", "limit"),
     ("?limit=101", "limit"), ("?offset=-1", "offset"), ("?limit=x", "limit")],
)  # fmt: skip
def test_a_query_that_means_nothing_names_its_field(user: Client, query: str, field: str) -> None:
    answer = user.get(FILES + query)
    assert answer.status == 422
    assert [each["field"] for each in answer.error["details"]] == [field]


@pytest.mark.usefixtures("kept")
def test_everybody_sees_their_own_alone(suite: Client, stranger: Client, sign_in: SignIn) -> None:
    assert stranger.get(FILES).body == {"files": [], "items": [], "total": 0, "limit": 20, "offset": 0}
    assert sign_in("admin").get(FILES).body["total"] == 0
    assert suite.get(FILES).status == 401
    locked = sign_in("user")
    lend(locked, "FILES_READ", allowed=False)
    assert locked.get(FILES).status == 403


def test_a_list_is_answered_while_uploads_cannot_be_looked_for(user: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sent(user, "a.png", picture())
    announce(user, 500)
    with settings_of({"QUINTET_BUCKET": "elsewhere"}):
        assert user.get(FILES).body["total"] == 1


@pytest.mark.parametrize("file_id", [NOBODY, "nonsense", "..", "0198C0DE"])
def test_an_unknown_file_is_not_found(user: Client, file_id: str) -> None:
    for answer in (
        user.get(f"{FILES}/{file_id}"),
        user.get(f"{FILES}/{file_id}/preview"),
        user.delete(f"{FILES}/{file_id}"),
    ):
        assert answer.status == 404


def test_another_users_file_is_not_found(user: Client, stranger: Client, admin: Client, suite: Client) -> None:
    file_id = sent(user, "a.png", picture())["file_id"]
    for other in (stranger, admin):
        for answer in (
            other.get(f"{FILES}/{file_id}"),
            other.get(f"{FILES}/{file_id}/preview"),
            other.delete(f"{FILES}/{file_id}"),
            other.post("/api/files/presigned-url", {"file_id": file_id}),
        ):
            assert (answer.status, answer.error["code"]) == (404, "file_not_found")
    for answer in (suite.get(f"{FILES}/{file_id}"), suite.get(f"{FILES}/{file_id}/preview")):
        assert answer.status == 401
    assert user.get(f"{FILES}/{file_id}").status == 200


def test_a_page_of_a_hundred_files_is_far_below_what_a_reply_carries(user: Client, monkeypatch: Any) -> None:
    file = sent(user, "가" * 85, picture())
    monkeypatch.setenv("AWS_SESSION_TOKEN", "x" * 1500)
    answer = user.get(FILES)
    assert file["file_id"] in answer.raw.decode()
    assert len(answer.raw) * 100 * 2 < 6_000_000
