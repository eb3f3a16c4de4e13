"""The business suite: somebody signs up with a second factor, files go up, texts are translated, an administrator gives
rights and looks after people, and the log of all that verifies."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import httpx
import pyotp

from infra.render.systems import ROOT
from tests.deploy.cloud import Cloud
from tests.deploy.front import Answer, Front
from tests.deploy.stories import Outside, Stage
from tests.deploy.suite_clock import EFFECTS, leave_behind
from tests.deploy.waiting import until
from tests.support.sign_in import SECRETS, consented, providers, registration

__all__ = ["EFFECTS", "outside", "remembered", "tell"]

API = "/api"
AUTH, FILES, RBAC, ADMIN, I18N = f"{API}/auth", f"{API}/files", f"{API}/rbac", f"{API}/admin", f"{API}/i18n"
ADA, BOB, CLEO = "ada@example.com", "bob@example.com", "cleo@example.com"
PASSWORD, OTHER_PASSWORD = "Correct-horse-9", "Battery-staple-7"
BOUNDARY = "softfactory-story"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


@contextmanager
def outside(_cloud: Cloud) -> Iterator[Outside]:
    """The stand-ins of Google, Kakao and Facebook."""
    with providers() as servers:
        named = {
            "Softfactory" + "".join(part.title() for part in name.split("_")): value
            for name, value in registration(servers).items()
        }
        yield Outside(named, SECRETS)


def tell(front: Front, stage: Stage) -> None:
    assert _ok(front.get(f"{API}/health"))["status"] == "ok"
    assert front.get(f"{AUTH}/user").status == 401
    admin = _signed_in(front, *stage.admin)
    ada = _sign_up(front, stage)
    _sign_in_elsewhere(front)
    _keep_files(ada, stage)
    _translate(admin, ada)
    _give_rights(admin, ada, stage)
    _look_after_people(front, admin, stage)
    _judge(admin, ada, stage)
    _serve_the_law(admin, stage)
    _read_the_log(admin)
    leave_behind(stage)
    _come_and_go(front, stage)


def _sign_up(front: Front, stage: Stage) -> Front:
    """An account with a proven address and a second factor, which is taken off again; then its password is lost."""
    made = _ok(front.post(f"{AUTH}/register", {"email": ADA, "password": PASSWORD, "name": "Ada Lovelace"}))
    ada = front.as_caller(made["access_token"])
    _ok(ada.post(f"{AUTH}/verify-email/resend"))
    _ok(front.post(f"{AUTH}/verify-email", {"token": _mailed(stage, ADA)}))
    renewed = _ok(front.post(f"{AUTH}/refresh", {"refresh_token": made["refresh_token"]}))
    ada = front.as_caller(renewed["access_token"])
    assert _ok(ada.get(f"{AUTH}/user"))["email_verified"] is True
    assert _ok(ada.put(f"{AUTH}/profile", {"bio": "Writes programs"}))["bio"] == "Writes programs"
    secret = _ok(ada.post(f"{AUTH}/2fa/setup"))["secret"]
    passed = _ok(ada.post(f"{AUTH}/verify-2fa", {"code": pyotp.TOTP(secret).now()}))
    ada = front.as_caller(passed["access_token"])
    codes = _ok(ada.get(f"{AUTH}/2fa/backup-codes"))["backup_codes"]
    challenge = _ok(front.post(f"{AUTH}/login", {"email": ADA, "password": PASSWORD}))["challenge_token"]
    _ok(front.post(f"{AUTH}/verify-2fa", {"challenge_token": challenge, "code": codes[0]}))
    _ok(ada.post(f"{AUTH}/2fa/disable", {"code": codes[1]}))
    before = len(_mails(stage, ADA))
    _ok(front.post(f"{AUTH}/password/reset", {"email": ADA}))
    until(lambda: len(_mails(stage, ADA)) > before)
    _ok(front.put(f"{AUTH}/password/reset/{_mailed(stage, ADA)}", {"password": OTHER_PASSWORD}))
    assert ada.get(f"{AUTH}/user").status == 401
    ada = _signed_in(front, ADA, OTHER_PASSWORD)
    stage.notes["ada"] = _ok(ada.get(f"{AUTH}/user"))["user_id"]
    return ada


def _sign_in_elsewhere(front: Front) -> None:
    for name in ("google", "kakao", "facebook"):
        url = _ok(front.get(f"{AUTH}/oauth/{name}/url"))["auth_url"]
        back = consented(url, f"{name}@example.com")
        entered = _ok(front.get(f"{AUTH}/oauth/{name}/callback", query=back))
        assert entered["user"]["email"] == f"{name}@example.com"
    assert front.get(f"{AUTH}/oauth/mock").status == 404


def _keep_files(ada: Front, stage: Stage) -> None:
    """One goes up as a form, one past the function; one is taken down."""
    picture = _picture()
    made = _ok(ada.post(f"{FILES}/upload", content=_form("dot.png", picture), headers=FORM))
    wish = {"filename": "big.png", "size": len(picture), "content_type": "image/png", "category": "image"}
    announced = _ok(ada.post(f"{FILES}/upload", wish))
    upload = announced["upload"]
    with httpx.Client(trust_env=False) as http:
        sent = http.post(upload["url"], data=upload["fields"], files={"file": ("big.png", picture, "image/png")})
        assert sent.status_code == 204, sent.text
        assert _ok(ada.get(f"{FILES}/{announced['file_id']}"))["size"] == len(picture)
        assert _ok(ada.get(FILES, query={"category": "image", "sort": "-size"}))["total"] == 2
        preview = ada.get(f"{FILES}/{made['file_id']}/preview")
        assert (preview.status, preview.headers["content-type"]) == (200, "image/jpeg")
        link = _ok(ada.post(f"{FILES}/presigned-url", {"file_id": made["file_id"]}))["presigned_url"]
        assert http.get(link).content == picture
    _ok(ada.delete(f"{FILES}/{made['file_id']}"))
    stage.notes["file"] = announced["file_id"]


def _translate(admin: Front, ada: Front) -> None:
    assert len(_ok(ada.get(f"{I18N}/languages"))["languages"]) == 4
    wrong = {"language": "en", "translations": {"common.welcome": "Welcome back"}}
    refused = _ok(admin.post(f"{I18N}/strings", wrong))
    assert (refused["updated_count"], refused["errors"][0]["code"]) == (0, "placeholders_differ")
    right = {"language": "en", "translations": {"common.welcome": "Welcome back, {name}"}}
    assert _ok(admin.post(f"{I18N}/strings", right))["updated_count"] == 1
    assert _ok(ada.get(f"{I18N}/strings/en/common.welcome"))["value"] == "Welcome back, {name}"
    assert _ok(ada.get(f"{I18N}/strings/ko", query={"module": "auth"}))["total"] > 10
    assert _ok(ada.get(f"{I18N}/coverage"))["languages"]["ja"] == 100
    assert "common.welcome" in _ok(ada.get(f"{I18N}/download/ja"))


def _give_rights(admin: Front, ada: Front, stage: Stage) -> None:
    """A role for a while, an override, and both taken back."""
    user = stage.notes["ada"]
    assert ada.get(f"{RBAC}/roles").status == 403
    wanted = {"name": "support", "description": "Answers", "permissions": ["RBAC_READ"]}
    role = _ok(admin.post(f"{RBAC}/roles", wanted))["role_id"]
    _ok(admin.put(f"{RBAC}/roles/{role}", {"description": "Answers people"}))
    given = {"role_name": "support", "expires_at": "2099-12-31"}
    assert len(_ok(admin.post(f"{RBAC}/users/{user}/roles", given))["roles"]) == 2
    assert _ok(ada.get(f"{RBAC}/roles/{role}"))["user_count"] == 1
    assert _ok(ada.get(f"{RBAC}/roles"))["total"] == 5
    assert _ok(ada.get(f"{RBAC}/permissions", query={"limit": "100"}))["total"] == 30
    denied = {"permission": "RBAC_READ", "allowed": False}
    _ok(admin.post(f"{RBAC}/users/{user}/permissions", denied))
    assert ada.get(f"{RBAC}/roles").status == 403
    _ok(admin.post(f"{RBAC}/users/{user}/permissions", {**denied, "allowed": None}))
    assert "RBAC_READ" in _ok(admin.get(f"{RBAC}/users/{user}/permissions"))["permissions"]
    assert len(_ok(admin.get(f"{RBAC}/users/{user}/roles"))["roles"]) == 2
    assert _ok(admin.get(f"{RBAC}/access-report"))["total"] >= 2
    _ok(admin.delete(f"{RBAC}/users/{user}/roles/{role}"))
    _ok(admin.delete(f"{RBAC}/roles/{role}"))


def _look_after_people(front: Front, admin: Front, stage: Stage) -> None:
    """Somebody is looked up, helped, barred and let in again; the limits are changed."""
    users = f"{ADMIN}/users"
    _ok(front.post(f"{AUTH}/register", {"email": CLEO, "password": PASSWORD, "name": "Cleo"}))
    listed = _ok(admin.get(users, query={"role": "user", "status": "active"}))
    cleo = next(one["user_id"] for one in listed["users"] if one["email"] == CLEO)
    at, stage.notes["cleo"] = f"{users}/{cleo}", cleo
    assert _ok(admin.put(at, {"name": "Cleopatra"})) == _ok(admin.get(at))
    assert _ok(admin.put(f"{at}/role", {"role_name": "creator"}))["roles"] == ["creator"]
    acting = front.as_caller(_ok(admin.post(f"{at}/impersonate"))["access_token"])
    assert _ok(acting.get(f"{AUTH}/user"))["name"] == "Cleopatra"
    assert acting.delete(f"{AUTH}/account").status == 403
    _ok(admin.post(f"{at}/ban", {"reason": "Spam"}))
    assert acting.get(f"{AUTH}/user").status == 403
    told = [one["action"] for one in _ok(admin.get(f"{at}/activities"))["activities"]]
    assert told[:2] == ["user.ban", "user.impersonate"]
    assert _ok(admin.get(f"{at}/subscriptions"))["total"] == 0
    _ok(admin.put(at, {"status": "active"}))
    _ok(admin.delete(at))
    limits = {"standard": {"per_minute": 600, "per_hour": 6000}}
    assert _ok(admin.put(f"{ADMIN}/rate-limits", limits)) == _ok(admin.get(f"{ADMIN}/rate-limits"))


def _judge(admin: Front, ada: Front, stage: Stage) -> None:
    """A profile is reported, cleared, and the report found right."""
    wish = {"content_type": "profile", "content_id": stage.notes["cleo"], "reason": "Spam"}
    report = _ok(ada.post(f"{API}/reports", wish))["report_id"]
    queue = f"{ADMIN}/flagged-content"
    assert [one["report_id"] for one in _ok(admin.get(queue, query={"status": "pending"}))["items"]] == [report]
    assert _ok(admin.post(f"{queue}/{report}/remove"))["removed"] is True
    assert _ok(admin.put(f"{queue}/{report}", {"action": "approve"})) == _ok(admin.get(f"{queue}/{report}"))
    for name in ("compliance", "security"):
        assert _ok(admin.get(f"{ADMIN}/{name}/report"))


def _serve_the_law(admin: Front, stage: Stage) -> None:
    """Somebody's data are copied by a job; the erasure of an account is planned, and taken back."""
    wish = {"user_id": stage.notes["ada"]}
    job = _ok(admin.post(f"{ADMIN}/gdpr/data-export", wish))["job_id"]
    until(lambda: _ok(admin.post(f"{ADMIN}/gdpr/data-export", wish))["status"] == "completed")
    done = _ok(admin.post(f"{ADMIN}/gdpr/data-export", wish))
    assert done["job_id"] == job
    with httpx.Client(trust_env=False) as http, ZipFile(BytesIO(http.get(done["download_url"]).content)) as copy:
        assert copy.testzip() is None
        assert {"manifest.json", "data/profile.json"} <= set(copy.namelist())
    stage.notes["job"] = job
    plan = _ok(admin.post(f"{ADMIN}/gdpr/data-delete", {"user_id": stage.notes["cleo"]}))
    assert plan["erases"]
    assert plan["keeps"]
    _ok(admin.put(f"{ADMIN}/users/{stage.notes['cleo']}", {"status": "active"}))


