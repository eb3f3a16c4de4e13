"""What the laptop's IoT remembers: device shadows, merged, versioned and timed as AWS does it, kept as JSON lines."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Document = dict[str, Any]

LARGEST_STATE = 8192
DEEPEST = 6
LONGEST_TOKEN = 64
MOST_THINGS = 10_000
_SECTIONS = ("desired", "reported")


class Refused(Exception):
    """A refusal with its status, the error's name and the service's words."""

    def __init__(self, status: int, name: str, message: str) -> None:
        super().__init__(message)
        self.status, self.name, self.message = status, name, message


class Shadows:
    """The shadows by their things' names, in memory and in a file that every change is appended to; for threads."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.RLock()
        self._kept: dict[str, Document] = {}
        if path.exists():
            for line in path.read_text().splitlines():
                kept = json.loads(line)
                self._kept[kept["thing"]] = kept["shadow"]
            lines = [_line(thing, shadow) for thing, shadow in self._kept.items()]
            path.write_text("".join(lines))  # what was overtaken goes

    def get(self, thing: str) -> Document:
        """GetThingShadow's answer. Raises `Refused` for a thing without a shadow."""
        with self._lock:
            shadow = self._kept.get(thing)
            if shadow is None or shadow["deleted"]:
                raise Refused(404, "ResourceNotFoundException", f"No shadow exists with name: '{thing}'")
            state: Document = {name: shadow[name] for name in _SECTIONS if shadow[name]}
            delta = difference(shadow["desired"], shadow["reported"])
            if delta:
                state["delta"] = delta
            times = {name: shadow["metadata"][name] for name in _SECTIONS if shadow[name]}
            answer = {"state": state, "metadata": times, "version": shadow["version"], "timestamp": _now()}
            return _copy(answer)

    def update(self, thing: str, request: Any) -> Document:
        """UpdateThingShadow's answer. Raises `Refused`."""
        check(request)
        with self._lock:
            old = self._kept.get(thing) or _empty()
            if "version" in request and request["version"] != (0 if old["deleted"] else old["version"]):
                raise Refused(409, "ConflictException", "Version conflict")
            if len(self._kept) >= MOST_THINGS and thing not in self._kept:
                raise Refused(429, "ThrottlingException", "Rate exceeded")
            new, at = _copy(old), _now()
            new["deleted"] = False
            asked = {name: request["state"][name] for name in _SECTIONS if name in request["state"]}
            for name, changes in asked.items():
                if changes is None:
                    new[name], new["metadata"][name] = {}, {}
                else:
                    merge(new[name], changes)
                    merge(new["metadata"][name], _timed(changes, at))
            if len(json.dumps({name: new[name] for name in _SECTIONS})) > LARGEST_STATE:
                raise Refused(413, "RequestEntityTooLargeException", "The payload exceeds the maximum size allowed")
            new["version"] = old["version"] + 1
            self._keep(thing, new)
            told = {name: _timed(changes, at) for name, changes in asked.items() if changes}
            answer = {"state": asked, "metadata": told, "version": new["version"], "timestamp": at}
            return answer | ({"clientToken": request["clientToken"]} if "clientToken" in request else {})

    def delete(self, thing: str) -> Document:
        """DeleteThingShadow's answer; the version lives on. Raises `Refused`."""
        with self._lock:
            version = self.get(thing)["version"]
            self._keep(thing, {**_empty(), "version": version, "deleted": True})
            return {"version": version, "timestamp": _now()}

    def delta(self, thing: str) -> Document:
        """What a device is asked to become: where desired differs from reported."""
        with self._lock:
            shadow = self._kept.get(thing) or _empty()
            return _copy(difference(shadow["desired"], shadow["reported"]))

    def things(self) -> list[str]:
        with self._lock:
            return [thing for thing, shadow in self._kept.items() if not shadow["deleted"]]

    def _keep(self, thing: str, shadow: Document) -> None:
        self._kept[thing] = shadow
        with self._path.open("a") as file:
            file.write(_line(thing, shadow))


def check(request: Any) -> None:
    """Raise `Refused` for what is no state document."""
    if not isinstance(request, dict):
        raise _bad("Invalid JSON")
    state = request.get("state")
    if "state" not in request:
        raise _bad("Missing required node: state")
    if not isinstance(state, dict):
        raise _bad("State node must be an object")
    for name in _SECTIONS:
        if not isinstance(state.get(name, {}), dict | None):
            raise _bad(f"{name.capitalize()} node must be an object")
    if state.keys() - set(_SECTIONS):
        raise _bad("State contains an invalid node")
    version, token = request.get("version", 0), request.get("clientToken", "")
    if isinstance(version, bool) or not isinstance(version, int) or version < 0:
        raise _bad("Invalid version")
    if not isinstance(token, str) or len(token.encode()) > LONGEST_TOKEN:
        raise _bad("Invalid clientToken")
    if _depth(state) > DEEPEST:
        raise _bad(f"JSON contains too many levels of nesting; maximum is {DEEPEST}")


def merge(target: Document, changes: Mapping[str, Any]) -> None:
    """Put changes into a section: objects name by name, everything else as a whole, null takes a name out."""
    for name, value in changes.items():
        if value is None:
            target.pop(name, None)
        elif isinstance(value, dict) and isinstance(target.get(name), dict):
            merge(target[name], value)
        elif isinstance(value, dict):
            target[name] = {}
            merge(target[name], value)
        else:
            target[name] = value


def difference(desired: Mapping[str, Any], reported: Mapping[str, Any]) -> Document:
    """What is desired and not reported so."""
    found: Document = {}
    for name, value in desired.items():
        held = reported.get(name)
        if isinstance(value, dict) and isinstance(held, dict):
            inner = difference(value, held)
            if inner:
                found[name] = inner
        elif value != held or isinstance(value, bool) != isinstance(held, bool):
            found[name] = value
    return found


def _timed(value: Any, at: int) -> Any:
    """A section's metadata: the time in place of each value, null where the value goes."""
    if value is None:
        return None
    if isinstance(value, dict):
        return {name: _timed(inner, at) for name, inner in value.items()}
    if isinstance(value, list):
        return [_timed(inner, at) for inner in value]
    return {"timestamp": at}


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(_depth, inner), default=0)


def _empty() -> Document:
    return {"version": 0, "deleted": False, "desired": {}, "reported": {}, "metadata": {"desired": {}, "reported": {}}}


def _bad(message: str) -> Refused:
    return Refused(400, "InvalidRequestException", message)


def _line(thing: str, shadow: Document) -> str:
    return json.dumps({"thing": thing, "shadow": shadow}, separators=(",", ":")) + "\n"


def _copy(document: Document) -> Document:
    copied: Document = json.loads(json.dumps(document))
    return copied


def _now() -> int:
    return int(time.time())
