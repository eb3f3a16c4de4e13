"""Who the caller is and which roles it holds."""

from pydantic import BaseModel, ConfigDict

from storefront import service
from storefront.access.role_store import USER_NOT_FOUND
from storefront.access.roles import Role, built_in_roles, find_roles
from storefront.accounts.entities import USER, Account
from storefront.service import User, store

api = service.api.section("auth")


class ProfileUser(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    email: str
    first_name: str
    last_name: str
    active: bool
    email_verified: bool


class ProfileReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    user: ProfileUser
    roles: list[str]


@api.get("/auth/profile", errors=[USER_NOT_FOUND], needs={"table:read"})
def profile(caller: User) -> ProfileReply:
    """The caller's account and the names of its roles"""
    # Nearly everyone is a plain customer: that role's name is asked for along with the account.
    account, plain = store.get_all([Account.ref(id=caller.id), Role.ref(id=USER)])
    if account is None:
        raise USER_NOT_FOUND()
    others = account.roles.keys() - {USER}
    held = list(find_roles(others).values()) if others else []
    if USER in account.roles:
        held.append(plain or built_in_roles()[USER])
    user = ProfileUser.model_validate(account, from_attributes=True)
    return ProfileReply(user=user, roles=sorted(role.name for role in held))
