"""Ids as requests carry them."""

from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from quintet.models import is_id


def canonical(value: str) -> str:
    """A UUID in lower case; raises ValueError for anything else."""
    text = value.strip().lower()
    if not is_id(text):
        raise ValueError("must be a UUID")
    return text


Id = Annotated[str, AfterValidator(canonical), WithJsonSchema({"type": "string", "format": "uuid"})]
"""The id of anything, in a path, a query or a body."""
