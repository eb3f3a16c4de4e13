"""Finding accounts by the words of their names and e-mail addresses, which every change of an account keeps up.

Items: those of `quintet.store.words` in the space `people`.
"""

from collections.abc import Sequence
from typing import Final

from quintet.store import Transaction
from quintet.store.folding import ranked
from quintet.store.words import WordIndex
from softfactory.people.entities import User

INDEX: Final = WordIndex("people")
NAME_WORDS, ADDRESS_WORDS = 16, 14
"""Words, or characters of what is written without spaces, that a name and an address are found by, the first ones: so
few that all of them change within the transaction that changes the account."""


def texts(user: User) -> list[str]:
    """What an account is found by, what ranks before the rest first."""
    return [_beginning(user.name, NAME_WORDS), _beginning(user.email, ADDRESS_WORDS)]


def keep_found(tx: Transaction, before: User | None, after: User | None) -> None:
    """Have an account be found as it is then: None is before it was made, and after it went. On commit
    `ConditionFailed` where somebody else changed it meanwhile."""
    account = after or before
    if account is None or (before and after and texts(before) == texts(after)):
        return
    INDEX.prepare(account.id, texts(account) if after else [], new=before is None).join(tx, refused=None)


def is_found(user: User, question: str) -> bool:
    """Whether an account has every word of a question, by its beginning."""
    return INDEX.holds(question, texts(user))


def found(question: str) -> Sequence[str]:
    """The ids of all accounts that have every word of a question; they are to be held against it once more."""
    return INDEX.matches(question)


def _beginning(text: str, words: int) -> str:
    while len(ranked([text])) > words:
        text = text[:-1]
    return text
