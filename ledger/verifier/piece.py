"""A piece of the log under verification: everything that can be said of it without the rest.

Pieces are aligned, so that a full one is a node of the tree; they are what several processes share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.merkle import WIDTH, Frontier
from ledger.report import Findings
from ledger.verifier import checkpoints
from ledger.verifier.chains import Link, State, Walk
from ledger.verifier.checkpoints import Signed
from ledger.verifier.entries import NOTHING, Examiner
from ledger.verifier.openings import Met, Openings
from ledger.verifier.source import Row, Source
from ledger.verifier.trust import Trust
from ledger.verifier.windows import windows

PIECE = 32 * WIDTH
"""Entries of a piece. Of as many cases the first links are kept until the piece is joined."""

_TILES = "SELECT number, hashes FROM ledger_tile WHERE level = 0 AND number >= ? AND number < ?"


@dataclass(slots=True)
class Part:
    """What came of a piece."""

    start: int
    stop: int
    """None of its entries has this place."""
    leads: dict[str, list[Link]]
    ends: dict[str, State]
    tiles: list[bytes]
    """Roots of its full tiles."""
    trees: dict[int, tuple[bytes, ...]]
    """At the sizes where a root is wanted, and at its end: roots of the perfect subtrees within the piece."""
    signed: list[Signed]
    openings: Met
    findings: Findings


def sealed_piece(source: Source, trust: Trust, start: int, stop: int) -> Part:
    """Check the entries at these places of the log, of which `start` is a multiple of PIECE."""
    findings = Findings()
    signed = checkpoints.within(source, trust, start + 1 if start else 0, stop, findings)
    bounds = [each.bound for each in signed] + checkpoints.around(source, trust, start + 1, stop)
    times = windows([*bounds, *trust.bounds] if trust.timed else (), trust.tolerance)
    walk, openings = Walk(findings), Openings(trust, source, findings)
    examiner = Examiner(trust, times, walk, findings)
    hashes: list[bytes] = []
    for rows in source.sealed(start, stop):
        hashes += _in_place(examiner, rows, start + len(hashes), findings)
        openings.check(examiner.take_promised())
    hashes += [NOTHING] * (stop - start - len(hashes))
    wanted = {each.judged.size for each in signed} | set(trust.sizes)
    tiles, trees = _tree(start, hashes, wanted)
    _check_tiles(source, start, hashes, findings)
    return Part(start, stop, walk.leads, walk.ends, tiles, trees, signed, openings.met, findings)


def waiting_part(source: Source, trust: Trust, rows: Sequence[Row], size: int) -> Part:
    """Check entries that wait to be sealed in a log of `size` entries."""
    findings = Findings()
    bounds = [*checkpoints.around(source, trust, size + 1, size), *trust.bounds]
    last = windows(bounds if trust.timed else (), trust.tolerance)[-1]
    walk, openings = Walk(findings), Openings(trust, source, findings)
    examiner = Examiner(trust, [last], walk, findings)
    for row in rows:
        examiner.look(row)
    openings.check(examiner.take_promised())
    return Part(0, 0, walk.leads, walk.ends, [], {}, [], openings.met, findings)


def _in_place(examiner: Examiner, rows: Sequence[Row], index: int, findings: Findings) -> list[bytes]:
    """Hashes of the rows at their places; places without a row are told and filled."""
    hashes: list[bytes] = []
    for row in rows:
        while index + len(hashes) < row[0]:
            missing = index + len(hashes)
            findings.add("index", f"第 {missing} 条缺失 / place {missing} of the log is empty", index=missing)
            hashes.append(NOTHING)
        hashes.append(examiner.look(row))
    return hashes


def _tree(
    start: int, hashes: Sequence[bytes], sizes: set[int]
) -> tuple[list[bytes], dict[int, tuple[bytes, ...]]]:
    """Roots of the full tiles; the subtrees at those of the sizes that lie in the piece, and at its end."""
    whole, trees = Frontier(), {}
    tiles: list[bytes] = []
    for first in range(0, len(hashes), WIDTH):
        tile, part = Frontier(), hashes[first : first + WIDTH]
        stops = sorted(size - start - first for size in sizes if first < size - start < first + len(part))
        done = 0
        for stop in stops:
            tile.extend(part[done:stop])
            trees[start + first + stop] = whole.hashes + tile.hashes
            done = stop
        tile.extend(part[done:])
        if len(part) == WIDTH:
            tiles.append(tile.root())
            whole.append(tiles[-1])
            tile = Frontier()
        trees[start + first + len(part)] = whole.hashes + tile.hashes
    return tiles, trees


def _check_tiles(source: Source, start: int, hashes: Sequence[bytes], findings: Findings) -> None:
    """The stored tiles of the lowest level must be these hashes, cut into tiles."""
    first = start // WIDTH
    wanted = {first + n // WIDTH: b"".join(hashes[n : n + WIDTH]) for n in range(0, len(hashes), WIDTH)}
    stored = {number: bytes(raw) for number, raw in source.rows(_TILES, (first, first + len(wanted)))}
    for number, tile in wanted.items():
        told_tile(findings, 0, number, stored.get(number), tile)


def told_tile(findings: Findings, level: int, number: int, stored: bytes | None, wanted: bytes) -> None:
    """Note a tile that is missing or not what the leaves make."""
    if stored != wanted:
        what = "缺树块 / missing" if stored is None else "树块不符 / not what the leaves make"
        place = number * WIDTH ** (level + 1)
        findings.add("tile", f"{what}: tile {level}/{number}", index=place)
