"""Inclusion and consistency proofs: made (RFC 6962 section 2.1) and verified (RFC 9162 section 2.1).

Whoever makes proofs gives the root of any range of leaves that the recursion asks for; where those come
from (tiles, a database, a list) is not known here. Whoever verifies needs nothing but the proof.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ledger.merkle.tree import EMPTY_ROOT, HASH_BYTES, node_hash
from schemas.errors import VerificationError

Subtree = Callable[[int, int], bytes]
"""Gives MTH(D[start:end]), where start is a multiple of the largest power of two below the range's width."""

MAX_SIZE = 2**63
"""Sizes are below this; a proof then has at most 63 hashes."""


class ProofError(VerificationError):
    """A Merkle proof does not prove what it should."""

    default_code = "bad_proof"


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """PATH(index, D[size]): hashes from the leaf's sibling up to the root's child.

    Raises ValueError unless 0 <= index < size.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """PROOF(old, D[new]): that the tree of `old` leaves is the beginning of the tree of `new` leaves.

    Raises ValueError unless 0 <= old <= new. From the empty tree and to itself nothing needs proof.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} does not begin with one of {old}")
    if old in (0, new):
        return []
    path, start, end, whole = [], 0, new, True
    while old < end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start, whole = middle, False
    if not whole:
        path.append(subtree(start, end))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raises ProofError unless the leaf hash stands at `index` in the tree of `size` leaves with `root`."""
    _check_hashes(leaf, root, *proof)
    if not 0 <= index < size < MAX_SIZE:
        raise ProofError(f"位置不在树内 / leaf {index} is not in a tree of {size}")
    inner = (index ^ (size - 1)).bit_length()
    if len(proof) != inner + (index >> inner).bit_count():
        raise ProofError(f"证明长度不符 / a proof for leaf {index} of {size} cannot have {len(proof)} hashes")
    found = leaf
    for height, sibling in enumerate(proof[:inner]):
        found = node_hash(sibling, found) if index >> height & 1 else node_hash(found, sibling)
    for sibling in proof[inner:]:
        found = node_hash(sibling, found)
    if found != root:
        raise ProofError(f"不在树内 / the leaf at {index} is not in the tree of {size} with this root")


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Raises ProofError unless the tree of `old` leaves is the beginning of that of `new` leaves."""
    if not 0 <= old <= new < MAX_SIZE:
        raise ProofError(f"树变小 / a tree of {new} does not begin with one of {old}")
    if old in (0, new):
        _check_trivial(old, new, proof, old_root, new_root)
        return
    _check_hashes(old_root, new_root, *proof)
    if not proof:
        raise ProofError("缺证明 / an empty proof proves nothing here")
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    hashes = list(proof)
    first = second = hashes.pop(0) if node else old_root
    for each in hashes:
        if last == 0:
            raise ProofError("证明过长 / the proof is too long")
        if node & 1 or node == last:
            first, second = node_hash(each, first), node_hash(each, second)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, each)
        node, last = node >> 1, last >> 1
    if last or first != old_root or second != new_root:
        raise ProofError(f"前后不一致 / the tree of {new} does not continue that of {old}")


def _check_trivial(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Nothing is computed here: the same tree has the same root, and the empty one begins every tree."""
    if proof:
        raise ProofError("证明应为空 / the proof should be empty")
    if old == new and old_root != new_root:
        raise ProofError(f"同大小不同根 / two roots for the tree of {old}")
    if old == 0:
        _check_hashes(new_root)
        if old_root != EMPTY_ROOT:
            raise ProofError("空树根不符 / this is not the root of the empty tree")


def _check_hashes(*hashes: bytes) -> None:
    if any(len(each) != HASH_BYTES for each in hashes):
        raise ProofError("哈希长度不符 / a hash is not 32 bytes long")


def _split(width: int) -> int:
    """Largest power of two below `width`."""
    return 1 << (width - 1).bit_length() - 1
