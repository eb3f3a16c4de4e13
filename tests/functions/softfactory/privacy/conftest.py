"""Somebody of whom the suite keeps everything that it can, and a look through all that it keeps."""

from __future__ import annotations

import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from quintet.auth import totp
from quintet.auth.passwords import hash_password
from quintet.models import epoch, new_id
from quintet.net import aws
from quintet.settings import settings
from quintet.testing import Client, LambdaContext, schedule_event
from quintet.testing.client import Answer
from softfactory.accounts.identities import Link, Linked
from softfactory.audit import sequencer
from softfactory.billing.entities import Subscription
from softfactory.people.entities import EmailClaim, User
from softfactory.privacy.operations import erase_due
from softfactory.service import api, store
from tests.conftest import Systems
from tests.functions.softfactory.conftest import PASSWORD, account_of, as_account, lend, make_user
from tests.functions.softfactory.files.conftest import announce, sent
from tests.functions.softfactory.files.samples import picture
from tests.support.aws import aws_backend

EXPORT, DELETE = "/api/admin/gdpr/data-export", "/api/admin/gdpr/data-delete"
NAME, BIO, EMAIL, SUBJECT, ADDRESS, FILE, WORDS = (
    "Adalgisa Løvenskiold", "Keeps bees behind the ropewalk", "adalgisa@ropewalk.example.com", "g-10769150350006",
    "203.0.113.77", "beehive-behind-the-ropewalk.png", "Sold me sugar for honey",
)  # fmt: skip


@pytest.fixture
def suite(system: Systems) -> Client:
    """An anonymous client of the suite, which counts its callers' calls and has a key to seal secrets under."""
    with aws_backend():
        key = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    system("softfactory", QUINTET_STAGE="local", QUINTET_KMS_KEY=key)
    return Client(api)


@pytest.fixture
def ada(suite: Client, admin: Client) -> User:
    """A person who did everything that one can do."""
    made = make_user("user", email=EMAIL, name=NAME, bio=BIO)
    store.update(EmailClaim, EmailClaim.key(email=EMAIL), put={"password_hash": hash_password(PASSWORD)})
    for password in ("a-wrong-password-1", PASSWORD):
        suite.post("/api/auth/login", {"email": EMAIL, "password": password}, ip=ADDRESS)
    hers = as_account(suite, made)
    good(hers.put("/api/auth/profile", {"bio": BIO, "avatar_url": "https://ropewalk.example.com/ada.png"}))
    secret = good(hers.post("/api/auth/2fa/setup"))["secret"]
    good(hers.post("/api/auth/verify-2fa", {"code": totp.totp(totp.key_of(secret), epoch())}))
    suite.post("/api/auth/password/reset", {"email": EMAIL}, ip=ADDRESS)
    for entity in (
        Link(provider="google", subject=SUBJECT, user_id=made.id),
        Linked(user_id=made.id, provider="google", subject=SUBJECT, verified=True),
        Subscription(
            user_id=made.id,
            plan_id=new_id(),
            plan_name="Pro",
            plan_slug="pro",
            billing_period="monthly",
            amount_krw=9900,
            next_billing_date=None,
        ),
    ):
        store.create(entity)
    file = sent(hers, FILE, picture())
    hers.get(f"/api/files/{file['file_id']}/preview")
    announce(hers, 6_000_000, filename=FILE)
    lend(hers, "I18N_ADMIN")
    good(hers.post("/api/i18n/strings", {"language": "en", "translations": {"auth.login": "Come in"}}))
    reported = {"content_type": "profile", "content_id": account_of(admin).id, "reason": WORDS, "details": BIO}
    good(hers.post("/api/reports", reported))
    good(admin.post(f"/api/rbac/users/{made.id}/roles", {"role_name": "creator"}))
    return account_of(hers)


def good(answer: Answer) -> Any:
    assert answer.status in (200, 201), answer
    return answer.body


def clock() -> dict[str, int]:
    """A run of the clock that erases."""
    found: dict[str, int] = erase_due(schedule_event(), LambdaContext())
    return found


def planned(admin: Client, user_id: str) -> None:
    good(admin.post(DELETE, {"user_id": user_id, "reason": f"{NAME} asked for it"}))


def until_done() -> int:
    """Run the clock until nothing is left; answers how often."""
    for run in range(1, 20):
        if clock()["left"] == 0:
            return run
    pytest.fail("the erasure does not end")


def everything() -> Iterator[tuple[str, bytes]]:
    """Every item of the table that has not expired, with its keys and all it says, and every object of the bucket."""
    sequencer.drain()
    pages = aws.client("dynamodb").get_paginator("scan").paginate(TableName=settings().table)
    for item in (item for page in pages for item in page["Items"]):
        if int(item.get("expires_at", {"N": "99999999999"})["N"]) > epoch():
            text = json.dumps(item, ensure_ascii=False, default=lambda raw: bytes(raw).decode("latin-1"))
            yield f"{item['PK']['S']} / {item['SK']['S']}", text.encode()
    s3, bucket = aws.client("s3"), settings().bucket
    for listed in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        found = s3.get_object(Bucket=bucket, Key=listed["Key"])
        yield listed["Key"], f"{listed['Key']} {found['ResponseMetadata']}".encode() + _unpacked(found["Body"].read())


def _unpacked(content: bytes) -> bytes:
    """A content, with what is in it where it is an archive."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return content
    archive = zipfile.ZipFile(io.BytesIO(content))
    return content + b"".join(archive.read(name) for name in archive.namelist())


def spellings(text: str) -> set[bytes]:
    """The bytes of a text as they are, and as they may stand within what was encoded."""
    raw = text.encode()
    found = {raw, raw.hex().encode(), quote(text, safe="").encode(), json.dumps(text)[1:-1].encode()}
    for before in range(3):  # wherever it begins within three bytes; what depends on its neighbours is cut off
        coded = b64encode(b"\0" * before + raw + b"\0" * (-(before + len(raw)) % 3))
        inner = coded[(before * 8 + 5) // 6 : (before + len(raw)) * 8 // 6]
        found |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return found


def where_it_stands(*texts: str) -> dict[str, set[str]]:
    """Which of some texts stand in which item or object."""
    known = {text: spellings(text) for text in texts}
    found: dict[str, set[str]] = {}
    for place, content in everything():
        said = {text for text, all_of_it in known.items() if any(each in content for each in all_of_it)}
        if said:
            found[place] = said
    return found
