"""Asking Influencers Club: with its limit of requests kept, tries repeated where that may help, and failures told.

Paid calls are not sent again once they may have been carried out: the service would bill them twice. A service that
failed several times in a row is left alone for a while (`quintet.net.breaker`); each copy of a function finds that out
by itself, since a shared state would cost every call a write to save a few slow ones in a bad hour.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from quintet.api import ErrorType
from quintet.auth import throttle
from quintet.auth.caps import Cap
from quintet.errors import ApiError
from quintet.net import patience
from quintet.net.breaker import Breaker
from quintet.providers import influencers_club
from quintet.providers.errors import NotConfigured, ProviderError, Unavailable
from quintet.providers.influencers_club import Limited, Uncertain

NOT_CONFIGURED = ErrorType(
    503, "discovery_not_configured", "Creator discovery is not configured (INFLUENCERS_CLUB_API_KEY is not set)"
)
FAILED = ErrorType(502, "discovery_failed", "Influencers Club could not be asked; nothing was charged")
BUSY = ErrorType(
    503, "discovery_busy", "Creator discovery is at its limit of 300 requests a minute, please try again later"
)

SERVICE: Final = "influencers_club"
LIMIT: Final = Cap(SERVICE, 300, 60)
"""What the service allows to one key, over all functions and callers."""
FREE: Final = Cap(f"{SERVICE}:free", 150, 60)
"""What of it may go to questions that cost nothing, so that those that are paid for find room."""
SHARE: Final = 100
"""Requests a minute that one organization, or one user without, may have of it."""
REPEATS: Final = 2
RESERVE: Final = 6.0
"""Seconds of an invocation that the ledger keeps for itself after the service's answer."""
SECONDS: Final = 20.0
"""What asking may take with all its tries."""

breaker = Breaker()

T = TypeVar("T")


def require_configured() -> None:
    """Raise 503 unless there is a key, before anything else is looked at."""
    try:
        influencers_club.require_configured()
    except NotConfigured:
        raise NOT_CONFIGURED() from None


def asked(call: Callable[[], T], whose: str, *, paid: bool = True) -> T:
    """What the service answers. Raises 502 with its reason, or 503 where the limit of requests is reached.

    `whose` is the organization, or the user without one, in whose share the requests count.
    """
    turn = breaker.admit(SERVICE)
    if turn is None:
        raise FAILED(
            "Influencers Club failed several times in a row and is left alone for a moment; nothing was charged",
            headers={"Retry-After": str(round(breaker.rules.pause))},
        )
    try:
        found = _until_answered(call, whose, paid=paid)
    except ProviderError as error:
        # A refusal or a limit is the answer of a service that works.
        breaker.report(SERVICE, turn, works=not isinstance(error, Unavailable))
        if isinstance(error, NotConfigured):
            raise NOT_CONFIGURED() from None
        headers = {"Retry-After": str(max(1, round(error.retry_after)))} if isinstance(error, Limited) else {}
        raise FAILED(f"{error}; nothing was charged", headers=headers) from error
    except ApiError:
        breaker.report(SERVICE, turn, works=True)
        raise
    breaker.report(SERVICE, turn, works=True)
    return found


def _until_answered(call: Callable[[], T], whose: str, *, paid: bool) -> T:
    """Send, and again while that may help and there is time."""
    seconds = min(SECONDS, patience.left() - RESERVE)
    waiting = patience.start(SERVICE, seconds, most=REPEATS)
    with patience.within(seconds):
        while True:
            _count(whose, paid=paid)
            try:
                found = call()
            except Limited as error:
                if not waiting.again(patience.THROTTLED, least=error.retry_after, reserve=1.0):
                    raise
            except Uncertain:
                if paid or not waiting.again(patience.FAILED, reserve=1.0):
                    raise
            except Unavailable:
                if not waiting.again(patience.FAILED, reserve=1.0):
                    raise
            else:
                waiting.succeeded()
                return found


def _count(whose: str, *, paid: bool) -> None:
    """Count one request of this minute. Raises 503 when there were too many."""
    share = Cap(f"{SERVICE}:{whose}", SHARE, LIMIT.per)
    try:
        throttle.begin("upstream", [share])
    except throttle.TooManyAttempts as full:
        raise BUSY(
            f"Your organization had its {SHARE} requests of this minute, please try again later",
            headers={"Retry-After": str(full.retry_after)},
        ) from None
    try:
        throttle.begin("upstream", [LIMIT] if paid else [FREE, LIMIT])
    except throttle.TooManyAttempts as full:
        raise BUSY(headers={"Retry-After": str(full.retry_after)}) from None
