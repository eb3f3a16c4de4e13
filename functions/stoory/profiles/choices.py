"""The closed sets of words that a profile chooses from."""

from __future__ import annotations

from enum import StrEnum


class Gender(StrEnum):
    """An influencer's gender."""

    MALE = "MALE"
    FEMALE = "FEMALE"
    OTHER = "OTHER"


class Tier(StrEnum):
    """How large an influencer's audience is."""

    NANO = "NANO"
    MICRO = "MICRO"
    MID = "MID"
    MACRO = "MACRO"


class DataSource(StrEnum):
    """Where a platform's figures come from: typed in, or read from the platform's API."""

    MANUAL = "MANUAL"
    GRAPH_API = "GRAPH_API"
