"""The life of a campaign: a draft is launched, and from then on it is active, paused, completed or archived.

Launching alone makes a campaign active, the first time and again after a pause; the other moves are changes of its
`status`. Completed campaigns can still be archived, archived ones stay so.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from quintet.api import ErrorType

Status = Literal["draft", "active", "paused", "completed", "archived"]

OVER = ErrorType(400, "over", "The campaign's end_date is past; give it a later one to launch it")
NOT_LAUNCHABLE = ErrorType(409, "not_launchable", "A completed or archived campaign cannot be launched")
ILLEGAL_MOVE = ErrorType(409, "illegal_move", "The campaign cannot change to this status")

LAUNCHABLE: Final[frozenset[Status]] = frozenset({"draft", "paused"})
MOVES: Final[Mapping[Status, frozenset[Status]]] = MappingProxyType(
    {
        "draft": frozenset({"archived"}),
        "active": frozenset({"paused", "completed", "archived"}),
        "paused": frozenset({"completed", "archived"}),
        "completed": frozenset({"archived"}),
        "archived": frozenset(),
    }
)
"""By status: those to which a change of `status` leads."""


def launched(current: Status) -> Status:
    """The status after a launch, which leaves an active campaign as it is. Raises 409."""
    if current != "active" and current not in LAUNCHABLE:
        raise NOT_LAUNCHABLE()
    return "active"


def moved(current: Status, wanted: Status) -> Status:
    """The status after somebody sets it to `wanted`; raises 409 and says what is possible."""
    if wanted == current or wanted in MOVES[current]:
        return wanted
    one = f"{'An' if current[0] == 'a' else 'A'} {current} campaign"
    if wanted == "active" and current in LAUNCHABLE:
        raise ILLEGAL_MOVE(f"{one} becomes active by launching it")
    raise ILLEGAL_MOVE(f"{one} cannot become {wanted}")
