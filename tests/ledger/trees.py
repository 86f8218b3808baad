"""The Merkle tree as RFC 6962 section 2.1 writes it down: recursion over lists, nothing clever.

What the ledger's own trees, proofs and tiles are compared with.
"""

from __future__ import annotations

from hashlib import sha256

from hypothesis import strategies as st


def leaves(count: int) -> list[bytes]:
    """Leaf hashes, all different."""
    return [sha256(b"\0" + str(number).encode()).digest() for number in range(count)]


def mth(hashes: list[bytes]) -> bytes:
    """MTH(D[n])."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = half(len(hashes))
    return sha256(b"\1" + mth(hashes[:k]) + mth(hashes[k:])).digest()


def path(m: int, hashes: list[bytes]) -> list[bytes]:
    """PATH(m, D[n])."""
    if len(hashes) == 1:
        return []
    k = half(len(hashes))
    if m < k:
        return [*path(m, hashes[:k]), mth(hashes[k:])]
    return [*path(m - k, hashes[k:]), mth(hashes[:k])]


def proof(m: int, hashes: list[bytes]) -> list[bytes]:
    """PROOF(m, D[n]), of nothing where the trees are the same or the old one is empty."""
    return _subproof(m, hashes, whole=True) if m else []


def _subproof(m: int, hashes: list[bytes], *, whole: bool) -> list[bytes]:
    if m == len(hashes):
        return [] if whole else [mth(hashes)]
    k = half(len(hashes))
    if m <= k:
        return [*_subproof(m, hashes[:k], whole=whole), mth(hashes[k:])]
    return [*_subproof(m - k, hashes[k:], whole=False), mth(hashes[:k])]


def half(count: int) -> int:
    """Largest power of two below `count`."""
    k = 1
    while 2 * k < count:
        k *= 2
    return k


LEAVES = st.integers(1, 700).map(leaves)
"""Some hundreds of leaf hashes: more than two tiles, and every shape of a right edge."""
