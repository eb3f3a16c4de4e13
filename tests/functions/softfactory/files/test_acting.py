"""Files as an administrator has to do with them in somebody's name."""

from __future__ import annotations

from quintet.testing import Client
from softfactory.accounts import sessions
from softfactory.service import store
from softfactory.trail.log import Entry
from tests.functions.softfactory.conftest import account_of
from tests.functions.softfactory.files.conftest import FILES, announce, sent
from tests.functions.softfactory.files.samples import picture


def test_what_is_done_in_somebodys_name_enters_into_the_trail(suite: Client, admin: Client, user: Client) -> None:
    person, administrator = account_of(user), account_of(admin)
    own = sent(user, "own.png", picture())["file_id"]
    assert user.post(f"{FILES}/presigned-url", {"file_id": own, "expires_in_hours": 1}).status == 200
    assert store.query(Entry).items == []
    acting = suite.as_caller(sessions.impersonated(person, administrator))
    file_id = sent(acting, "a.png", picture())["file_id"]
    awaited = announce(acting, 10_000_000)["file_id"]
    assert acting.post(f"{FILES}/presigned-url", {"file_id": own, "expires_in_hours": 1}).status == 200
    found = store.query(Entry).items
    assert {(each.action, each.resource_id) for each in found} == {
        ("file.upload", file_id), ("file.announce", awaited), ("file.link", own),
    }  # fmt: skip
    assert {(each.user_id, each.on_behalf, each.about) for each in found} == {(person.id, administrator.id, person.id)}
