"""What people write into a form, as it fits into a sentence."""

from typing import Final

from caidence.wording import cut

_SMALL: Final = """
a add adults all an and any anybody anyone apply as at awaiting be become book booking bring build busy buy buyers
cafés call carefully chasing checking children choose cities cleaning clients coffee collecting companies cooking
counting current customers cut cycling cyclists designers developers discover donate donors dry each every everybody
everyone existing families fans fewer find finding first for former founders free fresh freshly friends from
gardeners get getting give grow guests handmade have health healthy help her his how improve in increase its join
keep keeping know lapsed late launch learn less local long looking lost make making managers manual marketers men
missing modern more most mums my never new no not nothing now of office older on one only opens order our out owner
owners parents pass passing patients people plan planning pressed professionals quick quiet raise reach readers
ready reduce register retailers runners save saves saving see sell send sending shoppers shops short sign slow small
soggy sold some somebody start stay stop students support take teachers teams than that the their there these they
this those to too travellers try two unclear understand use users visit visitors volunteers waiting warm wasted
wasting we when who win with without women work workers working writers writing young your
"""
"""First words that lose their capital within a sentence; of others it cannot be known whether they are names."""


def within(text: str) -> str:
    """The text with a small letter at its beginning where its first word is no name."""
    first = text.split(maxsplit=1)[0].rstrip(",") if text.strip() else ""
    return text[:1].lower() + text[1:] if first.lower() in _SMALL.split() else text


def short(text: str, most: int = 100) -> str:
    """One line of at most so many characters, cut between words, without a mark at its end and what is not seen."""
    whole = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return cut(whole.rstrip(".!;:,… ") or whole, most)


def inner(text: str, most: int = 100) -> str:
    """The same, to stand within a sentence."""
    return within(short(text, most))
