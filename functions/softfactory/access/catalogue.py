"""What there is to permit: an area and a level of it, such as `SNS_WRITE`. ADMIN implies WRITE, WRITE implies READ."""

from collections.abc import Iterable
from typing import Final, Literal, get_args

Area = Literal[
    "SNS", "PAYMENT", "FILES", "REVIEW", "COOCOOK", "SEARCH", "I18N", "ADMIN", "RBAC", "MODERATION"
]  # fmt: skip
Level = Literal["READ", "WRITE", "ADMIN"]
AREAS: Final[tuple[Area, ...]] = get_args(Area)
LEVELS: Final[tuple[Level, ...]] = get_args(Level)
OWN_AREAS: Final = AREAS[:6]
"""The areas in which everybody works on rows of their own."""

Permission = str
PERMISSIONS: Final[tuple[Permission, ...]] = tuple(f"{area}_{level}" for area in AREAS for level in LEVELS)


def implied(permissions: Iterable[Permission]) -> frozenset[Permission]:
    """These permissions and the lower ones of their areas."""
    found: set[Permission] = set()
    for permission in permissions:
        area, _, level = permission.rpartition("_")
        place = next(place for place, name in enumerate(LEVELS) if name == level)
        found.update(f"{area}_{each}" for each in LEVELS[: place + 1])
    return frozenset(found)


def highest_level(permissions: Iterable[Permission]) -> Literal["none", "read", "write", "admin"]:
    """The access level that a report names: the highest of any area."""
    levels = {permission.rpartition("_")[2] for permission in permissions}
    if "ADMIN" in levels:
        return "admin"
    return "write" if "WRITE" in levels else "read" if "READ" in levels else "none"
