"""Text messages: how many parts one takes in the alphabets of GSM 03.38 (3GPP TS 23.038)."""

from typing import Final

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_DOUBLE: Final = frozenset("^{}\\[~]|€\f")
"""Characters that take the room of two."""
_ONE_WIDE, _EACH_WIDE = 70, 67
_OVERHEAD: Final = 7
"""Characters that each part of several needs to be put together again."""


def parts_of(text: str, one: int = 160) -> tuple[int, str]:
    """How many parts a message takes, `one` being the characters of a single part, and the first character outside the
    basic alphabet: it halves what fits into a part. Empty for none."""
    foreign = next((char for char in text if char not in _BASIC | _DOUBLE), "")
    if foreign:
        length, alone, each = len(text.encode("utf-16-be")) // 2, _ONE_WIDE, _EACH_WIDE
    else:
        length, alone, each = sum(1 + (char in _DOUBLE) for char in text), one, one - _OVERHEAD
    return (1 if length <= alone else -(-length // each)), foreign


def texted(text: str, one: int) -> str:
    """A message; where it takes several parts, a line behind it says so, and why."""
    message = text.strip()
    parts, foreign = parts_of(message, one)
    if parts == 1:
        return text
    why = (
        f"{foreign} is not in the basic alphabet, so a part has {_EACH_WIDE} characters"
        if foreign
        else "€ and brackets count twice"
    )
    return f"{text.rstrip()}\n   (Sent and charged as {parts} parts: {why}.)"
