"""Order numbers: what a buyer reads out on the telephone."""

from __future__ import annotations

import secrets

DIGITS = 8


def new_order_number() -> str:
    """`ORD-` and eight random digits. Unpredictable, so that numbers do not tell how much is sold.

    Not unique by itself: the caller stores it on the condition that it is free, and draws again.
    """
    return f"ORD-{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
