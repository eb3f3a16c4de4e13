"""Domain names beyond ASCII, in the one form in which name servers and mail servers know them."""

from __future__ import annotations


def ascii_domain(domain: str) -> str:
    """A domain in A-labels (IDNA 2008, RFC 5891), in lower case. Raises ValueError when it has none.

    Mapped by UTS 46 without its transitional folding of ß, ς, ZWJ and ZWNJ, so no letter becomes another:
    `straße.de` is `xn--strae-oqa.de` and not `strasse.de`, which is somebody else's.
    """
    if domain.isascii():
        return domain.lower()
    import idna

    try:
        return idna.encode(domain, uts46=True, std3_rules=True).decode("ascii").lower()
    except UnicodeError:
        raise ValueError("must be a domain name") from None
