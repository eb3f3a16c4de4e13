"""Roles: the four that are built in, and those that administrators make."""

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar, Final

from pydantic import Field

from quintet.auth.permissions import Role as Rule
from quintet.models import new_id, now
from quintet.store import Entity, Index, Keys
from softfactory.access.catalogue import OWN_AREAS, PERMISSIONS, Permission, implied


class Role(Entity):
    """A named set of permissions; those that they imply are not written out."""

    kind: ClassVar[str] = "role"
    keys: ClassVar[Keys] = Keys("ROLE#{id}", "ROLE", gsi1=Index("ROLES", "{id}", counted=True))

    id: str = Field(default_factory=new_id)
    name: str
    description: str = ""
    permissions: list[Permission]
    created_at: datetime = Field(default_factory=now)
    updated_at: datetime = Field(default_factory=now)

    @property
    def is_builtin(self) -> bool:
        return self.id in BUILT_IN

    @property
    def grants(self) -> frozenset[Permission]:
        """Every permission that it gives."""
        return implied(self.permissions)

    def as_rule(self) -> Rule:
        """The role as the evaluator knows it; its level says which of several roles is the highest."""
        return Rule(self.id, _LEVELS.get(self.id, 0), self.grants)


class RoleName(Entity):
    """Whose a role's name is, without regard to case."""

    kind: ClassVar[str] = "role_name"
    keys: ClassVar[Keys] = Keys("ROLE-NAME#{name}", "ROLE")

    name: str
    role_id: str


def folded(name: str) -> str:
    """A role's name as it is compared: two names that differ by case and by spaces alone are one."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


_OWN: Final = [f"{area}_WRITE" for area in OWN_AREAS]
_BEGINNING: Final = datetime.fromisoformat("2026-02-26T00:00:00+00:00")
"""When the document that names the built-in roles is from."""


def _built_in(number: int, name: str, description: str, granted: list[Permission]) -> Role:
    return Role(
        id=f"00000000-0000-7000-8000-{number:012d}", name=name, description=description, permissions=granted,
        created_at=_BEGINNING, updated_at=_BEGINNING,
    )  # fmt: skip


USER: Final = _built_in(1, "user", "Works on rows of their own", _OWN)
CREATOR: Final = _built_in(2, "creator", "A user who may publish recipes", _OWN)
MODERATOR: Final = _built_in(
    3,
    "moderator",
    "Judges reported content, and sees what administrators see",
    [*_OWN, "MODERATION_ADMIN", "ADMIN_READ"],
)
ADMIN: Final = _built_in(4, "admin", "May do everything", [p for p in PERMISSIONS if p.endswith("_ADMIN")])

BUILT_IN: Final[Mapping[str, Role]] = MappingProxyType({role.id: role for role in (ADMIN, MODERATOR, CREATOR, USER)})
"""The built-in roles by id, the highest first."""
BUILT_IN_NAMED: Final[Mapping[str, Role]] = MappingProxyType({role.name: role for role in BUILT_IN.values()})
_LEVELS: Final = {role_id: len(BUILT_IN) - place for place, role_id in enumerate(BUILT_IN)}

CUSTOM: Final = "custom"
"""What `role` says of whoever holds custom roles alone, or none."""


def shown_role(role_ids: Iterable[str]) -> str:
    """The name of the highest of these roles, as replies show it."""
    held = set(role_ids)
    return next((role.name for role_id, role in BUILT_IN.items() if role_id in held), CUSTOM)
