"""What there is of a subject: every partition that its id alone names, read off the keys of the items it can have."""

from collections.abc import Iterator
from itertools import product
from typing import Any, Final, get_args

from memory_mirror.accounts.people import Patient
from memory_mirror.alerts.states import AlertState
from memory_mirror.care.sessions import CareOpened, PatientSession
from memory_mirror.clock.occurrences import OccurrenceClaim
from memory_mirror.conversation.suggested import Suggested
from memory_mirror.entities.kinds import KINDS
from memory_mirror.messages.mailing import Mailing
from memory_mirror.music.playbacks import Playback
from memory_mirror.night.incidents import OpenIncident
from memory_mirror.stories.tale_memory import Telling
from memory_mirror.sync.merging import Synced
from memory_mirror.upkeep.repairs import Fix
from quintet.store import Entity

HELD: Final[tuple[type[Entity], ...]] = (
    *(kind for kind in KINDS.values() if kind is not Patient),
    AlertState,
    CareOpened,
    Fix,
    Mailing,
    OccurrenceClaim,
    OpenIncident,
    PatientSession,
    Playback,
    Suggested,
    Synced,
    Telling,
)
"""Kinds of items that a subject can have, beside its patient records."""
VOICES: Final = ("voice", "voice_sample", "speech")
"""What goes with the files and the voice service's copies, by voice/voices.erase."""


def partitions(subject: str) -> Iterator[tuple[type[Entity], dict[str, Any]]]:
    """The partitions of a subject's data: kinds of items, and the fields of each partition's key.

    The first field of a partition's key is whose it is; any other has a few values that its type lists.
    """
    for kind in HELD:
        owner, *others = kind.keys.templates["main"][0].fields
        for values in product(*(get_args(kind.model_fields[name].annotation) for name in others)):
            yield kind, {owner: subject, **dict(zip(others, values, strict=True))}
