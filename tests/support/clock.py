"""Time in tests: the one way to stop it, and tokens that are good whenever a test says it is.

`stopped(at)` stops what the product calls now, in all threads: `quintet.models.now`, times of tokens, expiry, windows.
A caller whose token was issued by the real clock is a stranger in a stopped one, and the other way round: so clients
that outlive a `stopped` block hold a `lasting_token`. No test reads the machine's clock beside a stopped one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from quintet.auth import tokens
from quintet.models.time import FrozenClock, frozen

__all__ = ["FrozenClock", "lasting_token", "stopped"]

stopped = frozen

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LIFETIME = timedelta(days=366 * 150)


def lasting_token(subject: str, claims: Mapping[str, Any]) -> str:
    """An access token of the system in force that is good at any time from 2000 to 2149."""
    with stopped(_EARLIEST):
        token, _ = tokens.issue(subject, claims, _LIFETIME)
    return token
