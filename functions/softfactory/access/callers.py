"""The callers of the suite, by the type of a handler's `caller` parameter.

`User` is anybody with an active account, `Person` one who acts for themselves; the rest hold one permission. Account,
roles and overrides are read at every request, so that a change takes effect at the next one although tokens live on.
"""

from collections.abc import Sequence
from typing import ClassVar

from quintet.api import ErrorType, StandardErrors
from quintet.api.tiers import Tier
from quintet.models import now
from quintet.store import Ref
from softfactory.access.catalogue import Permission
from softfactory.access.rights import Rights, all_rights
from softfactory.people.entities import User as Account
from softfactory.service import PREMIUM, STANDARD, Tiered, api, store

SUSPENDED = ErrorType(403, "account_suspended", "This account is suspended")
BANNED = ErrorType(403, "account_banned", "This account is banned")
DEACTIVATED = ErrorType(403, "account_deactivated", "This account is deactivated")
IMPERSONATING = ErrorType(403, "impersonating", "This cannot be done in somebody else's name")
CLOSED = (SUSPENDED, BANNED, DEACTIVATED)
"""What keeps an account from signing in and from being used."""


def require_open(account: Account) -> None:
    """Raise 403 where an account is suspended, banned or deactivated."""
    standing = account.standing(now())
    for status, error in zip(("suspended", "banned", "deactivated"), CLOSED, strict=True):
        if standing == status:
            raise error()


class User(Tiered):
    """An active account: `account` as it is stored, `rights` what it may do now, `impersonator` the id of the
    administrator who acts as it, None where it is its own person."""

    __slots__ = ("account", "impersonator", "rights")

    restricted: ClassVar[bool] = True
    reads_table: ClassVar[bool] = True
    errors: ClassVar[Sequence[ErrorType]] = CLOSED
    permission: ClassVar[Permission | None] = None
    """What one must hold to come in."""

    account: Account
    rights: Rights
    impersonator: str | None

    def authorise(self, errors: StandardErrors) -> None:
        """Read the account, and that of who acts as it. 401 for one that is gone or whose sessions were ended since the
        token was made, 403 for one that is not active or may not do this."""
        act = self.claims.get("act")
        refs: list[Ref[Account]] = [Account.ref(id=self.id)]
        if act is not None:
            refs.append(Account.ref(id=act["sub"]))
        found = store.get_all(refs)
        account, at = found[0], now()
        if account is None or account.is_deleted:
            raise errors.unauthenticated()
        # None at all, until it is known to be open: so the tier of who is barred is that of who is no administrator.
        self.account, self.impersonator, self.rights = account, None, Rights(account, {}, at)
        require_open(account)
        if self.claims.get("epoch") != account.epoch:
            raise errors.unauthenticated()
        self.rights, *others = all_rights([each for each in found if each is not None], at)
        if act is not None:
            self._let_impersonate(act, others, errors)
        if self.permission is not None and not self.allows(self.permission):
            raise errors.forbidden()

    def _let_impersonate(self, act: dict[str, object], others: list[Rights], errors: StandardErrors) -> None:
        """Nobody acts as somebody else longer than they may: their own account must still be good for it."""
        if not others or others[0].account.is_deleted or others[0].account.epoch != act.get("epoch"):
            raise errors.unauthenticated()
        require_open(others[0].account)
        if self.rights.is_admin or not others[0].allows("ADMIN_ADMIN"):
            raise errors.forbidden()
        self.impersonator = others[0].account.id

    @property
    def tier(self) -> Tier | None:
        """The account's tier, None for administrators."""
        return None if self.rights.is_admin else PREMIUM if self.account.premium else STANDARD

    def allows(self, permission: Permission) -> bool:
        return self.rights.allows(permission)

    def require_own(self) -> None:
        """Raise 403 where an administrator acts in this caller's name."""
        if self.impersonator is not None:
            raise IMPERSONATING()

    def require(self, permission: Permission) -> None:
        """Raise 403 unless the caller holds the permission."""
        if not self.allows(permission):
            raise api.errors.forbidden()


class Person(User):
    """An active account that acts for itself: credentials, payments and deletion are nobody else's."""

    __slots__ = ()

    errors: ClassVar[Sequence[ErrorType]] = (*CLOSED, IMPERSONATING)

    def authorise(self, errors: StandardErrors) -> None:
        super().authorise(errors)
        self.require_own()


class AdminReader(User):
    """May see what administrators see."""

    __slots__ = ()
    permission = "ADMIN_READ"


class AdminWriter(User):
    """May change what administrators change."""

    __slots__ = ()
    permission = "ADMIN_ADMIN"


class Moderator(User):
    """May judge reported content, and ban."""

    __slots__ = ()
    permission = "MODERATION_ADMIN"


class RbacReader(User):
    """May see roles, permissions and who holds them."""

    __slots__ = ()
    permission = "RBAC_READ"


class RbacAdmin(User):
    """May change roles, and give and take them."""

    __slots__ = ()
    permission = "RBAC_ADMIN"


class I18nAdmin(User):
    """May change translations."""

    __slots__ = ()
    permission = "I18N_ADMIN"


class FilesReader(User):
    """May see files of their own."""

    __slots__ = ()
    permission = "FILES_READ"


class FilesWriter(User):
    """May upload and delete files of their own."""

    __slots__ = ()
    permission = "FILES_WRITE"
