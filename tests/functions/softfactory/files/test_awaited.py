"""How many uploads may be awaited, and that those are no more which arrived or were refused."""

from __future__ import annotations

from quintet.models.time import FrozenClock
from quintet.testing import Client
from softfactory.files import upkeep
from softfactory.files.room import MOST_AWAITED
from softfactory.files.upkeep import Swept
from tests.functions.softfactory.conftest import account_of, as_account
from tests.functions.softfactory.files.conftest import FILES, UPLOAD, announce, awaited, objects, post_to_s3
from tests.functions.softfactory.files.samples import HTML, picture
from tests.support.aws import in_threads

WISH = {"filename": "a.png", "size": 9, "content_type": "image/png", "category": "image"}


def test_only_so_many_uploads_are_awaited(user: Client) -> None:
    made = [announce(user, 100)["file_id"] for _ in range(MOST_AWAITED)]
    assert user.post(UPLOAD, WISH).error["code"] == "too_many_uploads"
    assert user.delete(f"{FILES}/{made[0]}").status == 204
    assert user.post(UPLOAD, WISH).status == 201
    assert awaited(account_of(user).id) == MOST_AWAITED


def test_parallel_announcements_never_are_more_than_may_be_awaited(user: Client) -> None:
    for _ in range(MOST_AWAITED - 2):
        announce(user, 100)
    answers = in_threads(6, lambda _: user.post(UPLOAD, WISH).status)
    assert sorted(answers, key=str) == [201, 201, 409, 409, 409, 409]
    assert awaited(account_of(user).id) == MOST_AWAITED


def test_what_was_posted_makes_place_for_what_is_announced_next(user: Client) -> None:
    content = picture()
    made = [announce(user, len(content)) for _ in range(MOST_AWAITED)]
    post_to_s3(made[0]["upload"], content)
    post_to_s3(made[1]["upload"], HTML.ljust(len(content)))
    announce(user, 100)
    assert awaited(account_of(user).id) == MOST_AWAITED - 1
    assert user.get(f"{FILES}/{made[0]['file_id']}").status == 200
    assert user.get(f"{FILES}/{made[1]['file_id']}").error["code"] == "upload_refused"


def test_what_was_refused_takes_no_place_and_hides_nothing(noon: FrozenClock, user: Client) -> None:
    content = picture()
    first = announce(user, len(content))
    bad = [announce(user, len(content)) for _ in range(MOST_AWAITED - 1)]
    refused = bad[0]
    for body in bad:
        post_to_s3(body["upload"], HTML.ljust(len(content)))
        assert user.get(f"{FILES}/{body['file_id']}").error["code"] == "upload_refused"
    assert awaited(account_of(user).id) == 1
    for _ in range(MOST_AWAITED - 1):
        announce(user, 100)
    post_to_s3(first["upload"], content)
    assert user.get(FILES).body["total"] == 1
    assert user.delete(f"{FILES}/{refused['file_id']}").status == 204
    gone = user.get(f"{FILES}/{refused['file_id']}")
    assert (gone.status, gone.error["code"]) == (404, "file_not_found")


def test_why_an_upload_was_refused_is_told_for_an_hour(noon: FrozenClock, suite: Client, user: Client) -> None:
    account, body = account_of(user), announce(user, 100)
    post_to_s3(body["upload"], HTML.ljust(100))
    noon.advance(minutes=6)
    assert upkeep.sweep() == Swept(given_up=1)
    assert (awaited(account.id), objects()) == (0, [])
    noon.advance(minutes=59)
    user = as_account(suite, account)
    assert user.get(f"{FILES}/{body['file_id']}").error["code"] == "upload_refused"
    noon.advance(minutes=1)
    assert user.get(f"{FILES}/{body['file_id']}").error["code"] == "file_not_found"
    assert user.delete(f"{FILES}/{body['file_id']}").status == 404
