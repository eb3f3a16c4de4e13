"""Signing in with Google.

Settings: `QUINTET_GOOGLE_CLIENT_ID`, `QUINTET_GOOGLE_REDIRECT_URI`, `QUINTET_GOOGLE_ISSUER` (Google's own when
absent; any OpenID Connect provider can stand in), and `google_client_secret` in the system's secret.
"""

import re
import secrets
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from quintet import log
from quintet.api import ErrorType, Reply
from quintet.auth import code_flow, oidc, sign_in_flows
from quintet.auth.sign_in_flows import UnknownFlow
from quintet.keys.keyring import secret
from quintet.settings import settings
from quintet.store import STALE
from storefront import service
from storefront.accounts.google import Identity, sign_in
from storefront.accounts.sessions import NO_STORE, SessionReply
from storefront.accounts.sign_up import ACCOUNT_INACTIVE, EMAIL_EXISTS

api = service.api.section("google")

PROVIDER, ISSUER = "google", "https://accounts.google.com"

NOT_CONFIGURED = ErrorType(503, "oauth_not_configured", "Sign-in with Google is not configured")
UNAVAILABLE = ErrorType(503, "oauth_unavailable", "Google cannot be reached, please try again", {"Retry-After": "5"})
BROKEN = ErrorType(502, "oauth_provider_error", "Google did not answer as expected")
MISSING_CODE = ErrorType(400, "missing_code", "Missing authorization code")
OAUTH_ERROR = ErrorType(400, "oauth_error", "OAuth error")
INVALID_STATE = ErrorType(400, "invalid_state", "Invalid state")

_ERROR_CODE = re.compile(r"[a-z_]{1,64}\Z")  # RFC 6749, section 4.1.2.1, and OpenID Connect Core, section 3.1.2.6

State = Annotated[str | None, Field(max_length=512, description="Protects against request forgery")]


class GoogleUrl(BaseModel):
    model_config = ConfigDict(defer_build=True)

    url: str
    state: str


@api.get("/auth/google", errors=[NOT_CONFIGURED, UNAVAILABLE, BROKEN], needs={"table:write", "secret"})
def google_url(state: State = None) -> Reply[GoogleUrl]:
    """Where to send the browser to sign in with Google

    Keep `state` (the caller's own, or the one made here) with the browser and compare it when Google sends the
    browser back: the callback accepts it once, within ten minutes.
    """
    provider, state, challenge = _provider(), state or secrets.token_urlsafe(32), code_flow.Challenge.new()
    try:
        url = oidc.authorization_url(provider, state, challenge)
    except (code_flow.ProviderBroken, code_flow.ProviderUnavailable) as error:
        raise _failed(error) from error
    sign_in_flows.begin(PROVIDER, state, challenge)
    return Reply(GoogleUrl(url=url, state=state), headers=NO_STORE)


@api.get(
    "/auth/google/callback",
    errors=[MISSING_CODE, OAUTH_ERROR, INVALID_STATE, ACCOUNT_INACTIVE, EMAIL_EXISTS, STALE, NOT_CONFIGURED,
            UNAVAILABLE, BROKEN],
    needs={"table:write", "secret"},
    layers=("oidc",),
)  # fmt: skip
def google_callback(
    code: Annotated[str | None, Field(max_length=2048, description="Authorization code from Google")] = None,
    state: State = None,
    error: Annotated[str | None, Field(max_length=256, description="Set when Google refused")] = None,
) -> Reply[SessionReply]:
    """Finish signing in with Google

    Makes an account on first use, or links the one with the same e-mail address if Google verified that. An account
    whose address had never been verified before then loses its password: whoever owns the address owns the account.
    """
    if error:
        raise OAUTH_ERROR(details=[{"error": error}] if _ERROR_CODE.match(error) else None)
    if not code:
        raise MISSING_CODE()
    provider = _provider()
    try:
        challenge = sign_in_flows.end(PROVIDER, state or "")
        identity = Identity.of(oidc.identify(provider, code, challenge))
    except UnknownFlow:
        raise INVALID_STATE() from None
    except (code_flow.SignInRefused, code_flow.ProviderBroken, code_flow.ProviderUnavailable) as failure:
        raise _failed(failure) from failure
    return Reply(sign_in(identity), headers=NO_STORE)


def _provider() -> oidc.Provider:
    values, client_secret = settings(), secret().get("google_client_secret")
    client_id, redirect_uri = values.get("QUINTET_GOOGLE_CLIENT_ID"), values.get("QUINTET_GOOGLE_REDIRECT_URI")
    if not (client_id and redirect_uri and client_secret):
        raise NOT_CONFIGURED()
    issuer = values.get("QUINTET_GOOGLE_ISSUER", ISSUER).rstrip("/")
    return oidc.Provider(issuer, code_flow.Client(client_id, client_secret, redirect_uri))


def _failed(failure: Exception) -> Exception:
    log.logger().warning("sign-in with Google failed", extra={"reason": str(failure)})
    if isinstance(failure, code_flow.ProviderUnavailable):
        return UNAVAILABLE()
    if isinstance(failure, code_flow.ProviderBroken):
        return BROKEN()
    return OAUTH_ERROR()
