"""A marketplace to act in: accounts of each role, campaigns, applications, pictures and forms."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from quintet.auth import tokens
from quintet.models import new_id, now, rfc3339
from quintet.testing import Client
from quintet.testing.client import Answer
from stoory.service import api

BASE = "/api/v1"


class Party(Client):
    """A client of one account; `id` is the account's."""

    id: str = ""


def party(role: str) -> Party:
    """Somebody of a role: BRAND, INFLUENCER or ADMIN. The access token is all that says so."""
    found = Party(api)
    found.id = new_id()
    found.token, _ = tokens.issue(found.id, {"role": role}, timedelta(hours=1))
    return found


def anyone() -> Client:
    """Somebody who is not signed in."""
    return Client(api)


def wanted(**fields: Any) -> dict[str, Any]:
    """The body of a new campaign: live, its deadline in a week."""
    body = {"title": "Summer Launch", "status": "LIVE", "start_deadline": rfc3339(now() + timedelta(days=7))}
    return {name: value for name, value in {**body, **fields}.items() if value is not ...}


def campaign(brand: Client, **fields: Any) -> dict[str, Any]:
    """A stored campaign as it was answered."""
    answer = brand.post(f"{BASE}/campaigns", wanted(**fields))
    assert answer.status == 201, answer
    found: dict[str, Any] = answer.body["campaign"]
    return found


def seen(viewer: Client, campaign_id: str) -> dict[str, Any]:
    """A campaign as it now is."""
    found: dict[str, Any] = viewer.get(f"{BASE}/campaigns/{campaign_id}").body["campaign"]
    return found


def apply(influencer: Client, campaign_id: str) -> Answer:
    return influencer.post(f"{BASE}/applications", {"campaignId": campaign_id})


def applied(influencer: Client, campaign_id: str) -> dict[str, Any]:
    """A new application as it was answered."""
    answer = apply(influencer, campaign_id)
    assert answer.status == 201, answer
    found: dict[str, Any] = answer.body["application"]
    return found


def accept(brand: Client, application_id: str, agreed: float = 1000, percent: float = 10, **more: Any) -> Answer:
    body = {"agreedAmount": agreed, "platformFeePercent": percent, **more}
    return brand.post(f"{BASE}/applications/{application_id}/accept", body)


def accepted(brand: Client, application_id: str, **terms: Any) -> dict[str, Any]:
    """An application accepted just now as it was answered."""
    answer = accept(brand, application_id, **terms)
    assert answer.status == 200, answer
    found: dict[str, Any] = answer.body["application"]
    return found


def status_of(viewer: Client, application_id: str) -> str:
    return str(viewer.get(f"{BASE}/applications/{application_id}").body["application"]["status"])


def said(answer: Any) -> tuple[int, str]:
    """The status and the message of a reply."""
    assert isinstance(answer, Answer), answer
    return answer.status, answer.body.get("message", "")


def refused(answer: Answer) -> tuple[int, dict[str, Any]]:
    """The status and the whole body of a refusal."""
    return answer.status, answer.body


def failure(message: str, **more: Any) -> dict[str, Any]:
    """The body of a refusal."""
    return {"success": False, "message": message, **more}


def wrong(param: str, msg: str, location: str = "body") -> dict[str, Any]:
    """The body of a refusal that names one field."""
    return failure("Validation failed", errors=[{"msg": msg, "param": param, "location": location}])


def png(width: int = 2, height: int = 1, padding: int = 0) -> bytes:
    """A grey picture; `padding` adds bytes in a text chunk, CRs, LFs and dashes among them."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\x00" + b"\x80" * width for _ in range(height)))
    text = b"Comment\x00" + (b"\r\n--x\r\n" * (padding // 7 + 1))[:padding]
    chunks = [(b"IHDR", header), (b"tEXt", text), (b"IDAT", rows), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


BOUNDARY = "a-boundary-of-the-tests"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def form(fields: Mapping[str, Any], **files: bytes) -> bytes:
    """A form as a browser sends it: what is no text travels as JSON. Send it with the headers FORM."""
    parts = []
    for name, value in fields.items():
        text = value if isinstance(value, str) else json.dumps(value)
        parts.append(f'Content-Disposition: form-data; name="{name}"\r\n\r\n{text}'.encode())
    for name, content in files.items():
        head = f'Content-Disposition: form-data; name="{name}"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
        parts.append(head.encode() + content)
    lines = b"".join(b"--" + BOUNDARY.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return lines + b"--" + BOUNDARY.encode() + b"--\r\n"


UNSIGNED = failure("Authentication required")
FORBIDDEN = failure("You do not have permission to do this")
