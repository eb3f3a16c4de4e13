"""Mood automations: which ones a mood sets off, and what they do to the home.

Access patterns:
    the rest of an automation    SUBJECT#<subject>#COOLDOWN / <automation id>

They rest after they did something, so that a long unrest does not switch the lights all evening.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from memory_mirror.home.control import Errand
from memory_mirror.home.entities import MoodAutomation
from memory_mirror.home.plans import Planned, Step, carry_out_all
from memory_mirror.records.record import recent
from memory_mirror.service import store
from quintet.models import epoch, new_id
from quintet.store import ConditionFailed, Entity, Keys, absent, any_of, at_most, equals

MOST = 100
"""Active automations of a person that are looked at, the newest."""
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


@dataclass(frozen=True)
class Triggered:
    """An automation that was set off, and what became of its actions."""

    automation: MoodAutomation
    steps: list[Step]

    @property
    def updated(self) -> set[str]:
        """The devices that confirmed something."""
        return {step.planned.device_id for step in self.steps if step.verified}

    def view(self) -> dict[str, Any]:
        """As replies show it."""
        return {
            "id": self.automation.id,
            "name": self.automation.name,
            "devices_updated": len(self.updated),
            "actions": [step.view() for step in self.steps],
        }


def apply(subject: str, mood: str, level: float, by: str, zone: str) -> list[Triggered]:
    """Run the active automations that fit and do not rest, the oldest first; a later one has the last word.

    An automation of which nothing came rests no longer than its run.
    """
    fitting = [
        one
        for one in recent(MoodAutomation, subject, MOST, active=True)
        if fits(one.moods, one.min_anxiety, one.max_anxiety, mood, level)
    ]
    claims = [(one, claim(subject, one.id, one.cooldown_minutes)) for one in reversed(fitting)]
    held = [(one, rest) for one, rest in claims if rest is not None]
    try:
        found = _carried_out(subject, [one for one, _ in held], by, zone)
    except BaseException:
        _release([rest for _, rest in held])
        raise
    idle = [rest for (one, rest), done in zip(held, found, strict=True) if not (done.updated and one.cooldown_minutes)]
    _release(idle)
    return found


def _carried_out(subject: str, automations: list[MoodAutomation], by: str, zone: str) -> list[Triggered]:
    errands = [Errand(by, zone, "mood_automation", one.id) for one in automations]
    plan = [
        Planned(action, errand)
        for one, errand in zip(automations, errands, strict=True)
        for action in one.actions
    ]  # fmt: skip
    steps = iter(carry_out_all(subject, plan))
    return [Triggered(one, [next(steps) for _ in one.actions]) for one in automations]


def _release(rests: list[Cooldown]) -> None:
    for rest in rests:
        release(rest)


def fits(moods: Sequence[str], least: float, most: float, mood: str, level: float) -> bool:
    """Whether an automation is for this mood and level; one without moods is for all, and both ends count."""
    return least <= level <= most and (not moods or spelled(mood) in {spelled(one) for one in moods})


def spelled(mood: str) -> str:
    """A mood's label without differences that nobody means: case, width, surrounding and double spaces."""
    return " ".join(unicodedata.normalize("NFKC", mood).casefold().split())


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
