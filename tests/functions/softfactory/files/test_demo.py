"""The demo's files: there once however often they are seeded, and good to open."""

from __future__ import annotations

from quintet.testing import Client
from softfactory.files.demo import seed_files
from tests.functions.softfactory.conftest import account_of
from tests.functions.softfactory.files.conftest import FILES, objects


def test_demo_files_are_seeded_once_for_each(user: Client, stranger: Client) -> None:
    for client in (user, user, stranger):
        seed_files(account_of(client))
    body = user.get(f"{FILES}?sort=filename").body
    assert [(each["filename"], each["content_type"]) for each in body["files"]] == [
        ("brand-guide.html", "text/html"),
        ("sunrise.png", "image/png"),
        ("매출.csv", "text/csv"),
    ]
    assert body["total"] == stranger.get(FILES).body["total"] == 3
    assert len(objects()) == 6
    picture = next(each for each in body["files"] if each["category"] == "image")
    assert user.get(f"{FILES}/{picture['file_id']}/preview").headers["content-type"] == "image/jpeg"
