"""What an account and its sign-in consist of: copied without secrets, erased."""

from collections.abc import Iterator
from typing import Any

from quintet.auth import one_time_tokens
from quintet.store import absent, any_of, equals, exists
from softfactory.accounts import mails, passwords, sessions, two_factor
from softfactory.accounts.identities import Link, identities_of
from softfactory.people.entities import User
from softfactory.privacy.entities import Erasure
from softfactory.privacy.subjects import DataSubject
from softfactory.service import store

_INTERNAL = {"version", "epoch", "due", "listed", "mock", "erasure_begun"}


def with_account(_: DataSubject, _most: int) -> bool:
    """The account itself goes when all else has (`erasing`)."""
    return True


def profile(subject: DataSubject) -> Iterator[dict[str, Any]]:
    user = store.get(User, id=subject.id)
    if user is not None:
        yield user.model_dump(mode="json", exclude=_INTERNAL)


def erase_sessions(subject: DataSubject, most: int) -> bool:
    """Sessions of `most` epochs, which are as many as there were sign-outs: the erasure says how far it is."""
    user, erasure = store.get_all([User.ref(id=subject.id), Erasure.ref(user_id=subject.id)])
    if user is None or erasure is None:
        return True
    upto = min(user.epoch + 1, erasure.epochs + most)
    if upto > erasure.epochs:
        sessions.forget(user.id, range(erasure.epochs, upto))
        store.update(Erasure, erasure.own_key(), put={"epochs": upto}, where=[exists()])
    return bool(upto > user.epoch)


def origins(subject: DataSubject) -> Iterator[dict[str, Any]]:
    for origin in passwords.origins(subject.email) if subject.email is not None else ():
        yield {"network": origin.network}


def erase_origins(subject: DataSubject, _most: int) -> bool:
    if subject.email is not None:
        passwords.forget_origins(subject.email)
    return True


def erase_credentials(subject: DataSubject, _most: int) -> bool:
    """The password's hash stands with the address and goes with the account."""
    tx = store.transaction()
    two_factor.forget(tx, subject.id)
    for purpose in (mails.VERIFY, mails.RESET):
        one_time_tokens.void(tx, subject.id, purpose)
    tx.commit()
    return True


def identities(subject: DataSubject) -> Iterator[dict[str, Any]]:
    for linked in identities_of(subject.id):
        yield linked.model_dump(mode="json", include={"provider", "subject", "verified", "linked_at"})


def erase_identities(subject: DataSubject, _most: int) -> bool:
    for linked in identities_of(subject.id):
        tx = store.transaction()
        mine = any_of(absent("user_id"), equals("user_id", subject.id))
        tx.remove(Link.key(provider=linked.provider, subject=linked.subject), [mine])
        tx.remove(linked.own_key())
        tx.commit()
    return True
