"""Whose data it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DataSubject:
    """A person, by what their data is found by, also when the account is gone."""

    id: str
    email: str | None
    """None where the address is not theirs: whatever is found by it is somebody else's."""
