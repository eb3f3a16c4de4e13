"""Passwords: hashed with Argon2id, checked in the same time whether or not the account exists.

Parameters are OWASP's minimum for Argon2id (19 MiB, 2 passes, 1 lane), not RFC 9106's second
recommendation (64 MiB, 3 passes, 4 lanes). Measured: 18 ms against 118 ms of a whole core. A function
of 512 MB has less than a third of a core, so four lanes run one after another there: about 60 ms
a login against 400.
"""

from __future__ import annotations

import unicodedata
from base64 import b64encode
from functools import cache
from os import urandom
from typing import TYPE_CHECKING

from quintet.settings import settings

if TYPE_CHECKING:
    from argon2 import PasswordHasher

_DEFAULT = "2,19456,1"
_SALT_BYTES = 16
_HASH_BYTES = 32


def hash_password(password: str) -> str:
    """The Argon2id hash of `password` in PHC string form, its salt and parameters included.

    `QUINTET_ARGON2` (`passes,KiB,lanes`) replaces the parameters; tests make them small.
    """
    return _hasher(_parameters()).hash(_normal(password))


def verify_password(stored: str | None, given: str) -> bool:
    """Whether `given` is the password behind the hash `stored`.

    None stands for an account that does not exist or has no password: the answer is False, after
    the same work, so that time does not tell who has an account.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    parameters = _parameters()
    try:
        _hasher(parameters).verify(stored or _decoy(parameters), _normal(given))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def needs_rehash(stored: str) -> bool:
    """Whether `stored` was made with other parameters than today's; hash anew at the next login."""
    return _hasher(_parameters()).check_needs_rehash(stored)


def _normal(password: str) -> str:
    # NIST SP 800-63B section 3.1.1.2: the same characters, typed on whichever keyboard.
    return unicodedata.normalize("NFKC", password)


def _parameters() -> str:
    return settings().get("QUINTET_ARGON2", _DEFAULT)


@cache
def _hasher(parameters: str) -> PasswordHasher:
    from argon2 import PasswordHasher, Type

    passes, memory, lanes = (int(number) for number in parameters.split(","))
    return PasswordHasher(passes, memory, lanes, _HASH_BYTES, _SALT_BYTES, type=Type.ID)


@cache
def _decoy(parameters: str) -> str:
    """A hash no password has, which takes as long to check as a real one and no time to make."""
    passes, memory, lanes = parameters.split(",")
    salt, digest = (b64encode(urandom(size)).decode().rstrip("=") for size in (_SALT_BYTES, _HASH_BYTES))
    return f"$argon2id$v=19$m={memory},t={passes},p={lanes}${salt}${digest}"
