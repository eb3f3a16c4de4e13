"""What one account or person may use up in a day: characters spoken, people written to.

Item (access pattern): how much was used         ALLOWANCE#<who> / <what>#<day>
"""

from contextlib import suppress
from typing import ClassVar

from memory_mirror.service import api, store
from quintet.models import epoch
from quintet.store import ConditionFailed, Entity, Keys, absent, any_of, at_most, exists

DAY = 86_400


class Allowance(Entity):
    """How much of something was used on one day (UTC, counted from the epoch)."""

    kind: ClassVar[str] = "allowance"
    keys: ClassVar[Keys] = Keys("ALLOWANCE#{who}", "{what}#{day}")

    who: str
    what: str
    day: int
    used: int = 0
    expires_at: int


def spend(who: str, what: str, amount: int, most: int) -> None:
    """Use up `amount` of the day's `most`. Raises 429 with `Retry-After` when that much is not left."""
    if amount > most:
        raise _exhausted()
    day = epoch() // DAY
    row = Allowance(who=who, what=what, day=day, expires_at=(day + 2) * DAY)
    fields = {"kind": Allowance.kind, **row.model_dump(include={"who", "what", "day", "expires_at"})}
    room = any_of(absent("used"), at_most("used", most - amount))
    store.update(
        Allowance, row.own_key(), put=fields, add={"used": amount}, where=[room], refused=lambda _: _exhausted()
    )


def give_back(who: str, what: str, amount: int) -> None:
    """Take back what was not used after all."""
    key = Allowance.key(who=who, what=what, day=epoch() // DAY)
    with suppress(ConditionFailed):  # the day is over
        store.update(Allowance, key, add={"used": -amount}, where=[exists()])


def _exhausted() -> Exception:
    return api.errors.rate_limited(
        "That is as much as one day allows, please try again tomorrow",
        headers={"Retry-After": str(DAY - epoch() % DAY)},
    )
