"""Passwords of accounts: proving one, and putting another in its place."""

from typing import ClassVar, Final

from quintet.api import ErrorType, Request
from quintet.auth import throttle
from quintet.auth.caps import Sent
from quintet.auth.throttle import Cap, TooManyAttempts
from quintet.models import epoch
from quintet.models.address import counted_address
from quintet.store import ConditionFailed, Entity, Keys, Transaction, equals
from softfactory.accounts.signing_in import note_once, note_refusal
from softfactory.accounts.two_factor import TOO_MANY_ATTEMPTS
from softfactory.people.entities import EmailClaim
from softfactory.service import store

INVALID_CREDENTIALS = ErrorType(
    401, "invalid_credentials", "Incorrect e-mail address or password", {"WWW-Authenticate": "Bearer"}
)
QUARTER, HOUR, DAY = 900, 3600, 86_400
PER_IP: Final = 30, QUARTER
PER_ORIGIN: Final = 10, QUARTER
PER_ACCOUNT: Final = 100, HOUR
"""Failed attempts, and the seconds in which, after which further ones wait: from one network; from one network for one
account; for one account from everywhere. Where an account has signed in from before, the second counts alone: so
nobody's guessing elsewhere keeps its person out."""
ORIGIN_DAYS: Final = 90
"""How long a network that somebody signed in from counts as theirs."""


class Origin(Entity):
    """That an account signed in from a network: an IPv4 address, or an IPv6 network of 64 bits."""

    kind: ClassVar[str] = "origin"
    keys: ClassVar[Keys] = Keys("EMAIL#{email}", "ORIGIN#{network}")

    email: str
    network: str
    expires_at: int


def proven(email: str, password: str, request: Request) -> EmailClaim:
    """The claim of the address whose password this is.

    Takes the same work for an unknown address as for a wrong password. Raises 401, and 429 after too many failures.
    """
    from quintet.auth.passwords import verify_password

    network = counted_address(request.ip)
    claim, origin = store.get_all([EmailClaim.ref(email=email), Origin.ref(email=email, network=network)])
    try:
        with throttle.attempting("login", _caps(email, network, known=_is_known(origin))):
            right = verify_password(claim.password_hash if claim else None, password)
            if claim is None or not right:
                note_refusal(claim.user_id if claim else None, request, "password", "invalid_credentials")
                raise INVALID_CREDENTIALS()
    except TooManyAttempts as refused:
        note_once(claim.user_id if claim else None, request, "password", TOO_MANY_ATTEMPTS.code)
        raise TOO_MANY_ATTEMPTS(headers={"Retry-After": str(refused.retry_after)}) from None
    found: EmailClaim = claim
    return found


def hold(tx: Transaction, claim: EmailClaim, ip: str) -> None:
    """Have a sign-in hold only while the password is the one that was proved, and count where it came from as known."""
    tx.check(claim.own_key(), [equals("password_hash", claim.password_hash)], INVALID_CREDENTIALS)
    network, ends = counted_address(ip), epoch() + ORIGIN_DAYS * DAY
    tx.put(Origin(email=claim.email, network=network, expires_at=ends))


def origins(email: str) -> list[Origin]:
    """The networks that an account signed in from, by its address."""
    return store.query(Origin, begins="ORIGIN#", consistent=True, email=email).items


def forget_origins(email: str) -> None:
    """Forget them, with what failed from there, when the address is nobody's any more or another's."""
    known = origins(email)
    counted = [
        each for origin in known for each in store.each(Sent, purpose="login", what=_origin(email, origin.network))
    ]
    store.write_batch(deletes=[each.own_key() for each in (*counted, *known)])


def renew_hash(claim: EmailClaim, password: str) -> None:
    """Hash a password that was just proved with today's parameters, unless it was, or was changed meanwhile."""
    from quintet.auth.passwords import hash_password, needs_rehash

    stored = claim.password_hash
    if stored is None or not needs_rehash(stored):
        return
    renewed, same = {"password_hash": hash_password(password)}, [equals("password_hash", stored)]
    try:
        store.update(EmailClaim, claim.own_key(), put=renewed, where=same)
    except ConditionFailed:
        return


def _is_known(origin: Origin | None) -> bool:
    return origin is not None and epoch() < origin.expires_at


def _origin(email: str, network: str) -> str:
    """Under what failures from one network for one account are counted."""
    return f"origin:{email}:{network}"


def _caps(email: str, network: str, *, known: bool) -> list[Cap]:
    origin = Cap(_origin(email, network), *PER_ORIGIN)
    return [origin] if known else [Cap(f"ip:{network}", *PER_IP), origin, Cap(f"account:{email}", *PER_ACCOUNT)]
