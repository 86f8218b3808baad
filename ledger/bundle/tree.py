"""The tree of a bundle that holds the whole log, rebuilt from its entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ledger.bundle.entries import EntryCheck
from ledger.bundle.files import BundleError
from ledger.bundle.opened import Bundle
from ledger.merkle import (
    HASH_BYTES,
    WIDTH,
    Frontier,
    Tile,
    grow,
    tile_path,
    tiles_of,
)


@dataclass
class Rebuilt:
    """The tree as it grows from the entries; right edge only, whatever its size."""

    bundle: Bundle
    sizes: frozenset[int]
    """Where somebody claims a root."""
    tree: Frontier = field(default_factory=Frontier)
    edge: dict[Tile, bytes] = field(default_factory=dict)
    roots: dict[int, bytes] = field(default_factory=dict)

    def add(self, hashes: list[bytes]) -> None:
        """Append the leaves of one bundle of entries, noting the root at each wanted size."""
        for tile, content in grow(self.tree.size, hashes, self.edge.__getitem__).items():
            self.edge[tile] = content
            if len(content) == WIDTH * HASH_BYTES:
                self._compare(tile, self.edge.pop(tile))
        for each in hashes:
            self.tree.append(each)
            if self.tree.size in self.sizes:
                self.roots[self.tree.size] = self.tree.root()

    def finish(self) -> None:
        """Compare the partial tiles of the right edge."""
        for tile, content in self.edge.items():
            self._compare(tile, content)

    def _compare(self, tile: Tile, content: bytes) -> None:
        name = tile_path(*tile, len(content) // HASH_BYTES)
        if self.bundle.read(name) != content:
            self.bundle.fail("tile", name, "与记录不符 / the tile is not that of the entries")


def check_log(bundle: Bundle, check: EntryCheck) -> None:
    """Rebuild the tree from all entries, and hold it against tiles and checkpoints."""
    size, claims = bundle.head.size, bundle.claims
    _check_tiles(bundle, size)
    rebuilt = Rebuilt(bundle, frozenset(checkpoint.size for _, checkpoint in claims))
    index = 0
    for (level, number), width in tiles_of(size):
        if level:
            break
        name = tile_path("entries", number, width)
        leaves = list(_framed(name, bundle.read(name), width))
        if len(leaves) != width:
            raise BundleError(f"{name}: 条数不符 / {len(leaves)} entries, {width} expected")
        rebuilt.add([check.look(index + n, leaf) for n, leaf in enumerate(leaves)])
        index += width
        bundle.advance(width)
    rebuilt.finish()
    for place, checkpoint in claims:
        if rebuilt.roots.get(checkpoint.size) != checkpoint.root:
            bundle.fail("root", place, f"根不符 / not the root of the first {checkpoint.size} entries")


def _framed(name: str, content: bytes, most: int) -> Iterator[bytes]:
    """Leaves behind their lengths in sixteen bits (C2SP tlog-tiles), at most one more than wanted."""
    at = 0
    for _ in range(most + 1):
        if at == len(content):
            return
        end = at + 2 + int.from_bytes(content[at : at + 2], "big")
        if end > len(content) or at + 2 > len(content):
            raise BundleError(f"{name}: 截断 / an entry is cut short")
        yield content[at + 2 : end]
        at = end


def _check_tiles(bundle: Bundle, size: int) -> None:
    """No tile too many, and not so many too few that they could not even be counted."""
    if size > len(bundle.manifest.files) * WIDTH:
        raise BundleError(f"缺条目 / the files cannot hold the {size} entries that the checkpoint is of")
    wanted = {tile_path(*tile, width) for tile, width in tiles_of(size)}
    wanted |= {tile_path("entries", number, width) for (level, number), width in tiles_of(size) if level == 0}
    for name in sorted(set(bundle.names("tile/")) - wanted):
        bundle.fail("tile", name, f"多余的树块 / no log of {size} entries has this tile")
