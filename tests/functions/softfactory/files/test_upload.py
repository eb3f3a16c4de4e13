"""Uploads in a form: what is kept, what is refused, how it is served."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from quintet.api import ApiError
from quintet.models import new_id
from quintet.settings import settings
from quintet.settings import use as settings_of
from quintet.testing import Client
from softfactory.files import uploads
from softfactory.files.entities import Usage
from softfactory.files.kinds import Category
from softfactory.files.uploads import MOST_INLINE
from softfactory.service import store
from tests.functions.softfactory.conftest import SignIn, account_of, lend
from tests.functions.softfactory.files.conftest import (
    BOUNDARY,
    FILES,
    UPLOAD,
    form,
    objects,
    rows,
    send,
    sent,
    stored,
)
from tests.functions.softfactory.files.samples import (
    HTML,
    PDF,
    SVG,
    animation,
    archive,
    bomb,
    document,
    film,
    picture,
)
from tests.support.aws import in_threads


def addressless(body: dict[str, Any]) -> dict[str, Any]:
    """A file without its addresses, which are signed anew for every answer."""
    return {name: value for name, value in body.items() if not name.endswith("_url")}


MULTIPART = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def test_a_file_is_kept_and_answered_in_both_spellings(noon: Any, user: Client) -> None:
    content = picture("PNG")
    body = sent(user, "여행 사진.png", content)
    file_id = body["file_id"]
    assert body == {
        "file_id": file_id,
        "file_key": f"files/{file_id}.png",
        "filename": "여행 사진.png",
        "original_filename": "여행 사진.png",
        "size": len(content),
        "file_size": len(content),
        "content_type": "image/png",
        "category": "image",
        "cdn_url": body["cdn_url"],
        "s3_url": body["s3_url"],
        "uploaded_at": "2026-11-30T12:00:00Z",
    }
    assert stored(body["file_key"])["Body"].read() == content
    assert addressless(user.get(f"{FILES}/{file_id}").body) == addressless(body)
    assert requests.get(body["cdn_url"], timeout=10).content == content
    assert objects() == [body["file_key"]]
    assert [row["kind"]["S"] for row in rows() if row["PK"]["S"].startswith("LOOSE")] == []


def test_behind_a_delivery_network_the_address_is_stable(user: Client) -> None:
    with settings_of({"QUINTET_FILES_URL": "https://cdn.example.com/"}):
        body = sent(user, "a.png", picture())
        again = user.get(f"{FILES}/{body['file_id']}").body
    assert body["cdn_url"] == again["cdn_url"] == f"https://cdn.example.com/softfactory/{body['file_key']}"
    assert settings().bucket in body["s3_url"]


@pytest.mark.parametrize(
    ("name", "content", "category", "media_type"),
    [
        ("a.gif", animation(), "image", "image/gif"),
        ("a.jpg", picture("JPEG", mode="CMYK", color=(0, 9, 9, 0)), "image", "image/jpeg"),
        ("a.heic", film(b"heic"), "image", "image/heic"),
        ("a.mp4", film(), "video", "video/mp4"),
        ("a.pdf", PDF, "document", "application/pdf"),
        ("a.csv", "이름,값\n".encode(), "document", "text/csv"),
        ("a.docx", document(), "document",
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("1.gif", picture("GIF", (1, 1)), "image", "image/gif"),
    ],
)  # fmt: skip
def test_the_type_is_that_of_the_content(
    user: Client, name: str, content: bytes, category: str, media_type: str
) -> None:
    body = sent(user, "photo.exe" if media_type != "text/csv" else name, content, category)
    assert (body["content_type"], body["category"]) == (media_type, category)
    kept = stored(body["file_key"])
    assert kept["ContentType"] == media_type


@pytest.mark.parametrize(
    ("content", "category", "reason"),
    [
        (PDF, "image", "is of the type application/pdf, which is no image"),
        (picture(), "document", "is of the type image/png, which is no document"),
        (animation(), "video", "is of the type image/gif, which is no video"),
        (SVG, "document", "is of the type image/svg+xml, which is no document"),
        (HTML, "image", "is of the type text/html, which is no image"),
        (b"MZ\x90\0", "document", "is no image, video or document of a type that is kept"),
        (archive("a.txt", padding=100_000), "document", "is no image, video or document of a type that is kept"),
        (bomb(), "image", "has more than 50 megapixels"),
        (b"GIF89a", "image", "is damaged or not complete"),
        (picture()[:20], "image", "is damaged or not complete"),
        (b"", "image", "must not be empty"),
    ],
)
def test_what_does_not_fit_is_refused_and_leaves_nothing(
    user: Client, content: bytes, category: str, reason: str
) -> None:
    answer = send(user, "a.png", content, category)
    assert answer.status == 422
    assert answer.error == {
        "code": "validation_error",
        "message": "Some fields are not valid",
        "details": [{"field": "file", "message": reason}],
    }
    assert (objects(), rows()) == ([], [])


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"file": ("a.png", picture())}, "category"),
        ({"file": ("a.png", picture()), "category": "audio"}, "category"),
        ({"category": "image"}, "file"),
        ({"category": "image", "file": "no file"}, "file"),
        ({"category": "image", "file": ("", b"")}, "file"),
        ({"category": "image", "file": ("a.png", picture()), "filename": "x" * 1025}, "filename"),
    ],
)
def test_a_form_that_says_too_little_names_the_field(user: Client, parts: Any, field: str) -> None:
    answer = user.post(UPLOAD, form(parts), headers=MULTIPART)
    assert answer.status == 422
    assert [each["field"] for each in answer.error["details"]] == [field]


def test_a_file_beyond_what_a_form_carries_is_to_be_announced(user: Client) -> None:
    assert send(user, "a.gif", picture("GIF") + bytes(MOST_INLINE - len(picture("GIF")))).status == 201
    answer = send(user, "a.gif", picture("GIF") + bytes(MOST_INLINE))
    assert (answer.status, answer.error["code"]) == (413, "file_too_large_for_form")
    assert "as JSON" in answer.error["message"]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\\\photos\\\\a.png", "a.png"),
        ("exe\u202egpj.png", "exegpj.png"),
        ("a\tb.png", "ab.png"),
        ("a\0b.png", "ab.png"),
        ("x" * 300 + ".png", "x" * 251 + ".png"),
        ("<script>.png", "<script>.png"),
    ],
)
def test_a_name_never_reaches_a_key(user: Client, name: str, kept: str) -> None:
    body = sent(user, name, picture())
    assert body["filename"] == kept
    assert body["file_key"] == f"files/{body['file_id']}.png"


@pytest.mark.parametrize(
    ("name", "content", "category"),
    [("a.svg", SVG, "image"), ("a.html", HTML, "document"), ("a.xml", b"<?xml version='1.0'?><a/>", "document"),
     ("a.txt", b"hello <script>alert(1)</script>", "document"), ("a.docx", document(), "document")],
)  # fmt: skip
def test_what_can_hold_scripts_is_saved_never_shown(user: Client, name: str, content: bytes, category: str) -> None:
    body = sent(user, name, content, category)
    served = requests.get(body["cdn_url"], timeout=10)
    assert served.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{name}"
    assert requests.get(body["s3_url"], timeout=10).headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("content", "media_type", "category"),
    [(picture("GIF") + b"*/=1;alert(1)", "image/gif", "image"),
     (PDF + HTML, "application/pdf", "document"),
     (picture("GIF") + archive("classes.dex"), "image/gif", "image")],
)  # fmt: skip
def test_a_polyglot_is_served_as_what_it_begins_as(
    user: Client, content: bytes, media_type: str, category: str
) -> None:
    body = sent(user, "a.html", content, category)
    assert requests.get(body["cdn_url"], timeout=10).headers["Content-Type"] == media_type


def test_storage_has_an_end(user: Client) -> None:
    content = picture("GIF") + bytes(900_000)
    with settings_of({"QUINTET_FILES_QUOTA_MB": "1"}):
        first = sent(user, "a.gif", content)
        answer = send(user, "b.gif", content)
        assert (answer.status, answer.error["code"]) == (409, "storage_full")
        assert objects() == [first["file_key"]]
        assert user.delete(f"{FILES}/{first['file_id']}").status == 204
        assert sent(user, "b.gif", content)["size"] == len(content)
    usage = store.get(Usage, user_id=account_of(user).id)
    assert usage is not None
    assert usage.used == len(content)


def test_parallel_uploads_never_take_more_room_than_there_is(user: Client) -> None:
    content = picture("GIF") + bytes(300_000)
    with settings_of({"QUINTET_FILES_QUOTA_MB": "1"}):
        answers = in_threads(6, lambda n: send(user, f"{n}.gif", content).status)
    assert sorted(answers, key=str) == [201, 201, 201, 409, 409, 409]
    assert len(objects()) == user.get(FILES).body["total"] == 3


def test_uploading_needs_a_token_and_the_permission(suite: Client, sign_in: SignIn) -> None:
    assert send(suite, "a.png", picture()).status == 401
    reader = sign_in("user")
    lend(reader, "FILES_WRITE", allowed=False)
    assert send(reader, "a.png", picture()).status == 403
    assert reader.get(FILES).status == 200
    assert send(suite.as_caller("nonsense"), "a.png", picture()).status == 401


def test_nothing_is_kept_for_an_account_that_is_gone(user: Client) -> None:
    gone = new_id()
    with pytest.raises(ApiError) as refusal:
        uploads.keep(gone, "a.png", picture(), Category.IMAGE)
    assert refusal.value.status == 401
    with pytest.raises(ApiError):
        uploads.announce(gone, "a.png", 10, None, Category.IMAGE)
    assert (objects(), rows()) == ([], [])
    assert store.get(Usage, user_id=gone) is None


def test_when_the_storage_is_away_nothing_is_recorded(user: Client) -> None:
    with settings_of({"QUINTET_BUCKET": "elsewhere"}):
        answer = send(user, "a.png", picture())
    assert (answer.status, answer.error["code"]) == (503, "storage_unavailable")
    assert user.get(FILES).body["total"] == 0


def test_the_same_file_twice_is_two_files(user: Client) -> None:
    one, other = sent(user, "a.png", picture()), sent(user, "a.png", picture())
    assert one["file_id"] != other["file_id"]
    assert user.get(FILES).body["total"] == 2
