"""Uploads to the embedded AWS as browsers and curl make them: the form's policy holds, and the file store takes it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from infra.local import ministack
from infra.local.environment import DUMMY_AWS, HOST, ROOT, Endpoints, State, variables
from infra.local.ministack import MiniStack, free_port
from infra.local.resources import Resources
from quintet.net import aws
from quintet.providers import storage
from quintet.settings import use
from quintet.testing import Client
from softfactory.service import api
from tests.functions.softfactory.conftest import as_account, make_user
from tests.functions.softfactory.files.samples import HTML, picture

ORIGIN = {"Origin": "https://app.example.com"}
LARGE = picture() + bytes(6_000_000)


@pytest.fixture(scope="module")
def embedded() -> Iterator[str]:
    """The URL of an embedded AWS of these tests."""
    if not ministack.PYTHON.exists():
        subprocess.run(["sh", "infra/local/bootstrap.sh", "ministack"], cwd=ROOT, check=True, timeout=300)
    state = State.of(free_port())
    try:
        with MiniStack(state) as running:
            Resources(running.url).create(["softfactory"])
            yield running.url
    finally:
        shutil.rmtree(state.home, ignore_errors=True)


@pytest.fixture
def laptop(embedded: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name, value in DUMMY_AWS.items():  # the only keys that the embedded AWS knows
        monkeypatch.setenv(name, value)
    with use({**variables("softfactory", Endpoints(embedded, embedded), {}), "QUINTET_RATE_LIMITS": "off"}):
        aws.reset()
        yield embedded
    monkeypatch.undo()
    aws.reset()


def post(url: str, fields: dict[str, str], content: bytes, **changed: str) -> httpx.Response:
    return httpx.post(url, data={**fields, **changed}, files={"file": ("photo.png", content)}, headers=ORIGIN)


@pytest.mark.usefixtures("laptop")
def test_the_forms_policy_is_kept() -> None:
    form = storage.presign_upload("incoming/1", "image/png", 100, timedelta(minutes=5), min_bytes=100)
    fields = dict(form.fields)
    assert post(form.url, fields, bytes(99)).status_code == 400
    assert post(form.url, fields, bytes(101)).status_code == 400
    assert post(form.url, fields, bytes(100), key="softfactory/files/1.png").status_code == 403
    assert post(form.url, fields, bytes(100), **{"Content-Type": "text/html"}).status_code == 403
    assert post(form.url, fields, bytes(100), policy=fields["policy"][:-4] + "AAAA").status_code in (400, 403)
    assert storage.head("incoming/1") is None
    assert post(form.url, fields, bytes(100)).status_code == 204
    found = storage.head("incoming/1")
    assert found is not None
    assert (found.size, found.content_type) == (100, "image/png")


def test_a_page_of_another_origin_may_post_and_read(laptop: str) -> None:
    form = storage.presign_upload("incoming/2", "image/png", 10, min_bytes=1)
    asked = {**ORIGIN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    allowed = httpx.options(form.url, headers=asked)
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] in ("*", ORIGIN["Origin"])
    answer = post(form.url, dict(form.fields), bytes(10))
    assert answer.headers["access-control-allow-origin"] in ("*", ORIGIN["Origin"])


@pytest.mark.usefixtures("laptop")
def test_a_copy_is_of_what_was_seen() -> None:
    storage.put("incoming/3", b"seen", "image/png")
    seen = storage.head("incoming/3")
    assert seen is not None
    storage.put("incoming/3", b"evil", "image/png")
    assert not storage.copy("incoming/3", "files/3.png", "image/png", seen.etag)
    assert storage.get_part("incoming/3", 0, 4, seen.etag) is None
    assert storage.head("files/3.png") is None


@pytest.mark.usefixtures("laptop")
def test_a_large_file_goes_all_the_way() -> None:
    client = as_account(Client(api), make_user("user"))
    wish = {"filename": "사진.png", "size": len(LARGE), "content_type": "image/png", "category": "image"}
    announced: Any = client.post("/api/files/upload", wish).body
    upload, path = announced["upload"], f"/api/files/{announced['file_id']}"
    assert client.get(path).status == 404
    assert post(upload["url"], upload["fields"], LARGE).status_code == 204
    assert client.get("/api/files").body["total"] == 1
    assert post(upload["url"], upload["fields"], HTML.ljust(len(LARGE))).status_code == 204
    found = client.get(path).body
    served = httpx.get(found["cdn_url"], headers=ORIGIN)
    assert (served.content, served.headers["content-type"]) == (LARGE, "image/png")
    link = client.post("/api/files/presigned-url", {"file_id": announced["file_id"]}).body
    saved = httpx.get(link["presigned_url"])
    assert saved.content == LARGE
    assert saved.headers["content-disposition"] == "attachment; filename*=UTF-8''%EC%82%AC%EC%A7%84.png"
    assert client.get(path + "/preview").headers["content-type"] == "image/jpeg"
    assert client.delete(path).status == 204
    assert httpx.get(link["presigned_url"]).status_code == 404
    assert HOST in found["s3_url"]
