"""Reads of what is written once and never again, such as leaves and keys: at half the price of those of the moment."""

from collections.abc import Sequence
from typing import Any

from quintet.store import Ref
from softfactory.service import store


def lasting(refs: Sequence[Ref[Any]]) -> list[Any]:
    """Entities at many keys in the order asked, None where there is none.

    They are read eventually consistent, and once more as they are now where that finds none: it may not have arrived
    there yet. One that was just deleted may still be found, for some moments.
    """
    found = dict(zip(refs, store.get_all(refs, consistent=False), strict=True))
    missing = [ref for ref, entity in found.items() if entity is None]
    if missing:
        found.update(zip(missing, store.get_all(missing), strict=True))
    return [found[ref] for ref in refs]
