"""Facebook: its login dialog and Graph API, OAuth 2 without OpenID Connect.

Sources: Facebook Login, "Manually Build a Login Flow" and "OIDC Code Flow with PKCE"; Graph API, "Securing Requests"
(`appsecret_proof`) and "Handle Errors".
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from quintet.auth import code_flow
from quintet.auth.code_flow import Challenge, Client, ProviderBroken, ProviderUnavailable, SignInRefused
from quintet.net.outbound import Response
from softfactory.social.identity import Identity

DIALOG: Final = "https://www.facebook.com/v23.0"
GRAPH: Final = "https://graph.facebook.com/v23.0"
SCOPE: Final = "email,public_profile"
FIELDS: Final = "id,name,email"

_LATER: Final = frozenset({1, 2, 4, 17, 32, 341, 613})
"""Codes that say "not now": trouble on their side, and limits of the app, the user and the page."""
_REFUSED: Final = frozenset({100, 102, 190})
"""Codes of a code or a token that is not good (any more)."""
_LONGEST_ID: Final = 255


@dataclass(frozen=True, slots=True)
class Facebook:
    """Facebook, and this system as it is registered there; the addresses name the version of the API."""

    client: Client
    dialog: str = DIALOG
    graph: str = GRAPH

    def consent_url(self, state: str, challenge: Challenge) -> str:
        """Where the user's browser goes to consent."""
        return code_flow.request_url(f"{self.dialog}/dialog/oauth", self.client, state, challenge, scope=SCOPE)

    def identify(self, code: str, challenge: Challenge) -> Identity:
        """Trade a code for who consented. Raises SignInRefused, ProviderBroken or ProviderUnavailable."""
        form = code_flow.token_form(self.client, code, challenge)
        traded = _told(code_flow.answer("POST", f"{self.graph}/oauth/access_token", headers=code_flow.FORM, body=form))
        token = traded.get("access_token")
        if not code_flow.is_bearer(token):
            raise ProviderBroken("the token endpoint gave no access token")
        query = urlencode({"fields": FIELDS, "appsecret_proof": self._proof(token)})
        headers = {"authorization": f"Bearer {token}", "accept": "application/json"}
        me = _told(code_flow.answer("GET", f"{self.graph}/me?{query}", headers=headers, retries=1))
        subject = me.get("id")
        if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_ID:
            raise ProviderBroken("Graph tells no id")
        return Identity.of_facebook(subject, me.get("email"), me.get("name"))

    def _proof(self, token: str) -> str:
        """Shows that the token is used by the app it was given to."""
        return hmac.new(self.client.client_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def _told(response: Response) -> dict[str, Any]:
    """A successful answer. Raises what Graph's error means."""
    told = code_flow.json_object(response)
    if response.ok:
        return told
    error = told.get("error")
    error = error if isinstance(error, dict) else {}
    code = error.get("code")
    reason = f"Graph answered {response.status} with code {code!r:.20}"
    if error.get("is_transient") is True or code in _LATER:
        raise ProviderUnavailable(reason)
    if code in _REFUSED:
        raise SignInRefused(reason)
    raise ProviderBroken(reason)
