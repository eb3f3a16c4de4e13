"""Accounts that sign in with Google: found by Google's subject, linked by a verified e-mail address, or made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quintet.auth import families
from quintet.auth.code_flow import SignInRefused
from quintet.models import now, rfc3339
from quintet.models.email import normalise_email
from quintet.models.text import clean_line
from quintet.store import STALE, equals
from storefront.accounts import sessions
from storefront.accounts.entities import Account, EmailClaim, GoogleClaim
from storefront.accounts.sessions import SessionReply
from storefront.accounts.sign_up import ACCOUNT_INACTIVE, EMAIL_EXISTS, new_account
from storefront.service import store

_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Identity:
    """Who Google says someone is."""

    subject: str
    email: str
    email_verified: bool
    first_name: str
    last_name: str

    @classmethod
    def of(cls, claims: Mapping[str, Any]) -> "Identity":
        """The identity in an id_token's claims. Raises SignInRefused when they hold no e-mail address."""
        try:
            email = normalise_email(str(claims.get("email") or ""))
        except ValueError:
            raise SignInRefused("the id_token has no e-mail address") from None
        first = _name(claims, "given_name") or _name(claims, "name") or email.partition("@")[0]
        verified = claims.get("email_verified") in (True, "true")
        return cls(claims["sub"], email, verified, first, _name(claims, "family_name"))


def sign_in(identity: Identity) -> SessionReply:
    """A session for whoever Google identified.

    A known subject signs in to its account. Otherwise the account with that e-mail address is linked, if Google
    verified the address, and else refused with 409. Without such an account one is made. Raises 403 when inactive.
    """
    for _ in range(_ATTEMPTS):
        claim = store.get(GoogleClaim, subject=identity.subject)
        try:
            if claim is not None:
                return _opened(claim)
            owner = store.get(EmailClaim, email=identity.email)
            return _made(identity) if owner is None else _linked(identity, owner)
        except _Overtaken:
            continue
    raise STALE()


class _Overtaken(Exception):
    """Another request made or linked the account meanwhile."""


def _overtaken(_: object) -> Exception:
    return _Overtaken()


def _opened(claim: GoogleClaim) -> SessionReply:
    """A session of the account that a known subject opens.

    Raises 409 for a subject that never proved the account's address when another has done so since: only signing in
    with Google proves an address.
    """
    account = _active(claim.user_id)
    if claim.verified:
        return sessions.begin(account)
    if account.email_verified:
        raise EMAIL_EXISTS()
    tx = store.transaction()
    tx.check(account.own_key(), [equals("email_verified", False)], _overtaken)
    session = sessions.begin(account, tx)
    tx.commit()
    return session


def _active(user_id: str) -> Account:
    account = store.require(Account, STALE, id=user_id)
    if not account.active:
        raise ACCOUNT_INACTIVE()
    return account


def _made(identity: Identity) -> SessionReply:
    tx = store.transaction()
    account = new_account(
        tx,
        identity.email,
        identity.first_name,
        identity.last_name,
        password_hash=None,
        email_verified=identity.email_verified,
        taken=_overtaken,
    )
    claim = GoogleClaim(subject=identity.subject, user_id=account.id, verified=identity.email_verified)
    tx.create(claim, _overtaken)
    session = sessions.begin(account, tx)
    tx.commit()
    return session


def _linked(identity: Identity, owner: EmailClaim) -> SessionReply:
    """Link an existing account.

    If nobody ever proved that its address is theirs, someone may have registered a stranger's address and waited
    for them to come: so its password, its refresh tokens and the subject that it was made for are void from now on, and
    only who has proven it opens it.
    """
    if not identity.email_verified:
        raise EMAIL_EXISTS()
    account = _active(owner.user_id)
    tx = store.transaction()
    tx.create(GoogleClaim(subject=identity.subject, user_id=account.id), _overtaken)
    verified = {"email_verified": True, "updated_at": rfc3339(now())}
    unchanged = [equals("active", True), equals("email_verified", account.email_verified)]
    tx.update(account.own_key(), put=verified, where=unchanged, refused=_overtaken)
    if account.email_verified:
        tx.commit()
    else:
        tx.update(owner.own_key(), remove=["password_hash"])
        families.revoke_all(account.id)
        tx.commit()
        families.revoke_all(account.id)  # whoever used the password while it still was one
    return sessions.begin(store.require(Account, STALE, id=account.id))


def _name(claims: Mapping[str, Any], key: str) -> str:
    try:
        return clean_line(str(claims.get(key) or ""))[:100]
    except ValueError:
        return ""
