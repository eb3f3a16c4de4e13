"""Profiles of creators: the service's answer in words of ours, and what a user bought in the last 24 hours."""

import base64
import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, cast

from caidence.discovery.accounts import Claim, Profile
from caidence.discovery.ledger import BoughtAlready
from caidence.service import store
from quintet import log
from quintet.api import ErrorType
from quintet.errors import ApiError
from quintet.models import epoch
from quintet.net import patience
from quintet.net.patience import Cause
from quintet.providers.influencers_club import PLATFORMS, Mode, Platform, number, text, whole
from quintet.store import ConditionFailed, Transaction, any_of, at_most, equals
from quintet.store import absent as nothing
from quintet.store.errors import Old

UNDER_WAY = ErrorType(
    409,
    "enrichment_under_way",
    "The same profile is being bought at this moment, please try again",
    {"Retry-After": "2"},
)

KEPT: Final = 24 * 3600
"""Seconds for which a repeat is free."""
LEASE: Final = 35
"""Seconds after which whoever claimed to buy a profile has surely ended: an invocation lasts 29 at most."""
TWIN: Final = Cause(cost=0, first=0.1, longest=0.5)
"""Why a call waits for the one that buys the same, and how."""
LARGEST: Final = 300_000
"""Characters of a packed profile that an item holds; a larger one is not kept, and its repeat costs again."""

_CHANNEL = 24
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("full_name", "name", "title", "display_name"),
    "biography": ("biography", "bio", "description"),
    "picture_url": ("profile_picture", "picture"),
    "location": ("location", "country"),
}
_COUNTS: Final[Mapping[str, tuple[str, ...]]] = {
    "followers": ("follower_count", "subscriber_count", "followers", "total_followers"),
    "following": ("following_count", "following"),
    "posts": ("media_count", "post_count", "video_count", "tweets_count"),
}
_GROWTH: Final = ("creator_follower_growth", "follower_growth", "subscriber_growth", "growth")
_FREQUENCY: Final = ("posting_frequency_recent_months", "posting_frequency")
_MOST_CONNECTIONS = 50


def key_of(platform: Platform, handle: str, mode: Mode) -> dict[str, str]:
    """What makes an enrichment the same as another: letter case does not, but in a YouTube channel's id."""
    is_channel = platform == "youtube" and len(handle) == _CHANNEL and handle.startswith("UC")
    return {"platform": platform, "handle": handle if is_channel else handle.casefold(), "mode": mode}


def bought(user_id: str, key: Mapping[str, str]) -> dict[str, Any] | None:
    """The profile that the user bought under this key within 24 hours, None when there is none."""
    fields: dict[str, Any] = {"user_id": user_id, **key}
    found = store.get(Profile, **fields)
    if found is None or found.expires_at <= epoch():
        return None
    return cast("dict[str, Any]", json.loads(zlib.decompress(base64.b64decode(found.packed))))


@contextmanager
def claimed(user_id: str, key: Mapping[str, str]) -> Iterator[dict[str, Any] | None]:
    """Be the only one of the user's calls that buys a profile within the block.

    Yields None, or the profile that another call bought while this one waited for its turn. Raises 409 when the other
    takes longer than patience lasts.
    """
    waiting = patience.start()
    while (claim := _claim(user_id, key)) is None:
        found = bought(user_id, key)
        if found is not None:
            yield found
            return
        if not waiting.again(TWIN):
            raise UNDER_WAY()
    try:
        yield bought(user_id, key)  # by whoever had the turn before
    finally:
        _let_go(claim)


def _claim(user_id: str, key: Mapping[str, str]) -> Claim | None:
    """The turn to buy; None while somebody has it."""
    claim = Claim.model_validate({**key, "user_id": user_id, "expires_at": epoch() + LEASE})
    tx = store.transaction()
    tx.put(claim, [any_of(nothing(), at_most("expires_at", epoch()))])
    try:
        tx.commit()
    except ConditionFailed:
        return None
    return claim


def _let_go(claim: Claim) -> None:
    tx = store.transaction()
    tx.remove(claim.own_key(), [equals("holder", claim.holder)])
    try:
        tx.commit()
    except ConditionFailed:
        return  # its lease was over, and somebody else has the turn
    except ApiError:
        log.logger().exception("claim not let go, its lease ends by itself", extra={"handle": claim.handle})


def keep(tx: Transaction, user_id: str, key: Mapping[str, str], profile: Mapping[str, Any]) -> None:
    """Keep a profile in the transaction that charges it; that one is refused with BoughtAlready when it is there."""
    packed = base64.b64encode(zlib.compress(json.dumps(profile).encode(), 6)).decode()
    if len(packed) > LARGEST:
        return
    kept = Profile.model_validate({**key, "user_id": user_id, "packed": packed, "expires_at": epoch() + KEPT})
    tx.put(kept, [any_of(nothing(), at_most("expires_at", epoch()))], refused=_bought_already)


def worded(platform: Platform, handle: str, mode: Mode, result: Mapping[str, Any]) -> dict[str, Any]:
    """A profile by names that are the same on every platform; `details` is the service's own answer.

    Full mode adds `email`, `growth` (percent by period), `posting_frequency` (posts a month) and `connections` (where
    else the creator is). What the service does not tell is null.
    """
    own = result.get(platform)
    block: Mapping[str, Any] = own if isinstance(own, Mapping) else result
    found: dict[str, Any] = {
        "platform": platform,
        "handle": text(block.get("username")) or text(block.get("custom_url")) or handle,
        **{ours: _first(block, result, names, text) for ours, names in _NAMES.items()},
        **{ours: _first(block, result, names, whole) for ours, names in _COUNTS.items()},
        "engagement_rate": number(block.get("engagement_percent")),
        "is_verified": block.get("is_verified") if isinstance(block.get("is_verified"), bool) else None,
    }
    if mode == "full":
        found |= {
            "email": text(result.get("email")) or text(block.get("email")),
            "growth": _growth(block),
            "posting_frequency": _first(block, result, _FREQUENCY, number),
            "connections": _connections(platform, result),
        }
    return {**found, "details": dict(result)}


def _first(block: Mapping[str, Any], result: Mapping[str, Any], names: tuple[str, ...], read: Any) -> Any:
    """The first that says something under these names, in the platform's part before the general one."""
    told = (read(part.get(name)) for part in (block, result) for name in names)
    return next((one for one in told if one is not None), None)


def _growth(block: Mapping[str, Any]) -> dict[str, float] | None:
    told = next((block[name] for name in _GROWTH if isinstance(block.get(name), Mapping)), None)
    if told is None:
        return None
    return {str(period): read for period, value in told.items() if (read := number(value)) is not None}


def _connections(platform: Platform, result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Accounts on other platforms: those that the answer tells of, then those that it only says to exist."""
    found: dict[str, str | None] = {}
    for other in PLATFORMS:
        block = result.get(other)
        if other != platform and isinstance(block, Mapping) and block:
            found[other] = text(block.get("username")) or text(block.get("custom_url"))
    has = result.get("creator_has")
    for name, there in has.items() if isinstance(has, Mapping) else ():
        other = str(name).removeprefix("has_")
        if there is True and other != platform:
            found.setdefault(other, None)
    return [{"platform": name, "handle": handle} for name, handle in list(found.items())[:_MOST_CONNECTIONS]]


def _bought_already(_: Old) -> Exception:
    return BoughtAlready()
