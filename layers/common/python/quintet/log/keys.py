"""Names under which secrets stand."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

# A key is secret when one of its words is: `user_password`, `refreshToken`, `X-Api-Key`.
_WORDS = """
pass password passwords passwd passwort pwd passphrase passcode secret secrets token tokens jwt authorization auth
cookie cookies credential credentials otp totp pin pan cvv cvc signature sig apikey bearer assertion
"""
_KEYS = """
code code_verifier api_key private_key access_key account_key encryption_key signing_key card_number account_number
security_code verification_code authorization_code backup_code backup_codes jwt_keys
cursor_key cursor_key_previous audit_key master master_key master_previous iban input_value
"""
# Keys with a secret word that say something about a secret, and not the secret.
_TELLTALES = """
token_type token_id password_changed_at auth_type input_tokens output_tokens max_tokens tokens_used token_count
"""

_ENDINGS = ("password", "passwd", "passphrase", "token", "secret", "apikey")
"""Words that make one secret also where they are grown together with what stands before: `PGPASSWORD`, `authtoken`."""

SECRET_WORDS = frozenset(_WORDS.split())
SECRET_KEYS = frozenset(_KEYS.split())
_HARMLESS = frozenset(_TELLTALES.split())

_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")


@lru_cache(1024)
def is_secret_key(name: str) -> bool:
    """Whether what stands under `name` is a secret; spelling style does not matter."""
    words = [word.lower() for word in _WORD_STARTS.split(name) if word]
    joined = "_".join(words)
    if joined in _HARMLESS:
        return False
    pairs = {f"{first}_{second}" for first, second in pairwise(words)}
    return (
        joined in SECRET_KEYS
        or any(w in SECRET_WORDS or w.endswith(_ENDINGS) for w in words)
        or not SECRET_KEYS.isdisjoint(pairs)
    )
