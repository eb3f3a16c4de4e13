"""Signing in with Google, Facebook and Kakao: where to send the browser, and what it comes back with.

The provider sends the browser back to the registered address; whatever answers there (a page of the front end, or the
callback itself) hands the query on to the callback.

Round trips to the table: an address 1, a callback 2 and those of signing in: 5 for a known identity, 8 for a new one.
"""

import re
import secrets
from collections.abc import Callable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from quintet import log
from quintet.api import ApiError, ErrorType, Reply, Request
from quintet.auth import sign_in_flows
from quintet.auth.code_flow import Challenge, ProviderBroken, ProviderUnavailable, SignInRefused
from quintet.auth.sign_in_flows import UnknownFlow
from softfactory.accounts import signing_in
from softfactory.accounts.identities import Provider
from softfactory.accounts.sessions import NO_STORE, SignedIn
from softfactory.accounts.signing_in import REFUSALS, Challenged
from softfactory.service import api as suite
from softfactory.social import providers
from softfactory.social.identity import Identity
from softfactory.social.linking import EMAIL_REQUIRED, EMAIL_TAKEN, sign_in
from softfactory.social.providers import NOT_CONFIGURED, Port

api = suite.section("auth_oauth")

UNAVAILABLE = ErrorType(
    503, "oauth_unavailable", "The provider cannot be reached, please try again", {"Retry-After": "5"}
)
BROKEN = ErrorType(502, "oauth_provider_error", "The provider did not answer as expected")
REFUSED = ErrorType(400, "oauth_refused", "The provider did not sign you in")
INVALID_STATE = ErrorType(400, "invalid_state", "The sign-in is unknown, was finished, or took too long")

BEGIN = (NOT_CONFIGURED, UNAVAILABLE, BROKEN)
FINISH = (REFUSED, INVALID_STATE, EMAIL_REQUIRED, EMAIL_TAKEN, *REFUSALS, *BEGIN)
NEEDS = frozenset({"table:write", "secret"})

_ERROR_CODE = re.compile(r"[a-z_]{1,64}\Z")  # RFC 6749, section 4.1.2.1, and OpenID Connect Core, section 3.1.2.6

Code = Annotated[str | None, Field(max_length=4096, description="The provider's authorization code")]
State = Annotated[str | None, Field(max_length=512, description="The `state_token` that the sign-in began with")]
Error = Annotated[str | None, Field(max_length=256, description="Set when the provider or the user refused")]


class SignInAddress(BaseModel):
    model_config = ConfigDict(defer_build=True)

    auth_url: Annotated[str, Field(json_schema_extra={"format": "uri"})]
    state_token: Annotated[str, Field(description="Comes back as `state`; keep it with the browser and compare")]


@api.get("/auth/oauth/google/url", errors=BEGIN, needs=NEEDS)
def google_url() -> Reply[SignInAddress]:
    """Where to send the browser to sign in with Google

    The callback accepts the state once, within ten minutes.
    """
    return _begun("google", providers.google)


@api.get("/auth/oauth/google/callback", errors=FINISH, needs={*NEEDS, "email"}, layers=("oidc",))
def google_callback(
    request: Request, code: Code = None, state: State = None, error: Error = None
) -> Reply[SignedIn | Challenged]:
    """Finish signing in with Google

    Opens the account that the Google account is linked to, links the one with the same e-mail address if Google calls
    that verified, or makes one. An account whose address was never verified before loses its password, second factor
    and sessions then: whoever owns the address owns the account. An account with a second factor gets a challenge.
    """
    return _finished("google", providers.google, request, code, state, error)


@api.get("/auth/oauth/facebook/url", errors=BEGIN, needs=NEEDS)
def facebook_url() -> Reply[SignInAddress]:
    """Where to send the browser to sign in with Facebook

    The callback accepts the state once, within ten minutes.
    """
    return _begun("facebook", providers.facebook)


@api.get("/auth/oauth/facebook/callback", errors=FINISH, needs={*NEEDS, "email"})
def facebook_callback(
    request: Request, code: Code = None, state: State = None, error: Error = None
) -> Reply[SignedIn | Challenged]:
    """Finish signing in with Facebook

    Opens the account that the Facebook account is linked to, or makes one. Facebook does not say whether an e-mail
    address was verified, so that no existing account is linked by it. An account with a second factor gets a challenge.
    """
    return _finished("facebook", providers.facebook, request, code, state, error)


@api.get("/auth/oauth/kakao/url", errors=BEGIN, needs=NEEDS)
def kakao_url() -> Reply[SignInAddress]:
    """Where to send the browser to sign in with Kakao

    The callback accepts the state once, within ten minutes.
    """
    return _begun("kakao", providers.kakao)


@api.get("/auth/oauth/kakao/callback", errors=FINISH, needs={*NEEDS, "email"}, layers=("oidc",))
def kakao_callback(
    request: Request, code: Code = None, state: State = None, error: Error = None
) -> Reply[SignedIn | Challenged]:
    """Finish signing in with Kakao

    Opens the account that the Kakao account is linked to, links the one with the same e-mail address if Kakao calls
    that verified, or makes one. An account whose address was never verified before loses its password, second factor
    and sessions then: whoever owns the address owns the account. An account with a second factor gets a challenge.
    """
    return _finished("kakao", providers.kakao, request, code, state, error)


def _begun(provider: Provider, registered: Callable[[], Port]) -> Reply[SignInAddress]:
    port, state, challenge = registered(), secrets.token_urlsafe(32), Challenge.new()
    try:
        url = port.consent_url(state, challenge)
    except (ProviderBroken, ProviderUnavailable) as failure:
        raise _failed(provider, failure) from failure
    sign_in_flows.begin(provider, state, challenge)
    return Reply(SignInAddress(auth_url=url, state_token=state), headers=NO_STORE)


def _finished(
    provider: Provider,
    registered: Callable[[], Port],
    request: Request,
    code: str | None,
    state: str | None,
    error: str | None,
) -> Reply[SignedIn | Challenged]:
    """The answer to whoever comes back; who is refused before it is known who they are is entered into the trail."""
    try:
        identity = _identified(provider, registered, code, state, error)
    except ApiError as refused:
        if refused.code in (REFUSED.code, INVALID_STATE.code, BROKEN.code):
            signing_in.note_once(None, request, provider, refused.code)
        raise
    return Reply(sign_in(identity, request), headers=NO_STORE)


def _identified(
    provider: Provider, registered: Callable[[], Port], code: str | None, state: str | None, error: str | None
) -> Identity:
    if error:
        told = error if _ERROR_CODE.match(error) else "unknown"
        raise REFUSED(details=[{"field": "error", "message": told}])
    missing = [name for name, value in (("code", code), ("state", state)) if not value]
    if not code or not state:
        raise suite.errors.invalid(details=[{"field": name, "message": "is required"} for name in missing])
    port = registered()
    try:
        return port.identify(code, sign_in_flows.end(provider, state))
    except UnknownFlow:
        raise INVALID_STATE() from None
    except (SignInRefused, ProviderBroken, ProviderUnavailable) as failure:
        raise _failed(provider, failure) from failure


def _failed(provider: Provider, failure: Exception) -> ApiError:
    log.logger().warning(f"signing in with {provider} failed", extra={"reason": str(failure)})
    if isinstance(failure, ProviderUnavailable):
        return UNAVAILABLE()
    return BROKEN() if isinstance(failure, ProviderBroken) else REFUSED()
