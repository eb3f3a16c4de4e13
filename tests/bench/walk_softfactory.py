"""A walk through SoftFactory that uses every operation once, as its administrator, a subscriber and visitors do.

The suite has fifty people more than its demo data, so that lists are those of a business at work.
"""

from __future__ import annotations

import json
from typing import Any

import pyotp

from quintet.keys import keyring
from quintet.models import new_id, now
from quintet.net import aws
from quintet.settings import settings, use
from quintet.testing import Client
from quintet.testing.events import sqs_event
from softfactory import demo
from softfactory.access.changes import change_user
from softfactory.accounts.demo import ensure_account
from softfactory.files.entities import Loose
from softfactory.people.entities import User
from softfactory.service import api, store
from tests.bench.walk import Walk
from tests.support import aws as mock
from tests.support.people import token_mailed_to
from tests.support.sign_in import SECRETS, consented, providers, registration

BASE = "/api"
AUTH, RBAC, ADMIN = f"{BASE}/auth", f"{BASE}/rbac", f"{BASE}/admin"
NEW, PASSWORD, OTHER_PASSWORD = "ada@example.com", "Correct-horse-9", "Battery-staple-7"
BOUNDARY = "softfactory-walk"


class SuiteWalk(Walk):
    """A walk of an administrator, a subscriber and visitors."""

    def __init__(self) -> None:
        super().__init__(api)
        self.admin, self.user = (
            self.client.as_caller(self.log_in(email, demo.PASSWORD)["access_token"])
            for email in (demo.ADMIN_EMAIL, demo.PREMIUM_EMAIL)
        )

    def log_in(self, email: str, password: str) -> Any:
        return self.step(self.client, "POST", f"{AUTH}/login", {"email": email, "password": password})


def walked() -> Walk:
    """The walk when it is done, on a suite of its own."""
    with mock.aws_backend():
        key = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    with mock.system("softfactory", {"QUINTET_STAGE": "local", "QUINTET_KMS_KEY": key}), providers() as servers:
        secret = json.dumps({**mock.SECRET, **SECRETS})
        aws.client("secretsmanager").put_secret_value(SecretId=settings().secret, SecretString=secret)
        keyring.reset()
        queue = aws.client("sqs").create_queue(QueueName="softfactory-jobs")["QueueUrl"]
        named = {f"QUINTET_{name}": value for name, value in registration(servers).items()}
        with use({**named, "QUINTET_QUEUE_JOBS": queue}):
            demo.seed()
            for number in range(50):
                ensure_account(f"user-{number}@example.com", f"User {number}", "user", PASSWORD)
            walk = SuiteWalk()
            walk.step(walk.client, "GET", f"{BASE}/health")
            _accounts(walk)
            _social(walk)
            _files(walk)
            _languages(walk)
            _roles(walk)
            _administration(walk)
            _moderation(walk)
            _privacy(walk)
            _audit(walk)
            _endings(walk)
            return walk


def _accounts(walk: SuiteWalk) -> None:
    """Somebody signs up, proves the address, sets up a second factor, and loses the password."""
    new = {"email": NEW, "password": PASSWORD, "name": "Ada Lovelace"}
    made = walk.step(walk.client, "POST", f"{AUTH}/register", new)
    ada = walk.client.as_caller(made["access_token"])
    walk.step(ada, "POST", f"{AUTH}/verify-email/resend")
    walk.event("auth.send_mails")
    walk.step(walk.client, "POST", f"{AUTH}/verify-email", {"token": token_mailed_to(NEW)})
    walk.step(walk.client, "POST", f"{AUTH}/refresh", {"refresh_token": made["refresh_token"]})
    walk.step(ada, "GET", f"{AUTH}/user")
    walk.step(ada, "PUT", f"{AUTH}/profile", {"bio": "Writes programs", "timezone": "Europe/London"})
    secret = walk.step(ada, "POST", f"{AUTH}/2fa/setup")["secret"]
    passed = walk.step(ada, "POST", f"{AUTH}/verify-2fa", {"code": pyotp.TOTP(secret).now()})
    ada = walk.client.as_caller(passed["access_token"])
    codes = walk.step(ada, "GET", f"{AUTH}/2fa/backup-codes")["backup_codes"]
    challenge = walk.log_in(NEW, PASSWORD)["challenge_token"]
    walk.step(walk.client, "POST", f"{AUTH}/verify-2fa", {"challenge_token": challenge, "code": codes[0]})
    walk.step(ada, "POST", f"{AUTH}/2fa/disable", {"code": codes[1]})
    walk.step(walk.client, "POST", f"{AUTH}/password/reset", {"email": NEW})
    walk.event("auth.send_mails")
    proof = token_mailed_to(NEW)
    walk.step(walk.client, "PUT", f"{AUTH}/password/reset/{proof}", {"password": OTHER_PASSWORD})
    ada = walk.client.as_caller(walk.log_in(NEW, OTHER_PASSWORD)["access_token"])
    walk.step(ada, "POST", f"{AUTH}/logout")


