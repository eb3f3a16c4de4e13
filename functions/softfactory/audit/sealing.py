"""The parts of entries about people, sealed under a key of each person's own: destroying the key erases them all.

Keys stand in the system's table, which is encrypted at rest, so that an entry costs no call to a key service. They are
made when an entry first needs one and deleted at the erasure. What is about nobody with an account, such as a refused
sign-in, is under a key of its month that deletes itself.

Needs `cryptography`: operations that take entries in or show them declare `layers=("oidc",)`.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from os import urandom
from secrets import token_urlsafe
from typing import Any, Final

from quintet.models import epoch
from quintet.store import Transaction
from softfactory.audit.entities import KeptPart, Leaf, Subject, SubjectKey
from softfactory.audit.facts import ANONYMOUS
from softfactory.audit.lasting import lasting
from softfactory.audit.leaves import PARTS, SALT_BYTES, PartName, canonical
from softfactory.people.entities import User
from softfactory.service import store

ANONYMOUS_LIFE: Final = timedelta(days=400)
"""How long these are kept, from the month's first entry."""
_NONCE: Final = 12
_SALT: Final = len(b64encode(bytes(SALT_BYTES)))
"""Characters of a salt in base64."""

Opened = dict[PartName, tuple[str, dict[str, Any]] | None]
"""By part its salt and what it says; None for one that was erased."""


@dataclass(slots=True)
class Keyring:
    """The keys of some subjects, by the subject; those that had none get a new one. That of whoever has no account, or
    none any more, is `lost` from the beginning: what the log says of them is erased as it is written."""

    held: dict[str, SubjectKey] = field(default_factory=dict)
    new: dict[str, SubjectKey] = field(default_factory=dict)
    lost: dict[str, SubjectKey] = field(default_factory=dict)

    @classmethod
    def of(cls, subjects: Iterable[str], at: datetime) -> "Keyring":
        """Two batches of reads, and one more for those who have no key yet."""
        wanted = list(dict.fromkeys(subjects))
        known = [one for one in store.get_all([Subject.ref(user_id=each) for each in wanted]) if one is not None]
        keys = store.get_all([SubjectKey.ref(key_id=each.key_id) for each in known])
        found = cls()
        for subject, key in zip(known, keys, strict=True):
            if key is not None:
                found.held[subject.user_id] = key
        missing = [each for each in wanted if each not in found.held]
        there = _with_account(missing)
        for each in missing:
            life = epoch(at + ANONYMOUS_LIFE) if each.startswith(ANONYMOUS) else None
            secret = b64encode(urandom(32)).decode()
            key = SubjectKey(key_id=token_urlsafe(12), secret=secret, expires_at=life)
            (found.new if each in there else found.lost)[each] = key
        return found

    def __getitem__(self, subject: str) -> SubjectKey:
        return self.held.get(subject) or self.new.get(subject) or self.lost[subject]

    def keep(self, tx: Transaction, subjects: Iterable[str]) -> int:
        """Write the new keys of some subjects, two actions each; a subject's second key takes the place of one that is
        gone."""
        written = [each for each in dict.fromkeys(subjects) if each in self.new]
        for each in written:
            tx.create(self.new[each])
            tx.put(Subject(user_id=each, key_id=self.new[each].key_id))
        return 2 * len(written)


def _with_account(subjects: Sequence[str]) -> set[str]:
    """Those of some subjects who have an account, and those who need none."""
    people = [each for each in subjects if not each.startswith(ANONYMOUS)]
    accounts = store.get_all([User.ref(id=each) for each in people])
    gone = {each for each, account in zip(people, accounts, strict=True) if account is None}
    return set(subjects) - gone


def kept(key: SubjectKey | None, index: int, part: PartName, salt: str, said: Mapping[str, Any]) -> KeptPart:
    """A part as it is stored, its salt before it: sealed under `key`, or as it is where it is about nobody."""
    if key is None:
        return KeptPart(content=salt + canonical(said).decode())
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = urandom(_NONCE)
    sealed = AESGCM(b64decode(key.secret)).encrypt(nonce, b64decode(salt) + canonical(said), _bound(index, part))
    return KeptPart(key_id=key.key_id, content=b64encode(nonce + sealed).decode())


def opened(leaves: Iterable[Leaf], only: str | None = None) -> list[Opened]:
    """The parts of leaves as far as their keys are there; `only` those under one key and those about nobody.

    A batch of reads for every hundred keys.
    """
    leaves = list(leaves)
    wanted = {part.key_id for leaf in leaves for part in leaf.parts.values()}
    ids = sorted(key_id for key_id in wanted if key_id is not None and only in (None, key_id))
    now = epoch()
    keys = {
        key.key_id: key
        for key in lasting([SubjectKey.ref(key_id=key_id) for key_id in ids])
        if key is not None and (key.expires_at is None or key.expires_at > now)
    }
    return [{part: _opened(keys, leaf, part) for part in PARTS} for leaf in leaves]


def _opened(keys: Mapping[str, SubjectKey], leaf: Leaf, part: PartName) -> tuple[str, dict[str, Any]] | None:
    stored = leaf.parts[part]
    if stored.key_id is None:
        return stored.content[:_SALT], json.loads(stored.content[_SALT:])
    if stored.key_id not in keys:
        return None
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    sealed = b64decode(stored.content)
    cipher = AESGCM(b64decode(keys[stored.key_id].secret))
    text = cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(leaf.index, part))
    return b64encode(text[:SALT_BYTES]).decode(), json.loads(text[SALT_BYTES:])


def _bound(index: int, part: PartName) -> bytes:
    """What a sealed part belongs to: moved to another entry it does not open."""
    return f"{index}|{part}".encode()
