from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.records.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    frontier_of,
    hashes_in,
    inclusion_proof,
    leaf_hash,
    node_hash,
    tree_root,
    verify_consistency,
    verify_inclusion,
)

# The reference vectors of the certificate-transparency project: eight leaves, the roots of the
# trees of 1 to 8 of them, and some of its proofs.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
F = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
INCLUSIONS = [
    (0, 1, []),
    (0, 8, [A, B, C]),
    (5, 8, [D, E, ROOTS[3]]),
    (2, 3, [ROOTS[1]]),
    (1, 5, [ROOTS[0], B, D]),
]
CONSISTENCIES = [(1, 1, []), (1, 8, [A, B, C]), (6, 8, [F, E, ROOTS[3]]), (2, 5, [B, D])]


def naive_root(leaves):
    """RFC 6962, section 2.1, word by word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = naive_split(len(leaves))
    return sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def naive_path(m, leaves):
    """RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = naive_split(len(leaves))
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_subproof(m, leaves, *, known):
    """RFC 6962, section 2.1.2."""
    if m == len(leaves):
        return [] if known else [naive_root(leaves)]
    k = naive_split(len(leaves))
    if m <= k:
        return [*naive_subproof(m, leaves[:k], known=known), naive_root(leaves[k:])]
    return [*naive_subproof(m - k, leaves[k:], known=False), naive_root(leaves[:k])]


def reader(leaves):
    def node(height, index):
        low, high = index << height, (index + 1) << height
        assert high <= len(leaves), "a subtree that is not whole was asked for"
        return naive_root(leaves[low:high])

    return node


def frontier(leaves):
    return Frontier().append(leaf_hash(leaf) for leaf in leaves)


def hexes(hashes):
    return [piece.hex() for piece in hashes]


TREES = st.lists(st.binary(max_size=3), min_size=1, max_size=70)


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_the_certificate_transparency_project(size):
    assert frontier(LEAVES[:size]).root().hex() == ROOTS[size - 1]
    assert naive_root(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_the_empty_tree_has_the_hash_of_nothing_as_its_root():
    assert Frontier().root().hex() == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )


@pytest.mark.parametrize(("index", "size", "path"), INCLUSIONS)
def test_the_inclusion_proofs_are_those_of_the_certificate_transparency_project(index, size, path):
    proof = inclusion_proof(index, size, reader(LEAVES))

    assert hexes(proof) == path
    assert verify_inclusion(
        leaf_hash(LEAVES[index]), index, size, proof, bytes.fromhex(ROOTS[size - 1])
    )


@pytest.mark.parametrize(("old", "new", "path"), CONSISTENCIES)
def test_the_consistency_proofs_are_those_of_the_certificate_transparency_project(old, new, path):
    proof = consistency_proof(old, new, reader(LEAVES))

    assert hexes(proof) == path
    assert verify_consistency(
        old, bytes.fromhex(ROOTS[old - 1]), new, bytes.fromhex(ROOTS[new - 1]), proof
    )


@given(st.lists(TREES, max_size=4))
def test_a_frontier_grown_in_any_steps_has_the_root_of_the_whole_tree(steps):
    grown, leaves = Frontier(), []
    for step in steps:
        grown = grown.append(map(leaf_hash, step))
        leaves += step

    assert grown.size == len(leaves)
    assert grown.root() == naive_root(leaves) == tree_root(map(leaf_hash, leaves))
    assert frontier_of(len(leaves), reader(leaves)) == grown
    assert Frontier.from_bytes(grown.to_bytes()) == grown


@given(TREES, st.data())
def test_every_leaf_of_every_tree_is_proven_as_the_rfc_says(leaves, data):
    size = data.draw(st.integers(1, len(leaves)))
    index = data.draw(st.integers(0, size - 1))

    proof = inclusion_proof(index, size, reader(leaves))

    assert proof == naive_path(index, leaves[:size])
    assert verify_inclusion(leaf_hash(leaves[index]), index, size, proof, naive_root(leaves[:size]))


@given(TREES, st.data())
def test_every_tree_is_shown_to_continue_every_older_one_as_the_rfc_says(leaves, data):
    old = data.draw(st.integers(0, len(leaves)))

    proof = consistency_proof(old, len(leaves), reader(leaves))

    assert proof == (naive_subproof(old, leaves, known=True) if old else [])
    assert verify_consistency(old, naive_root(leaves[:old]), len(leaves), naive_root(leaves), proof)


@given(TREES, st.data())
def test_no_inclusion_proof_serves_another_leaf_place_size_root_or_path(leaves, data):
    size = len(leaves)
    index = data.draw(st.integers(0, size - 1))
    leaf, root = leaf_hash(leaves[index]), naive_root(leaves)
    proof = inclusion_proof(index, size, reader(leaves))
    other = leaf_hash(b"something else")

    assert not verify_inclusion(other, index, size, proof, root)
    assert not verify_inclusion(leaf, index, size, proof, other)
    assert not verify_inclusion(leaf, index, size, [*proof, other], root)
    assert not verify_inclusion(leaf, -1, size, proof, root)
    assert not verify_inclusion(leaf, size, size, proof, root)
    assert not verify_inclusion(leaf, index, 4 * size, proof, root)
    for place in range(len(proof)):
        assert not verify_inclusion(leaf, index, size, proof[:place], root)
        spoilt = [*proof[:place], other, *proof[place + 1 :]]
        assert not verify_inclusion(leaf, index, size, spoilt, root)
    if len(set(leaves)) == len(leaves):
        for place in set(range(size)) - {index}:
            assert not verify_inclusion(leaf, place, size, proof, root)


