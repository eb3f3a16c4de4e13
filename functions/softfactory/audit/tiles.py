"""The nodes of a growing Merkle tree in tiles of sixteen, so that adding leaves and proving them touch few items.

Tile `(height, number)` holds the hashes of up to sixteen neighbouring nodes of level `4 × height`; what lies between
two heights is computed from the lower one. A full tile never changes, and its own root is one hash of the next height:
appending writes the last tile of each height, and a proof in a tree of a million leaves reads from five heights.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from softfactory.audit import merkle
from softfactory.audit.merkle import Node, node_hash

LEVELS: Final = 4
"""Levels of the tree that one height of tiles spans."""
WIDTH: Final = 1 << LEVELS
"""Hashes of a full tile."""

Place = tuple[int, int]
"""A tile: its height (0: of leaves) and its number among those of that height, from the left."""
Tiles = Mapping[Place, list[bytes]]


def place_of(node: Node) -> Place:
    """The tile that holds a complete subtree, or from which its hash is computed."""
    level, number = node
    height, above = divmod(level, LEVELS)
    return height, (number << above) // WIDTH


def places(nodes: Iterable[Node]) -> list[Place]:
    """The tiles that some nodes need, each once."""
    return list(dict.fromkeys(place_of(node) for node in nodes))


def edge(size: int) -> list[Place]:
    """The tiles at the right end of a tree that are begun and not full: all that its root and its growth need."""
    found: list[Place] = []
    height, count = 0, size
    while count:
        if count % WIDTH:
            found.append((height, count // WIDTH))
        height, count = height + 1, count // WIDTH
    return found


def at_size(size: int, tiles: Tiles) -> dict[Place, list[bytes]]:
    """The tiles of `edge(size)` as they were then: a reader may find that more has come to them."""
    return {(height, number): hashes[: (size >> LEVELS * height) % WIDTH] for (height, number), hashes in tiles.items()}


class Forest:
    """Some of a tree's tiles at hand: enough for what is asked of it, else it raises KeyError."""

    def __init__(self, tiles: Tiles) -> None:
        self._tiles = tiles
        self._known: dict[Node, bytes] = {}

    def hash(self, node: Node) -> bytes:
        """The hash of a complete subtree."""
        level, number = node
        height, above = divmod(level, LEVELS)
        if not above:
            tile, place = divmod(number, WIDTH)
            hashes = self._tiles[height, tile]
            if place >= len(hashes):
                raise KeyError(node)
            return hashes[place]
        if node not in self._known:
            below = level - 1, 2 * number
            self._known[node] = node_hash(self.hash(below), self.hash((level - 1, 2 * number + 1)))
        return self._known[node]


def grown(size: int, at_edge: Tiles, leaves: Iterable[bytes]) -> tuple[int, dict[Place, list[bytes]]]:
    """A tree of `size` leaves after more leaf hashes: its new size, and every tile that is new or changed.

    `at_edge` holds the tiles of `edge(size)`.
    """
    tiles = {place: list(hashes) for place, hashes in at_edge.items()}
    changed: dict[Place, list[bytes]] = {}
    for leaf in leaves:
        height, number, found = 0, size, leaf
        size += 1
        while True:
            number, slot = divmod(number, WIDTH)
            place = height, number
            hashes = changed[place] = tiles.setdefault(place, [])
            if len(hashes) != slot:
                raise KeyError(place)
            hashes.append(found)
            if slot != WIDTH - 1:
                break
            height, found = height + 1, _top(hashes)
    return size, changed


def root(size: int, tiles: Tiles) -> bytes:
    """The root of a tree of which the tiles of `edge(size)` are at hand."""
    return merkle.root(size, Forest(tiles).hash)


def _top(hashes: list[bytes]) -> bytes:
    """The root of a full tile."""
    while len(hashes) > 1:
        hashes = [node_hash(left, right) for left, right in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]
