"""Which identities at providers open which accounts, and what ends that.

An identity is a provider and its subject, never an address: whoever changes the address at the provider keeps coming
in. What proves whose an account is, though, is its address here. So an identity that was let in on the provider's word
for an address goes with that address when the account moves to another; and one that proved nothing of the address (as
Facebook's never do) goes when somebody else proves it, by a verified identity or by the token of a mail.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from quintet.models import now
from quintet.store import Entity, Keys, Transaction
from softfactory.service import store

Provider = Literal["google", "facebook", "kakao"]


class Link(Entity):
    """Which account an identity at a provider opens."""

    kind: ClassVar[str] = "social_link"
    keys: ClassVar[Keys] = Keys("SOCIAL#{provider}#{subject}", "LINK")

    provider: Provider
    subject: str
    user_id: str


class Linked(Entity):
    """The same from the account's side."""

    kind: ClassVar[str] = "social_identity"
    keys: ClassVar[Keys] = Keys("USER#{user_id}", "SOCIAL#{provider}#{subject}")

    user_id: str
    provider: Provider
    subject: str
    verified: bool
    """Whether the provider called the account's address verified then."""
    linked_at: datetime = Field(default_factory=now)


def identities_of(user_id: str) -> list[Linked]:
    """The identities that open an account."""
    return store.query(Linked, begins="SOCIAL#", consistent=True, user_id=user_id).items


def void(tx: Transaction, identities: Iterable[Linked]) -> None:
    """Have these open nothing any more, for a transaction that also writes the account: who links an identity writes
    it, too, so that none comes in between."""
    for each in identities:
        tx.delete(each, refused=None)
        tx.remove(Link.key(provider=each.provider, subject=each.subject))
