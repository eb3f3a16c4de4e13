"""Creator search with Influencers Club: search, lookalikes, profiles, posts and classifiers over its public HTTP API.

Every function sends once; whether a failure is worth another try is told by its kind. Costs are whole hundredths of a
credit. The key is `influencers_club_api_key` in the system's secret, the address `QUINTET_INFLUENCERS_CLUB_URL`.
Source: the service's public API (`/public/v1`) as its own client `influencers-club-mcp` 0.3 speaks it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from math import isfinite
from typing import Any, Final, Literal, get_args
from urllib.parse import quote

from quintet.keys.keyring import secret
from quintet.net import outbound
from quintet.net.outbound import OutboundError, Response, TimedOut, TooLarge, Unreachable
from quintet.providers.errors import NotConfigured, Rejected, Throttled, Unavailable
from quintet.settings import settings

Platform = Literal["instagram", "youtube", "tiktok", "twitter", "twitch", "onlyfans"]
PLATFORMS: Final = get_args(Platform)
Mode = Literal["raw", "full"]
ContentType = Literal["data", "comments", "transcript", "audio"]

DEFAULT_URL: Final = "https://api-dashboard.influencers.club"
SECRET: Final = "influencers_club_api_key"
SECONDS: Final = 12.0
"""What one send may take."""
LARGEST: Final = 2 * 1024 * 1024
"""Bytes of the largest answer that is read: a full profile has several hundred thousand."""
FOLLOWERS: Final[Mapping[str, str]] = {
    "instagram": "number_of_followers",
    "tiktok": "number_of_followers",
    "twitter": "number_of_followers",
    "youtube": "number_of_subscribers",
    "twitch": "followers",
}
"""The filter by audience, by platform. Another platform's is ignored there, and the search billed unfiltered."""

_SERVICE = "Influencers Club"
_ROOT = "/public/v1"
_LONGEST_REASON = 200
_SAFE_INTEGER = 2**53
_DEEPEST = 100
"""Levels of an answer: more than any has, fewer than what writes replies can go."""


class Uncertain(Unavailable):
    """The request may have been carried out, and billed; its answer did not come, or not whole."""


