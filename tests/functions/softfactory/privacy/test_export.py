"""The copy of a person's data: complete, made once, gone on with, and gone in time."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from quintet.api import ApiError
from quintet.jobs import Job
from quintet.models.time import FrozenClock
from quintet.net import aws
from quintet.providers import storage
from quintet.providers.errors import Rejected
from quintet.settings import settings, use
from quintet.testing import Client
from softfactory.audit import reading, sequencer
from softfactory.files import upkeep
from softfactory.files.erasure import Exported
from softfactory.people.entities import EmailClaim, User
from softfactory.privacy import activity, archive, erasing, exporting
from softfactory.privacy.entities import DataExport
from softfactory.privacy.subjects import DataSubject
from softfactory.service import store
from softfactory.work import JOBS
from tests.functions.softfactory.conftest import account_of, as_account, change
from tests.functions.softfactory.files.conftest import announce, objects, sent
from tests.functions.softfactory.files.samples import PDF, picture
from tests.functions.softfactory.privacy.conftest import ADDRESS, BIO, EMAIL, EXPORT, FILE, NAME, SUBJECT, good
from tests.support.aws import in_threads

pytestmark = pytest.mark.usefixtures("noon")


def ask(admin: Client, user_id: str) -> Any:
    return good(admin.post(EXPORT, {"user_id": user_id}))


def downloaded(reply: dict[str, Any]) -> zipfile.ZipFile:
    """The archive that a reply links to, whose every member is what its manifest says."""
    key = unquote(urlsplit(reply["download_url"]).path).partition("softfactory/exports/")[2]
    content = storage.get(f"exports/{key}")
    assert content is not None
    found = zipfile.ZipFile(io.BytesIO(content))
    assert found.testzip() is None
    manifest = json.loads(found.read("manifest.json"))
    told = {member["path"]: (member["size"], member["sha256"]) for member in manifest["members"]}
    assert told == {
        name: (len(found.read(name)), hashlib.sha256(found.read(name)).hexdigest())
        for name in found.namelist()
        if name != "manifest.json"
    }
    return found


def test_a_copy_has_everything_but_secrets(admin: Client, ada: User) -> None:
    reply = ask(admin, ada.id)
    assert reply == {
        "job_id": reply["job_id"], "status": "completed", "download_url": reply["download_url"], "error": None,
    }  # fmt: skip
    found = downloaded(reply)
    data = {name: json.loads(found.read(name)) for name in found.namelist() if name.startswith("data/")}
    (profile,) = data["data/profile.json"]
    assert (profile["id"], profile["email"], profile["name"], profile["bio"]) == (ada.id, EMAIL, NAME, BIO)
    assert data["data/networks.json"] == [{"network": ADDRESS}]
    assert [each["subject"] for each in data["data/identities.json"]] == [SUBJECT]
    file, awaited = data["data/files.json"]
    assert (awaited["filename"], awaited["size"], "uploaded_at" in awaited) == (FILE, 6_000_000, False)
    assert data["data/subscriptions.json"][0]["plan_name"] == "Pro"
    assert found.read(f"files/{file['file_id']}/{FILE}") == picture()
    assert [(each["key"], each["value"]) for each in data["data/translations.json"]] == [("auth.login", "Come in")]
    assert {"auth.login", "auth.login_refused", "user.role_assign"} & {
        entry["action"] for entry in data["data/activity.json"]
    } >= {"auth.login", "auth.login_refused"}
    assert data["data/counters.json"][0]["calls"] >= 4
    assert data["data/exports.json"] == [], "the job that wrote it would stand there as under way"
    claim = store.get(EmailClaim, email=EMAIL)
    assert claim is not None
    assert claim.password_hash is not None
    assert claim.password_hash.encode() not in b"".join(found.read(name) for name in found.namelist())


def test_asking_again_answers_the_same_copy_for_a_day(admin: Client, user: Client, noon: FrozenClock) -> None:
    person = account_of(user)
    admin_account = account_of(admin)
    first = ask(admin, person.id)
    noon.advance(hours=23, minutes=59)
    assert ask(as_account(admin, admin_account), person.id)["job_id"] == first["job_id"]
    noon.advance(minutes=1)
    sent(as_account(user, person), "new.pdf", PDF, "document")
    second = ask(as_account(admin, admin_account), person.id)
    assert second["job_id"] != first["job_id"]
    found = downloaded(second)
    assert any(name.endswith("new.pdf") for name in found.namelist())
    assert [(job["id"], job["status"]) for job in json.loads(found.read("data/exports.json"))] == [
        (first["job_id"], "completed")
    ]
    assert [key for key in objects() if key.startswith("exports/")] == [f"exports/{second['job_id']}.zip"]


def test_a_copy_is_gone_after_a_week(admin: Client, user: Client, noon: FrozenClock) -> None:
    ask(admin, account_of(user).id)
    noon.advance(days=6, hours=23)
    upkeep.sweep()
    assert len(objects()) == 1
    noon.advance(hours=2)
    upkeep.sweep()
    assert objects() == []


def test_of_many_who_ask_at_once_one_makes_the_copy(admin: Client, user: Client) -> None:
    person = account_of(user).id
    replies = in_threads(4, lambda _: ask(admin, person)["job_id"])
    assert len(set(replies)) == 1
    assert len(store.query(Job, tenant=person).items) == 1


def test_every_time_it_is_asked_for_enters_the_trail(admin: Client, user: Client) -> None:
    person, by = account_of(user).id, account_of(admin).id
    jobs = [ask(admin, person)["job_id"] for _ in range(2)]
    sequencer.drain()
    told = [entry for entry in reading.entries_of(person)[0] if entry.action == "gdpr.export"]
    assert [entry.after for entry in told] == [{"job_id": job, "handed_out": True} for job in jobs]
    assert [entry.user_id for entry in reading.entries(range(2))] == [by, by]


def test_that_a_copy_failed_is_told_once_and_then_it_is_made_anew(admin: Client, user: Client) -> None:
    """Also when it failed long after somebody had asked, as where a queue runs the job."""
    person = account_of(user).id
    with use({"QUINTET_BUCKET": ""}):
        failed = ask(admin, person)
    assert (failed["status"], failed["download_url"]) == ("failed", None)
    assert "QUINTET_BUCKET" in failed["error"]
    store.update(DataExport, DataExport.key(user_id=person), put={"told": False})
    assert ask(admin, person) == failed
    again = ask(admin, person)
    assert (again["status"], again["job_id"] == failed["job_id"]) == ("completed", False)


def test_the_copy_before_stays_until_the_next_one_is_complete(
    admin: Client, user: Client, noon: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, by = account_of(user).id, account_of(admin)

    def unavailable(*_: Any) -> None:
        raise Rejected("no room")

    first = ask(admin, person)["job_id"]
    noon.advance(days=2)
    admin = as_account(admin, by)
    with monkeypatch.context() as patched:
        patched.setattr(storage, "finish_parts", unavailable)
        assert ask(admin, person)["status"] == "failed"
    assert [key for key in objects() if key.endswith(".zip")] == [f"exports/{first}.zip"]
    last = ask(admin, person)["job_id"]
    assert [key for key in objects() if key.endswith(".zip")] == [f"exports/{last}.zip"]


def test_a_copy_whose_archive_is_gone_is_made_anew(admin: Client, user: Client) -> None:
    person = account_of(user).id
    first = ask(admin, person)["job_id"]
    storage.delete(f"exports/{first}.zip")
    again = ask(admin, person)
    assert again["job_id"] != first
    assert "manifest.json" in downloaded(again).namelist()


def test_a_copy_has_files_that_have_arrived_and_that_nobody_looked_for(admin: Client, user: Client) -> None:
    posted = announce(user, len(PDF), filename="letter.pdf", content_type="application/pdf", category="document")
    storage.put(f"incoming/{posted['file_id']}", PDF, "application/pdf")
    found = downloaded(ask(admin, account_of(user).id))
    (file,) = json.loads(found.read("data/files.json"))
    assert found.read(f"files/{file['file_id']}/letter.pdf") == PDF


def test_an_attempt_that_dies_is_gone_on_with(
    admin: Client, user: Client, noon: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file is read twice once it was put down that it is in the archive."""
    monkeypatch.setattr(archive, "PART", 5 * 1024 * 1024)
    monkeypatch.setattr(exporting, "STRIDE", 1)
    contents = [PDF + bytes([number]) * 2_500_000 + PDF for number in range(4)]
    for number, content in enumerate(contents):
        sent(user, f"{number}.pdf", content, "document")
    person, content_of, read = account_of(user), Exported.content, list[str | None]()

    class Died(BaseException):
        pass

    def dying(file: Exported) -> bytes | None:
        read.append(file.key)
        if len(read) in (2, 4):
            raise Died
        return content_of(file)

    monkeypatch.setattr(Exported, "content", dying)
    with pytest.raises(Died):
        exporting.asked(person.id)
    noon.advance(hours=1)
    with pytest.raises(Died):
        JOBS.sweep()
    noon.advance(hours=1)
    JOBS.sweep()
    (job,) = store.query(Job, tenant=person.id).items
    assert (job.status, len(read), len(set(read))) == ("completed", 6, 4)
    url = exporting.download_url(job, person.id)
    found = downloaded({"download_url": url})
    assert sorted(found.read(name) for name in found.namelist() if name.startswith("files/")) == sorted(contents)
    assert [key for key in objects() if key.endswith(".part")] == []


