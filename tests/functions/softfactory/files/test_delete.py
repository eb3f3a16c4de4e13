"""Deletion: object, thumbnail and record go; races; erasure and export of a whole account."""

from __future__ import annotations

import pytest
import requests

from quintet.models.time import FrozenClock
from quintet.providers import storage
from quintet.providers.errors import Unavailable
from quintet.store import ConditionFailed
from quintet.testing import Client
from softfactory.files import loose, upkeep, uploads
from softfactory.files.entities import StoredFile, Usage
from softfactory.files.erasure import Erased, erase_files, export_files
from softfactory.files.upkeep import Swept
from softfactory.service import store
from tests.functions.softfactory.conftest import SignIn, account_of, as_account, lend
from tests.functions.softfactory.files.conftest import FILES, LINK, announce, objects, post_to_s3, rows, send, sent
from tests.functions.softfactory.files.samples import PDF, picture
from tests.support.aws import in_threads


def test_a_deleted_file_is_gone_with_all_that_was_its_own(user: Client) -> None:
    file_id = sent(user, "a.png", picture())["file_id"]
    assert user.get(f"{FILES}/{file_id}/preview").status == 200
    assert len(objects()) == 2
    answer = user.delete(f"{FILES}/{file_id}")
    assert (answer.status, answer.raw) == (204, b"")
    assert (objects(), rows()) == ([], [])
    again = user.delete(f"{FILES}/{file_id}")
    assert (again.status, again.error["code"]) == (404, "file_not_found")
    assert user.get(f"{FILES}/{file_id}").status == 404
    usage = store.get(Usage, user_id=account_of(user).id)
    assert usage is not None
    assert usage.used == 0


def test_no_address_of_a_deleted_file_leads_anywhere(user: Client) -> None:
    body = sent(user, "a.png", picture())
    user.get(f"{FILES}/{body['file_id']}/preview")
    link = user.post(LINK, {"file_id": body["file_id"], "expires_in_hours": 168}).body["presigned_url"]
    addresses = [link, body["cdn_url"], body["s3_url"], storage.presign_download(f"thumbnails/{body['file_id']}")]
    assert [requests.get(address, timeout=10).status_code for address in addresses] == [200] * 4
    assert user.delete(f"{FILES}/{body['file_id']}").status == 204
    # As S3 does where nobody may know what there is, the stand-in answers 403 for some.
    assert {requests.get(address, timeout=10).status_code for address in addresses} <= {403, 404}


def test_of_many_deletions_one_is_the_deletion(user: Client) -> None:
    sent(user, "b.png", picture())
    file_id = sent(user, "a.png", picture())["file_id"]
    answers = in_threads(6, lambda _: user.delete(f"{FILES}/{file_id}").status)
    assert sorted(answers, key=str) == [204, 404, 404, 404, 404, 404]
    assert user.get(FILES).body["total"] == 1