@pytest.mark.parametrize("size", range(2, 9))
def test_the_last_leaf_of_a_tree_is_not_taken_for_the_only_one_of_another(size):
    root = naive_root(LEAVES[:size])
    proof = inclusion_proof(size - 1, size, reader(LEAVES))

    assert verify_inclusion(leaf_hash(LEAVES[size - 1]), size - 1, size, proof, root)
    assert not verify_inclusion(leaf_hash(LEAVES[size - 1]), 0, 1, proof, root)


def test_a_proof_of_two_trees_is_not_taken_for_one_of_two_smaller_ones():
    then, now = naive_root(LEAVES[:7]), naive_root(LEAVES)
    proof = consistency_proof(7, 8, reader(LEAVES))

    assert verify_consistency(7, then, 8, now, proof)
    assert not verify_consistency(3, then, 4, now, proof)


@given(TREES, st.data())
def test_no_consistency_proof_serves_another_root_size_or_path(leaves, data):
    new = len(leaves)
    old = data.draw(st.integers(1, new))
    then, now = naive_root(leaves[:old]), naive_root(leaves)
    proof = consistency_proof(old, new, reader(leaves))
    other = leaf_hash(b"something else")

    assert not verify_consistency(old, other, new, now, proof)
    assert not verify_consistency(old, then, new, other, proof)
    assert not verify_consistency(old, then, new, now, [*proof, other])
    assert not verify_consistency(old, then, 4 * new, now, proof)
    assert not verify_consistency(new + 1, then, new, now, proof)
    assert not verify_consistency(-1, then, new, now, proof)
    assert not verify_consistency(0, then, new, now, proof)
    for place in range(len(proof)):
        assert not verify_consistency(old, then, new, now, proof[:place])
        spoilt = [*proof[:place], other, *proof[place + 1 :]]
        assert not verify_consistency(old, then, new, now, spoilt)


@given(TREES, st.data())
def test_a_rewritten_history_is_never_shown_to_continue_the_old_one(leaves, data):
    old = data.draw(st.integers(1, len(leaves)))
    place = data.draw(st.integers(0, old - 1))
    rewritten = [*leaves[:place], leaves[place] + b"!", *leaves[place + 1 :]]
    proof = consistency_proof(old, len(leaves), reader(rewritten))

    assert not verify_consistency(
        old, naive_root(leaves[:old]), len(leaves), naive_root(rewritten), proof
    )


def test_every_tree_continues_the_empty_one_and_itself_and_needs_no_proof():
    root = naive_root(LEAVES)

    assert verify_consistency(0, EMPTY_ROOT, 8, root, [])
    assert verify_consistency(8, root, 8, root, [])
    assert not verify_consistency(0, root, 8, root, [])
    assert not verify_consistency(0, EMPTY_ROOT, 8, root, [root])
    assert not verify_consistency(8, root, 8, EMPTY_ROOT, [])
    assert not verify_consistency(8, root, 8, root, [root])
    assert not verify_consistency(7, root, 8, root, [])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3), (4, 3)])
def test_a_leaf_that_a_tree_does_not_have_is_not_proven(index, size):
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(index, size, reader(LEAVES))


@pytest.mark.parametrize(("old", "new"), [(4, 3), (-1, 3)])
def test_a_tree_is_not_shown_to_continue_a_larger_one(old, new):
    with pytest.raises(ValueError, match="does not continue"):
        consistency_proof(old, new, reader(LEAVES))


def test_a_frontier_that_no_tree_has_is_refused():
    whole = frontier(LEAVES[:5])

    with pytest.raises(ValueError, match="subtrees"):
        Frontier(4, whole.nodes)
    with pytest.raises(ValueError, match="subtrees"):
        Frontier(-1, whole.nodes[:1])
    with pytest.raises(ValueError, match="32 bytes"):
        replace(whole, nodes=(whole.nodes[0], b"short"))
    with pytest.raises(ValueError, match="32 bytes"):
        whole.append([b"short"])
    with pytest.raises(ValueError, match="too few"):
        Frontier.from_bytes(whole.to_bytes()[:7])
    with pytest.raises(ValueError, match="row of hashes"):
        Frontier.from_bytes(whole.to_bytes()[:-1])
    with pytest.raises(ValueError, match="row of hashes"):
        hashes_in(b"\x00")


def test_the_store_form_of_a_frontier_is_its_size_and_its_hashes():
    whole = frontier(LEAVES[:3])

    assert whole.to_bytes() == (
        (3).to_bytes(8, "big") + bytes.fromhex(ROOTS[1]) + leaf_hash(LEAVES[2])
    )


def test_a_leaf_can_never_be_taken_for_a_node():
    left, right = leaf_hash(b"a"), leaf_hash(b"b")

    assert node_hash(left, right) != leaf_hash(left + right)
    assert leaf_hash(b"") != EMPTY_ROOT
