"""What tests of the file store share: forms, the bucket, and S3's side of a posted upload."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import requests

from quintet.net import aws
from quintet.settings import settings
from quintet.testing import Client
from quintet.testing.client import Answer
from softfactory.files.entities import Awaited, Usage
from softfactory.service import store

UPLOAD, FILES, LINK = "/api/files/upload", "/api/files", "/api/files/presigned-url"
BOUNDARY = "softfactory-boundary"
NOBODY = "0198c0de-0000-7000-8000-000000000099"


def form(parts: Mapping[str, str | tuple[str, bytes]]) -> bytes:
    """A multipart body; a file is its name and content."""
    found = b""
    for name, value in parts.items():
        disposition = f'form-data; name="{name}"'
        content = value.encode() if isinstance(value, str) else value[1]
        if not isinstance(value, str):
            escaped = value[0].replace('"', "%22")  # as browsers do (HTML, section 4.10.21.8)
            disposition += f'; filename="{escaped}"'
        head = f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\n"
        found += head.encode() + content + b"\r\n"
    return found + f"--{BOUNDARY}--\r\n".encode()


def send(client: Client, name: str, content: bytes, category: str = "image") -> Answer:
    """Upload a file as a form."""
    body = form({"category": category, "file": (name, content)})
    return client.post(UPLOAD, body, headers={"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})


def sent(client: Client, name: str, content: bytes, category: str = "image") -> dict[str, Any]:
    answer = send(client, name, content, category)
    assert answer.status == 201, answer
    return dict(answer.body)


def announce(client: Client, size: int, **more: Any) -> dict[str, Any]:
    """Announce an upload as JSON; answers the whole reply."""
    wish = {"filename": "photo.png", "size": size, "content_type": "image/png", "category": "image", **more}
    answer = client.post(UPLOAD, wish)
    assert answer.status == 201, answer
    return dict(answer.body)


def post_to_s3(upload: Mapping[str, Any], content: bytes) -> int:
    """Post a form as a browser does, held to its policy as S3 holds it; answers the status."""
    fields = upload["fields"]
    policy = json.loads(base64.b64decode(fields["policy"]))
    for condition in policy["conditions"]:
        if isinstance(condition, dict):
            ((name, value),) = condition.items()
            if name != "bucket" and fields.get(name) != value:
                return 403
        elif not condition[1] <= len(content) <= condition[2]:
            return 400
    return requests.post(upload["url"], data=fields, files={"file": ("any", content)}, timeout=10).status_code


def objects() -> list[str]:
    """The keys that the bucket holds."""
    found = aws.client("s3").list_objects_v2(Bucket=settings().bucket)
    return [one["Key"].removeprefix("softfactory/") for one in found.get("Contents", [])]


def stored(key: str) -> dict[str, Any]:
    """An object as S3 serves it."""
    return dict(aws.client("s3").get_object(Bucket=settings().bucket, Key=f"softfactory/{key}"))


def rows() -> list[dict[str, Any]]:
    """Every item of the table that tells of files, but for counters."""
    items = aws.client("dynamodb").scan(TableName=settings().table)["Items"]
    return [
        item
        for item in items
        if any(word in item["PK"]["S"] + item["SK"]["S"] for word in ("FILES", "UPLOADS", "REFUSED", "LOOSE"))
        and item.get("kind", {}).get("S") not in ("counter", "file_usage")
    ]


def awaited(user_id: str) -> int:
    """How many uploads are awaited, which a user's usage says and their rows are."""
    found, rows = store.get(Usage, user_id=user_id), store.query(Awaited, user_id=user_id).items
    assert (found.awaited if found else 0) == len(rows)
    return len(rows)