def test_an_attempt_that_dies_when_the_archive_is_finished_costs_nothing(
    admin: Client, user: Client, noon: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, finish = account_of(user).id, storage.finish_parts

    class Died(BaseException):
        pass

    def dying(*given: Any) -> None:
        finish(*given)
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(storage, "finish_parts", dying)
        with pytest.raises(Died):
            exporting.asked(person)
    noon.advance(hours=1)
    JOBS.sweep()
    (job,) = store.query(Job, tenant=person).items
    (key,) = objects()
    assert (job.status, job.result) == ("completed", {"size": len(storage.get(key) or b"")})
    assert "data/profile.json" in downloaded({"download_url": exporting.download_url(job, person)}).namelist()


def test_a_long_archive_is_written_in_several_attempts(
    admin: Client, user: Client, noon: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "RESERVE", 10_000.0)  # each attempt has time for one member
    for number in range(2):
        sent(user, f"{number}.pdf", PDF, "document")
    reply = ask(admin, account_of(user).id)
    for _ in range(30):
        if reply["status"] == "completed":
            break
        JOBS.sweep()
        reply = ask(admin, account_of(user).id)
    assert reply["status"] == "completed"
    assert sum(name.startswith("files/") for name in downloaded(reply).namelist()) == 2


def test_a_copy_of_somebody_erased_meanwhile_is_not_finished(
    admin: Client, ada: User, noon: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The erasure comes between the archive's last part and the end of its job, whose attempt has outlived its lease;
    what was written is deleted, too."""
    finish = storage.finish_parts

    def late(*given: Any) -> None:
        noon.advance(minutes=30)
        assert activity.erase_jobs(DataSubject(ada.id, ada.email), 100)
        finish(*given)

    monkeypatch.setattr(storage, "finish_parts", late)
    exporting.asked(ada.id)
    assert store.query(Job, tenant=ada.id).items == []
    noon.advance(hours=3)
    upkeep.sweep()
    assert [key for key in objects() if key.startswith("exports/")] == []
    assert aws.client("s3").list_multipart_uploads(Bucket=settings().bucket).get("Uploads", []) == []


def test_an_erasure_deletes_the_parts_of_a_copy_that_is_not_finished(
    admin: Client, ada: User, noon: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def uploads() -> list[Any]:
        found: list[Any] = aws.client("s3").list_multipart_uploads(Bucket=settings().bucket).get("Uploads", [])
        return found

    class Died(BaseException):
        """What nothing catches, as the end of a process is not caught."""

    def dying(*_: Any) -> None:
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(storage, "finish_parts", dying)
        with pytest.raises(Died):
            exporting.asked(ada.id)
    assert len(uploads()) == 1
    assert not activity.erase_jobs(DataSubject(ada.id, ada.email), 100), "nobody knows that the attempt has died"
    noon.advance(minutes=10)
    assert activity.erase_jobs(DataSubject(ada.id, ada.email), 100)
    assert uploads() == []


def test_an_attempt_whose_job_is_gone_makes_no_archive(
    admin: Client, ada: User, noon: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = exporting._manifest

    def late(*given: Any) -> bytes:
        noon.advance(minutes=30)
        assert activity.erase_jobs(DataSubject(ada.id, ada.email), 100)
        return manifest(*given)

    monkeypatch.setattr(exporting, "_manifest", late)
    exporting.asked(ada.id)
    assert [key for key in objects() if key.endswith(".zip")] == []


def test_nobody_orders_a_copy_of_whom_is_being_erased(user: Client, noon: FrozenClock) -> None:
    """Also who read the account before its erasure had begun."""
    person = change(user, deletion_due=noon.at)
    erasing.begin_due()
    with pytest.raises(ApiError, match="User not found"):
        exporting.asked(person.id)
    assert store.query(Job, tenant=person.id).items == []
