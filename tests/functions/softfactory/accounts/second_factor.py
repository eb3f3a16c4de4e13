"""What tests of the second factor share: codes, set-ups, and somebody who has one."""

from __future__ import annotations

from typing import Any

from quintet.auth import totp
from quintet.models import epoch
from quintet.models.time import FrozenClock
from quintet.testing import Client
from quintet.testing.client import Answer
from softfactory.people.entities import User
from tests.functions.softfactory.accounts.conftest import (
    AUTH,
    log_in,
    session_of,
)


def code_of(secret: str, steps: int = 0) -> str:
    """What the app shows, so many steps from now."""
    return totp.totp(totp.key_of(secret), epoch() + steps * totp.PERIOD)


def wrong(secret: str) -> str:
    good = {code_of(secret, steps) for steps in (-1, 0, 1)}
    return next(code for code in ("000000", "111111", "222222", "333333") if code not in good)


def set_up(caller: Client, body: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = caller.post(f"{AUTH}/2fa/setup", body)
    assert answer.status == 200, answer
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.body
    return found


def verify(caller: Client, **body: Any) -> Answer:
    return caller.post(f"{AUTH}/verify-2fa", body)


class Guarded:
    """Somebody with a second factor: their account, the caller who confirmed it, the app's secret and backup codes."""

    def __init__(self, suite: Client, clock: FrozenClock, user: User) -> None:
        self.suite, self.clock, self.user = suite, clock, user
        self.session = session_of(suite, user.email)
        self.caller = suite.as_caller(self.session["access_token"])
        made = set_up(self.caller)
        self.secret, self.backup = made["secret"], made["backup_codes"]
        self.confirmed = verify(self.caller, code=self.code())
        assert self.confirmed.status == 200, self.confirmed
        clock.advance(seconds=totp.PERIOD)

    def code(self) -> str:
        return code_of(self.secret)

    def challenge(self) -> str:
        answer = log_in(self.suite, self.user.email)
        assert answer.status == 200, answer
        token: str = answer.body["challenge_token"]
        return token

    def complete(self, code: str, challenge: str | None = None) -> Answer:
        return verify(self.suite, challenge_token=challenge or self.challenge(), code=code)
