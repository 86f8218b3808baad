"""The whole tree under verification: joined from pieces, held against every root anybody ever told."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.merkle import EMPTY_ROOT, WIDTH, Frontier
from ledger.merkle.tiles import tile_root
from ledger.report import Findings
from ledger.verifier.checkpoints import Signed
from ledger.verifier.piece import PIECE, Part, told_tile
from ledger.verifier.source import Source

_TILE = "SELECT hashes FROM ledger_tile WHERE level = ? AND number = ?"
_COUNT_TILES = "SELECT count(*) FROM ledger_tile"
_ALL_TILES = "SELECT level, number FROM ledger_tile ORDER BY level, number"
_LOG = "SELECT id, size, root, frontier FROM ledger_log"


class Tree:
    """Grows piece by piece; its roots are computed from the bytes of the leaves alone."""

    def __init__(self, source: Source, sizes: Sequence[int], findings: Findings) -> None:
        """`sizes` are those at which a root will be asked for, besides the sizes of joined checkpoints."""
        self.size = 0
        self._source, self._findings = source, findings
        self._whole = Frontier()
        """Over the roots of full pieces."""
        self._last: tuple[bytes, ...] = ()
        """Subtrees of the piece that is not full."""
        self._open: list[list[bytes]] = []
        """By level from 1 on: hashes of the tile that is not full yet."""
        self._full: list[int] = []
        """By level from 1 on: how many tiles are full."""
        self._wanted = set(sizes)
        self._roots = {0: EMPTY_ROOT}

    def join(self, part: Part) -> list[Signed]:
        """Put the next piece behind what is there; gives those of its checkpoints that are the log's."""
        for root in part.tiles:
            self._push(0, root)
        before = self._whole.hashes
        for size in self._wanted.intersection(part.trees):
            self._roots[size] = _root(size, before + part.trees[size])
        agreed = [each for each in part.signed if self._agrees(each, before, part)]
        self.size, self._last = part.stop, part.trees.get(part.stop, ())
        if part.stop - part.start == PIECE:
            self._whole.append(*self._last)
            self._last = ()
        return agreed

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The frontier: roots of the perfect subtrees, largest first."""
        return self._whole.hashes + self._last

    @property
    def root(self) -> bytes:
        """Root over everything joined."""
        return _root(self.size, self.hashes)

    def root_at(self, size: int) -> bytes | None:
        """Root over the first `size` entries, if it was announced; None where the log has not so many."""
        return self._roots.get(size)

    def close(self) -> None:
        """After the last piece: what is stored of the tree must be this one."""
        counts = [-(-self.size // WIDTH)]
        for level, (full, hashes) in enumerate(zip(self._full, self._open, strict=True), 1):
            if hashes:
                self._compare(level, full, hashes)
            counts.append(full + bool(hashes))
        self._strange_tiles(counts)
        self._log_row()

    def _agrees(self, signed: Signed, before: tuple[bytes, ...], part: Part) -> bool:
        size = signed.judged.size
        if signed.judged.root == (_root(size, before + part.trees[size]) if size else EMPTY_ROOT):
            return True
        told = "检查点与总账不符 / the log's entries do not make the root of this checkpoint"
        self._findings.add("checkpoint", told, size=size)
        return False

    def _push(self, below: int, root: bytes) -> None:
        """A full tile of level `below` is one hash of the level above."""
        if below == len(self._open):
            self._open.append([])
            self._full.append(0)
        hashes = self._open[below]
        hashes.append(root)
        if len(hashes) == WIDTH:
            self._compare(below + 1, self._full[below], hashes)
            self._push(below + 1, tile_root(b"".join(hashes)))
            self._full[below] += 1
            hashes.clear()

    def _compare(self, level: int, number: int, hashes: list[bytes]) -> None:
        stored = next((bytes(raw) for (raw,) in self._source.rows(_TILE, (level, number))), None)
        told_tile(self._findings, level, number, stored, b"".join(hashes))

    def _strange_tiles(self, counts: list[int]) -> None:
        """Tiles that no tree of this size has."""
        (stored,) = self._source.one(_COUNT_TILES)
        if stored == sum(counts):
            return
        for level, number in self._source.rows(_ALL_TILES):
            if not (0 <= level < len(counts) and 0 <= number < counts[level]):
                self._findings.add("tile", f"多余树块 / tile {level}/{number} of no entry")

    def _log_row(self) -> None:
        rows = list(self._source.rows(_LOG))
        if len(rows) != 1:
            self._findings.add("log", f"总账须有一行状态 / the log's state is one row, not {len(rows)}")
            return
        _, size, root, frontier = rows[0]
        if size != self.size:
            told = f"大小不符 / the log says it has {size} entries, {self.size} are there"
            self._findings.add("log", told, size=size)
        elif root != self.root.hex():
            self._findings.add("root", "根不符 / the entries do not make the log's root", size=size)
        elif bytes(frontier) != b"".join(self.hashes):
            self._findings.add("frontier", "边缘不符 / the entries do not make the log's frontier", size=size)


def _root(size: int, hashes: Sequence[bytes]) -> bytes:
    return Frontier(size, hashes).root()
