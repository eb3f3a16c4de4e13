"""Mood automations rest after they did something, so that a long unrest does not switch the lights all evening.

Access patterns:
    the rest of an automation    SUBJECT#<subject>#COOLDOWN / <automation id>
"""

from typing import ClassVar

from memory_mirror.service import store
from quintet.models import epoch, new_id
from quintet.store import ConditionFailed, Entity, Keys, absent, any_of, at_most, equals

LEAST = 30
"""Seconds for which an automation is claimed whatever its cooldown: longer than one run of it takes."""


class Cooldown(Entity):
    """Until when an automation rests. It goes by itself when that is over."""

    kind: ClassVar[str] = "mood_cooldown"
    keys: ClassVar[Keys] = Keys("SUBJECT#{subject}#COOLDOWN", "{automation_id}")

    subject: str
    automation_id: str
    token: str
    until: int
    """Epoch seconds."""
    expires_at: int


def claim(subject: str, automation_id: str, minutes: int) -> Cooldown | None:
    """Claim an automation for one run and the rest after it; None while it rests or another runs it."""
    at = epoch()
    until = at + max(minutes * 60, LEAST)
    rest = Cooldown(subject=subject, automation_id=automation_id, token=new_id(), until=until, expires_at=until + 3600)
    tx = store.transaction()
    tx.put(rest, [any_of(absent(), at_most("until", at))])
    try:
        tx.commit()
    except ConditionFailed:
        return None
    return rest


def release(rest: Cooldown) -> None:
    """Give a claim back after a run that did nothing, or whose automation needs no rest."""
    tx = store.transaction()
    tx.remove(rest.own_key(), [equals("token", rest.token)])
    try:
        tx.commit()
    except ConditionFailed:
        return  # another has claimed it since
