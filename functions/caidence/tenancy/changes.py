"""What a body of changes says: fields that were left out stay, and null clears those that can be empty."""

from collections.abc import Set
from typing import Any

from pydantic import BaseModel


def given_in(body: BaseModel, *, clearing: Set[str] = frozenset()) -> dict[str, Any]:
    """The fields of a body that change something. Null is a value for those in `clearing`; for the others, which
    cannot be empty, it is the same as leaving them out."""
    given = body.model_dump(exclude_unset=True)
    return {name: value for name, value in given.items() if value is not None or name in clearing}
