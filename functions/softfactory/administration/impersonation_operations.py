"""Acting as somebody, for support."""

from pydantic import BaseModel, ConfigDict

from quintet.api import Reply, Request
from quintet.models import now
from softfactory.access.callers import IMPERSONATING, AdminWriter, require_open
from softfactory.access.changes import USER_NOT_FOUND
from softfactory.access.granting import require_above
from softfactory.access.replies import UserReply
from softfactory.access.rights import rights_of
from softfactory.accounts import sessions
from softfactory.accounts.sessions import ACCESS_LIFETIME, NO_STORE
from softfactory.administration.people import account_of, require_there
from softfactory.people.fields import Id
from softfactory.service import api as suite
from softfactory.service import store
from softfactory.trail.log import Act, record

api = suite.section("admin")


class Impersonation(BaseModel):
    """An access token with which an administrator acts as somebody; `expires_in` is in seconds."""

    model_config = ConfigDict(defer_build=True)

    access_token: str
    expires_in: int
    impersonated_user: UserReply


@api.post("/admin/users/{id}/impersonate", errors=[USER_NOT_FOUND, IMPERSONATING], needs={"table:write"})
def impersonate(id: Id, caller: AdminWriter, request: Request) -> Reply[Impersonation]:
    """Act as a user, for a quarter of an hour and never as an administrator

    The token says in `act` who is behind it. With it nobody changes credentials, pays or deletes the account, and it is
    good only as long as both accounts are; nothing renews it. It is entered into the log for both.
    """
    caller.require_own()
    account = account_of(id)
    require_there(account)
    require_open(account)
    rights = rights_of(account, now())
    if rights.is_admin:
        raise suite.errors.forbidden("Nobody acts as an administrator")
    require_above(caller, account)
    tx = store.transaction()
    tx.check(account.own_key(), sessions.unchanged(account))
    act = Act.of(caller, request)
    record(tx, act, "user.impersonate", resource="user", resource_id=id)
    tx.commit()
    token = sessions.impersonated(account, caller.account)
    reply = Impersonation(
        access_token=token, expires_in=int(ACCESS_LIFETIME.total_seconds()), impersonated_user=UserReply.of(rights)
    )
    return Reply(reply, headers=NO_STORE)