class Limited(Throttled):
    """Too many requests; `retry_after` is how many seconds the service asks to wait."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Creator:
    """One creator of a search. `engagement_rate` is in percent; what the service does not tell is None."""

    platform: Platform
    handle: str
    name: str | None
    followers: int | None
    engagement_rate: float | None
    picture_url: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of creators, `total` of the whole search, and what the service says that it cost."""

    creators: list[Creator]
    total: int
    cost: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of one thing, and what the service says that it cost."""

    content: dict[str, Any]
    cost: int | None


def require_configured() -> None:
    """Raise NotConfigured unless there is a key."""
    _key()


def search(platform: Platform, filters: Mapping[str, Any], page: int, limit: int) -> Found:
    """One page of creators that pass the filters, most relevant first; `page` counts from 1."""
    body = {
        "platform": platform,
        "paging": {"limit": limit, "page": page - 1},
        "sort": {"sort_by": "relevancy", "sort_order": "desc"},
        "filters": dict(filters) or None,
    }
    return _found(platform, limit, _call("POST", "/discovery/", body))


def similar(platform: Platform, handle: str, filters: Mapping[str, Any], page: int, limit: int) -> Found:
    """One page of creators like the one with this handle; `page` counts from 1."""
    body = {
        "platform": platform,
        "filter_key": "username",
        "filter_value": handle,
        "paging": {"limit": limit, "page": page - 1},
        **({"filters": dict(filters)} if filters else {}),
    }
    return _found(platform, limit, _call("POST", "/discovery/creators/similar/", body))


def enrich(platform: Platform, handle: str, mode: Mode) -> Told:
    """What is known of a creator, as the service words it: `result` by platform and in general."""
    body: dict[str, Any] = {"handle": handle, "platform": platform}
    if mode == "full":
        body |= {"email_required": "preferred", "include_lookalikes": False, "include_audience_data": True}
    return _told(_call("POST", f"/creators/enrich/handle/{mode}/", body))


def post_details(platform: Platform, post_id: str, content_type: ContentType) -> Told:
    """What is known of a post: its figures, comments, transcript or audio."""
    body = {"platform": platform, "post_id": post_id, "content_type": content_type}
    return _told(_call("POST", "/creators/content/details/", body))


def classifier(name: Literal["languages", "yt-topics", "games"]) -> list[Any]:
    """The options of a filter. Free of charge."""
    return _options(_call("GET", f"/discovery/classifier/{name}/"))


def locations(platform: Platform) -> list[Any]:
    """The places that the location filter knows on a platform. Free of charge."""
    return _options(_call("GET", f"/discovery/classifier/locations/{quote(platform, safe='')}/"))


def account() -> dict[str, Any]:
    """The state of our own account there. Free of charge; shows that the key is good."""
    return _object(_call("GET", "/accounts/credits/"))


def _key() -> str:
    found = re.sub(r"(?i)^bearer(\s+|$)", "", secret().get(SECRET).strip())
    if not found:
        raise NotConfigured(_SERVICE, SECRET)
    return found


def _call(method: str, path: str, body: Any = None) -> Any:
    """Send once. Raises NotConfigured, Rejected, Limited, Unavailable, and its kind Uncertain."""
    headers = {"authorization": f"Bearer {_key()}", "accept": "application/json"}
    url = settings().get("QUINTET_INFLUENCERS_CLUB_URL", DEFAULT_URL).rstrip("/") + _ROOT + path
    try:
        response = outbound.request(
            method, url, headers=headers, json=body, timeout=SECONDS, max_bytes=LARGEST, cut=True
        )
    except TooLarge as error:
        raise Rejected(f"{_SERVICE} answered more than can be taken") from error
    except Unreachable as error:
        if error.sent:
            raise Uncertain(f"{_SERVICE} broke off without a whole answer") from error
        raise Unavailable(f"{_SERVICE} cannot be reached") from error
    except TimedOut as error:
        raise Uncertain(f"{_SERVICE} did not answer in time") from error
    except OutboundError as error:
        raise Unavailable(f"{_SERVICE} cannot be reached") from error
    return _answer(response)


def _answer(response: Response) -> Any:
    answer = _read(response.body)
    if response.ok:
        if answer is None:
            raise Uncertain(f"{_SERVICE} answered {response.status} with something that is not JSON")
        return answer
    reason = _reason(answer)
    message = f"{_SERVICE} answered {response.status}" + (f": {reason}" if reason else "")
    if response.status == 429:
        asked = response.headers.get("retry-after", "")
        raise Limited(message, float(asked) if asked.isascii() and asked.isdigit() else 0.0)
    if response.status >= 500:
        raise Unavailable(message)
    raise Rejected(message)


def _read(body: bytes) -> Any:
    """The JSON of an answer, such that everything behind us can write it again; None for what is none."""
    try:
        text = body.decode()
        answer = json.loads(text, parse_constant=_refuse, parse_float=_finite)
        if "\\ud" in text.lower():  # halves of surrogate pairs can be spelt, and not be encoded
            answer = json.loads(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return None if _is_too_deep(answer) else answer


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        lists = [one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        level = [inner for one in lists for inner in one]
        if not level:
            return False
    return True


def _finite(text: str) -> float | None:
    """A number; None for one that is too large to be any, which JSON could not be written with again."""
    value = float(text)
    return value if isfinite(value) else None


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _reason(answer: Any) -> str:
    """What an error answer says, in one line without our key: a message, a list of them, or fields with theirs."""
    told = answer
    if isinstance(answer, dict):
        meta = answer.get("response_meta")
        named = [answer.get(name) for name in ("message", "detail", "error")]
        named.append(meta.get("error_message") if isinstance(meta, dict) else None)
        told = next((one for one in named if one), answer)
    line = re.sub(r"\s+", " ", re.sub(r"(?i)bearer\s+\S+", "Bearer …", _flat(told, 4).replace(_key(), "…")))
    return "".join(char for char in line if char.isprintable())[:_LONGEST_REASON].strip()


def _flat(value: Any, depth: int) -> str:
    if depth == 0 or value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(_flat(one, depth - 1) for one in value[:10])
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_flat(one, depth - 1)}" for name, one in list(value.items())[:10])
    return str(value)


def _found(platform: Platform, limit: int, answer: Any) -> Found:
    told = _object(answer)
    accounts = told.get("accounts")
    if not isinstance(accounts, list):
        raise Uncertain(f"{_SERVICE} answered something else than creators")
    creators = [found for one in accounts[:limit] if (found := _creator(platform, one)) is not None]
    total = whole(told.get("total"))
    return Found(creators, len(creators) if total is None else total, _hundredths(told.get("credits_cost")))


def _creator(platform: Platform, account: Any) -> Creator | None:
    """One account of a list; None for one without a handle, which is of no use to anybody."""
    profile = account.get("profile") if isinstance(account, dict) else None
    if not isinstance(profile, dict):
        return None
    handle = text(profile.get("username"))
    if handle is None:
        return None
    return Creator(
        platform=platform,
        handle=handle,
        name=text(profile.get("full_name")),
        followers=whole(profile.get("followers")),
        engagement_rate=number(profile.get("engagement_percent")),
        picture_url=text(profile.get("picture")),
    )


def _told(answer: Any) -> Told:
    told = _object(answer)
    content = told.get("result")
    if isinstance(content, list):
        content = {"items": content}
    if not isinstance(content, dict):
        raise Uncertain(f"{_SERVICE} answered without a result")
    if len(json.dumps(content)) > LARGEST:  # numbers may be longer than they were sent
        raise Rejected(f"{_SERVICE} answered more than can be taken")
    return Told(content, _hundredths(told.get("credits_cost")))


def _options(answer: Any) -> list[Any]:
    """The options themselves, which may lie within an object."""
    listed = answer
    if isinstance(answer, dict):
        listed = next((value for value in answer.values() if isinstance(value, list)), None)
    if not isinstance(listed, list):
        raise Uncertain(f"{_SERVICE} answered something else than a list")
    return [one for one in listed if isinstance(one, str | dict)]


def _object(answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise Uncertain(f"{_SERVICE} answered something else than was asked for")
    return answer


def _hundredths(credits: Any) -> int | None:
    """Credits, a number or a decimal in text, as whole hundredths; None for what is neither."""
    if isinstance(credits, bool) or not isinstance(credits, int | float | str):
        return None
    try:
        exact = Decimal(str(credits))
    except InvalidOperation:
        return None
    if not exact.is_finite() or not 0 <= exact < 1_000_000:
        return None
    return int((exact * 100).quantize(Decimal(1), ROUND_HALF_UP))


def text(value: Any) -> str | None:
    """A text that says something, else None."""
    return value.strip()[:2048] or None if isinstance(value, str) else None


def whole(value: Any) -> int | None:
    """A whole number that is not negative, else None."""
    fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _SAFE_INTEGER
    return int(value) if fits else None


def number(value: Any) -> float | None:
    """A number, with at most four decimals, else None."""
    fits = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _SAFE_INTEGER
    return round(float(value), 4) if fits else None