def test_a_file_is_gone_at_once_and_its_object_when_the_storage_is_back(
    noon: FrozenClock, user: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = sent(user, "a.png", picture())

    def down(_: str) -> None:
        raise Unavailable("storage cannot be reached")

    monkeypatch.setattr(storage, "delete", down)
    assert user.delete(f"{FILES}/{body['file_id']}").status == 204
    assert user.get(FILES).body["total"] == 0
    assert objects() == [body["file_key"]]
    assert upkeep.sweep() == Swept(failed=1)
    monkeypatch.undo()
    assert upkeep.sweep() == Swept(cleared=1)
    assert (objects(), rows()) == ([], [])


def test_an_upload_that_dies_leaves_nothing_for_long(
    noon: FrozenClock, user: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise ConditionFailed

    monkeypatch.setattr(uploads, "require_owner", dies)
    assert send(user, "a.png", picture()).status == 500
    assert len(objects()) == 1
    assert upkeep.sweep() == Swept()
    noon.advance(minutes=61)
    assert upkeep.sweep() == Swept(cleared=1)
    assert (objects(), rows()) == ([], [])


def test_a_note_that_stayed_does_not_take_a_file_away(noon: FrozenClock, user: Client) -> None:
    body = sent(user, "a.png", picture())
    file = store.get(StoredFile, user_id=account_of(user).id, id=body["file_id"])
    assert file is not None
    loose.expect(file)
    noon.advance(minutes=61)
    assert upkeep.sweep() == Swept(cleared=1)
    assert objects() == [body["file_key"]]


def test_deleting_needs_a_token_and_the_permission(suite: Client, sign_in: SignIn) -> None:
    reader = sign_in("user")
    file_id = sent(reader, "a.png", picture())["file_id"]
    lend(reader, "FILES_WRITE", allowed=False)
    assert reader.delete(f"{FILES}/{file_id}").status == 403
    assert suite.delete(f"{FILES}/{file_id}").status == 401
    assert reader.get(f"{FILES}/{file_id}").status == 200


def test_nothing_is_deleted_in_somebody_elses_name(suite: Client, user: Client, admin: Client) -> None:
    file_id = sent(user, "a.png", picture())["file_id"]
    actor = account_of(admin)
    acting = as_account(suite, account_of(user), act={"sub": actor.id, "epoch": actor.epoch})
    assert acting.get(FILES).body["total"] == 1
    answer = acting.delete(f"{FILES}/{file_id}")
    assert (answer.status, answer.error["code"]) == (403, "impersonating")
    assert user.get(f"{FILES}/{file_id}").status == 200


def test_erasure_takes_all_of_a_user_and_nothing_of_others(noon: FrozenClock, user: Client, stranger: Client) -> None:
    other = sent(stranger, "mine.png", picture())
    user_id, stranger_id = account_of(user).id, account_of(stranger).id
    for name in ("a.png", "b.png", "c.png"):
        sent(user, name, picture())
    user.get(f"{FILES}/{sent(user, 'd.png', picture())['file_id']}/preview")
    body = announce(user, 5000)
    post_to_s3(body["upload"], PDF + b" " * (5000 - len(PDF)))
    announce(user, 700)
    refused = announce(user, 700)
    post_to_s3(refused["upload"], PDF + b" " * (700 - len(PDF)))
    assert user.get(f"{FILES}/{refused['file_id']}").status == 409
    noon.advance(hours=2)  # it is told no more, and still there
    assert erase_files(user_id, 3) == Erased(3, complete=False)
    assert erase_files(user_id, 10) == Erased(4, complete=True)
    assert objects() == [other["file_key"]]
    assert not [row for row in rows() if user_id in str(row)]
    assert store.get(Usage, user_id=user_id) is None
    assert erase_files(user_id, 10) == Erased(0, complete=True)
    assert store.count(StoredFile, "gsi1", user_id=stranger_id) == 1


def test_an_erasure_is_complete_when_the_storage_has_let_go(user: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    user_id = account_of(user).id
    sent(user, "a.png", picture())

    def down(_: str) -> None:
        raise Unavailable("storage cannot be reached")

    monkeypatch.setattr(storage, "delete", down)
    assert erase_files(user_id, 10) == Erased(1, complete=False)
    monkeypatch.undo()
    assert erase_files(user_id, 10) == Erased(0, complete=True)
    assert (objects(), rows()) == ([], [])


def test_an_export_has_every_file_with_its_content(noon: FrozenClock, user: Client, stranger: Client) -> None:
    sent(stranger, "theirs.png", picture())
    first = sent(user, "../사진.png", picture())
    second = sent(user, "a.pdf", PDF, "document")
    found = list(export_files(account_of(user).id))
    by_id = {each.record["file_id"]: each for each in found}
    assert set(by_id) == {first["file_id"], second["file_id"]}
    assert by_id[first["file_id"]].record == {
        "file_id": first["file_id"],
        "filename": "사진.png",
        "size": len(picture()),
        "content_type": "image/png",
        "category": "image",
        "uploaded_at": "2026-11-30T12:00:00Z",
    }
    assert by_id[first["file_id"]].path == f"files/{first['file_id']}/사진.png"
    assert by_id[first["file_id"]].content() == picture()
    assert by_id[second["file_id"]].content() == PDF
