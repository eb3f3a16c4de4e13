"""Accounts: listing, reading, changing, deactivating and banning them, and giving them another role."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict

from quintet.api import ErrorType, Reply, Request
from quintet.auth import one_time_tokens
from quintet.models import Email, Length, Name, Page, Text, now
from quintet.store import ConditionFailed, Transaction, equals, exists
from quintet.store.errors import Old
from softfactory.access.callers import IMPERSONATING, AdminReader, AdminWriter, Moderator
from softfactory.access.changes import LAST_ADMIN, ROLE_GONE, USER_NOT_FOUND, require_role
from softfactory.access.granting import RoleChoice, require_grantable
from softfactory.access.rights import rights_of
from softfactory.access.roles import Role
from softfactory.accounts import mails
from softfactory.accounts.identities import identities_of, void
from softfactory.accounts.passwords import forget_origins
from softfactory.administration.listing import UserQuery, listed
from softfactory.administration.people import AccountReply, account_of, changed, require_there
from softfactory.audit import paging, pending
from softfactory.audit.reading import EntryReply
from softfactory.audit.selecting import Filter
from softfactory.billing.entities import Subscription
from softfactory.billing.replies import SubscriptionReply
from softfactory.lists import ListQuery
from softfactory.people.entities import EmailClaim, HeldRole, Status, User
from softfactory.people.fields import End, Id
from softfactory.service import api as suite
from softfactory.service import store

api = suite.section("admin")

EMAIL_TAKEN = ErrorType(409, "email_taken", "Another account has this e-mail address")
DEACTIVATED_ALREADY = ErrorType(409, "already_deactivated", "The account is deactivated already")
BANNED_ALREADY = ErrorType(409, "already_banned", "The account is banned already, with the same reason and end")
NOT_ONESELF = ErrorType(409, "not_oneself", "Nobody bans, suspends or deactivates themselves")
NOT_ACTIVE = ErrorType(409, "not_active", "The account is suspended or deactivated, and barred by that")
BAN_IT = ErrorType(409, "use_ban", "To ban somebody is an operation of its own, which takes the reason and the end")


class HistoryQuery(ListQuery):
    sort: Literal["created_at", "-created_at"] = "-created_at"


class UserUpdate(BaseModel):
    """What is left out, or null, stays as it is."""

    model_config = ConfigDict(defer_build=True)

    name: Name | None = None
    email: Email | None = None
    status: Status | None = None


class Ban(BaseModel):
    """Why, and until when: an instant, or a day at whose end in UTC it ends; for ever where no end is given."""

    model_config = ConfigDict(defer_build=True)

    reason: Annotated[Text, Length(0, 1000)] | None = None
    until: End | None = None


@api.get("/admin/users", rows="users", needs={"table:write"})
def list_users(query: UserQuery, caller: AdminReader) -> Page[AccountReply]:
    """List all accounts, newest first, or those of a role, a status, or with words in name or e-mail address

    Those that wait for their erasure are listed as deactivated.
    """
    return listed(query).map(AccountReply.of)


@api.get("/admin/users/{id}", errors=[USER_NOT_FOUND], needs={"table:read"})
def get_user(id: Id, caller: AdminReader) -> AccountReply:
    """An account"""
    return _reply(account_of(id))


@api.put(
    "/admin/users/{id}",
    errors=[USER_NOT_FOUND, EMAIL_TAKEN, LAST_ADMIN, NOT_ONESELF, BAN_IT, IMPERSONATING],
    needs={"table:write"},
    example={"name": "Ada Lovelace", "status": "active"},
)
def update_user(id: Id, body: UserUpdate, caller: AdminWriter, request: Request) -> AccountReply:
    """Change an account's name, e-mail address or status

    `active` lifts a ban, a suspension or a deactivation, and takes a planned deletion back until it is due; sessions
    that these ended stay ended. A new address has to be verified anew, and who came in with Google or Kakao by the old
    one comes in no more.
    """

    left: set[str] = set()

    def change(tx: Transaction, account: User) -> User:
        update: dict[str, object] = {} if body.name is None else {"name": body.name}
        if body.email is not None and body.email != account.email:
            caller.require_own()
            _move_claim(tx, account, body.email)
            left.add(account.email)
            # Whoever reads the old mailbox, or came in by it, is out: the address is what proves whose an account is.
            one_time_tokens.void(tx, account.id, mails.RESET)
            void(tx, (each for each in identities_of(account.id) if each.verified))
            mails.notice(tx, account, "An administrator moved the e-mail address")
            update |= {"email": body.email, "email_verified": False, "epoch": account.epoch + 1}
        if body.status == "banned" and account.status != "banned":
            raise BAN_IT()
        return _with_status(account.model_copy(update=update), body.status, caller.id)

    after = changed(id, caller, request, "user.update", change)
    for address in left - {after.email}:
        forget_origins(address)  # an erasure finds them by the address that the account has
    return _reply(after)


@api.delete(
    "/admin/users/{id}",
    status=204,
    errors=[USER_NOT_FOUND, DEACTIVATED_ALREADY, LAST_ADMIN, NOT_ONESELF],
    needs={"table:write"},
)
def deactivate_user(id: Id, caller: AdminWriter, request: Request) -> None:
    """Deactivate an account: nobody uses it, and nothing of it is erased"""

    def change(_: Transaction, account: User) -> User:
        if account.status == "deactivated" or account.is_deleted:
            raise DEACTIVATED_ALREADY()
        return _with_status(account, "deactivated", caller.id)

    changed(id, caller, request, "user.deactivate", change)


@api.put(
    "/admin/users/{id}/role",
    errors=[USER_NOT_FOUND, ROLE_GONE, LAST_ADMIN],
    needs={"table:write"},
    example={"role_name": "moderator"},
)
def change_role(id: Id, body: RoleChoice, caller: AdminWriter, request: Request) -> AccountReply:
    """Give an account one role in place of all that it holds; nobody gives or takes what they do not hold"""
    role = body.found()
    require_grantable(caller, role.grants)

    def change(tx: Transaction, account: User) -> User:
        require_there(account)
        for held in rights_of(account, now()).held:
            require_grantable(caller, held.grants, None)
        if [(each.role_id, each.expires_at) for each in account.roles] == [(role.id, None)]:
            return account
        require_role(tx, role.id)
        return account.model_copy(update={"roles": [_given(role, caller.id)]})

    return _reply(changed(id, caller, request, "role.replace", change))


@api.post(
    "/admin/users/{uid}/ban",
    errors=[USER_NOT_FOUND, BANNED_ALREADY, NOT_ACTIVE, LAST_ADMIN, NOT_ONESELF],
    needs={"table:write"},
    example={"reason": "Spam", "until": "2099-12-31T00:00:00Z"},
)
def ban(uid: Id, caller: Moderator, request: Request, body: Ban | None = None) -> AccountReply:
    """Ban an account, at once and tokens included, until a time or for ever

    Its sessions are over for good, also when the ban is lifted or ends. Banning again changes reason and end; only who
    may lift a ban lets it end sooner. An account that is suspended or deactivated is barred already, and is not opened
    by a ban that ends.
    """
    given = body or Ban()

    def change(_: Transaction, account: User) -> User:
        require_there(account)
        if account.status not in ("active", "banned"):
            raise NOT_ACTIVE()
        if account.standing(now()) == "banned" and _ends_sooner(given.until, account.banned_until):
            caller.require("ADMIN_ADMIN")
        after = _with_status(account, "banned", caller.id)
        after = after.model_copy(update={"banned_until": given.until, "ban_reason": given.reason or None})
        if after == account:
            raise BANNED_ALREADY()
        return after

    return _reply(changed(uid, caller, request, "user.ban", change))


@api.get(
    "/admin/users/{id}/activities",
    rows="activities",
    errors=[USER_NOT_FOUND],
    needs={"table:read"},
    layers=("oidc",),
)
def list_activities(id: Id, query: HistoryQuery, caller: AdminReader) -> Reply[Page[EntryReply]]:
    """What a user did, and what others did to them or in their name, newest first"""
    account_of(id)
    reading = pending.read()
    found = paging.page(Filter(user_id=id, concerning=True), query, reading, newest=query.descending)
    return Reply(found, meta={"pending": reading.beyond} if reading.beyond else None)


@api.get("/admin/users/{id}/subscriptions", rows="subscriptions", errors=[USER_NOT_FOUND], needs={"table:read"})
def list_subscriptions(id: Id, query: HistoryQuery, caller: AdminReader) -> Page[SubscriptionReply]:
    """A user's subscriptions, newest first"""
    account_of(id)
    found = store.page(Subscription, "gsi1", query, reverse=not query.descending, user_id=id)
    return found.map(SubscriptionReply.of)


