"""Rules of what a device captured offline: its fields, whether it is known already, and who wins.

Pure functions. An item carries the id that the device gave it, so that uploading it again changes nothing. Of two
values of one setting the later counts; two that were changed in the same instant are a conflict, and nobody's guess.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from memory_mirror.times.moments import Moment

SKEW = timedelta(minutes=5)
"""How far a device's clock may be ahead; what it says beyond that counts as now."""
_IDS = ("client_id", "id")
_SPOKEN = ("message", "content", "text", "user_message", "userMessage")
_ANSWERED = ("response", "reply", "ai_response", "aiResponse")
_AT = ("said_at", "timestamp", "created_date", "created_at", "updated_at")


class InvalidItem(ValueError):
    """An item that cannot be taken; the text says why, `field` where."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Captured:
    """One item as it will be stored: its device's id, its record's fields, and a digest of everything said of it."""

    client_id: str
    fields: dict[str, Any]
    digest: str
    at: datetime | None


class _At(BaseModel):
    model_config = ConfigDict(defer_build=True)

    at: Moment


def conversation(item: Any) -> Captured:
    """A conversation, or one turn of one (`{role, content}`). Raises InvalidItem."""
    known = _object(item)
    left = dict(known)
    client_id = _client_id(left)
    at = _instant(left)
    spoken, answered = _text(left, _SPOKEN), _text(left, _ANSWERED)
    if str(left.pop("role", "user")).lower() in ("assistant", "ai", "system") and not answered:
        spoken, answered = "", spoken
    if not spoken and not answered:
        raise InvalidItem("message", "there is nothing said in it")
    language = str(left.pop("language", "") or "")[:35]
    era = str(left.pop("detected_era", None) or left.pop("detectedEra", None) or "")[:20]
    fields = {
        "message": spoken,
        "response": answered,
        "language": language,
        "detected_era": era,
        "said_at": at,
        "client_id": client_id,
        "extra": left,
    }
    return Captured(client_id, fields, digest(known), at)


def audio(item: Any) -> Captured:
    """What a device knows of one audio file. Raises InvalidItem."""
    known = _object(item)
    left = dict(known)
    client_id = _client_id(left)
    at = _instant(left)
    title = _text(left, ("title", "name", "filename")) or client_id
    fields: dict[str, Any] = {"title": title[:200], "client_id": client_id}
    for name in ("artist", "url", "era", "genres", "moods", "tags", "year"):
        if left.get(name) not in (None, ""):
            fields[name] = left.pop(name)
    seconds = left.pop("duration_seconds", None)
    if seconds is None:
        seconds = left.pop("duration", None)
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 <= seconds <= 360_000:
        fields["duration_seconds"] = seconds
    return Captured(client_id, {**fields, "extra": left}, digest(known), at)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a delta: its value, and when it was set."""

    name: str
    value: Any
    at: datetime


def settings_of(delta: Mapping[str, Any], now: datetime) -> list[Setting]:
    """The settings of a delta: `{name: value}` is set now, `{name: {"value", "updated_at"}}` when it says.

    Raises InvalidItem.
    """
    found = []
    for name, given in delta.items():
        if not name or len(name) > 200:
            raise InvalidItem("settings", "a setting's name has 1 to 200 characters")
        if isinstance(given, Mapping) and given.keys() == {"value", "updated_at"}:
            at = min(_moment(given["updated_at"], f"settings.{name}.updated_at"), now + SKEW)
            found.append(Setting(name, given["value"], min(at, now)))
        else:
            found.append(Setting(name, given, now))
    return found


def outcome(mine: Setting, theirs: Any, changed: datetime) -> Literal["same", "take", "keep", "conflict"]:
    """What becomes of a setting that the server has as `theirs`, changed at `changed`."""
    if mine.value == theirs and isinstance(mine.value, bool) == isinstance(theirs, bool):
        return "same"
    ours = _milliseconds(mine.at)
    if ours == _milliseconds(changed):
        return "conflict"
    return "take" if ours > _milliseconds(changed) else "keep"


def digest(item: Mapping[str, Any]) -> str:
    """A digest of a JSON object that does not depend on the order of its fields."""
    text = json.dumps(item, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _object(item: Any) -> dict[str, Any]:
    if not isinstance(item, Mapping):
        raise InvalidItem("", "must be an object")
    return dict(item)


def _client_id(left: dict[str, Any]) -> str:
    for name in _IDS:
        given = left.pop(name, None)
        if isinstance(given, str | int) and not isinstance(given, bool) and str(given).strip():
            text = str(given).strip()
            if len(text) > 200 or not text.isprintable():
                raise InvalidItem(name, "has 1 to 200 printable characters")
            return text
        if given is not None:
            raise InvalidItem(name, "must be a string")
    raise InvalidItem("client_id", "each item carries the id that the device gave it, as client_id or id")


def _text(left: dict[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        given = left.pop(name, None)
        if isinstance(given, str) and given.strip():
            return given.strip()[:20_000]
        if given is not None and not isinstance(given, str):
            raise InvalidItem(name, "must be a string")
    return ""


def _instant(left: dict[str, Any]) -> datetime | None:
    for name in _AT:
        if left.get(name) is not None:
            return _moment(left.pop(name), name)
    return None


def _moment(value: Any, field: str) -> datetime:
    try:
        return _At(at=value).at
    except ValueError:
        raise InvalidItem(field, "must be an RFC 3339 date and time") from None


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
