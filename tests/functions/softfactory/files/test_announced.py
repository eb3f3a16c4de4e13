"""Uploads that are announced and posted to S3: the form, the arrival, what is refused on arrival, and races."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from quintet.models.time import FrozenClock
from quintet.providers import storage
from quintet.settings import use as settings_of
from quintet.testing import Client
from softfactory.files import arrivals, upkeep, uploads
from softfactory.files.entities import Awaited, StoredFile, Usage
from softfactory.files.upkeep import Swept
from softfactory.files.uploads import MOST_BYTES
from softfactory.service import store
from tests.functions.softfactory.conftest import account_of
from tests.functions.softfactory.files.conftest import (
    FILES,
    LINK,
    UPLOAD,
    announce,
    awaited,
    objects,
    post_to_s3,
    rows,
    send,
    stored,
)
from tests.functions.softfactory.files.samples import HTML, PDF, SVG, bomb, document, film, picture
from tests.support.aws import in_threads

LARGE = picture() + bytes(5_000_000)


def used(client: Client) -> int:
    found = store.get(Usage, user_id=account_of(client).id)
    return found.used if found else 0


def test_a_large_file_is_announced_posted_and_there(noon: FrozenClock, user: Client) -> None:
    body = announce(user, len(LARGE))
    assert set(body) == {"file_id", "upload"}
    assert set(body["upload"]) == {"url", "fields"}
    file = f"{FILES}/{body['file_id']}"
    pending = user.get(file)
    assert (pending.status, pending.error["code"]) == (404, "file_not_arrived")
    assert user.get(FILES).body["total"] == 0
    assert post_to_s3(body["upload"], LARGE) in (200, 204)
    noon.advance(minutes=2)
    arrived = user.get(file).body
    assert arrived == {
        "file_id": body["file_id"],
        "file_key": f"files/{body['file_id']}.png",
        "filename": "photo.png",
        "original_filename": "photo.png",
        "size": len(LARGE),
        "file_size": len(LARGE),
        "content_type": "image/png",
        "category": "image",
        "cdn_url": arrived["cdn_url"],
        "s3_url": arrived["s3_url"],
        "uploaded_at": "2026-11-30T12:02:00Z",
    }
    assert objects() == [f"files/{body['file_id']}.png"]
    assert stored(objects()[0])["Body"].read() == LARGE
    assert used(user) == len(LARGE)
    assert awaited(account_of(user).id) == 0


def test_the_form_binds_key_type_and_size(noon: FrozenClock, user: Client) -> None:
    body = announce(user, len(LARGE))
    policy = json.loads(base64.b64decode(body["upload"]["fields"]["policy"]))
    assert ["content-length-range", len(LARGE), len(LARGE)] in policy["conditions"]
    assert {"Content-Type": "image/png"} in policy["conditions"]
    assert {"key": f"softfactory/incoming/{body['file_id']}"} in policy["conditions"]
    assert post_to_s3(body["upload"], LARGE + b"!") == 400
    assert post_to_s3(body["upload"], LARGE[:-1]) == 400
    for name, value in (("key", "softfactory/files/other.png"), ("Content-Type", "text/html")):
        other = {**body["upload"], "fields": {**body["upload"]["fields"], name: value}}
        assert post_to_s3(other, LARGE) == 403
    assert objects() == []


def test_a_list_finds_what_has_arrived(user: Client, stranger: Client) -> None:
    body = announce(user, len(LARGE))
    post_to_s3(body["upload"], LARGE)
    assert stranger.get(FILES).body["total"] == 0
    found = user.get(FILES).body
    assert (found["total"], [each["file_id"] for each in found["files"]]) == (1, [body["file_id"]])


def test_a_list_finds_all_that_have_arrived_whatever_was_announced_since(user: Client) -> None:
    content = picture()
    announced = [announce(user, len(content)) for _ in range(9)]
    for body in announced[:7]:
        post_to_s3(body["upload"], content)
    listed = user.get(FILES).body
    assert listed["total"] == 7
    assert {each["file_id"] for each in listed["files"]} == {body["file_id"] for body in announced[:7]}


def test_who_looks_when_somebody_else_has_just_taken_it_finds_the_file(
    user: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = picture()
    body = announce(user, len(content))
    post_to_s3(body["upload"], content)
    plain = storage.head

    def overtaken(key: str) -> Any:
        with monkeypatch.context() as first:
            first.setattr(storage, "head", plain)
            assert user.get(f"{FILES}/{body['file_id']}").status == 200
        return plain(key)

    monkeypatch.setattr(storage, "head", overtaken)
    assert user.get(f"{FILES}/{body['file_id']}").status == 200


def test_what_the_content_says_counts_within_the_category(user: Client) -> None:
    content = picture("JPEG") + bytes(5_000_000)
    body = announce(user, len(content))
    post_to_s3(body["upload"], content)
    found = user.get(f"{FILES}/{body['file_id']}").body
    assert (found["content_type"], found["file_key"]) == ("image/jpeg", f"files/{body['file_id']}.jpg")
    assert stored(found["file_key"])["ContentType"] == "image/jpeg"


def test_markup_that_was_posted_is_saved_never_shown(user: Client) -> None:
    content = SVG + b" " * 100
    body = announce(user, len(content), filename="a.svg", content_type="image/svg+xml")
    post_to_s3(body["upload"], content)
    found = user.get(f"{FILES}/{body['file_id']}").body
    assert stored(found["file_key"])["ContentDisposition"] == "attachment; filename*=UTF-8''a.svg"


@pytest.mark.parametrize(
    ("content", "said", "reason"),
    [
        (HTML + bytes(9), {}, "is no image, video or document of a type that is kept"),
        (HTML + b" " * 9, {}, "is of the type text/html, which is no image"),
        (PDF, {"content_type": "application/octet-stream"}, "is of the type application/pdf, which is no image"),
        (film(), {"content_type": "image/heic"}, "is of the type video/mp4, which is no image"),
        (bomb(), {}, "has more than 50 megapixels"),
    ],
)
def test_what_does_not_fit_is_refused_on_arrival(
    noon: FrozenClock, user: Client, content: bytes, said: dict[str, str], reason: str
) -> None:
    body = announce(user, len(content), **said)
    assert post_to_s3(body["upload"], content) in (200, 204)
    for method, path, sent in (
        ("GET", f"{FILES}/{body['file_id']}", None),
        ("GET", f"{FILES}/{body['file_id']}/preview", None),
        ("POST", LINK, {"file_id": body["file_id"]}),
    ):
        answer = user.request(method, path, sent)
        assert answer.status == 409
        assert answer.error == {
            "code": "upload_refused",
            "message": "What was uploaded is not taken",
            "details": [{"field": "file", "message": reason}],
        }
    assert objects() == []
    assert used(user) == 0
    assert user.get(FILES).body["total"] == 0
    assert user.delete(f"{FILES}/{body['file_id']}").status == 204
    assert used(user) == 0


def test_another_size_than_the_one_announced_is_refused(user: Client) -> None:
    body = announce(user, 100)
    account = account_of(user)
    expected = store.get(Awaited, user_id=account.id, id=body["file_id"])
    assert expected is not None
    storage.put(expected.incoming, picture() + bytes(500), "image/png")  # past the policy
    answer = user.get(f"{FILES}/{body['file_id']}")
    assert answer.status == 409
    assert "was announced with 100" in answer.error["details"][0]["message"]


def test_a_document_with_its_directory_at_the_end_is_known(user: Client) -> None:
    content = document("xl/workbook.xml", padding=6_000_000)
    body = announce(user, len(content), filename="a.bin", content_type="application/octet-stream", category="document")
    post_to_s3(body["upload"], content)
    assert user.get(f"{FILES}/{body['file_id']}").body["content_type"].endswith("spreadsheetml.sheet")


def test_a_form_posted_again_changes_nothing_of_the_file(noon: FrozenClock, user: Client) -> None:
    body = announce(user, len(LARGE))
    post_to_s3(body["upload"], LARGE)
    file = user.get(f"{FILES}/{body['file_id']}").body
    assert post_to_s3(body["upload"], HTML.ljust(len(LARGE))) in (200, 204)
    assert user.get(f"{FILES}/{body['file_id']}").body["size"] == len(LARGE)
    assert stored(file["file_key"])["Body"].read() == LARGE
    noon.advance(hours=4)
    assert upkeep.sweep() == Swept(cleared=1)
    assert objects() == [file["file_key"]]
    assert [row["kind"]["S"] for row in rows()].count("loose_file") == 0


@pytest.mark.parametrize(
    ("wish", "fields"),
    [
        ({}, ["category"]),
        ({"category": "image"}, ["file"]),
        ({"category": "image", "file": None}, ["file"]),
        ({"category": "image", "file": "aGVsbG8="}, ["file"]),
        ({"category": "image", "filename": "a.png"}, ["size", "content_type"]),
        ({"category": "image", "filename": "a.png", "size": 0, "content_type": "image/png"}, ["size"]),
        ({"category": "image", "filename": "a.png", "size": -1, "content_type": "image/png"}, ["size"]),
        ({"category": "image", "filename": "a.png", "size": "9", "content_type": "image/png"}, ["size"]),
        ({"category": "image", "filename": "a\0.png", "size": 9, "content_type": "image/png"}, ["filename"]),
        ({"category": "image", "filename": "a.png", "size": 9, "content_type": "audio/mpeg"}, ["content_type"]),
        ({"category": "image", "filename": "a.png", "size": 9, "content_type": "video/mp4"}, ["content_type"]),
        ({"category": "image", "filename": "a.png", "size": 9, "content_type": ""}, ["content_type"]),
        ({"category": "other", "filename": "a.png", "size": 9, "content_type": "image/png"}, ["category"]),
    ],
)
def test_an_announcement_that_says_too_little_names_the_field(user: Client, wish: Any, fields: list[str]) -> None:
    answer = user.post(UPLOAD, wish)
    assert answer.status == 422
    assert [each["field"] for each in answer.error["details"]] == fields


def test_fifty_megabytes_are_the_most(user: Client) -> None:
    assert announce(user, MOST_BYTES)["file_id"]
    wish = {"filename": "a.png", "size": MOST_BYTES + 1, "content_type": "image/png", "category": "image"}
    answer = user.post(UPLOAD, wish)
    assert answer.status == 413
    assert answer.error == {"code": "file_too_large", "message": "A file may have at most 50 MB"}


def test_announced_bytes_take_room_until_they_are_given_up(noon: FrozenClock, user: Client) -> None:
    account = account_of(user)
    with settings_of({"QUINTET_FILES_QUOTA_MB": "1"}):
        body = announce(user, 900_000)
        wish = {"filename": "a.png", "size": 900_000, "content_type": "image/png", "category": "image"}
        assert user.post(UPLOAD, wish).error["code"] == "storage_full"
        assert send(user, "a.png", picture() + bytes(900_000)).error["code"] == "storage_full"
        assert user.delete(f"{FILES}/{body['file_id']}").status == 204
        assert user.post(UPLOAD, wish).status == 201
        noon.advance(hours=3)
        assert upkeep.sweep().given_up == 1
    usage = store.get(Usage, user_id=account.id)
    assert usage is not None
    assert usage.used == 0


def test_another_users_upload_is_not_there(user: Client, stranger: Client) -> None:
    body = announce(user, len(LARGE))
    post_to_s3(body["upload"], LARGE)
    for answer in (
        stranger.get(f"{FILES}/{body['file_id']}"),
        stranger.delete(f"{FILES}/{body['file_id']}"),
        stranger.post(LINK, {"file_id": body["file_id"]}),
    ):
        assert (answer.status, answer.error["code"]) == (404, "file_not_found")
    assert user.get(f"{FILES}/{body['file_id']}").status == 200


def test_many_who_ask_at_once_get_one_file(user: Client) -> None:
    body = announce(user, 5000)
    content = picture() + bytes(5000 - len(picture()))
    post_to_s3(body["upload"], content)
    answers = in_threads(6, lambda n: user.get(f"{FILES}/{body['file_id']}" if n % 2 else FILES))
    assert [answer.status for answer in answers if not isinstance(answer, Exception)] == [200] * 6
    assert user.get(FILES).body["total"] == 1
    assert used(user) == 5000
    assert objects() == [f"files/{body['file_id']}.png"]


def test_an_upload_deleted_while_it_is_taken_leaves_nothing(user: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    body = announce(user, 5000)
    post_to_s3(body["upload"], picture() + bytes(5000 - len(picture())))
    plain = uploads.require_owner

    def deleted_first(tx: Any, user_id: str) -> None:
        assert user.delete(f"{FILES}/{body['file_id']}").status == 204
        plain(tx, user_id)

    monkeypatch.setattr(arrivals, "require_owner", deleted_first)
    assert user.get(f"{FILES}/{body['file_id']}").status == 404
    assert objects() == []
    assert store.query(StoredFile, user_id=account_of(user).id).items == []
    assert used(user) == 0


def test_the_clock_finds_what_nobody_asked_for(noon: FrozenClock, user: Client) -> None:
    body = announce(user, 5000)
    assert upkeep.sweep() == Swept()
    post_to_s3(body["upload"], picture() + bytes(5000 - len(picture())))
    noon.advance(minutes=6)
    assert upkeep.sweep() == Swept(arrived=1)
    found = store.query(StoredFile, user_id=account_of(user).id).items
    assert [file.id for file in found] == [body["file_id"]]
    assert found[0].uploaded_at == noon.at


def test_the_clock_gives_up_what_never_comes_and_clears_what_comes_too_late(noon: FrozenClock, user: Client) -> None:
    body = announce(user, 5000)
    account = account_of(user)
    noon.advance(minutes=6)
    assert upkeep.sweep() == Swept()
    assert upkeep.sweep() == Swept()
    noon.advance(hours=2)
    assert upkeep.sweep() == Swept(given_up=1)
    assert awaited(account.id) == 0
    post_to_s3(body["upload"], picture() + bytes(5000 - len(picture())))
    assert objects() == [f"incoming/{body['file_id']}"]
    noon.advance(hours=1)
    assert upkeep.sweep() == Swept(cleared=1)
    assert (objects(), rows()) == ([], [])


def test_one_upload_that_cannot_be_read_does_not_keep_others_waiting(
    noon: FrozenClock, user: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = announce(user, 5000), announce(user, 5000)
    for body in (bad, good):
        post_to_s3(body["upload"], picture() + bytes(5000 - len(picture())))
    plain = arrivals.arrive

    def failing(awaited: Awaited) -> arrivals.Found:
        if awaited.id == bad["file_id"]:
            raise ConnectionError
        return plain(awaited)

    monkeypatch.setattr(arrivals, "arrive", failing)
    noon.advance(minutes=6)
    assert upkeep.sweep() == Swept(arrived=1, failed=1)
    assert upkeep.sweep() == Swept()
    noon.at += timedelta(minutes=11)
    monkeypatch.undo()
    assert upkeep.sweep() == Swept(arrived=1)
