"""New accounts: everything one consists of, and why one cannot be made."""

from quintet.api import ErrorType
from quintet.auth import families
from quintet.models import now
from quintet.store import ConditionFailed, Transaction
from stoory.accounts.entities import EmailClaim, PhoneClaim, User
from stoory.profiles.entities import Profile
from stoory.profiles.fields import ProfileFields, filled
from stoory.service import USER_NOT_FOUND, Role, store

EMAIL_EXISTS = ErrorType(400, "email_exists", "Email already registered")


def join_email_account(tx: Transaction, role: Role, email: str, name: str | None, password_hash: str) -> User:
    """Add an account that signs in by e-mail to a transaction, which raises 400 when the address is taken."""
    at = now()
    user = User(role=role, email=email, name=name, created_at=at, updated_at=at)
    tx.create(EmailClaim(email=email, user_id=user.id, password_hash=password_hash), EMAIL_EXISTS)
    tx.create(user)
    tx.create(Profile(user_id=user.id, updated_at=at))
    return user


def enter_by_phone(phone: str, name: str | None, fields: ProfileFields) -> tuple[User, str]:
    """The influencer a proven phone belongs to, made when there is none, and the first token of a new family.

    `name` and `fields` are for a new account only. Two round trips to the table for a new one, three for a known one.
    """
    claim = store.get(PhoneClaim, phone=phone)
    if claim is None:
        try:
            return _made(phone, name, fields)
        except ConditionFailed:  # another request with the same phone was faster
            claim = store.require(PhoneClaim, USER_NOT_FOUND, phone=phone)
    user = store.require(User, USER_NOT_FOUND, id=claim.user_id)
    return user, families.open(user.id)


def _made(phone: str, name: str | None, fields: ProfileFields) -> tuple[User, str]:
    at = now()
    user = User(role=Role.INFLUENCER, phone=phone, name=name, phone_verified=True, created_at=at, updated_at=at)
    tx = store.transaction()
    tx.create(PhoneClaim(phone=phone, user_id=user.id))
    tx.create(user)
    tx.create(filled(Profile(user_id=user.id, updated_at=at), fields, at))
    refresh_token = families.join(tx, user.id)
    tx.commit()
    return user, refresh_token
