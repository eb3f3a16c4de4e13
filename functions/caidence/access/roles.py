"""The roles: the eight built-in ones with what they grant, and the catalogue in which they and custom ones stand."""

from datetime import datetime
from typing import ClassVar, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from quintet.auth.permissions import Role
from quintet.store import Entity, Keys

Resource = Literal[
    "campaign", "content", "design_studio", "discovery", "analytics", "crm", "marcom", "workflow", "creators"
]
"""Everything that permissions are about, in the document's order."""
Action = Literal["read", "write"]
READ_ONLY: Final = frozenset({"discovery", "analytics"})
RESOURCES: Final = get_args(Resource)
ACTIONS: Final = get_args(Action)

ROOT, SUPER_ADMIN, AGENCY_ADMIN, AGENCY_MEMBER = "root", "super_admin", "agency_admin", "agency_member"
BRAND_ADMIN, BRAND_MEMBER, CREATOR, VIEWER = "brand_admin", "brand_member", "creator", "viewer"
ADMIN_LEVEL: Final = 80
"""From this level on, that of agency admins, a caller assigns roles."""
SUPER_LEVEL: Final = 90
"""From this level on a caller sees every organization."""


def actions_of(resource: str) -> tuple[str, ...]:
    """The actions a resource knows."""
    return ACTIONS[:1] if resource in READ_ONLY else ACTIONS


PERMISSIONS: Final = tuple(f"{resource}:{action}" for resource in RESOURCES for action in actions_of(resource))


def _map(reads: set[str], writes: set[str]) -> dict[str, list[str]]:
    return {
        resource: [action for action in actions_of(resource) if resource in (reads if action == "read" else writes)]
        for resource in RESOURCES
        if resource in reads or resource in writes
    }


_ALL = set(RESOURCES)
_BUILT_IN: Final = (
    (ROOT, 100, _ALL, _ALL, "Everything, and the other administrators"),
    (SUPER_ADMIN, 90, _ALL, _ALL, "Everything in every organization"),
    (AGENCY_ADMIN, 80, _ALL, _ALL, "Everything in their organization"),
    (AGENCY_MEMBER, 60, _ALL, _ALL - {"crm", "marcom"}, "Works on everything but customer relations and messages"),
    (BRAND_ADMIN, 50, _ALL, {"campaign", "content", "design_studio", "creators"}, "Runs a brand"),
    (BRAND_MEMBER, 40, _ALL - {"crm", "workflow"}, {"content"}, "Works for a brand"),
    (CREATOR, 20, {"campaign", "content", "analytics", "design_studio"}, {"content"}, "Makes content"),
    (VIEWER, 10, {"campaign", "content", "analytics"}, set[str](), "Looks on"),
)


class StoredRole(BaseModel):
    """A role as it is kept and shown."""

    model_config = ConfigDict(defer_build=True)

    id: str
    name: str
    description: str = ""
    level: int
    is_builtin: bool = False
    permissions_json: dict[str, list[str]]
    created_at: datetime
    updated_at: datetime

    def as_rule(self) -> Role:
        """What the permission engine reads of it."""
        granted = {f"{resource}:{action}" for resource, actions in self.permissions_json.items() for action in actions}
        return Role(self.name, self.level, frozenset(granted))


_BUILT_IN_SINCE: Final = datetime.fromisoformat("2026-01-01T00:00:00+00:00")


BUILT_IN_NAMES: Final = frozenset(name for name, *_ in _BUILT_IN)


def built_in() -> list[StoredRole]:
    """The eight built-in roles before anybody changes them, the highest first."""
    return [
        StoredRole(
            id=f"00000000-0000-7000-8000-{level:012}", name=name, description=about, level=level, is_builtin=True,
            permissions_json=_map(reads, writes), created_at=_BUILT_IN_SINCE, updated_at=_BUILT_IN_SINCE,
        )
        for name, level, reads, writes, about in _BUILT_IN
    ]  # fmt: skip


class Catalogue(Entity):
    """All roles in one item, so that one read brings them along with a caller.

    Absent until a role is changed for the first time; `version` 0 says so.
    """

    kind: ClassVar[str] = "roles"
    keys: ClassVar[Keys] = Keys("ROLES", "CATALOGUE")

    version: int = 0
    roles: list[StoredRole] = Field(default_factory=built_in)
    changed_at: datetime = _BUILT_IN_SINCE

    def named(self, name: str) -> StoredRole | None:
        return next((role for role in self.roles if role.name == name), None)

    def by_id(self, id: str) -> StoredRole | None:
        return next((role for role in self.roles if role.id == id), None)

    def rules(self) -> dict[str, Role]:
        """The roles as the permission engine reads them, by name."""
        return {role.name: role.as_rule() for role in self.roles}
