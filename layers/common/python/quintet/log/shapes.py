"""Secrets known by their shape in text, whatever stands before them: keys of providers, tokens, PEM, cards.

Every pattern's search is linear: repeats are bounded, or end at a character that the pattern itself starts with.
"""

from __future__ import annotations

import base64
import binascii
import re

from quintet.log.pairs import MASK

_PEM = re.compile(
    r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]{1,60}-----|\Z)", re.DOTALL
)
# Up to the last @ before the path, for passwords are not always percent-encoded as they should be.
_USERINFO = re.compile(r"(?<=://)(?P<user>[^\s/?#@:\"'<>]*):(?P<password>[^\s/?#\"'<>]*)(?=@)")
_USER_TOKEN = re.compile(r"(?<=://)[A-Za-z0-9_-]{20,}(?=@)")
_BEARER = re.compile(r"\b(Bearer)\s+[A-Za-z0-9._~+/-]{6,}={0,2}(?![\w=])", re.IGNORECASE)
_BASIC = re.compile(r"\b(Basic)\s+([A-Za-z0-9+/]{6,}={0,2})", re.IGNORECASE)
_JWT = re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{2,}(?:\.[A-Za-z0-9_-]*){1,3}")
_PROVIDERS = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Z0-9])"  # AWS access key ids
    r"|(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{8,}|whsec_[A-Za-z0-9+/=_-]{8,}"  # Stripe
    r"|rzp_(?:live|test)_[A-Za-z0-9]{8,}"  # Razorpay
    r"|sk_[0-9a-f]{32,}|sk-[A-Za-z0-9_-]{16,}"  # ElevenLabs; language models
    r"|gh[opsur]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|npm_[A-Za-z0-9]{30,}|pypi-[\w-]{40,}"
    r"|xox[a-z]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}"  # Slack
    r"|AIza[\w-]{30,}|ya29\.[\w-]{10,}|1//0[\w-]{20,}|GOCSPX-[\w-]{10,}"  # Google
    r"|SG\.[\w-]{10,}\.[\w-]{10,}|(?:SK|AC)[0-9a-f]{32}(?![0-9a-f])|key-[0-9a-f]{32}"  # SendGrid, Twilio, Mailgun
    r"|EAA[A-Za-z0-9]{30,}|[0-9]{8,10}:AA[\w-]{30,}|(?:shpat|shpss|shpca)_[0-9a-f]{32}"  # Meta, Telegram, Shopify
    r")"
)
_HOOK = re.compile(r"(?<=//)(hooks\.slack\.com/services/|discord(?:app)?\.com/api/webhooks/)[\w/-]{8,}")
_SPOKEN = re.compile(
    r"\b(?P<what>(?:your|one-time|verification|security|log-?in|sign-?in|confirmation|backup|access)"
    r"(?: [A-Za-z]{2,12})? (?:code|otp|pin|password|passcode)(?: is)?[: ]{1,2})\d{4,8}\b",
    re.IGNORECASE,
)
_ONE_TIME = re.compile(
    r"\b(?P<what>(?:t?otp|passcode|cv[vc])(?: (?:code|pin))?(?: (?:is|was))?[: ]{1,2})\d{3,8}\b", re.IGNORECASE
)
_SAID = re.compile(
    r"\b(?P<what>(?:password|passwd|passphrase|passcode|secret|token|api key) (?:is|was)[: ]{1,2})"
    r"(?:(?P<quote>[\"'`])[^\"'`\n]{1,200}(?P=quote)"
    # No plain word, which tells what the password is like, but something with a letter and a digit or sign in it.
    r"|(?=[^\sA-Za-z]{0,64}[A-Za-z])(?=[A-Za-z]{0,64}[^\sA-Za-z.,;:!?'\")\]*-])\S{3,200}(?<![.,;:!?'\")\]]))",
    re.IGNORECASE,
)
"""A password told in a sentence."""
_PAN = re.compile(r"(?<![\w-])[A-Z]{5}[0-9]{4}[A-Z](?![\w-])")
"""An Indian income-tax number (Permanent Account Number)."""
_SPOKEN_OF = re.compile(r"(?:code|otp|pin|password)(?: is)?[: ]{1,2}[0-9]")
_ONE_TIME_OF = re.compile(r"otp|passcode|cv[vc]")
_SAYING = re.compile(r" (?:is|was)[: ]")
_RUN = re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}")
_UPPER, _LOWER, _DIGIT = re.compile("[A-Z]"), re.compile("[a-z]"), re.compile("[0-9]")
_CARD = re.compile(r"(?<![\w-])[2-68](?:[ -]?\d){13,18}(?![\w-])")

_LEAST_SHARE = 0.18
"""Of random base64 40 % are upper-case letters and as many lower-case; words joined to a name have fewer capitals."""


def mask_shapes(text: str) -> str:
    """`text` with every secret known by its shape replaced by `***`."""
    if "-----BEGIN" in text:
        text = _PEM.sub(MASK, text)
    if "://" in text and "@" in text:
        text = _USER_TOKEN.sub(MASK, _USERINFO.sub(rf"\g<user>:{MASK}", text))
    if "//" in text:
        text = _HOOK.sub(rf"\1{MASK}", text)
    if " " in text:
        text = _mask_sentences(text)
    if "eyJ" in text:
        text = _JWT.sub(MASK, text)
    if len(text) >= _SHORTEST:
        text = _PROVIDERS.sub(MASK, text)
        text = _RUN.sub(_masked_run, text)
    return _CARD.sub(_masked_card, _PAN.sub(MASK, text))


_SHORTEST = 16
"""No provider's key is shorter."""


def _mask_sentences(text: str) -> str:
    """`text` without the secrets that the word before them tells."""
    lower = text.lower()
    if "bearer" in lower:
        text = _BEARER.sub(rf"\1 {MASK}", text)
    if "basic" in lower:
        text = _BASIC.sub(_masked_basic, text)
    if _SAYING.search(lower):
        text = _SAID.sub(rf"\g<what>{MASK}", text)
    if _ONE_TIME_OF.search(lower):
        text = _ONE_TIME.sub(rf"\g<what>{MASK}", text)
    if _SPOKEN_OF.search(lower):
        text = _SPOKEN.sub(rf"\g<what>{MASK}", text)
    return text


def _masked_basic(match: re.Match[str]) -> str:
    """`Basic` and what follows, masked where it is a name and a password in base64 (RFC 7617)."""
    try:
        decoded = base64.b64decode(match[2] + "=" * (-len(match[2]) % 4))
    except (binascii.Error, ValueError):
        return match[0]
    return f"{match[1]} {MASK}" if b":" in decoded else match[0]


def _masked_run(match: re.Match[str]) -> str:
    """A long run of letters and digits, masked where it looks drawn at random: AWS's secret keys, session tokens."""
    run = match[0]
    least = _LEAST_SHARE * len(run)
    random = _DIGIT.search(run) and min(len(_UPPER.findall(run)), len(_LOWER.findall(run))) >= least
    return MASK if random else run


def _masked_card(match: re.Match[str]) -> str:
    """A card number that passes the Luhn check, masked."""
    digits = [int(char) for char in match[0] if char.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return MASK if (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0 else match[0]
