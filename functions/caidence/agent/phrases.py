"""What people write into a form, as it fits into a sentence."""

from typing import Final

_SMALL: Final = """
a an adults all and anybody busy children companies every families for fans first founders get grow health increase
launch local make men more new now older our owners parents people professionals raise reach runners sell small sold
students teams the their users we win who with women young your
"""
"""First words that lose their capital within a sentence; of others it cannot be known whether they are names."""


def short(text: str, most: int = 100) -> str:
    """One line of at most so many characters, cut between words, without a mark at its end and what is not seen."""
    whole = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    line = whole.rstrip(".!;:,… ") or whole
    return line if len(line) <= most else f"{line[: most - 1].rsplit(' ', 1)[0].rstrip('.,;:')}…"


def inner(text: str, most: int = 100) -> str:
    """The same, to stand within a sentence."""
    line = short(text, most)
    first = line.split(" ", 1)[0].lower()
    return line[:1].lower() + line[1:] if first in _SMALL.split() else line


def capital(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]