def _read_the_log(admin: Front) -> None:
    """It tells of all that, and its export verifies without the suite."""
    for path in (f"{ADMIN}/audit-logs", f"{RBAC}/audit"):
        listed = _ok(admin.get(path, query={"limit": "5"}))
        assert _ok(admin.get(f"{path}/{listed['logs'][0]['id']}"))["id"] == listed["logs"][0]["id"]
    exported = admin.get(f"{ADMIN}/audit-logs/export", query={"format": "json"})
    done = subprocess.run(
        [sys.executable, "-m", "infra.verify_audit", "/dev/stdin"],
        input=json.dumps(_ok(exported)), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert _ok(admin.post(f"{RBAC}/audit/export", {"format": "csv"})).startswith("\ufeffleaf_index,")


def _come_and_go(front: Front, stage: Stage) -> None:
    """Somebody deletes the account, takes it back by signing in, and signs out."""
    made = _ok(front.post(f"{AUTH}/register", {"email": BOB, "password": PASSWORD}))
    bob = front.as_caller(made["access_token"])
    _ok(bob.delete(f"{AUTH}/account"))
    assert bob.get(f"{AUTH}/user").status == 401
    bob = _signed_in(front, BOB, PASSWORD)
    stage.notes["bob"] = _ok(bob.get(f"{AUTH}/user"))["user_id"]
    _ok(bob.post(f"{AUTH}/logout"))
    assert bob.get(f"{AUTH}/user").status == 401


def remembered(front: Front, stage: Stage) -> dict[str, Any]:
    """Somebody's account and files, and the texts, as they read them."""
    ada = _signed_in(front, ADA, OTHER_PASSWORD)
    user = _ok(ada.get(f"{AUTH}/user"))
    file = _ok(ada.get(f"{FILES}/{stage.notes['file']}"))
    return {
        "user": {name: value for name, value in user.items() if name != "last_login"},
        "file": {name: value for name, value in file.items() if not name.endswith("_url")},
        "text": _ok(ada.get(f"{I18N}/strings/en/common.welcome")),
        "coverage": _ok(ada.get(f"{I18N}/coverage")),
    }


def _signed_in(front: Front, email: str, password: str) -> Front:
    return front.as_caller(_ok(front.post(f"{AUTH}/login", {"email": email, "password": password}))["access_token"])


def _form(name: str, content: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="category"\r\n\r\nimage\r\n--{BOUNDARY}\r\n'
    head += f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def _picture() -> bytes:
    from PIL import Image

    found = BytesIO()
    Image.new("RGB", (320, 200), "orange").save(found, "PNG")
    return found.getvalue()


def _mails(stage: Stage, email: str) -> list[str]:
    return [text for text in map(json.dumps, stage.cloud.mails()) if email in text]


def _mailed(stage: Stage, email: str) -> str:
    """The token in the newest mail to an address, as soon as there is one."""
    until(lambda: bool(_mails(stage, email)))
    found = re.search(r"\\n([\w-]{60,})\\n", _mails(stage, email)[-1])
    assert found is not None, _mails(stage, email)[-1]
    return found[1]


def _ok(answer: Answer) -> Any:
    """What a call that succeeded answers."""
    assert answer.status < 400, answer
    return answer.body
