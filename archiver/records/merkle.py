"""Merkle arithmetic: the tree of RFC 6962, and the proofs of RFC 9162 about it.

A leaf hashes to SHA-256(0x00 ‖ data), a node to SHA-256(0x01 ‖ left ‖ right), the empty tree to
SHA-256 of nothing. A *perfect subtree* of height h and index i spans the leaves
[i·2^h, (i+1)·2^h); every tree is a row of perfect subtrees of falling height, its frontier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

HASH_SIZE = 32
"""The length of every hash here, in bytes."""

EMPTY_ROOT = sha256(b"").digest()
"""The root of the tree without leaves."""

NodeReader: TypeAlias = Callable[[int, int], bytes]
"""Gives the hash of the perfect subtree of a height and an index."""

_SIZE_BYTES = 8
_NOT_A_HASH = f"every hash has {HASH_SIZE} bytes"


def leaf_hash(data: bytes) -> bytes:
    """Give the hash of the leaf that holds *data*."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Give the hash of the node over *left* and *right*."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that must be known of a tree to let it grow: its size, and its perfect subtrees.

    *nodes* are their hashes from left to right, one for every 1 in the binary form of *size*.
    """

    size: int = 0
    nodes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a frontier that no tree has."""
        if self.size < 0 or len(self.nodes) != self.size.bit_count():
            raise ValueError(f"{len(self.nodes)} subtrees are not a tree of {self.size} leaves")
        if any(len(node) != HASH_SIZE for node in self.nodes):
            raise ValueError(_NOT_A_HASH)

    def append(self, leaf_hashes: Iterable[bytes]) -> Frontier:
        """Give the frontier of the tree that has *leaf_hashes* after the leaves of this one.

        Raises:
            ValueError: one of them is no hash.
        """
        size, nodes = self.size, list(self.nodes)
        for leaf in leaf_hashes:
            if len(leaf) != HASH_SIZE:
                raise ValueError(_NOT_A_HASH)
            node, full = leaf, size
            while full & 1:
                node = sha256(b"\x01" + nodes.pop() + node).digest()
                full >>= 1
            nodes.append(node)
            size += 1
        return Frontier(size, tuple(nodes))

    def root(self) -> bytes:
        """Give the root of the tree."""
        return _folded(self.nodes)

    def to_bytes(self) -> bytes:
        """Give the frontier as bytes: the size in eight, then the hashes."""
        return self.size.to_bytes(_SIZE_BYTES, "big") + b"".join(self.nodes)

    @classmethod
    def from_bytes(cls, data: bytes) -> Frontier:
        """Read what `to_bytes` gave.

        Raises:
            ValueError: the bytes are not a frontier.
        """
        if len(data) < _SIZE_BYTES:
            raise ValueError(f"{len(data)} bytes are too few for a frontier")
        return cls(int.from_bytes(data[:_SIZE_BYTES], "big"), hashes_in(data[_SIZE_BYTES:]))


def hashes_in(data: bytes) -> tuple[bytes, ...]:
    """Cut *data* into the hashes it is made of.

    Raises:
        ValueError: a piece is left over.
    """
    if len(data) % HASH_SIZE:
        raise ValueError(f"{len(data)} bytes are no row of hashes")
    return tuple(data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE))


def tree_root(leaf_hashes: Iterable[bytes]) -> bytes:
    """Give the root of the tree over *leaf_hashes*."""
    return Frontier().append(leaf_hashes).root()


def frontier_of(size: int, node: NodeReader) -> Frontier:
    """Give the frontier of the first *size* leaves of a tree that *node* reads."""
    return Frontier(size, tuple(node(height, index) for height, index in _cover(0, size)))


def inclusion_proof(index: int, size: int, node: NodeReader) -> list[bytes]:
    """Give the hashes that lead from leaf *index* to the root of a tree of *size* leaves.

    They stand from the leaf's sibling up to the child of the root (RFC 9162, 2.1.3.1).

    Raises:
        ValueError: the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    low, high, path = 0, size, list[bytes]()
    while high - low > 1:
        middle = low + _left_half(high - low)
        if index < middle:
            path.append(_range_hash(middle, high, node))
            high = middle
        else:
            path.append(_range_hash(low, middle, node))
            low = middle
    return path[::-1]


def consistency_proof(old_size: int, new_size: int, node: NodeReader) -> list[bytes]:
    """Give the hashes that show the tree of *new_size* to continue the one of *old_size*.

    The proof is empty where one of them is empty or both are the same (RFC 9162, 2.1.4.1).

    Raises:
        ValueError: a tree does not continue a larger one.
    """
    if not 0 <= old_size <= new_size:
        raise ValueError(f"a tree of {new_size} leaves does not continue one of {old_size}")
    if old_size == 0:
        return []
    low, high, path = 0, new_size, list[bytes]()
    while old_size != high:
        middle = low + _left_half(high - low)
        if old_size <= middle:
            path.append(_range_hash(middle, high, node))
            high = middle
        else:
            path.append(_range_hash(low, middle, node))
            low = middle
    if low > 0:  # otherwise what is left is the old tree itself, whose root the verifier has
        path.append(_range_hash(low, high, node))
    return path[::-1]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Say whether *proof* shows the leaf hash *leaf* to stand at *index* under *root*.

    The steps are those of RFC 9162, 2.1.3.2.
    """
    if not 0 <= index < size:
        return False
    place, last, result = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            result = node_hash(sibling, result)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and result == root


def verify_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Say whether *proof* shows the tree under *new_root* to continue the one under *old_root*.

    The steps are those of RFC 9162, 2.1.4.2; every tree continues the empty one.
    """
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    if not 0 < old_size < new_size:
        return False
    steps = [old_root, *proof] if old_size.bit_count() == 1 else list(proof)
    if not steps:
        return False
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    was = now = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            was, now = node_hash(sibling, was), node_hash(sibling, now)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            now = node_hash(now, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and was == old_root and now == new_root


def _folded(nodes: Sequence[bytes]) -> bytes:
    if not nodes:
        return EMPTY_ROOT
    result = nodes[-1]
    for node in reversed(nodes[:-1]):
        result = node_hash(node, result)
    return result


def _left_half(size: int) -> int:
    """Give the largest power of two below *size*."""
    return 1 << ((size - 1).bit_length() - 1)


def _cover(low: int, high: int) -> Iterable[tuple[int, int]]:
    """Name the perfect subtrees over [low, high), where *low* stands at the start of the first."""
    while low < high:
        height = (high - low).bit_length() - 1
        yield height, low >> height
        low += 1 << height


def _range_hash(low: int, high: int, node: NodeReader) -> bytes:
    return _folded([node(height, index) for height, index in _cover(low, high)])
