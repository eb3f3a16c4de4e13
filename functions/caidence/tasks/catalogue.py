"""The tasks that callers may name."""

from typing import Any, Final

from caidence.tasks.generating import CONTENT, DESIGN, PRESENTATION
from caidence.tasks.mailing import MAILING
from caidence.tasks.registry import Offer

OFFERED: Final[dict[str, Offer[Any]]] = {each.task.name: each for each in (CONTENT, DESIGN, PRESENTATION, MAILING)}
"""Offers by the names of their tasks. Workflows add their own (`workflow.execution`)."""
