"""Who a provider says that somebody is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from quintet.models.email import normalise_email
from quintet.models.text import clean_line
from softfactory.accounts.identities import Provider

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody at a provider. `email` is None where it tells no address that mail could be sent to; `verified` says
    that the provider calls the address verified, and only that."""

    provider: Provider
    subject: str
    email: str | None
    verified: bool
    name: str

    @classmethod
    def of(cls, provider: Provider, claims: Mapping[str, Any]) -> Self:
        """The identity in the claims of an id_token, and of the userinfo endpoint.

        Kakao also says that an address is valid no more, when somebody else at Kakao has it by now.
        """
        email = _address(claims.get("email"))
        told = claims.get("email_verified")
        verified = (told is True or told == "true") and claims.get("is_email_valid", True) is True
        name = _name(claims.get("name")) or _name(claims.get("nickname")) or _name(claims.get("given_name"))
        return cls(provider, claims["sub"], email, verified and email is not None, name)

    @classmethod
    def of_facebook(cls, subject: str, email: Any, name: Any) -> Self:
        """The identity that Graph tells of. Facebook does not say whether an address was ever verified, so none is."""
        return cls("facebook", subject, _address(email), False, _name(name))

    @property
    def shown_name(self) -> str:
        """A name for the account, made from the address where the provider tells none."""
        return self.name or (self.email or "").partition("@")[0] or self.provider.title()


def _address(given: Any) -> str | None:
    try:
        return normalise_email(given) if isinstance(given, str) else None
    except ValueError:
        return None


def _name(given: Any) -> str:
    try:
        return clean_line(given)[:LONGEST_NAME].strip() if isinstance(given, str) else ""
    except ValueError:
        return ""
