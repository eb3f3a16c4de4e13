"""The callers of the platform, by the type of a handler's `caller` parameter.

`User` is anybody with an active, approved account; `SuperAdmin` root and super admins; the rest hold one permission.
Account, grants and roles are read in one round trip at every request, so that a change takes effect at the next one
although tokens live on. In development a request without a token acts as the default account.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

from caidence.access.defaults import default_caller
from caidence.access.grants import Grants, barred, subject_of
from caidence.access.roles import ROOT, SUPER_LEVEL, Catalogue
from caidence.directory.entities import User as Account
from caidence.service import api, in_development, store
from quintet.api import Caller, ErrorType, Request, StandardErrors
from quintet.auth.permissions import Decision, Role, Scope, Subject, decide
from quintet.models.time import epoch
from quintet.store import Ref

INACTIVE = ErrorType(400, "inactive", "Inactive user")
UNAPPROVED = ErrorType(403, "unapproved", "The account is not approved yet")


class User(Caller):
    """An active and approved account: `account` as it is stored, with what decides about its permissions."""

    __slots__ = ("account", "catalogue", "grants")

    restricted: ClassVar[bool] = True
    reads_table: ClassVar[bool] = True
    errors: ClassVar[Sequence[ErrorType]] = (INACTIVE, UNAPPROVED)

    account: Account
    grants: Grants | None
    catalogue: Catalogue

    @classmethod
    def identify(cls, request: Request, errors: StandardErrors) -> Self:
        # Whoever sends credentials, and be they no bearer token, means to be somebody: bad ones are bad here, too.
        if not request.headers.get("authorization", "").strip() and in_development():
            return cls(*default_caller())
        return super().identify(request, errors)

    def authorise(self, errors: StandardErrors) -> None:
        """Read the account; 401 for one that is gone or whose sessions were ended since the token was made."""
        refs: list[Ref[Any]] = [Account.ref(id=self.id), Grants.ref(user_id=self.id), Catalogue.ref()]
        account, self.grants, catalogue = store.get_all(refs)
        if account is None or self.claims.get("epoch") != account.epoch:
            raise errors.unauthenticated()
        self.account, self.catalogue = account, catalogue or Catalogue()
        if not account.is_active:
            raise INACTIVE()
        if barred(account):
            raise UNAPPROVED()
        if not self.may_enter():
            raise errors.forbidden()

    def may_enter(self) -> bool:
        """Whether an active account may come in here; what it touches may refuse it still."""
        return True

    @property
    def organization_id(self) -> str | None:
        return self.account.organization_id

    @property
    def level(self) -> int:
        """The level of the account's role; 0 when that role is gone."""
        role = self.catalogue.named(self.account.role)
        return role.level if role else 0

    @property
    def is_super(self) -> bool:
        """Whether every organization is open to it."""
        return self.level >= SUPER_LEVEL

    @property
    def is_root(self) -> bool:
        return self.account.role == ROOT

    @property
    def subject(self) -> Subject:
        return subject_of(self.account, self.grants)

    @property
    def rules(self) -> dict[str, Role]:
        return self.catalogue.rules()

    def judged(self, permission: str, where: Sequence[Scope] = ()) -> Decision:
        """Whether it may, in the scopes of what it touches, and by which rule."""
        return decide(self.subject, self.rules, permission, where, at=epoch())

    def require_permission(self, permission: str, where: Sequence[Scope]) -> None:
        """Raise 403 unless it holds the permission in these scopes; the message names the rule."""
        decision = self.judged(permission, where)
        if not decision.allowed:
            raise api.errors.forbidden(decision.reason)


class SuperAdmin(User):
    """Root or a super admin."""

    __slots__ = ()

    def may_enter(self) -> bool:
        return self.is_super


class Permitted(User):
    """An account that holds `permission` at least somewhere. Whoever loads the row judges it in the row's scopes."""

    __slots__ = ()

    permission: ClassVar[str]

    def may_enter(self) -> bool:
        own = self.account.scopes
        scopes = [rule.scope for rule in self.subject.overrides] + [rule.scope for rule in self.subject.assignments]
        places = [own, *((scope, *own) for scope in scopes)]
        return any(self.judged(self.permission, where).allowed for where in places)

    def require(self, where: Sequence[Scope]) -> None:
        """Raise 403 unless it holds the permission in these scopes; the message names the rule."""
        self.require_permission(self.permission, where)


class CampaignReader(Permitted):
    """May read campaigns."""

    __slots__ = ()
    permission = "campaign:read"


class CampaignWriter(Permitted):
    """May change campaigns."""

    __slots__ = ()
    permission = "campaign:write"


class ContentReader(Permitted):
    """May read generated content."""

    __slots__ = ()
    permission = "content:read"


class ContentWriter(Permitted):
    """May change generated content."""

    __slots__ = ()
    permission = "content:write"


class DesignReader(Permitted):
    """May read design assets."""

    __slots__ = ()
    permission = "design_studio:read"


class DesignWriter(Permitted):
    """May change design assets."""

    __slots__ = ()
    permission = "design_studio:write"


class DiscoveryReader(Permitted):
    """May read creator discovery."""

    __slots__ = ()
    permission = "discovery:read"


class AnalyticsReader(Permitted):
    """May read analytics."""

    __slots__ = ()
    permission = "analytics:read"


class CrmReader(Permitted):
    """May read customer relations."""

    __slots__ = ()
    permission = "crm:read"


class CrmWriter(Permitted):
    """May change customer relations."""

    __slots__ = ()
    permission = "crm:write"


class MarcomReader(Permitted):
    """May read marketing communications."""

    __slots__ = ()
    permission = "marcom:read"


class MarcomWriter(Permitted):
    """May change marketing communications."""

    __slots__ = ()
    permission = "marcom:write"


class WorkflowReader(Permitted):
    """May read workflows."""

    __slots__ = ()
    permission = "workflow:read"


class WorkflowWriter(Permitted):
    """May change workflows."""

    __slots__ = ()
    permission = "workflow:write"


class CreatorsReader(Permitted):
    """May read the roster of creators."""

    __slots__ = ()
    permission = "creators:read"


class CreatorsWriter(Permitted):
    """May change the roster of creators."""

    __slots__ = ()
    permission = "creators:write"
