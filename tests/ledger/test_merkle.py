"""Trees and proofs: against the public vectors, against the recursion of RFC 6962, against forgers."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.merkle import (
    EMPTY_ROOT,
    MAX_SIZE,
    Frontier,
    ProofError,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from tests.ledger.trees import LEAVES, leaves, mth, path, proof

VECTORS = Path(__file__).parents[3] / "shared" / "data" / "merkle-vectors.json"
OTHER = sha256(b"other").digest()


def vectors(kind: str) -> list[Any]:
    """The public vectors of a kind, each under its name."""
    if not VECTORS.exists():
        mark = pytest.mark.skip(reason=f"the public vectors are not there: {VECTORS.name}")
        return [pytest.param({}, id="absent", marks=mark)]
    return [pytest.param(case, id=name) for name, case in json.loads(VECTORS.read_text())[kind].items()]


def hashes(case: dict[str, Any]) -> list[bytes]:
    """The proof of a vector."""
    return [b64decode(each) for each in case["proof"] or ()]


def holds(verify: Callable[..., None], *arguments: Any) -> bool:
    """Whether the verifier accepts; ProofError is the one way to refuse."""
    try:
        verify(*arguments)
    except ProofError:
        return False
    return True


@pytest.mark.parametrize("case", vectors("inclusion"))
def test_public_vectors_of_inclusion(case: dict[str, Any]) -> None:
    leaf, root = b64decode(case["leafHash"]), b64decode(case["root"])
    accepted = holds(verify_inclusion, leaf, case["leafIdx"], case["treeSize"], hashes(case), root)
    assert accepted is not case["wantErr"]


@pytest.mark.parametrize("case", vectors("consistency"))
def test_public_vectors_of_consistency(case: dict[str, Any]) -> None:
    roots = b64decode(case["root1"]), b64decode(case["root2"])
    accepted = holds(verify_consistency, case["size1"], case["size2"], hashes(case), *roots)
    assert accepted is not case["wantErr"]


@pytest.mark.skipif(not VECTORS.exists(), reason=f"the public vectors are not there: {VECTORS.name}")
def test_there_are_as_many_public_vectors_as_were_published() -> None:
    assert [len(vectors("inclusion")), len(vectors("consistency"))] == [98, 98]


def test_hashes_are_those_of_rfc_6962() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert node_hash(b"N" * 32, b"M" * 32) == sha256(b"\1" + b"N" * 32 + b"M" * 32).digest()


@pytest.mark.parametrize("size", [*range(70), 255, 256, 257, 511, 512, 513])
def test_root_is_that_of_the_recursion(size: int) -> None:
    assert root_of(leaves(size)) == mth(leaves(size))


@settings(deadline=None, max_examples=50)
@given(LEAVES, st.data())
def test_a_frontier_goes_on_where_it_was_left(all_leaves: list[bytes], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(all_leaves)))
    first = Frontier()
    first.extend(all_leaves[:cut])
    second = Frontier(first.size, first.hashes)
    for each in all_leaves[cut:]:
        second.append(each)
    assert (second.size, second.root()) == (len(all_leaves), mth(all_leaves))
    assert first.root() == mth(all_leaves[:cut])


@pytest.mark.parametrize(("size", "parts"), [(-1, []), (0, [OTHER]), (3, [OTHER]), (1, [b"short"])])
def test_a_frontier_that_cannot_be_is_refused(size: int, parts: list[bytes]) -> None:
    with pytest.raises(ValueError, match="is not made of"):
        Frontier(size, parts)


@pytest.mark.parametrize("size", range(1, 34))
def test_every_proof_of_small_trees_is_that_of_the_recursion_and_holds(size: int) -> None:
    tree = leaves(size)
    root = mth(tree)
    for index in range(size):
        made = inclusion_proof(index, size, _subtree(tree))
        assert made == path(index, tree)
        verify_inclusion(tree[index], index, size, made, root)
    for old in range(size + 1):
        made = consistency_proof(old, size, _subtree(tree))
        assert made == proof(old, tree)
        verify_consistency(old, size, made, mth(tree[:old]), root)


@settings(deadline=None, max_examples=50)
@given(LEAVES, st.data())
def test_proofs_of_larger_trees(tree: list[bytes], data: st.DataObject) -> None:
    size, root = len(tree), mth(tree)
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(0, size))
    assert inclusion_proof(index, size, _subtree(tree)) == path(index, tree)
    assert consistency_proof(old, size, _subtree(tree)) == proof(old, tree)
    verify_inclusion(tree[index], index, size, path(index, tree), root)
    verify_consistency(old, size, proof(old, tree), mth(tree[:old]), root)


@settings(deadline=None, max_examples=50)
@given(LEAVES, st.data())
def test_no_altered_inclusion_proof_holds(tree: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(tree) - 1))
    leaf, size, root = tree[index], len(tree), mth(tree)
    for altered in _altered(path(index, tree)):
        assert not holds(verify_inclusion, leaf, index, size, altered, root)
    right = path(index, tree)
    for other in {data.draw(st.integers(0, size + 3)), index + 1, index - 1} - {index}:
        assert not holds(verify_inclusion, leaf, other, size, right, root)
    assert not holds(verify_inclusion, OTHER, index, size, right, root)
    assert not holds(verify_inclusion, leaf, index, size, right, OTHER)
    assert not holds(verify_inclusion, leaf[:31], index, size, right, root)
    assert not holds(verify_inclusion, root, 0, size, [], root) or size == 1


@settings(deadline=None, max_examples=50)
@given(LEAVES, st.data())
def test_no_altered_consistency_proof_holds(tree: list[bytes], data: st.DataObject) -> None:
    old, new = data.draw(st.integers(0, len(tree))), len(tree)
    right, roots = proof(old, tree), (mth(tree[:old]), mth(tree))
    for altered in _altered(right):
        assert not holds(verify_consistency, old, new, altered, *roots)
    for other in {data.draw(st.integers(0, new + 3)), old + 1, old - 1} - {old}:
        assert not holds(verify_consistency, other, new, right, *roots)
    assert not holds(verify_consistency, old, new, right, OTHER, roots[1])
    assert not holds(verify_consistency, old, new, right, roots[0], OTHER) or old == 0
    assert not holds(verify_consistency, old, new, right, roots[0][:31], roots[1])
    assert not holds(verify_consistency, old, new, right, roots[0], roots[1] + b"\0")


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_a_tree_that_was_rewritten_has_no_proof(data: st.DataObject) -> None:
    """Any leaf changed, and the proof made from the changed tree by whoever changed it."""
    size = data.draw(st.integers(1, 200))
    old, changed = data.draw(st.integers(1, size)), leaves(size)
    changed[data.draw(st.integers(0, old - 1))] = OTHER
    seen = mth(leaves(old))
    assert not holds(verify_consistency, old, size, proof(old, changed), seen, mth(changed))


@pytest.mark.parametrize(
    ("old", "new", "roots"),
    [
        pytest.param(0, 0, (OTHER, OTHER), id="empty tree with another root"),
        pytest.param(0, 5, (OTHER, mth(leaves(5))), id="from an empty tree with another root"),
        pytest.param(0, 5, (EMPTY_ROOT, b""), id="to a tree without a root"),
        pytest.param(5, 4, (mth(leaves(5)), mth(leaves(4))), id="smaller"),
        pytest.param(-1, 4, (EMPTY_ROOT, mth(leaves(4))), id="negative"),
        pytest.param(MAX_SIZE, MAX_SIZE, (OTHER, OTHER), id="too large"),
    ],
)
def test_trees_without_leaves_or_beyond_bounds(old: int, new: int, roots: tuple[bytes, bytes]) -> None:
    assert not holds(verify_consistency, old, new, [], *roots)


@pytest.mark.parametrize(("height", "accepted"), [(1, True), (62, True), (63, False)])
def test_trees_are_verified_up_to_the_largest_size(height: int, accepted: bool) -> None:
    """The first leaf of a perfect tree, whose other subtrees all have one root."""
    root = OTHER
    for _ in range(height):
        root = node_hash(root, OTHER)
    assert holds(verify_inclusion, OTHER, 0, 2**height, [OTHER] * height, root) is accepted


def test_a_proof_does_not_go_on_above_the_root() -> None:
    """Both roots hashed once more with the same sibling: the proof of it would be one hash too long."""
    tree = leaves(7)
    old, new = (node_hash(OTHER, mth(each)) for each in (tree[:5], tree))
    assert not holds(verify_consistency, 5, 7, [*proof(5, tree), OTHER], old, new)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5)])
def test_no_proof_is_made_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(index, size, _subtree(leaves(8)))


@pytest.mark.parametrize(("old", "new"), [(6, 5), (-1, 5)])
def test_no_proof_is_made_of_what_is_no_beginning(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="does not begin"):
        consistency_proof(old, new, _subtree(leaves(8)))


def _subtree(tree: list[bytes]) -> Callable[[int, int], bytes]:
    return lambda start, end: mth(tree[start:end])


def _altered(right: Sequence[bytes]) -> list[list[bytes]]:
    """Every proof that differs from this one in one place, one way or another."""
    flipped = [
        [*right[:at], bytes([right[at][0] ^ 1 << bit]) + right[at][1:], *right[at + 1 :]]
        for at in range(len(right))
        for bit in range(8)
    ]
    dropped = [[*right[:at], *right[at + 1 :]] for at in range(len(right))]
    added = [[*right[:at], OTHER, *right[at:]] for at in range(len(right) + 1)]
    swapped = [[*right[:at], right[at + 1], right[at], *right[at + 2 :]] for at in range(len(right) - 1)]
    odd = [[*right[:at], each[:31], *right[at + 1 :]] for at, each in enumerate(right)]
    return [*flipped, *dropped, *added, *swapped, *odd, [*right, *right] if right else [b""]]