def _social(walk: SuiteWalk) -> None:
    visitor = Client(api, ip="203.0.113.8")
    for name in ("google", "kakao", "facebook"):
        url = walk.step(visitor, "GET", f"{AUTH}/oauth/{name}/url")["auth_url"]
        back = consented(url, f"{name}@example.com")
        walk.step(visitor, "GET", f"{AUTH}/oauth/{name}/callback?code={back['code']}&state={back['state']}")
    tester = walk.step(visitor, "GET", f"{AUTH}/oauth/mock")["user"]["email"]
    walk.step(visitor, "POST", f"{AUTH}/oauth/mock/login", {"email": tester})


def _files(walk: SuiteWalk) -> None:
    path, picture = f"{BASE}/files", _picture()
    sender = Client(api, token=walk.user.token, headers={"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="category"\r\n\r\nimage\r\n--{BOUNDARY}\r\n'
    head += 'Content-Disposition: form-data; name="file"; filename="dot.png"\r\n\r\n'
    body = head.encode() + picture + f"\r\n--{BOUNDARY}--\r\n".encode()
    made = walk.step(sender, "POST", f"{path}/upload", body)["file_id"]
    walk.step(walk.user, "GET", f"{path}/{made}")
    walk.step(walk.user, "GET", f"{path}?category=image&sort=-size")
    with walk.booked("files.preview"):
        assert walk.user.get(f"{path}/{made}/preview").status == 200
    walk.step(walk.user, "POST", f"{path}/presigned-url", {"file_id": made})
    walk.step(walk.user, "DELETE", f"{path}/{made}")
    store.create(Loose(id="never", file_id="never", objects=["files/never.png"], due=int(now().timestamp())))
    walk.event("files.sweep_uploads")


def _picture() -> bytes:
    from io import BytesIO

    from PIL import Image

    found = BytesIO()
    Image.new("RGB", (64, 64), "orange").save(found, "PNG")
    return found.getvalue()


def _languages(walk: SuiteWalk) -> None:
    path = f"{BASE}/i18n"
    written = {"language": "en", "translations": {"common.welcome": "Welcome back, {name}"}}
    walk.step(walk.admin, "POST", f"{path}/strings", written)
    for place in ("languages", "strings/en?limit=20", "strings/en/common.welcome", "coverage"):
        walk.step(walk.user, "GET", f"{path}/{place}")
    with walk.booked("i18n.download"):
        assert walk.user.get(f"{path}/download/ja").status == 200


def _roles(walk: SuiteWalk) -> None:
    roles, user = f"{RBAC}/roles", walk.step(walk.user, "GET", f"{AUTH}/user")["user_id"]
    wanted = {"name": "support", "description": "Answers", "permissions": ["ADMIN_READ"]}
    made = walk.step(walk.admin, "POST", roles, wanted)["role_id"]
    walk.step(walk.admin, "PUT", f"{roles}/{made}", {"description": "Answers people"})
    walk.step(walk.admin, "POST", f"{RBAC}/users/{user}/roles", {"role_id": made, "expires_at": "2099-12-31"})
    override = {"permission": "I18N_READ", "allowed": True}
    walk.step(walk.admin, "POST", f"{RBAC}/users/{user}/permissions", override)
    for place in ("roles", f"roles/{made}", "permissions", f"users/{user}/roles", f"users/{user}/permissions",
                  "access-report"):  # fmt: skip
        walk.step(walk.admin, "GET", f"{RBAC}/{place}")
    walk.step(walk.admin, "DELETE", f"{RBAC}/users/{user}/roles/{made}")
    walk.step(walk.admin, "DELETE", f"{roles}/{made}")
    walk.event("rbac.settle_ended")


def _administration(walk: SuiteWalk) -> None:
    """What administrators do with people, and with the limits."""
    users, made = f"{ADMIN}/users", ensure_account("carl@example.com", "Carl", "user", PASSWORD)[0].id
    for place in ("?role=user&status=active", f"/{made}"):
        walk.step(walk.admin, "GET", f"{users}{place}")
    walk.step(walk.admin, "PUT", f"{users}/{made}", {"name": "Carla"})
    walk.step(walk.admin, "PUT", f"{users}/{made}/role", {"role_name": "creator"})
    walk.step(walk.admin, "POST", f"{users}/{made}/impersonate")
    walk.step(walk.admin, "POST", f"{users}/{made}/ban", {"reason": "Spam", "until": "2099-12-31T00:00:00Z"})
    for part in ("activities", "subscriptions"):
        walk.step(walk.admin, "GET", f"{users}/{made}/{part}")
    walk.step(walk.admin, "DELETE", f"{users}/{made}")
    walk.step(walk.admin, "PUT", f"{ADMIN}/rate-limits", {"standard": {"per_minute": 60, "per_hour": 1000}})
    walk.step(walk.admin, "GET", f"{ADMIN}/rate-limits")


def _moderation(walk: SuiteWalk) -> None:
    """Somebody's profile is reported by two, taken down, and judged."""
    queue, made = f"{ADMIN}/flagged-content", ensure_account("fritz@example.com", "Fritz", "user", PASSWORD)[0].id
    wish = {"content_type": "profile", "content_id": made, "reason": "Spam"}
    ids = [walk.step(who, "POST", f"{BASE}/reports", wish)["report_id"] for who in (walk.user, walk.admin)]
    walk.step(walk.admin, "GET", f"{queue}?status=pending")
    walk.step(walk.admin, "GET", f"{queue}/{ids[0]}")
    walk.step(walk.admin, "POST", f"{queue}/{ids[0]}/remove")
    walk.step(walk.admin, "PUT", f"{queue}/{ids[0]}", {"action": "approve"})
    walk.event("admin.count_accounts")
    for report in ("compliance", "security"):
        walk.step(walk.admin, "GET", f"{ADMIN}/{report}/report")


def _privacy(walk: SuiteWalk) -> None:
    """A copy of somebody's data is made by a job, and somebody else's account is erased."""
    path, sqs, queue = f"{ADMIN}/gdpr", aws.client("sqs"), settings().get("QUINTET_QUEUE_JOBS")
    users = [ensure_account(f"{name}@example.com", name, "user", PASSWORD)[0].id for name in ("dora", "emil")]
    walk.step(walk.admin, "POST", f"{path}/data-export", {"user_id": users[0]})
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    note = json.loads(message["Body"])
    walk.event("jobs.run", sqs_event([note]))
    walk.event("jobs.bury", sqs_event([note]))
    walk.event("jobs.sweep")
    walk.step(walk.admin, "POST", f"{path}/data-delete", {"user_id": users[1], "reason": "Asked for it"})
    user = store.get(User, id=users[1])
    assert user is not None
    tx = store.transaction()
    change_user(tx, user, user.model_copy(update={"deletion_due": now()}))
    tx.commit()
    walk.event("admin.erase_due")
    assert store.get(User, id=users[1]) is None


def _audit(walk: SuiteWalk) -> None:
    walk.event("audit.sequence")
    for prefix, other in ((f"{ADMIN}/audit-logs", None), (f"{RBAC}/audit", "export")):
        entry = walk.step(walk.admin, "GET", prefix)["logs"][0]["id"]
        walk.step(walk.admin, "GET", f"{prefix}/{entry}")
        if other is None:
            walk.step(walk.admin, "GET", f"{prefix}/export?format=json")
        else:
            walk.step(walk.admin, "POST", f"{prefix}/{other}", {"format": "json"})


def _endings(walk: SuiteWalk) -> None:
    """Somebody deletes the account."""
    last = walk.step(
        walk.client, "POST", f"{AUTH}/register", {"email": f"{new_id()}@example.com", "password": PASSWORD}
    )
    walk.step(walk.client.as_caller(last["access_token"]), "DELETE", f"{AUTH}/account")
