"""Keeps secrets out of logs: by the name of the key they stand under, and by their shape in text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

MASK = "***"

_MAX_DEPTH = 12

# A key is secret when one of its words is: `user_password`, `refreshToken`, `X-Api-Key`.
_WORDS = """
password passwords passwd pwd passphrase passcode secret secrets token tokens jwt authorization auth
cookie cookies credential credentials otp pin pan cvv cvc signature apikey bearer assertion
"""
_KEYS = """
code code_verifier api_key private_key access_key card_number account_number security_code
verification_code authorization_code jwt_keys cursor_key cursor_key_previous master master_previous iban
"""
# Keys with a secret word that say something about a secret, and not the secret.
_TELLTALES = "token_type token_id password_changed_at auth_type input_tokens output_tokens max_tokens"

_SECRET_WORDS = frozenset(_WORDS.split())
_SECRET_KEYS = frozenset(_KEYS.split())
_HARMLESS = frozenset(_TELLTALES.split())

_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
_PAIR = re.compile(
    r"(?P<key>[A-Za-z][A-Za-z0-9_.\-]{0,63})(?P<is>=|%3[Dd])"
    r"""(?P<value>'[^']*'|"[^"]*"|[^\s&;"'<>,]+)"""
)
_JSON_PAIR = re.compile(
    r"""(?P<open>(?P<quote>\\?["'])(?P<key>[A-Za-z][\w.\-]{0,63})(?P=quote)\s*:\s*(?P=quote))"""
    r"""(?P<value>(?:(?!(?P=quote)).)*)"""
)
_BEARER = re.compile(r"\b(Bearer|Authorization\s*:\s*\w+)\s+[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE)
_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]*")
_CARD = re.compile(r"(?<![\w-])(?:\d[ -]?){12,18}\d(?![\w-])")


@lru_cache(1024)
def is_secret_key(name: str) -> bool:
    """Whether what stands under `name` is a secret; spelling style does not matter."""
    words = [word.lower() for word in _WORD_STARTS.split(name) if word]
    joined = "_".join(words)
    if joined in _HARMLESS:
        return False
    pairs = {f"{first}_{second}" for first, second in pairwise(words)}
    return joined in _SECRET_KEYS or not _SECRET_WORDS.isdisjoint(words) or not _SECRET_KEYS.isdisjoint(pairs)


def redact(value: Any) -> Any:
    """A copy of `value` with every secret replaced by `***`, at any depth; other values unchanged.

    Mappings, sequences and strings are searched, other objects are answered as they are.
    """
    return _redact(value, 0)


def redact_text(text: str) -> str:
    """`text` without secrets: `key=value` and `"key": "value"` pairs with a secret key, bearer
    credentials, JSON web tokens, and card numbers that pass the Luhn check."""
    if "=" in text or "%3" in text:
        text = _PAIR.sub(_masked_pair, text)
    if '"' in text or "'" in text:
        text = _JSON_PAIR.sub(_masked_json_pair, text)
    if " " in text:
        text = _BEARER.sub(rf"\1 {MASK}", text)
    if "eyJ" in text:
        text = _JWT.sub(MASK, text)
    return _CARD.sub(_masked_card, text)


def _redact(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return redact_text(value) if len(value) > 3 else value
    if depth > _MAX_DEPTH:
        return MASK
    if isinstance(value, Mapping):
        return {key: _redact_entry(str(key), entry, depth + 1) for key, entry in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redact(item, depth + 1) for item in value]
    return value


def _redact_entry(key: str, value: Any, depth: int) -> Any:
    # That a secret is absent is no secret, and often the very thing looked for.
    return MASK if value is not None and is_secret_key(key) else _redact(value, depth)


def _masked_pair(match: re.Match[str]) -> str:
    return f"{match['key']}{match['is']}{MASK}" if is_secret_key(match["key"]) else match[0]


def _masked_json_pair(match: re.Match[str]) -> str:
    return f"{match['open']}{MASK}" if is_secret_key(match["key"]) else match[0]


def _masked_card(match: re.Match[str]) -> str:
    digits = [int(char) for char in match[0] if char.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return MASK if (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0 else match[0]
