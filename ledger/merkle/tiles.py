"""Tiles (C2SP tlog-tiles): the tree cut into blocks of 256 hashes, eight levels of it at a time.

A tile holds consecutive tree hashes of one level, and each full tile is one hash of the level above. The
rightmost tile of each level is partial. Tiles make any proof cheap: it reads three or four of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from ledger.merkle.tree import HASH_BYTES, Frontier

WIDTH = 256
"""Hashes of a full tile."""

_FULL = WIDTH * HASH_BYTES

Tile = tuple[int, int]
"""(level, number within the level), both from 0."""


def grow(size: int, leaves: Iterable[bytes], read: Callable[[Tile], bytes]) -> dict[Tile, bytes]:
    """The tiles that change when leaf hashes are added to a log of `size` leaves, as they are then.

    `read` gives a stored tile; it is asked for the partial tiles of the right edge only. Raises ValueError
    for a tile that is too short.
    """
    changed: dict[Tile, bytes] = {}
    level, hashes = 0, list(leaves)
    while hashes:
        number, filled = divmod(size >> 8 * level, WIDTH)
        begun = _part((level, number), 0, filled, read) if filled else b""
        row = b"".join((begun, *hashes))
        tiles = [row[at : at + _FULL] for at in range(0, len(row), _FULL)]
        changed |= {(level, n): tile for n, tile in enumerate(tiles, number)}
        level, hashes = level + 1, [tile_root(tile) for tile in tiles if len(tile) == _FULL]
    return changed


def tiles_of(size: int) -> Iterable[tuple[Tile, int]]:
    """All tiles of a log of `size` leaves, each with its width."""
    level, count = 0, size
    while count:
        for number in range(count // WIDTH):
            yield (level, number), WIDTH
        if count % WIDTH:
            yield (level, count // WIDTH), count % WIDTH
        level, count = level + 1, count // WIDTH


def tile_path(level: int | str, number: int, width: int = WIDTH) -> str:
    """Path of a tile below the log's prefix; `level` is "entries" for bundles of entries."""
    parts = [f"{number % 1000:03d}"]
    while number := number // 1000:
        parts.insert(0, f"x{number % 1000:03d}")
    suffix = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(parts)}{suffix}"


class TileTree:
    """Roots of ranges of leaves, computed from tiles; what makes proofs (`ledger.merkle.proofs`)."""

    def __init__(self, size: int, read: Callable[[Tile], bytes]) -> None:
        """A log of `size` leaves; `read` gives a tile, at least as wide as that size needs."""
        self.size = size
        self._read = lru_cache(maxsize=256)(read)

    def root(self) -> bytes:
        """Root of the whole log."""
        return self.subtree(0, self.size)

    def subtree(self, start: int, end: int) -> bytes:
        """MTH(D[start:end]) for the ranges proofs ask for.

        Raises ValueError for any other range, and for a tile that is too short.
        """
        if not 0 <= start <= end <= self.size:
            raise ValueError(f"no leaves {start} to {end} in a tree of {self.size}")
        size, hashes = end - start, []
        while start < end:
            height = (end - start).bit_length() - 1
            if start:
                height = min(height, (start & -start).bit_length() - 1)
            hashes.append(self._perfect(start, height))
            start += 1 << height
        return Frontier(size, hashes).root()

    def _perfect(self, start: int, height: int) -> bytes:
        """Root of the perfect subtree of 2^height leaves at `start`."""
        level, within = divmod(height, 8)
        first = start >> 8 * level
        number, offset = divmod(first, WIDTH)
        return tile_root(_part((level, number), offset, 1 << within, self._read))


def _part(tile: Tile, start: int, count: int, read: Callable[[Tile], bytes]) -> bytes:
    """`count` hashes of a tile. Raises ValueError where it has not so many."""
    part = read(tile)[start * HASH_BYTES : (start + count) * HASH_BYTES]
    if len(part) != count * HASH_BYTES:
        raise ValueError(f"tile {tile[0]}/{tile[1]} is too short")
    return part


def tile_root(tile: bytes) -> bytes:
    """Root of the subtree over the hashes in a tile, or in part of one."""
    tree = Frontier()
    tree.extend(hashes_in(tile))
    return tree.root()


def hashes_in(tile: bytes) -> Iterable[bytes]:
    """The hashes of a tile, one by one."""
    return (tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES))
