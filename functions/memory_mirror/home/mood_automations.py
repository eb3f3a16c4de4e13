"""Mood automations: which ones a mood sets off, and what they do to the home."""

from dataclasses import dataclass
from typing import Any

from memory_mirror.entities.kinds import MoodAutomation
from memory_mirror.home.control import Errand
from memory_mirror.home.mood_cooldowns import Cooldown, claim, release
from memory_mirror.home.mood_rules import fits
from memory_mirror.home.plans import Planned, Step, carry_out_all
from memory_mirror.records.record import recent

MOST = 100
"""Active automations of a person that are looked at, the newest."""


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
