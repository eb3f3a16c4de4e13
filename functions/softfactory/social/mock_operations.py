"""Signing in as somebody made up, for trying things out without a provider; not there where real people are served."""

from pydantic import BaseModel, ConfigDict

from quintet.api import ErrorType, Reply, Request
from quintet.models import Email, new_id, now
from softfactory.access.changes import add_user
from softfactory.access.roles import USER
from softfactory.accounts import signing_in
from softfactory.accounts.sessions import NO_STORE, SignedIn
from softfactory.accounts.signing_in import REFUSALS, Challenged
from softfactory.people.entities import EmailClaim, HeldRole, User
from softfactory.service import api as suite
from softfactory.service import store

api = suite.section("auth_oauth")

UNKNOWN = ErrorType(404, "mock_user_not_found", "No test user with this e-mail address was made by mock sign-in")


class MockLogin(BaseModel):
    model_config = ConfigDict(defer_build=True)

    email: Email


@api.get("/auth/oauth/mock", errors=REFUSALS, needs={"table:write", "secret"}, only_local=True)
def mock(request: Request) -> Reply[SignedIn | Challenged]:
    """Make a test user and sign in as it

    Each call makes another one. Only on a laptop: elsewhere the answer is 404.
    """
    user_id = new_id()
    held = HeldRole(role_id=USER.id, assigned_at=now())
    address = f"mock-{user_id.replace('-', '')}@mock.example.com"
    made = User(id=user_id, email=address, name="Test User", role="", roles=[held], email_verified=True, mock=True)
    tx = store.transaction()
    tx.create(EmailClaim(email=address, user_id=user_id))
    user = add_user(tx, made)
    tx.commit()
    return Reply(signing_in.enter(user, request, "mock"), headers=NO_STORE)


@api.post(
    "/auth/oauth/mock/login",
    errors=[UNKNOWN, *REFUSALS],
    needs={"table:write", "secret"},
    only_local=True,
    example={"email": "mock-0192f0c17e2b7c3d8a4e5f60718293a4@mock.example.com"},
)
def mock_login(body: MockLogin, request: Request) -> Reply[SignedIn | Challenged]:
    """Sign in as a test user that mock sign-in made

    Opens no other account. Only on a laptop: elsewhere the answer is 404.
    """
    claim = store.get(EmailClaim, email=body.email)
    user = store.get(User, id=claim.user_id) if claim else None
    if user is None or not user.mock:
        signing_in.note_once(claim.user_id if claim else None, request, "mock", UNKNOWN.code)
        raise UNKNOWN()
    return Reply(signing_in.enter(user, request, "mock"), headers=NO_STORE)
