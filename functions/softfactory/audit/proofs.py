"""The tree as it is stored: roots and proofs of any size that it ever had, from a few tiles."""

from base64 import b64encode
from collections.abc import Iterable, Sequence

from quintet.store import Slice
from softfactory.audit import merkle, tiles
from softfactory.audit.entities import Checkpoint, Tile
from softfactory.audit.merkle import Span
from softfactory.service import store


class Proofs:
    """Proofs in one tree, of which every tile that they need is read in one batch."""

    def __init__(self, size: int, indexes: Sequence[int], earlier: Iterable[int] = ()) -> None:
        """For the tree of `size` entries: the inclusion of some, and the growth from trees of `earlier` sizes."""
        self.size = size
        self._inclusions = {index: merkle.inclusion(index, size) for index in indexes}
        self._growths = {first: merkle.consistency(first, size) for first in earlier}
        wholes = [(0, each) for each in (size, *self._growths) if each]
        spans: list[Span] = [*wholes]
        for proof in (*self._inclusions.values(), *self._growths.values()):
            spans += proof
        places = tiles.places(merkle.needed(spans))
        stored = store.get_all([Tile.ref(height=height, number=number) for height, number in places])
        found = {place: tile.hashes for place, tile in zip(places, stored, strict=True)}
        self._hashes = tiles.Forest(found).hash

    def root(self, size: int | None = None) -> str:
        """The root of the tree, or of an earlier one, in base64."""
        return _text(merkle.root(self.size if size is None else size, self._hashes))

    def inclusion(self, index: int) -> list[str]:
        """The proof that an entry is in the tree."""
        return [_text(each) for each in merkle.proof(self._inclusions[index], self._hashes)]

    def growth(self, first: int) -> list[str]:
        """The proof that the tree grew from an earlier one."""
        return [_text(each) for each in merkle.proof(self._growths[first], self._hashes)]


def checkpoints(below: int, most: int) -> list[Checkpoint]:
    """The last exported trees of fewer than `below` entries."""
    found: Slice[Checkpoint] = store.query(Checkpoint, before=Checkpoint.place_of(below), limit=most, consistent=True)
    return found.items


def _text(content: bytes) -> str:
    return b64encode(content).decode()
