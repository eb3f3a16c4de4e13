"""Devices, spoken to through their AWS IoT device shadows: what they shall be is written, what they are is read.

A shadow holds two documents: `desired`, which applications write, and `reported`, which only the device writes. So a
successful write says nothing of the device; what it reports afterwards does. Source: AWS IoT Core developer guide,
"Device Shadow service documents", "Device Shadow REST API" and "Device Shadow error messages".

A device says under `connected` in its report whether it is reached; its last will, published by the broker when the
connection breaks, sets that to false.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from quintet.net import endpoints, outbound, wire
from quintet.net.outbound import OutboundError, Response
from quintet.providers.errors import ProviderError, Rejected, Throttled, Unavailable, aws_errors
from quintet.settings import settings

LARGEST_STATE = 8192
"""Bytes of a shadow's state, the service's default limit."""
SECONDS = 2.0
"""What one call may take unless its caller has less."""

_SERVICE = "device shadows"
_SIGNING = "iotdata"
_THING = re.compile(r"[A-Za-z0-9:_-]{1,128}")  # the service's pattern of a thing's name
_LARGEST_ANSWER = 65_536  # the state and, beside it, a time for each of its values


class Conflict(ProviderError):
    """The shadow has another version than the one named: somebody has written since it was read."""


@dataclass(frozen=True, slots=True)
class Shadow:
    """A shadow as it was read."""

    version: int
    desired: Mapping[str, Any]
    reported: Mapping[str, Any]
    reported_at: Mapping[str, int]
    """When each value was last reported, in seconds since the epoch."""

    @property
    def connected(self) -> bool | None:
        """What the device said of its connection, None when it never did."""
        said = self.reported.get("connected")
        return said if isinstance(said, bool) else None

    @property
    def state(self) -> dict[str, Any]:
        """What the device reported of itself, without its connection."""
        return {name: value for name, value in self.reported.items() if name != "connected"}

    @classmethod
    def read(cls, answer: Any) -> Shadow:
        """A shadow from the service's JSON. Raises KeyError, TypeError or ValueError for what is none."""
        state, times = _object(answer.get("state")), _object(answer.get("metadata"))
        version = answer["version"]
        if not isinstance(version, int) or isinstance(version, bool):
            raise TypeError("a version is a number")
        reported = _object(state.get("reported"))
        told = _object(times.get("reported"))
        at = {name: _newest(told.get(name)) for name in reported}
        return cls(version, MappingProxyType(_object(state.get("desired"))), MappingProxyType(reported),
                   MappingProxyType(at))  # fmt: skip


def get_shadow(thing: str, *, seconds: float | None = None) -> Shadow | None:
    """A thing's shadow, None when it has none yet.

    Raises Rejected (also for a name that is none), Throttled or Unavailable.
    """
    response = _send("GET", thing, None, seconds)
    if response.status == 404:
        return None
    return _shadow(_answer(response))


def desire(thing: str, desired: Mapping[str, Any], *, version: int | None = None, seconds: float | None = None) -> int:
    """Write values into a thing's desired state, and make its shadow when it has none; answers the new version.

    A value of None takes the name out; names not given stay. With a `version` the shadow must still have it.
    Raises Conflict when it has not, Rejected, Throttled or Unavailable; after the last the write may have been made.
    """
    document: dict[str, Any] = {"state": {"desired": dict(desired)}}
    if version is not None:
        document["version"] = version
    body = json.dumps(document, separators=(",", ":"), allow_nan=False).encode()
    if len(body) > LARGEST_STATE:
        raise Rejected(f"a shadow holds at most {LARGEST_STATE} bytes")
    answer = _answer(_send("POST", thing, body, seconds))
    made = answer.get("version") if isinstance(answer, dict) else None
    if not isinstance(made, int):
        raise _garbled()
    return made


def _send(method: str, thing: str, body: bytes | None, seconds: float | None) -> Response:
    if _THING.fullmatch(thing) is None:
        raise Rejected("a thing's name has 1 to 128 letters, digits, colons, underscores and hyphens")
    url = f"{_endpoint()}/things/{thing}/shadow"
    try:
        return outbound.request(
            method,
            url,
            headers=_signed(method, url, body),
            body=body,
            timeout=SECONDS if seconds is None else max(seconds, 0.05),
            max_bytes=_LARGEST_ANSWER,
            retries=1,
        )
    except OutboundError as error:
        raise Unavailable(f"{_SERVICE} cannot be reached") from error


def _endpoint() -> str:
    """Where the data plane is: as configured, else the region's own."""
    with aws_errors(_SERVICE):
        found = settings().get("QUINTET_IOT_ENDPOINT") or endpoints.url("iot-data", settings().region)
    return (found if "://" in found else f"https://{found}").rstrip("/")  # AWS names it as a bare host


def _signed(method: str, url: str, body: bytes | None) -> dict[str, str]:
    from botocore.exceptions import BotoCoreError

    headers = {"Content-Type": "application/json"}
    try:
        return wire.signed(method, url, headers, body or b"", signing=_SIGNING, region=settings().region)
    except BotoCoreError as error:
        raise Unavailable(f"{_SERVICE} cannot be asked without credentials") from error


def _answer(response: Response) -> Any:
    """The JSON of a success; a failure becomes its error."""
    if response.ok:
        try:
            return response.json()
        except ValueError:
            raise _garbled() from None
    message = f"{_SERVICE} answered {response.status}"
    if response.status == 409:
        raise Conflict(message)
    if response.status == 429:
        raise Throttled(message)
    if response.status >= 500 or response.status in (401, 403):  # a wrong key is ours to mend: later it may go
        raise Unavailable(message)
    raise Rejected(message)


def _shadow(answer: Any) -> Shadow:
    try:
        return Shadow.read(answer)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise _garbled() from None


def _garbled() -> Unavailable:
    return Unavailable(f"{_SERVICE} answered something else than was asked for")


def _object(value: Any) -> dict[str, Any]:
    """A section of a shadow; the service leaves empty ones out."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise TypeError("a section is an object")
    return value


def _newest(times: Any) -> int:
    """The newest time within a value's metadata, which has the value's own shape; 0 when there is none."""
    if isinstance(times, list):
        return max((_newest(one) for one in times), default=0)
    if not isinstance(times, dict):
        return 0
    stamp = times.get("timestamp")
    if isinstance(stamp, int):
        return stamp
    return max((_newest(one) for one in times.values()), default=0)
