"""Merkle trees as RFC 9162 defines them: hashes, and the proofs of what is in a tree and of what a tree grew from.

Everything here says which parts of a tree are needed before it asks for them, so that a proof costs the reading of a
few hashes however large the tree is. Leaves are counted from 0; a span `(start, end)` is the leaves from `start` up to
`end`, without it. Hashes are 32 bytes (SHA-256).
"""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Final

EMPTY: Final = sha256(b"").digest()
"""The root of a tree without leaves."""
BYTES: Final = 32

Span = tuple[int, int]
Node = tuple[int, int]
"""A complete subtree: its level (0: a leaf) and its number among those of that level, from the left."""
Hashes = Callable[[Node], bytes]
"""Where the hashes of complete subtrees come from."""


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf's bytes; its prefix keeps a leaf from being passed off as an inner node (section 2.1.1)."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def root(size: int, hashes: Hashes) -> bytes:
    """The root of the first `size` leaves."""
    return span_hash((0, size), hashes) if size else EMPTY


def inclusion(index: int, size: int) -> list[Span]:
    """The subtrees that prove leaf `index` to be in the tree of `size` leaves, from the leaf upwards (section 2.1.3.1).

    Raises ValueError for a leaf that is not in the tree.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    found: list[Span] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _left(end - start)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency(first: int, second: int) -> list[Span]:
    """The subtrees that prove the tree of `second` leaves to begin with that of `first` (section 2.1.4.1).

    Raises ValueError for a first tree that is empty or larger than the second.
    """
    if not 0 < first <= second:
        raise ValueError(f"no proof leads from {first} leaves to {second}")
    found: list[Span] = []
    start, end = 0, second
    while end != first:
        middle = start + _left(end - start)
        if first <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    if start:  # else what is left is the first tree itself, whose root the verifier has
        found.append((start, end))
    return found[::-1]


def complete(span: Span) -> list[Node]:
    """The complete subtrees that make up a span of a proof, or a whole tree, from the left."""
    start, end = span
    found: list[Node] = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def span_hash(span: Span, hashes: Hashes) -> bytes:
    """The hash of a span of a proof, of which there is one leaf at least."""
    *others, found = [hashes(node) for node in complete(span)]
    for left in reversed(others):
        found = node_hash(left, found)
    return found


def proof(spans: Sequence[Span], hashes: Hashes) -> list[bytes]:
    """The hashes of a proof's spans."""
    return [span_hash(span, hashes) for span in spans]


def needed(spans: Sequence[Span]) -> Iterator[Node]:
    """Every complete subtree whose hash the spans are made of."""
    return (node for span in spans for node in complete(span))


def _left(width: int) -> int:
    """How many leaves stand left of the root: the largest power of two below `width`."""
    return 1 << (width - 1).bit_length() - 1
