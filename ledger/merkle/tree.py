"""The Merkle tree of RFC 6962 section 2.1 (same hashes as RFC 9162): roots of leaves, grown leaf by leaf.

A tree of n leaves is kept as its frontier: the roots of the perfect subtrees that n is made of, largest
first, at most one for each bit of n. Appending merges what has become perfect; the root folds them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

HASH_BYTES = 32

EMPTY_ROOT = sha256(b"").digest()
"""Root of a tree without leaves."""


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256(0x00 || leaf)."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """A growing tree, in O(log n) memory."""

    __slots__ = ("_hashes", "_size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        """Take up a tree of `size` leaves where it was left. Raises ValueError for hashes that are not it."""
        if size < 0 or len(hashes) != size.bit_count() or any(len(each) != HASH_BYTES for each in hashes):
            raise ValueError(f"a tree of {size} leaves is not made of {len(hashes)} such subtrees")
        self._size = size
        self._hashes = list(hashes)

    @property
    def size(self) -> int:
        """Number of leaves."""
        return self._size

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """Roots of the perfect subtrees, largest first."""
        return tuple(self._hashes)

    def append(self, leaf: bytes) -> None:
        """Add one leaf by its hash."""
        self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaves by their hashes."""
        hashes, size = self._hashes, self._size
        for each in leaves:
            merged, bits = each, size
            while bits & 1:
                merged = sha256(b"\x01" + hashes.pop() + merged).digest()
                bits >>= 1
            hashes.append(merged)
            size += 1
        self._size = size

    def root(self) -> bytes:
        """Root hash of the leaves so far."""
        if not self._hashes:
            return EMPTY_ROOT
        root = self._hashes[-1]
        for each in reversed(self._hashes[:-1]):
            root = node_hash(each, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Root hash over leaf hashes."""
    tree = Frontier()
    tree.extend(leaves)
    return tree.root()
