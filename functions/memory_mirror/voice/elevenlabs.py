"""Cloned voices with ElevenLabs: voices made from a sample, and text spoken with them, over its HTTP API.

Source: ElevenLabs API reference, "Create IVC voice", "List voices", "Delete voice", "Create speech", and its help
pages on error codes. Every call that makes something is charged, so none is repeated here on its own.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from quintet.keys.keyring import secret
from quintet.net import outbound
from quintet.net.outbound import OutboundError, Response, TimedOut, Unreachable
from quintet.providers.errors import NotConfigured, Rejected, Throttled, Unavailable
from quintet.settings import settings

DEFAULT_URL = "https://api.elevenlabs.io"
MODEL = "eleven_multilingual_v2"
"""Speaks all the languages of the product; takes up to 10,000 characters a request."""
FORMAT = "mp3_44100_128"
MAX_NAME, MAX_DESCRIPTION = 100, 500

_SERVICE = "the voice service"
_MAKE_SECONDS, _LOOK_SECONDS, _SPEAK_SECONDS = 12.0, 4.0, 22.0  # an operation has 29 s, for two looks besides
_MAX_AUDIO = 16 * 1024 * 1024  # 5,000 characters are some six minutes: 6 MB at 128 kbit/s
_MAX_LISTING = 4 * 1024 * 1024
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LABEL = "reference"
_FULL = frozenset({"quota_exceeded", "voice_limit_reached", "too_many_concurrent_requests", "system_busy",
                   "rate_limit_exceeded", "concurrent_limit_exceeded"})  # fmt: skip
# Faults of the account, not of the request: it goes once they are mended.
_ACCOUNT = frozenset({"can_not_use_instant_voice_cloning", "invalid_api_key", "missing_permissions",
                      "needs_authorization", "detected_unusual_activity", "subscription_required",
                      "payment_required"})  # fmt: skip


class Unresolved(Unavailable):
    """It is not known whether a voice was made. `find_voice` with its reference finds out."""


class VoiceGone(Rejected):
    """The service knows no such voice, or no more."""


def require_configured() -> None:
    """Raise NotConfigured unless there is a key."""
    _key()


def add_voice(name: str, sample: bytes, media_type: str, file_name: str, reference: str, description: str = "") -> str:
    """Make a voice from a sample and answer its id; a new one each time.

    `reference` is kept with the voice, for `find_voice`. Raises NotConfigured, Rejected (the sample or name will not
    do), Throttled (no quota left), Unavailable, and its kind Unresolved when the voice may have been made all the same.
    """
    fields = {"name": name[:MAX_NAME], "labels": json.dumps({_LABEL: reference})}
    if description:
        fields["description"] = description[:MAX_DESCRIPTION]
    content_type, body = _form(fields, file_name, media_type, sample)
    made = _call("POST", "/v1/voices/add", body=body, content_type=content_type, timeout=_MAKE_SECONDS, makes=True)
    answer = _json(made, makes=True)
    return _voice_id(answer.get("voice_id"))


def find_voice(reference: str) -> str | None:
    """The id of the voice made under a reference, None when there is none."""
    query = urlencode({"search": reference, "page_size": 100})
    response = _call("GET", f"/v2/voices?{query}", retries=1, max_bytes=_MAX_LISTING)
    for voice in _json(response).get("voices") or []:
        if isinstance(voice, Mapping) and (voice.get("labels") or {}).get(_LABEL) == reference:
            return _voice_id(voice.get("voice_id"))
    return None


def delete_voice(voice_id: str) -> None:
    """Delete a voice; one that does not exist is deleted already."""
    try:
        _call("DELETE", f"/v1/voices/{_checked(voice_id)}", retries=1)
    except VoiceGone:
        return


def speak(voice_id: str, text: str, stability: float, similarity_boost: float) -> bytes:
    """`text` as an MP3 file, spoken with a voice; charged by the character, each time.

    Both settings are 0 to 1. Raises NotConfigured, VoiceGone, Rejected, Throttled or Unavailable.
    """
    body = {
        "text": text,
        "model_id": MODEL,
        "voice_settings": {"stability": stability, "similarity_boost": similarity_boost},
    }
    path = f"/v1/text-to-speech/{_checked(voice_id)}?output_format={FORMAT}"
    encoded = json.dumps(body, ensure_ascii=False).encode()
    response = _call(
        "POST", path, body=encoded, content_type="application/json", timeout=_SPEAK_SECONDS, max_bytes=_MAX_AUDIO
    )
    return response.body


def _call(
    method: str,
    path: str,
    *,
    body: bytes | None = None,
    content_type: str = "",
    timeout: float = _LOOK_SECONDS,
    retries: int = 0,
    max_bytes: int = 1_048_576,
    makes: bool = False,
) -> Response:
    headers = {"xi-api-key": _key()}
    if content_type:
        headers["content-type"] = content_type
    url = settings().get("QUINTET_ELEVENLABS_URL", DEFAULT_URL).rstrip("/") + path
    lost = Unresolved if makes else Unavailable
    try:
        response = outbound.request(
            method, url, headers=headers, body=body, timeout=timeout, retries=retries, max_bytes=max_bytes
        )
    except Unreachable as error:
        raise (lost if error.sent else Unavailable)(f"{_SERVICE} cannot be reached") from error
    except TimedOut as error:
        raise lost(f"{_SERVICE} did not answer in time") from error
    except OutboundError as error:
        raise lost(f"{_SERVICE} answered too much") from error
    if not response.ok:
        raise _refusal(response, lost)
    return response


def _refusal(response: Response, lost: type[Unavailable]) -> Exception:
    """What an error answer means; its message may quote what was sent, so only its code is told."""
    codes = _codes(response)
    shown = re.sub(r"[^a-z_]", "", next(iter(codes), ""))[:60]
    message = f"{_SERVICE} answered {response.status} {shown}".rstrip()
    if codes & _FULL or response.status == 429:
        return Throttled(message)
    if "voice_not_found" in codes or "voice_does_not_exist" in codes or response.status == 404:
        return VoiceGone(message)
    if response.status >= 500:
        return lost(message)  # what happened before the failure is not known
    if codes & _ACCOUNT or response.status in (401, 402, 403):
        return Unavailable(message)
    return Rejected(message)


def _codes(response: Response) -> frozenset[str]:
    """The error's codes: `detail` is an object with a `status` or a `code`, a list of field errors, or text."""
    try:
        detail = response.json().get("detail")
    except (ValueError, AttributeError):
        return frozenset()
    if not isinstance(detail, Mapping):
        return frozenset()
    return frozenset(str(detail[name]) for name in ("status", "code", "type") if detail.get(name))


def _json(response: Response, *, makes: bool = False) -> Mapping[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, Mapping):
        raise (Unresolved if makes else Unavailable)(f"{_SERVICE} answered something else than was asked for")
    return answer


def _voice_id(given: Any) -> str:
    if not isinstance(given, str) or _ID.fullmatch(given) is None:
        raise Unresolved(f"{_SERVICE} answered no voice id")
    return given


def _checked(voice_id: str) -> str:
    """An id as part of a path; what can be none is not asked for."""
    if _ID.fullmatch(voice_id) is None:
        raise VoiceGone("that is no voice id")
    return quote(voice_id)


def _key() -> str:
    found = secret().get("elevenlabs_api_key")
    if not found:
        raise NotConfigured(_SERVICE, "elevenlabs_api_key")
    return found


def _form(fields: Mapping[str, str], file_name: str, media_type: str, content: bytes) -> tuple[str, bytes]:
    """Fields and one file named `files` as multipart/form-data (RFC 7578): its content type and its bytes."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{file_name}"\r\n'
    parts += [f"{head}Content-Type: {media_type}\r\n\r\n".encode(), content, f"\r\n--{boundary}--\r\n".encode()]
    return f"multipart/form-data; boundary={boundary}", b"".join(parts)
