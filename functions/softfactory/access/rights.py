"""What an account may do now: its roles and overrides, decided by the evaluator of the layer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from quintet.auth import permissions
from quintet.auth.permissions import Assignment, Decision, Subject, decide
from quintet.models import epoch
from softfactory.access.catalogue import PERMISSIONS, Permission, implied
from softfactory.access.roles import ADMIN, BUILT_IN, Role, shown_role
from softfactory.people.entities import User
from softfactory.service import store


@dataclass(frozen=True)
class Rights:
    """What one account may do at one moment. `roles` are those that it holds, by id."""

    account: User
    roles: Mapping[str, Role]
    at: datetime

    @cached_property
    def held(self) -> list[Role]:
        """The roles in force, the highest first."""
        names = {each.role_id for each in self.account.roles if each.expires_at is None or self.at < each.expires_at}
        found = [role for role_id, role in self.roles.items() if role_id in names]
        return sorted(found, key=lambda role: (-role.as_rule().level, role.name))

    @property
    def is_admin(self) -> bool:
        return any(role.id == ADMIN.id for role in self.held)

    @property
    def shown_role(self) -> str:
        """The highest role in force, as replies show it."""
        return shown_role(role.id for role in self.held)

    def judged(self, permission: Permission) -> Decision:
        """Whether it has the permission, and by which rule. An override that allows gives what it implies, too; one
        that denies takes that permission alone."""
        return decide(self._subject, self._rules, permission, at=epoch(self.at))

    def allows(self, permission: Permission) -> bool:
        return self.judged(permission).allowed

    @cached_property
    def effective(self) -> frozenset[Permission]:
        """Every permission that it has: a list that never says other than the check."""
        return permissions.allowed(self._subject, self._rules, PERMISSIONS, at=epoch(self.at))

    @cached_property
    def _rules(self) -> dict[str, permissions.Role]:
        return {role_id: role.as_rule() for role_id, role in self.roles.items()}

    @cached_property
    def _subject(self) -> Subject:
        return Subject(
            [Assignment(each.role_id, expires_at=_seconds(each.expires_at)) for each in self.account.roles],
            [
                permissions.Override(each.permission, permission, each.allowed, expires_at=_seconds(each.expires_at))
                for each in self.account.overrides
                for permission in (implied([each.permission]) if each.allowed else [each.permission])
            ],
        )


def rights_of(account: User, at: datetime) -> Rights:
    """The rights of an account. Custom roles that it holds are read in one batch; who has none costs no read."""
    return all_rights([account], at)[0]


def all_rights(accounts: Iterable[User], at: datetime) -> list[Rights]:
    """The rights of several accounts; the custom roles of all are read in one batch."""
    accounts = list(accounts)
    custom = sorted({each.role_id for account in accounts for each in account.roles} - BUILT_IN.keys())
    read = store.get_all([Role.ref(id=role_id) for role_id in custom]) if custom else []
    known = {**BUILT_IN, **{role.id: role for role in read if role is not None}}
    return [
        Rights(account, {each.role_id: known[each.role_id] for each in account.roles if each.role_id in known}, at)
        for account in accounts
    ]


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else epoch(moment)