def _reply(account: User) -> AccountReply:
    return AccountReply.of(rights_of(account, now()))


def _given(role: Role, by: str) -> HeldRole:
    return HeldRole(role_id=role.id, assigned_at=now(), assigned_by=by)


def _with_status(account: User, status: Status | None, by: str) -> User:
    """The account with another status; 409 for one that somebody would give themselves.

    What shuts an account ends its sessions for good, so that nothing comes back to life when it is opened again.
    """
    if status is None:
        return account
    if status == "active":
        lifted = {"status": status, "banned_until": None, "ban_reason": None, "deletion_due": None}
        return account.model_copy(update=lifted)
    if account.id == by:
        raise NOT_ONESELF()
    was_open = account.standing(now()) == "active"
    if status == account.status and not was_open:
        return account
    shut = {"status": status, "banned_until": None, "ban_reason": None, "epoch": account.epoch + was_open}
    return account.model_copy(update=shut)


def _ends_sooner(end: datetime | None, than: datetime | None) -> bool:
    return end is not None and (than is None or end < than)


def _move_claim(tx: Transaction, account: User, email: str) -> None:
    """Have the account's address and password follow to another address, which nobody else has."""
    held = store.get(EmailClaim, email=account.email)
    if held is None:
        raise ConditionFailed  # a twin of this request has moved it since the account was read

    def taken(old: Old) -> Exception:
        mine = old is not None and old["user_id"] == account.id  # a twin of this request has moved it
        return ConditionFailed(old) if mine else EMAIL_TAKEN()

    tx.create(EmailClaim(email=email, user_id=account.id, password_hash=held.password_hash), taken)
    tx.remove(held.own_key(), [equals("password_hash", held.password_hash)] if held.password_hash else [exists()])
