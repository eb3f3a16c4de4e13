"""Whose account an identity opens: the one it is linked to, the one with its verified address, or a new one."""

from functools import partial

from quintet.api import ErrorType, Request
from quintet.messaging import outbox
from quintet.models import now, rfc3339
from quintet.store import ConditionFailed, Transaction, equals, until_settled
from softfactory.access.changes import add_user, change_user
from softfactory.access.roles import USER
from softfactory.accounts import mails, signing_in, two_factor
from softfactory.accounts.identities import Link, Linked, identities_of, void
from softfactory.accounts.sessions import SignedIn
from softfactory.accounts.signing_in import Challenged
from softfactory.people.entities import EmailClaim, HeldRole, User
from softfactory.service import store
from softfactory.social.identity import Identity
from softfactory.trail.log import Act, record

EMAIL_TAKEN = ErrorType(
    409, "email_taken", "An account with this e-mail address already exists, please sign in to it another way"
)
EMAIL_REQUIRED = ErrorType(400, "email_required", "The provider told no e-mail address, please allow it to")


class _Overtaken(Exception):
    """Another request made, linked or voided it meanwhile."""


def sign_in(identity: Identity, request: Request) -> SignedIn | Challenged:
    """A session for whoever a provider identified, or the challenge where the account has a second factor.

    Raises EMAIL_TAKEN where an address that the provider does not call verified is somebody's already, EMAIL_REQUIRED
    for somebody new without one, and what `signing_in.enter` raises.
    """
    return until_settled(partial(_signed_in, identity, request))


def _signed_in(identity: Identity, request: Request) -> SignedIn | Challenged:
    try:
        link = store.get(Link, provider=identity.provider, subject=identity.subject)
        if link is None:
            return signing_in.enter(_by_address(identity, request), request, identity.provider)
        user = store.get(User, id=link.user_id)
        if user is None:
            _unlinked(link)
            raise _Overtaken
        return signing_in.enter(user, request, identity.provider, partial(_still_linked, link))
    except _Overtaken:
        raise ConditionFailed(None) from None


def _by_address(identity: Identity, request: Request) -> User:
    """The account with the identity's address, linked to it, or a new one."""
    if identity.email is None:
        raise EMAIL_REQUIRED()
    owner = store.get(EmailClaim, email=identity.email)
    if owner is None:
        return _made(identity, request)
    if not identity.verified:
        if store.get(Link, provider=identity.provider, subject=identity.subject) is not None:
            raise _Overtaken  # it is the identity's own account, made since it was looked for
        signing_in.note_refusal(owner.user_id, request, identity.provider, EMAIL_TAKEN.code)
        raise EMAIL_TAKEN()
    user = store.require(User, signing_in.GONE, id=owner.user_id)  # whose erasure gives the address free in a moment
    at = now()
    return user if user.is_gone(at) or user.standing(at) != "active" else _linked(identity, user, owner, request)


def _made(identity: Identity, request: Request) -> User:
    """A new account without a password; an address that the provider does not call verified gets a mail to confirm."""
    assert identity.email is not None
    held = HeldRole(role_id=USER.id, assigned_at=now())
    user = User(email=identity.email, name=identity.shown_name, role="", roles=[held], email_verified=identity.verified)
    tx = store.transaction()
    tx.create(EmailClaim(email=user.email, user_id=user.id), lambda _: _Overtaken())
    user = add_user(tx, user)
    _link(tx, identity, user)
    told = {"method": identity.provider, "two_factor": False}
    record(tx, Act.by(user.id, request), "auth.register", resource="user", resource_id=user.id, after=told)
    message = None if identity.verified else mails.verification(tx, user, request.ip)
    tx.commit()
    if message is not None:
        outbox.deliver(store, message)
    return user


def _linked(identity: Identity, user: User, owner: EmailClaim, request: Request) -> User:
    """Link an existing account.

    If nobody ever proved that its address is theirs, somebody may have registered a stranger's address and waited for
    them to come. So from now on it opens with this identity alone: password, second factor, sessions and other
    identities, none of which proved the address that it has now, are void.
    """
    tx = store.transaction()
    act, told = Act.by(user.id, request), {"provider": identity.provider, "others_voided": not user.email_verified}
    _link(tx, identity, user)
    record(tx, act, "auth.identity_linked", resource="user", resource_id=user.id, after=told)
    if user.email_verified:
        # Written, not just looked at: whoever moves the address meanwhile shall see this identity.
        proven_still = [equals("email", identity.email), equals("email_verified", True)]
        tx.update(user.own_key(), put={"updated_at": rfc3339(now())}, where=proven_still)
    else:
        proven = {"email_verified": True, "epoch": user.epoch + 1, "two_factor_enabled": False}
        user = change_user(tx, user, user.model_copy(update=proven))
        tx.update(owner.own_key(), remove=["password_hash"], where=[equals("user_id", user.id)])
        two_factor.forget(tx, user.id)
        own = identity.provider, identity.subject
        void(tx, (other for other in identities_of(user.id) if (other.provider, other.subject) != own))
    tx.commit()
    return user


def _link(tx: Transaction, identity: Identity, user: User) -> None:
    named = {"provider": identity.provider, "subject": identity.subject, "user_id": user.id}
    tx.create(Link.model_validate(named), lambda _: _Overtaken())
    tx.put(Linked.model_validate({**named, "verified": identity.verified}))


def _still_linked(link: Link, tx: Transaction) -> None:
    """An identity that was voided since it was read opens nothing."""
    tx.check(link.own_key(), [equals("user_id", link.user_id)], lambda _: _Overtaken())


def _unlinked(link: Link) -> None:
    """Forget a link to an account that was erased."""
    tx = store.transaction()
    tx.remove(link.own_key(), [equals("user_id", link.user_id)])
    tx.commit()
