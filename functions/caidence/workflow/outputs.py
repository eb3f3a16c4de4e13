"""What a run keeps of its steps' outputs: all of it, as long as there is room in its item."""

from typing import Any, Final

from caidence.workflow.entities import Run
from quintet.jobs.results import fitted, size

ROOM: Final = 100_000
"""Bytes of outputs (JSON) of all steps together; an item holds 400 KB, and the steps themselves take a part of it."""
_LEAST: Final = 2_200
"""Bytes that every output may have, however much the earlier ones have taken."""


def kept(output: Any, run: Run) -> Any:
    """An output as the run keeps it. Its ids stay, whatever else there is no room for."""
    return fitted(output, max(_LEAST, ROOM - sum(size(step.output) for step in run.steps)))
