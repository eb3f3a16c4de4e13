"""What the store says when DynamoDB does not do what was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from quintet.errors import ApiError, ErrorType
from quintet.net.patience import BUSY

__all__ = ["BUSY", "STALE", "ConditionFailed", "Old", "Refusal", "combined", "refusal"]

Old = Mapping[str, Any] | None
Refusal = ErrorType | Callable[[Old], Exception] | None
"""What to raise when a condition fails: an error type, or a function of the item as it stands (None: absent)."""


class ConditionFailed(Exception):
    """A condition did not hold and nobody said what that means; `old` is the item as it stands."""

    def __init__(self, old: Old = None) -> None:
        super().__init__("the item is not in the state this write needs")
        self.old = old


STALE = ErrorType(409, "conflict", "The resource was changed by someone else, please try again")


def refusal(refused: Refusal, old: Old) -> Exception:
    """The exception for one failed condition."""
    if refused is None:
        return ConditionFailed(old)
    return refused() if isinstance(refused, ErrorType) else refused(old)


def combined(errors: list[Exception]) -> Exception:
    """One exception for all failed conditions of a transaction: domain errors first, details merged."""
    api = [e for e in errors if isinstance(e, ApiError)]
    return ApiError.merged(api) if api else errors[0]
