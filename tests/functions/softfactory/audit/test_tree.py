"""The Merkle tree of the audit log: RFC 9162's definitions, published vectors, and tiles that agree with them."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.verify_audit import grew, includes
from softfactory.audit import merkle, tiles
from softfactory.audit.merkle import EMPTY, consistency, inclusion, leaf_hash, node_hash, proof
from softfactory.audit.tiles import Forest

LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
"""The leaves of the test vectors of Certificate Transparency's implementations (google/trillian, log_verifier_test)."""
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
INCLUSIONS = {
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 3): ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",),
}
CONSISTENCIES = {
    (1, 8): INCLUSIONS[0, 8],
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
}


def forest(leaves: list[bytes], step: int = 1) -> Forest:
    """A tree that grew by `step` leaves at a time, of tiles alone."""
    size, found = 0, dict[tiles.Place, list[bytes]]()
    for start in range(0, len(leaves), step):
        part = [leaf_hash(leaf) for leaf in leaves[start : start + step]]
        size, changed = tiles.grown(size, {place: found[place] for place in tiles.edge(size)}, part)
        found |= changed
    assert size == len(leaves)
    return Forest(found)


# RFC 9162 as it is written, over whole lists of leaves: section 2.1.1, 2.1.3.1 and 2.1.4.1.


def naive_root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = split(len(leaves))
    return sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_path(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_subproof(m: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if whole else [naive_root(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*naive_subproof(m, leaves[:k], whole), naive_root(leaves[k:])]
    return [*naive_subproof(m - k, leaves[k:], False), naive_root(leaves[:k])]


def split(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def numbered(count: int) -> list[bytes]:
    return [b"leaf %d" % number for number in range(count)]


@pytest.mark.parametrize("size", sorted(ROOTS))
def test_roots_are_the_published_ones(size: int) -> None:
    assert merkle.root(size, forest(LEAVES).hash).hex() == ROOTS[size]


def test_proofs_are_the_published_ones() -> None:
    hashes = forest(LEAVES).hash
    for place, expected in INCLUSIONS.items():
        assert [one.hex() for one in proof(inclusion(*place), hashes)] == list(expected)
    for place, expected in CONSISTENCIES.items():
        assert [one.hex() for one in proof(consistency(*place), hashes)] == list(expected)


@settings(max_examples=40)
@given(st.data())
def test_any_tree_proves_what_the_rfc_says(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 600), "size")
    leaves = numbered(size)
    hashes = forest(leaves, data.draw(st.sampled_from([1, 7, 16, 100]), "step")).hash
    second = data.draw(st.integers(1, size), "second")
    first = data.draw(st.integers(1, second), "first")
    index = data.draw(st.integers(0, second - 1), "index")
    root = merkle.root(second, hashes)
    assert root == naive_root(leaves[:second])

    path = proof(inclusion(index, second), hashes)
    assert path == naive_path(index, leaves[:second])
    assert includes(leaves[index], index, second, path, root)

    grown = proof(consistency(first, second), hashes)
    assert grown == naive_subproof(first, leaves[:second], True)
    assert grew((first, merkle.root(first, hashes)), (second, root), grown)


@settings(max_examples=40)
@given(st.data())
def test_a_proof_of_something_else_does_not_hold(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 200), "size")
    leaves = numbered(size)
    hashes = forest(leaves, 16).hash
    root = merkle.root(size, hashes)
    index = data.draw(st.integers(0, size - 1), "index")
    other = data.draw(st.integers(0, size - 1).filter(lambda other: other != index), "other")
    path = proof(inclusion(index, size), hashes)
    assert not includes(leaves[other], index, size, path, root)
    assert not includes(leaves[index], other, size, path, root)
    assert not includes(leaves[index], index, size, [*path, path[0]], root)
    assert not includes(leaves[index], index, size, path[:-1], root)

    first = data.draw(st.integers(1, size - 1), "first")
    grown = proof(consistency(first, size), hashes)
    old = merkle.root(first, hashes)
    assert not grew((first, leaf_hash(old)), (size, root), grown)
    assert not grew((first, old), (size, leaf_hash(root)), grown)
    assert not grew((first, old), (size, root), [*grown, old])
    assert not grew((first, old), (size, root), grown[:-1])


@settings(max_examples=30)
@given(st.integers(0, 5000), st.integers(1, 40))
def test_a_tree_grows_by_the_tiles_at_its_edge_alone(size: int, more: int) -> None:
    _, before = tiles.grown(0, {}, map(leaf_hash, numbered(size)))
    after, changed = tiles.grown(size, {place: before[place] for place in tiles.edge(size)}, numbered(more))
    assert after == size + more
    expected_size, expected = tiles.grown(0, {}, [*map(leaf_hash, numbered(size)), *numbered(more)])
    assert (after, before | changed) == (expected_size, expected)
    assert tiles.root(after, {place: (before | changed)[place] for place in tiles.edge(after)}) == merkle.root(
        after, Forest(expected).hash
    )


@settings(max_examples=30)
@given(st.integers(1, 1000), st.integers(0, 400))
def test_tiles_that_grew_meanwhile_are_read_as_they_were(size: int, more: int) -> None:
    _, then = tiles.grown(0, {}, map(leaf_hash, numbered(size)))
    _, later = tiles.grown(0, {}, map(leaf_hash, numbered(size + more)))
    read = {place: later[place] for place in tiles.edge(size)}
    assert tiles.at_size(size, read) == {place: then[place] for place in tiles.edge(size)}


def test_proofs_stay_small_however_large_the_tree() -> None:
    size = 3_000_001
    for index in (0, 1_234_567, 2_097_151, 2_097_152, 3_000_000):
        spans = inclusion(index, size)
        assert len(spans) <= 22
        assert len(tiles.places(merkle.needed(spans))) <= 12
    spans = consistency(1_999_999, size)
    assert len(spans) <= 23
    assert len(tiles.places(merkle.needed(spans))) <= 12


def test_what_is_not_in_the_tree_has_no_proof() -> None:
    with pytest.raises(ValueError, match="no leaf 8"):
        inclusion(8, 8)
    with pytest.raises(ValueError, match="no leaf -1"):
        inclusion(-1, 8)
    with pytest.raises(ValueError, match="from 0 leaves"):
        consistency(0, 8)
    with pytest.raises(ValueError, match="from 9 leaves"):
        consistency(9, 8)
    with pytest.raises(KeyError):
        forest(LEAVES).hash((0, 8))
    assert merkle.root(0, forest([]).hash) == EMPTY


def test_a_leaf_is_never_taken_for_an_inner_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


def test_pymerkle_agrees() -> None:
    """Another implementation builds the same trees and the same ways up."""
    pymerkle: Any = pytest.importorskip("pymerkle")
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    leaves = numbered(50)
    tree.append_entries(leaves)
    hashes = forest(leaves).hash
    for size in range(1, len(leaves) + 1):
        root = merkle.root(size, hashes)
        assert tree.get_root(size) == root
        for index in range(size):
            theirs = tree.prove_inclusion(index + 1, size)
            assert theirs.path[1:] == proof(inclusion(index, size), hashes)
            pymerkle.verify_inclusion(leaf_hash(leaves[index]), root, theirs)
        for first in range(1, size + 1):
            pymerkle.verify_consistency(merkle.root(first, hashes), root, tree.prove_consistency(first, size))
