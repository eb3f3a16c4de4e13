"""The life of an application: applied, accepted with or without a script phase, done, or ended before that."""

from __future__ import annotations

from enum import StrEnum

from stoory.lifecycle.transitions import Actor, Machine, Move


class ApplicationStatus(StrEnum):
    """Where an application stands."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"


class Phase(StrEnum):
    """What an accepted influencer works on first: the script, or the content itself."""

    SCRIPT = "SCRIPT"
    WORK = "WORK"


_PENDING = frozenset({ApplicationStatus.PENDING})
_ACCEPTED = frozenset({ApplicationStatus.ACCEPTED})
_BRAND = frozenset({Actor.BRAND})

APPLICATIONS = Machine(
    "application",
    (
        Move("accept", _BRAND, _PENDING, ApplicationStatus.ACCEPTED),
        Move("reject", _BRAND, _PENDING, ApplicationStatus.REJECTED),
        Move("cancel", _BRAND | {Actor.INFLUENCER}, _PENDING | _ACCEPTED, ApplicationStatus.CANCELLED),
        Move("complete", frozenset({Actor.ADMIN}), _ACCEPTED, ApplicationStatus.COMPLETED),
        # What happens to an undecided application when its campaign goes: deleted, cancelled or expired.
        Move("withdraw", _BRAND | {Actor.CLOCK}, _PENDING, ApplicationStatus.CANCELLED),
    ),
)
"""The whole table. COMPLETED is final, so cancelling and completing cannot both succeed."""


def transition(current: ApplicationStatus, verb: str, actor: Actor) -> ApplicationStatus:
    """The status after `verb`; raises IllegalMove, such as `Cannot accept application. Current status: ACCEPTED`."""
    return APPLICATIONS.transition(current, verb, actor)


def accepted_change(current: ApplicationStatus, after: ApplicationStatus) -> int:
    """By how much the campaign's count of taken places changes: 1, -1 or 0. A completed one keeps its place."""
    return _takes_place(after) - _takes_place(current)


def phase_of(requires_script: bool) -> Phase:
    """The phase an application starts in when it is accepted."""
    return Phase.SCRIPT if requires_script else Phase.WORK


def _takes_place(status: ApplicationStatus) -> int:
    return int(status in {ApplicationStatus.ACCEPTED, ApplicationStatus.COMPLETED})
