"""Previews and links: thumbnails, icons, what protects from them, and links that save."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from PIL import Image

from quintet.models.time import FrozenClock
from quintet.net import aws
from quintet.providers import storage
from quintet.testing import Client
from softfactory.files import previews, thumbnails, upkeep
from softfactory.files.upkeep import Swept
from tests.functions.softfactory.conftest import SignIn, lend
from tests.functions.softfactory.files.conftest import FILES, LINK, NOBODY, objects, rows, sent
from tests.functions.softfactory.files.samples import HTML, PDF, SVG, animation, bomb, film, picture, turned
from tests.support.aws import in_threads

UNDRAWABLE = bomb(100, 100)
"""A PNG that is whole and has too few pixels."""
NO_TABLES = b"\xff\xd8\xff\xc0\0\x0b\x08\0\x10\0\x10\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0?\0x\xff\xd9"
"""A JPEG of which nobody can tell what its pixels mean."""


def test_a_picture_has_a_thumbnail_that_is_made_once(user: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    body = sent(user, "a.jpg", turned(6))
    path = f"{FILES}/{body['file_id']}/preview"
    answer = user.get(path)
    assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")
    found = Image.open(io.BytesIO(answer.raw))
    assert found.size == (150, 150)
    assert found.convert("RGB").getpixel((75, 10))[0] > 200  # type: ignore[index]
    assert objects() == [body["file_key"], f"thumbnails/{body['file_id']}"]
    assert [row["kind"]["S"] for row in rows()].count("loose_file") == 0

    def twice(_: bytes) -> tuple[bytes, str]:
        raise AssertionError("made again")

    monkeypatch.setattr(thumbnails, "make", twice)
    assert user.get(path).raw == answer.raw
    again = user.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status, again.raw) == (304, b"")


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (picture("PNG", mode="RGBA", color=(9, 9, 9, 0)), "image/png"),
        (picture("WEBP"), "image/jpeg"),
        (picture("AVIF"), "image/jpeg"),
        (picture("GIF", (1, 1)), "image/jpeg"),
        (animation(), "image/jpeg"),
        (picture("TIFF"), "image/jpeg"),
        (picture("JPEG", mode="CMYK", color=(0, 0, 0, 0)), "image/jpeg"),
    ],
)
def test_every_kind_of_picture_is_shown(user: Client, content: bytes, media_type: str) -> None:
    answer = user.get(f"{FILES}/{sent(user, 'a', content)['file_id']}/preview")
    assert answer.headers["content-type"] == media_type
    assert Image.open(io.BytesIO(answer.raw)).size == (150, 150)


@pytest.mark.parametrize(
    ("content", "category", "letters"),
    [
        (PDF, "document", "PDF"), (film(), "video", "MP4"), (film(b"heic"), "image", "HEIC"), (SVG, "image", "SVG"),
        (HTML, "document", "HTML"), (UNDRAWABLE, "image", "PNG"), (NO_TABLES, "image", "JPG"),
    ],
)  # fmt: skip
def test_all_else_has_an_icon(user: Client, content: bytes, category: str, letters: str) -> None:
    body = sent(user, "<script>alert(1)</script>", content, category)
    answer = user.get(f"{FILES}/{body['file_id']}/preview")
    assert (answer.status, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert f">{letters}</text>".encode() in answer.raw
    assert b"script" not in answer.raw
    assert user.get(f"{FILES}/{body['file_id']}/preview").raw == answer.raw
    assert objects() == [body["file_key"]]


@pytest.mark.parametrize(("content", "category"), [(picture(), "image"), (PDF, "document")])
def test_a_preview_runs_nothing(user: Client, content: bytes, category: str) -> None:
    headers = user.get(f"{FILES}/{sent(user, 'a', content, category)['file_id']}/preview").headers
    assert headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "private, max-age=3600"
    assert headers["content-disposition"] == "inline"


def test_what_cannot_be_drawn_is_tried_once(user: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"{FILES}/{sent(user, 'a.png', UNDRAWABLE)['file_id']}/preview"
    tried: list[bytes] = []
    plain = thumbnails.make

    def counted(content: bytes) -> tuple[bytes, str]:
        tried.append(content)
        return plain(content)

    monkeypatch.setattr(thumbnails, "make", counted)
    assert [user.get(path).status for _ in range(3)] == [200] * 3
    assert len(tried) == 1


def test_a_thumbnail_that_was_lost_is_made_again(user: Client) -> None:
    body = sent(user, "a.png", picture())
    first = user.get(f"{FILES}/{body['file_id']}/preview").raw
    storage.delete(f"thumbnails/{body['file_id']}")
    assert user.get(f"{FILES}/{body['file_id']}/preview").raw == first
    assert f"thumbnails/{body['file_id']}" in objects()


def test_a_file_deleted_while_its_thumbnail_is_made_leaves_nothing(
    user: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = sent(user, "a.png", picture())
    plain = thumbnails.make

    def deleted_first(content: bytes) -> tuple[bytes, str]:
        assert user.delete(f"{FILES}/{body['file_id']}").status == 204
        return plain(content)

    monkeypatch.setattr(thumbnails, "make", deleted_first)
    assert user.get(f"{FILES}/{body['file_id']}/preview").status == 200
    assert (objects(), rows()) == ([], [])


def test_a_maker_that_dies_leaves_nothing_for_long(
    noon: FrozenClock, user: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = sent(user, "a.png", picture())

    def dies(*_: Any) -> None:
        raise KeyError

    monkeypatch.setattr(previews, "_remember", dies)
    assert user.get(f"{FILES}/{body['file_id']}/preview").status == 500
    assert f"thumbnails/{body['file_id']}" in objects()
    noon.advance(minutes=61)
    assert upkeep.sweep() == Swept(cleared=1)
    assert objects() == [body["file_key"]]


def test_many_who_look_at_once_see_the_same(user: Client) -> None:
    body = sent(user, "a.png", picture())
    answers = in_threads(5, lambda _: user.get(f"{FILES}/{body['file_id']}/preview"))
    assert len({answer.raw for answer in answers if not isinstance(answer, Exception)}) == 1
    assert not any(isinstance(answer, Exception) for answer in answers)
    assert objects() == [body["file_key"], f"thumbnails/{body['file_id']}"]


def test_a_link_saves_the_file_under_its_name(noon: FrozenClock, user: Client) -> None:
    content = picture()
    body = sent(user, 'a "b"; 사진.png', content)
    answer = user.post(LINK, {"file_id": body["file_id"].upper(), "expires_in_hours": 48})
    assert answer.status == 200
    assert answer.body == {
        "presigned_url": answer.body["presigned_url"],
        "expires_at": "2026-12-02T12:00:00Z",
        "may_expire_sooner": False,
    }
    asked = parse_qs(urlsplit(answer.body["presigned_url"]).query)
    assert asked["X-Amz-Expires"] == [str(48 * 3600)]
    assert asked["response-content-disposition"] == [
        "attachment; filename*=UTF-8''a%20%22b%22%3B%20%EC%82%AC%EC%A7%84.png"
    ]
    assert requests.get(answer.body["presigned_url"], timeout=10).content == content


def test_a_link_lives_a_day_unless_asked_otherwise(noon: FrozenClock, user: Client) -> None:
    file_id = sent(user, "a.png", picture())["file_id"]
    for hours, sent_body in ((24, {"file_id": file_id}), (1, {"file_id": file_id, "expires_in_hours": 1}),
                             (168, {"file_id": file_id, "expires_in_hours": 168.0})):  # fmt: skip
        body = user.post(LINK, sent_body).body
        assert body["expires_at"] == (noon.at + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


def test_a_link_that_a_role_signs_says_that_it_may_end_sooner(user: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    file_id = sent(user, "a.png", picture())["file_id"]
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a-role")
    aws.reset()
    try:
        assert user.post(LINK, {"file_id": file_id}).body["may_expire_sooner"] is True
    finally:
        monkeypatch.undo()
        aws.reset()


@pytest.mark.parametrize(
    ("wish", "fields"),
    [
        ({}, ["file_id"]),
        ({"file_id": "nonsense"}, ["file_id"]),
        ({"file_id": None}, ["file_id"]),
        ({"file_id": NOBODY, "expires_in_hours": 0}, ["expires_in_hours"]),
        ({"file_id": NOBODY, "expires_in_hours": 169}, ["expires_in_hours"]),
        ({"file_id": NOBODY, "expires_in_hours": 1.5}, ["expires_in_hours"]),
        ({"file_id": NOBODY, "expires_in_hours": None}, ["expires_in_hours"]),
    ],
)
def test_a_link_that_cannot_be_names_its_field(user: Client, wish: Any, fields: list[str]) -> None:
    answer = user.post(LINK, wish)
    assert answer.status == 422
    assert [each["field"] for each in answer.error["details"]] == fields


def test_links_and_previews_are_for_those_who_may_read(suite: Client, user: Client, sign_in: SignIn) -> None:
    assert user.post(LINK, {"file_id": NOBODY}).status == 404
    assert suite.post(LINK, {"file_id": NOBODY}).status == 401
    locked = sign_in("user")
    lend(locked, "FILES_READ", allowed=False)
    assert locked.post(LINK, {"file_id": NOBODY}).status == 403
    assert locked.get(f"{FILES}/{NOBODY}/preview").status == 403
